"""A flood of HTTP requests on keep-alive connections, cheap enough to leave the machine to the server.

`closed` sends as fast as answers come, from so many clients; `flood` sends so many a second whether
answers come or not. A request that was refused with 503 or 429 goes back to the end of the queue and is
sent again with the same key, as a client would.
"""

import asyncio
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field

TICK_SECONDS = 0.01
CONNECTIONS_MAX = 2_500
ANSWER_SECONDS = 40.0
TYPED = {"/problems/unavailable", "/problems/outcome-unknown", "/problems/too-many-requests", "/problems/paused"}


@dataclass(frozen=True)
class Call:
    """One request as it goes over the wire, and the id that it carries."""

    key: str
    wire: bytes


@dataclass
class Told:
    """What was answered. `wrong` holds what no overload excuses."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[tuple[float, float, str]] = field(default_factory=list)  # when, after how long, which key
    wrong: list[str] = field(default_factory=list)
    unsent: int = 0
    sent: int = 0

    def rate(self, began: float, ended: float) -> float:
        """Accepted requests per second between two moments."""
        return sum(began <= at < ended for at, _, _ in self.accepted) / (ended - began)

    def note(self, call: Call, status: int, headers: dict[str, str], body: bytes, seconds: float) -> bool:
        """Take an answer down; returns whether the same request should be sent again."""
        self.statuses[status] += 1
        if status in {200, 201}:
            self.accepted.append((time.monotonic(), seconds, call.key))
            return False
        stated = json.loads(body) if body[:1] == b"{" else {}
        if status in {429, 503} and headers.get("retry-after", "").isdigit() and stated.get("type") in TYPED:
            return True
        self.wrong.append(f"{status} {headers} {body[:200]!r}")
        return False


class Line:
    """One connection that is opened when it is first needed, and again when it broke."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        """Send a call and read its answer: status, headers in small letters, body."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(call.wire)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(head[0].split()[1]), headers, body

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


async def one(line: Line, call: Call, waiting: deque[Call], told: Told) -> None:
    """Send one call on a line, take its answer down, and queue it again where it was refused for now."""
    began = time.monotonic()
    told.sent += 1
    try:
        status, headers, body = await asyncio.wait_for(line.ask(call), ANSWER_SECONDS)
    except (OSError, EOFError, TimeoutError) as error:
        line.close()
        told.wrong.append(f"no answer: {error!r}")
        return
    if told.note(call, status, headers, body, time.monotonic() - began):
        waiting.append(call)


async def closed(port: int, waiting: deque[Call], clients: int, seconds: float) -> Told:
    """As many requests as `clients` get answered in `seconds`."""
    told, until = Told(), time.monotonic() + seconds

    async def client() -> None:
        line = Line(port)
        while time.monotonic() < until:
            await one(line, waiting.popleft(), waiting, told)
        line.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return told


async def flood(port: int, waiting: deque[Call], per_second: float, seconds: float) -> Told:
    """`per_second` requests a second for `seconds`, however late the answers come; all answers are waited for."""
    told, idle, began = Told(), [Line(port) for _ in range(CONNECTIONS_MAX)], time.monotonic()
    lines, under_way = list(idle), set()

    async def send(line: Line, call: Call) -> None:
        await one(line, call, waiting, told)
        idle.append(line)

    due = 0.0
    while (passed := time.monotonic() - began) < seconds:
        while due < passed * per_second:
            due += 1
            if not idle or not waiting:
                told.unsent += 1  # every connection waits for an answer: such a caller would not even get in
                continue
            task = asyncio.create_task(send(idle.pop(), waiting.popleft()))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.sleep(TICK_SECONDS)
    await asyncio.gather(*under_way)
    for line in lines:
        line.close()
    return told
