"""A TCP proxy of our own before a store: it delays, throttles, goes deaf, resets, and cuts at a pattern.

It runs on an event loop of its own thread, so that tests of any kind may use it. The mode holds for
every connection, those under way included, until another is set; a cut is armed for the next
so many times that a pattern passes in one direction.
"""

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024
# A pattern may come in pieces: so much of what has passed is looked at again.
TAIL_BYTES = 256
# Postgres ends each answer with ReadyForQuery, idle; what comes before it may come in pieces.
ANSWER_END = b"Z\x00\x00\x00\x05I"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER without lingering: the other end sees a reset, not an end

Mode = Literal["pass", "delay", "throttle", "blackhole", "reset"]
Way = Literal["request", "answer"]
Where = Literal["before", "after"]


@dataclass
class Cut:
    """Cut the connection on which `pattern` passes: before it is let through, or after its answer was swallowed."""

    where: Where
    pattern: re.Pattern[bytes]
    way: Way
    left: int
    then: Callable[[], object] | None = None  # called in place of cutting


@dataclass(eq=False)
class Pair:
    """A client's connection and ours to the store."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_swallowing: bool = False
    tails: dict[str, bytes] = field(default_factory=lambda: {"request": b"", "answer": b""})


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`; a target that is a function is asked at each connection."""

    def __init__(self, target: int | Callable[[], int]) -> None:
        self.target = target if callable(target) else lambda: target
        self.mode: Mode = "pass"
        self.seconds = 0.0
        self.bytes_per_second = 0.0
        self.cuts_done = 0
        self.bytes_passed = 0
        self._pairs: set[Pair] = set()
        self._cuts: list[Cut] = []
        self._open = asyncio.Event()
        self._open.set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, HOST, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def set(self, mode: Mode, *, seconds: float = 0.0, bytes_per_second: float = 0.0) -> None:
        """Change the mode: `delay` by so many seconds each way, `throttle` to so many bytes a second."""
        self.seconds, self.bytes_per_second = seconds, bytes_per_second
        self.mode = mode
        self._call(self._open.clear if mode == "blackhole" else self._open.set)
        if mode == "reset":
            self.cut()

    def cut_at(
        self, pattern: bytes, *, where: Where, way: Way = "request", times: int = 1,
        then: Callable[[], object] | None = None,
    ) -> Cut:  # fmt: skip
        """Cut the next connections on which the regular expression `pattern` passes, or do `then` at that moment."""
        armed = Cut(where, re.compile(pattern, re.DOTALL), way, times, then)
        self._cuts.append(armed)
        return armed

    def drop_next_answer(self) -> None:
        """Let the next request through, swallow its answer, and cut the connection: a commit whose answer is lost."""
        self.cut_at(b".", where="after")

    def take_back(self, armed: Cut) -> None:
        """Disarm one cut that may not have been used up."""
        with suppress(ValueError):
            self._cuts.remove(armed)

    def disarm(self) -> None:
        """Cut nothing any more."""
        self._cuts.clear()

    def cut(self) -> None:
        """Reset every connection at once, as a restart of the store or of a router does."""
        self._call(self._reset_all)

    def close(self) -> None:
        """Stop listening, cut what is left, and end the thread."""
        self._call(self._server.close)
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _call(self, work: Callable[[], None]) -> None:
        async def call() -> None:
            work()

        self._run(call())

    def _reset_all(self) -> None:
        for pair in list(self._pairs):
            _reset(pair)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            if self.mode == "reset":
                raise ConnectionResetError
            answers, server = await asyncio.open_connection(HOST, self.target())
        except OSError:
            _reset_one(client)
            return
        pair = Pair(client, server)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pump(pair, reader, server, "request"), self._pump(pair, answers, client, "answer")
            )
        finally:
            self._pairs.discard(pair)

    async def _pump(self, pair: Pair, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                await self._hold(len(data))
                if not self._may_pass(pair, data, way):
                    break
                if not (pair.is_swallowing and way == "answer"):
                    sink.write(data)
                    self.bytes_passed += len(data)
                    await sink.drain()
        _close(pair)

    async def _hold(self, count: int) -> None:
        """Keep `count` bytes back as the mode says."""
        if self.mode == "delay":
            await asyncio.sleep(self.seconds)
        elif self.mode == "throttle":
            await asyncio.sleep(count / self.bytes_per_second)
        await self._open.wait()

    def _may_pass(self, pair: Pair, data: bytes, way: Way) -> bool:
        """Whether this piece goes on; where it does not, the connection has been cut."""
        if pair.is_swallowing and way == "answer":
            if not data.endswith(ANSWER_END):
                return True
            # The whole answer is there, so the commit has happened; nobody will hear of it.
            self.cuts_done += 1
            _reset(pair)
            return False
        seen = pair.tails[way] + data
        pair.tails[way] = seen[-TAIL_BYTES:]
        for armed in [cut for cut in self._cuts if cut.way == way and cut.pattern.search(seen)]:
            self._spend(armed)
            pair.tails[way] = b""
            if armed.then is not None:
                armed.then()
                return True
            if armed.where == "after" and way == "request":
                pair.is_swallowing = True
                return True
            self.cuts_done += 1
            _reset(pair)
            return False
        return True

    def _spend(self, armed: Cut) -> None:
        armed.left -= 1
        if armed.left <= 0 and armed in self._cuts:
            self._cuts.remove(armed)


def _close(pair: Pair) -> None:
    for end in (pair.client, pair.server):
        with suppress(OSError, RuntimeError):
            end.close()


def _reset(pair: Pair) -> None:
    for end in (pair.client, pair.server):
        _reset_one(end)


def _reset_one(end: asyncio.StreamWriter) -> None:
    raw = end.get_extra_info("socket")
    with suppress(OSError, AttributeError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    end.transport.abort()
