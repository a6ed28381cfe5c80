"""The console's routes. Only this machine may call them: they move clocks, stop parts and play the bank.

GET  /__dev                       the page
GET  /__dev/report                what the reconciliation has found, and a button for the full proof
GET  /__dev/api/health            each part, with its memory and the time of its answer
GET  /__dev/api/requests?since=   the gateway's requests after that number
GET  /__dev/api/books             the ledger, the outbox and the warehouse in figures
GET  /__dev/api/stream            the newest transfers, from outbox to warehouse
GET  /__dev/api/traces            the newest requests from gateway to warehouse, as trees of spans
GET  /__dev/api/switches          which failures are on
GET  /__dev/api/reports           the last report of each pass of the reconciliation
POST /__dev/api/reports/{kind}    run a pass now (full, nightly, repair) and answer its report
POST /__dev/api/jobs/{name}       run a scheduled job now
POST /__dev/api/bank              {"event", "id"}: the bank reports on a top-up
POST /__dev/api/clock             {"seconds"}: move the product's clock by so much from the real time
POST /__dev/api/switches          {"drop_answers": n} or {"slow_database_seconds": s}
POST /__dev/api/parts/{name}      {"action": "kill" | "pause" | "resume"}
POST /__dev/v1/traces             spans of the parts, as OTLP
"""

import asyncio
import ipaddress
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from emulators.console import books, health, reports, switches, traces
from emulators.console.requests import Log
from emulators.gateway.site import Site
from emulators.state import ROOT, State
from shared import trace

PAGES = Path(__file__).parent / "pages"
FILES = {"": "index.html", "report": "report.html"} | {
    name: name for name in ("console.js", "console.css", "report.js", "asking.js")
}
HOSTS = {"localhost", "127.0.0.1", "[::1]"}
BANK_SECONDS = 30
JOB_SECONDS = 120
CLOCK_SECONDS_MAX = 366 * 24 * 3600


class Console:
    """What the console's routes share."""

    def __init__(self, state: State, site: Site) -> None:
        self.state = state
        self.site = site
        self.log = Log()
        self.switches = switches.Switches()
        self.client: aiohttp.ClientSession

    def application(self) -> web.Application:
        """The sub-application for /__dev."""
        app = web.Application(middlewares=[self._from_this_machine_alone])
        app.cleanup_ctx.append(self._running)
        app.router.add_get("/api/health", self.show_health)
        app.router.add_get("/api/requests", self.show_requests)
        app.router.add_get("/api/books", self.show_books)
        app.router.add_get("/api/stream", self.show_stream)
        app.router.add_get("/api/traces", self.show_traces)
        app.router.add_get("/api/switches", self.show_switches)
        app.router.add_get("/api/reports", self.show_reports)
        app.router.add_post("/api/reports/{kind}", self.run_pass)
        app.router.add_post("/api/jobs/{name}", self.run_job)
        app.router.add_post("/api/bank", self.play_bank)
        app.router.add_post("/api/clock", self.move_clock)
        app.router.add_post("/api/switches", self.set_switches)
        app.router.add_post("/api/parts/{name}", self.disturb_part)
        app.router.add_post("/v1/traces", self.keep_spans)
        app.router.add_get("", self.page)
        app.router.add_get("/{file:[a-z.]*}", self.page)
        return app

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page and its two files, under the site's own headers."""
        name = FILES.get(request.match_info.get("file", ""))
        if name is None:
            raise web.HTTPNotFound
        return web.FileResponse(PAGES / name, headers=self.site.headers | {"Cache-Control": "no-store"})

    async def show_health(self, request: web.Request) -> web.Response:
        """Each part's health."""
        return web.json_response(await health.of_parts(self._parts(), self.client))

    async def show_requests(self, request: web.Request) -> web.Response:
        """The requests after `since`."""
        return web.json_response(self.log.since(int(request.query.get("since", "0"))))

    async def show_books(self, request: web.Request) -> web.Response:
        """The figures of the books."""
        return web.json_response(await asyncio.to_thread(books.figures))

    async def show_stream(self, request: web.Request) -> web.Response:
        """How far the newest events have come."""
        return web.json_response(await asyncio.to_thread(books.stream))

    async def show_traces(self, request: web.Request) -> web.Response:
        """The newest traces; what the gateway itself has recorded shows at the next look."""
        trace.flush()
        return web.json_response(traces.newest(self.state.traces))

    async def keep_spans(self, request: web.Request) -> web.Response:
        """Keep what a part's exporter sends; an empty OTLP answer says that all of it was taken."""
        traces.keep(await request.read(), self.state.traces)
        return web.Response(content_type="application/x-protobuf")

    async def show_switches(self, request: web.Request) -> web.Response:
        """Which failures are on, and where the clock stands."""
        return web.json_response(self.switches.shown() | {"clock_seconds": self.state.clock_seconds()})

    async def show_reports(self, request: web.Request) -> web.Response:
        """The last report of each pass."""
        return web.json_response(await reports.kept(self._parts(), self.client))

    async def run_pass(self, request: web.Request) -> web.Response:
        """Run a pass of the reconciliation; the full proof is asked for here alone."""
        return web.json_response(await reports.run(request.match_info["kind"], self._parts(), self.client))

    async def run_job(self, request: web.Request) -> web.Response:
        """Run one scheduled job and answer what it answered."""
        url = f"{self._parts()['scheduler']['url']}/jobs/{request.match_info['name']}"
        async with self.client.post(url, timeout=aiohttp.ClientTimeout(total=JOB_SECONDS)) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type="application/json")

    async def play_bank(self, request: web.Request) -> web.Response:
        """Let the bank's stand-in report on a top-up: see emulators/payer.py for the events."""
        wanted = await request.json()
        words = [str(wanted["event"])] + ([f"id={wanted['id']}"] if wanted.get("id") else [])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "emulators.payer", *words, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), BANK_SECONDS)
        return web.json_response({"exit_code": process.returncode, "output": output.decode()})

    async def move_clock(self, request: web.Request) -> web.Response:
        """Move the clock of every function; 0 puts it right."""
        seconds = int((await request.json())["seconds"])
        if abs(seconds) > CLOCK_SECONDS_MAX:
            raise web.HTTPUnprocessableEntity
        self.state.move_clock(seconds)
        return web.json_response({"clock_seconds": seconds})

    async def set_switches(self, request: web.Request) -> web.Response:
        """Turn a failure on or off."""
        wanted = await request.json()
        if "drop_answers" in wanted:
            self.switches.answers_to_drop = int(wanted["drop_answers"])
        if "slow_database_seconds" in wanted:
            self.switches.slow_database(float(wanted["slow_database_seconds"]))
        return await self.show_switches(request)

    async def disturb_part(self, request: web.Request) -> web.Response:
        """Kill, pause or resume a part."""
        part = self._parts().get(request.match_info["name"])
        if part is None:
            raise web.HTTPNotFound
        switches.disturb(part["pid"], (await request.json())["action"])
        return web.json_response({"done": True})

    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = self.state.read().get("parts", {})
        return parts

    async def _running(self, app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as self.client:
            yield

    @web.middleware
    async def _from_this_machine_alone(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse other machines, other sites' pages, and names that were bent to point here."""
        host = request.headers.get("Host", "").rsplit(":", 1)[0]
        address = ipaddress.ip_address(request.remote or "0.0.0.0")
        foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if host not in HOSTS or not address.is_loopback or foreign:
            raise web.HTTPForbidden
        try:
            return await handler(request)
        except (KeyError, ValueError, json.JSONDecodeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
