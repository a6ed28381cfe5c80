"""http — the one path of a request: match → authenticate → decode → call → encode.

A handler is a plain function whose arguments are filled by name: `request` (the Flask request),
`caller` (from the access token), `body` (a msgspec struct, from JSON), `query` (a msgspec struct,
from the query string) and the variables of the path. It returns a struct or dict, a Reply, or a
Flask Response; a Problem that it raises becomes application/problem+json.
"""

import base64
import inspect
import re
import time
import typing
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from flask import Request, Response, current_app, has_app_context
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as MethodMismatch
from werkzeug.routing import Map, Rule

from shared import auth, errors, log, strict_json, trace
from shared.problem import Problem

# The largest honest body is a registration of well under 1 KiB; 16 KiB is the contract's limit.
BODY_BYTES_MAX = 16 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

Handler = Callable[..., Any]


class Reply(msgspec.Struct, frozen=True):
    """An answer with headers or a status of its own; `body` None sends none."""

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = {}


class Route(msgspec.Struct, frozen=True, eq=False):
    """A handler with what dispatch needs to know of it."""

    path: str
    handler: Handler
    parameters: dict[str, Any]
    status: int
    public: bool


class Router:
    """The routes of one deployment."""

    def __init__(self) -> None:
        self._map = Map(strict_slashes=True, merge_slashes=False, redirect_defaults=False)
        self.routes: list[tuple[str, Route]] = []
        if has_app_context():  # functions-framework runs main.py inside one
            _adopt(current_app)
        self.route("GET", "/healthz", public=True)(_health)

    def route(self, method: str, path: str, *, status: int = 200, public: bool = False) -> Callable[[Handler], Handler]:
        """Serve `method path` with the decorated handler; it needs an access token unless `public`."""

        def register(handler: Handler) -> Handler:
            hints = typing.get_type_hints(handler, include_extras=True)
            parameters = {name: hints[name] for name in inspect.signature(handler).parameters}
            found = Route(path, handler, parameters, status, public)
            self._map.add(Rule(re.sub(r"{(\w+)}", r"<\1>", path), methods=[method], endpoint=found))
            self.routes.append((method, found))
            return handler

        return register

    def dispatch(self, request: Request) -> Response:
        """Answer `request`; every failure becomes a problem, and every request one line of the log."""
        with trace.request(request.headers.get("traceparent", "")) as span:
            return self._dispatch(request, span)

    def _dispatch(self, request: Request, span: trace.Span | None) -> Response:
        started = time.perf_counter()
        request_id = _request_id(request)
        route: Route | None = None
        problem: Problem | None = None
        try:
            route, variables = self._match(request)
            response = _answer(route, request, variables)
        except Problem as raised:
            problem = raised
            response = _problem_response(problem, request_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client is told a problem
            log.exception("A request failed in a way that no rule foresees", error, request_id=request_id)
            problem = errors.Internal()
            response = _problem_response(problem, request_id)
        # failpoint: http.before_answer
        response.headers["X-Request-Id"] = request_id
        response.headers.setdefault("Cache-Control", "no-store")
        _log_request(request, route, response, problem, request_id, started)
        if span is not None:
            span.name = f"{request.method} {route.path if route else 'unknown'}"
            span.attributes["http.response.status_code"] = response.status_code
            span.is_failed = response.status_code >= 500
        return response

    def _match(self, request: Request) -> tuple[Route, dict[str, str]]:
        try:
            return typing.cast(
                tuple[Route, dict[str, str]],
                self._map.bind("").match(request.path, request.method),
            )
        except MethodMismatch as error:
            allowed = ", ".join(sorted(error.valid_methods or []))
            raise errors.MethodNotAllowed(headers={"Allow": allowed}) from error
        except (NotFound, HTTPException) as error:
            raise errors.NotFound() from error


def idempotency_key(request: Request) -> UUID:
    """Return the UUID of the Idempotency-Key header, or raise IdempotencyKeyInvalid."""
    try:
        key = UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        raise errors.IdempotencyKeyInvalid() from error
    if str(key) != request.headers["Idempotency-Key"].lower():
        raise errors.IdempotencyKeyInvalid("Write the UUID in its hyphenated form")
    return key


def if_none_match(request: Request, etag: str) -> bool:
    """Return whether the caller holds what `etag` names: weakly (RFC 9110, 13.1.2), as proxies weaken tags."""
    return request.if_none_match.contains_weak(etag)


def encode_cursor(position: Any) -> str:
    """Return `position` as an opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode("ascii").rstrip("=")


def decode_cursor(cursor: str, into: Any) -> Any:
    """Return the position behind `cursor`, or raise Malformed."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise errors.Malformed("The cursor is not one of ours") from error
    return strict_json.decode(packed, into)


def _adopt(app: Any) -> None:
    """Let the framework's own refusals, of paths that it does not hand to us, be problems as well."""
    app.url_map.merge_slashes = False
    app.register_error_handler(HTTPException, lambda _error: _problem_response(errors.NotFound(), str(uuid4())))


def _health() -> dict[str, str]:
    return {"status": "ok"}


def _answer(route: Route, request: Request, variables: dict[str, str]) -> Response:
    arguments: dict[str, Any] = {}
    if not route.public:
        caller = auth.verify_access_token(auth.bearer_token(request.headers))
        if "caller" in route.parameters:
            arguments["caller"] = caller
    for name, kind in route.parameters.items():
        if name == "request":
            arguments[name] = request
        elif name == "body":
            arguments[name] = _body(request, kind)
        elif name == "query":
            arguments[name] = _query(request, kind)
        elif name in variables:
            arguments[name] = strict_json.convert(variables[name], kind, strict=False)
    return _encode(route.handler(**arguments), route.status)


def _body(request: Request, kind: Any) -> Any:
    if request.mimetype != "application/json":
        raise errors.UnsupportedMediaType()
    return strict_json.decode(raw_body(request), kind)


def raw_body(request: Request) -> bytes:
    """Return the bytes of the body; raises TooLarge above 16 KiB, however they are sent."""
    # One byte more is read where no length is told, or a longer body would be cut instead of refused.
    request.max_content_length = BODY_BYTES_MAX + 1
    try:
        body = request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        # The framework reads every request to its end before it answers; Cloud Run's limit is 32 MiB.
        request.max_content_length = 32 * 1024 * 1024
        raise errors.TooLarge() from error
    if len(body) > BODY_BYTES_MAX:
        raise errors.TooLarge()
    return body


def _query(request: Request, kind: Any) -> Any:
    given = request.args.to_dict(flat=False)
    if any(len(values) > 1 for values in given.values()):
        raise errors.Malformed("A query parameter stands twice")
    strict_json.refuse_unstorable(given)
    return strict_json.convert({name: values[0] for name, values in given.items()}, kind, strict=False)


def _encode(result: Any, status: int) -> Response:
    if isinstance(result, Response):
        return result
    reply = result if isinstance(result, Reply) else Reply(result)
    body = b"" if reply.body is None else msgspec.json.encode(reply.body)
    response = Response(body, status=reply.status or status, mimetype="application/json")
    if reply.body is None:
        del response.headers["Content-Type"]
    response.headers.update(reply.headers)
    return response


def _problem_response(problem: Problem, request_id: str) -> Response:
    document = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request_id,
        **problem.members,
    }
    response = Response(msgspec.json.encode(document), status=problem.status, mimetype="application/problem+json")
    response.headers.update(problem.headers)
    response.headers["X-Request-Id"] = request_id
    return response


def _request_id(request: Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else str(uuid4())


def _log_request(
    request: Request, route: Route | None, response: Response, problem: Problem | None, request_id: str, started: float
) -> None:
    log.write(
        "ERROR" if response.status_code >= 500 else "INFO",
        "request",
        trace=trace.trace_id(request.headers.get("traceparent", "")),
        method=request.method,
        route=route.path if route else None,
        status=response.status_code,
        problem=problem.slug if problem else None,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
        request_id=request_id,
    )
