"""The gateway's requests, newest last, for as long as the run lasts."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from emulators.gateway.forward import OPERATION

KEPT_MAX = 500
OWN = "/__dev"


@dataclass(frozen=True)
class Line:
    """One answered request."""

    number: int
    at: float
    method: str
    path: str
    operation: str
    status: int
    duration_ms: float
    request_id: str


class Log:
    """Keeps the last requests; `middleware` fills it."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=KEPT_MAX)
        self.number = 0

    def since(self, number: int) -> list[dict[str, Any]]:
        """The kept requests after `number`, oldest first."""
        return [asdict(line) for line in self.lines if line.number > number]

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Note every request to the API; the console's own and the site's files would only hide them."""
        began = time.perf_counter()
        response = await handler(request)
        if request.path.startswith("/v1/"):
            self._note(request, response, (time.perf_counter() - began) * 1000)
        return response

    def _note(self, request: web.Request, response: web.StreamResponse, duration_ms: float) -> None:
        self.number += 1
        self.lines.append(
            Line(
                number=self.number,
                at=time.time(),
                method=request.method,
                path=request.path,
                operation=request.get(OPERATION, ""),
                status=response.status,
                duration_ms=round(duration_ms, 1),
                request_id=response.headers.get("X-Request-Id", ""),
            )
        )
