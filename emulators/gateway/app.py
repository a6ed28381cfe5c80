"""The gateway's application: the API by openapi.yaml, everything else from the web app's build."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from yarl import URL

from emulators import state
from emulators.console.app import Console
from emulators.environment import deployments
from emulators.gateway import forward, problem, site
from emulators.gateway.forward import OPERATION
from emulators.gateway.routes import NoSuchMethod, NoSuchPath, Operation, Routes
from emulators.gateway.tokens import KeysUnavailable, TokenInvalid, Tokens
from shared import trace

ROOT = Path(__file__).resolve().parents[2]
API_PREFIXES = ("/v1/", "/.well-known/")
CONNECTIONS_MAX = 512
# How often the run's table is looked at for a deployment that answers at a new address.
FOLLOW_SECONDS = 0.1


class BackendUnavailable(Exception):
    """The deployment is not there."""


REFUSALS = {
    NoSuchPath: problem.not_found,
    TokenInvalid: problem.unauthenticated,
    KeysUnavailable: problem.unavailable,
    BackendUnavailable: problem.unavailable,
    forward.NoPlace: problem.unavailable,
    forward.TooLarge: problem.too_large,
    forward.Incomplete: problem.malformed,
}


class Gateway:
    """Holds what every request needs; `answer` handles one."""

    def __init__(
        self, document: Path, backends: dict[str, str], jwks_url: str, issuer: str, pages: site.Site,
        table: Callable[[], dict[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        self.table = table
        self.routes = Routes(yaml.safe_load(document.read_text()))
        self.backends = {name: _backend_at(name, URL(url)) for name, url in backends.items()}
        self.jwks_url = jwks_url
        self.issuer = issuer
        self.pages = pages
        self.client: aiohttp.ClientSession
        self.tokens: Tokens

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Open the connections to the functions for as long as the application runs."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
        # Answers pass as they are: what a function compressed stays so.
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as client:
            self.client = client
            self.tokens = Tokens(self.jwks_url, self.issuer, self.routes.authentication, client)
            following = asyncio.create_task(self._follow())
            yield
            following.cancel()

    async def _follow(self) -> None:
        """Send to each deployment where the run's table says that it is: a new revision has an address of its own."""
        while self.table is not None:
            parts = self.table().get("parts", {})
            for name, backend in self.backends.items():
                url = URL(parts[name]["url"]) if name in parts else backend.url
                if url != backend.url:
                    self.backends[name] = _backend_at(name, url)
            await asyncio.sleep(FOLLOW_SECONDS)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, from the API or from the site."""
        path = request.raw_path.partition("?")[0]
        if not path.startswith(API_PREFIXES):
            return await self.pages.answer(request)
        try:
            operation = self.routes.find(request.method, path)
            request[OPERATION] = operation.operation_id
            body = await forward.body(request)
            if operation.needs_token:
                await self.tokens.refresh()
            # The token comes last: in a flood, refusals must cost less than answers.
            async with self._backend(operation).place() as address:
                userinfo = self.tokens.payload(request.headers) if operation.needs_token else None
                return await self._forward(request, operation, address, userinfo, body)
        except NoSuchMethod as error:
            return problem.method_not_allowed(request, error.allowed)
        except tuple(REFUSALS) as error:
            return REFUSALS[type(error)](request)

    def _backend(self, operation: Operation) -> forward.Backend:
        backend = self.backends.get(operation.backend)
        if backend is None:
            raise BackendUnavailable
        return backend

    async def protect(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the site's security headers on every answer, as the cloud's load balancer does (terraform/site.tf)."""
        for name, value in self.pages.headers.items():
            response.headers.setdefault(name, value)

    async def _forward(
        self, request: web.Request, operation: Operation, address: URL, userinfo: str | None, body: bytes
    ) -> web.StreamResponse:
        with trace.request(request.headers.get("traceparent", "")) as span:
            answer = await forward.forward(request, operation, address, self.client, userinfo, body)
            if span is not None:
                span.name = operation.operation_id
                span.attributes["http.response.status_code"] = answer.status
            return answer


def _backend_at(name: str, url: URL) -> forward.Backend:
    return forward.Backend(url, deployments()[name]["concurrency"])


def application(gateway: Gateway, console: Console | None = None) -> web.Application:
    """An aiohttp application that serves `gateway` on every path, and `console` at /__dev where there is one."""
    app = web.Application(middlewares=[console.log.middleware, console.switches.middleware] if console else [])
    app.cleanup_ctx.append(gateway.running)
    app.on_response_prepare.append(gateway.protect)
    if console:
        app.add_subapp("/__dev", console.application())
    app.router.add_route("*", "/{path:.*}", gateway.answer)
    return app


def from_environment() -> Gateway:
    """The gateway that the runner's environment variables describe.

    GATEWAY_BACKENDS is a JSON object, deployment → address.
    """
    pages = site.load(ROOT / "web" / "dist", ROOT / "web" / "site.json")
    return Gateway(
        ROOT / "openapi.yaml", json.loads(os.environ["GATEWAY_BACKENDS"]),
        os.environ["JWKS_URL"], os.environ["TOKEN_ISSUER"], pages, state.from_environment().read,
    )  # fmt: skip
