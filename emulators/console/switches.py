"""Failures on purpose, for a developer who wants to see what a user would see."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulators.console import books
from emulators.gateway.forward import DROP_ANSWER

SLOW_SECONDS_MAX = 300
# Every movement of money waits for these locks; between two of them one gets through.
HELD_SECONDS = 0.4
FREE_SECONDS = 0.05
SIGNALS = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP, "resume": signal.SIGCONT}


class Switches:
    """Which failures are on; `middleware` drops answers."""

    def __init__(self) -> None:
        self.answers_to_drop = 0
        self.slow: asyncio.Task[None] | None = None

    def shown(self) -> dict[str, Any]:
        """The state of every switch."""
        slow = self.slow is not None and not self.slow.done()
        return {"answers_to_drop": self.answers_to_drop, "database_is_slow": slow}

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Let a transfer happen and lose its answer, while the switch says so."""
        drops = self.answers_to_drop > 0 and (request.method, request.path) == ("POST", "/v1/transfers")
        if not drops:
            return await handler(request)
        self.answers_to_drop -= 1
        request[DROP_ANSWER] = True
        return await handler(request)

    def slow_database(self, seconds: float) -> None:
        """Hold the accounts' table most of the time, for `seconds`; 0 ends it."""
        if self.slow is not None:
            self.slow.cancel()
        if seconds > 0:
            self.slow = asyncio.create_task(_hold_repeatedly(min(seconds, SLOW_SECONDS_MAX)))


async def _hold_repeatedly(seconds: float) -> None:
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        await asyncio.to_thread(_hold)
        await asyncio.sleep(FREE_SECONDS)


def _hold() -> None:
    with books.owner() as connection:
        connection.run("BEGIN")
        connection.run("LOCK TABLE ledger.accounts IN ACCESS EXCLUSIVE MODE")
        connection.run("SELECT pg_sleep(:seconds)", seconds=HELD_SECONDS)
        connection.run("COMMIT")


def disturb(pid: int, how: str) -> None:
    """Kill, pause or resume the process group of a part; raises KeyError for another word."""
    os.killpg(pid, SIGNALS[how])
