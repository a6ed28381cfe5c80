"""Pass a request to its function: bounded body, deadline, one retry on a reset, streamed answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from emulators.gateway import headers, problem
from emulators.gateway.routes import Operation
from shared import trace

# Google's limit is 32 MB. No operation of ours takes more than 16 KiB, and what lies between
# is refused by the functions themselves; a body has to be kept whole for the retry.
BODY_BYTES_MAX = 1024 * 1024
BODY_SECONDS = 10.0  # a caller that sends more slowly than this is not waited for
CONNECT_SECONDS = 2.0
CHUNK_BYTES = 64 * 1024
# What may be under way for one function, as a multiple of what it works on at once: whoever is let in
# waits three turns at most, and is answered long before the deadline. Cloud Run refuses in the same way
# when no instance is free; without a bound every answer would come late instead of some being refused.
IN_FLIGHT_PER_PLACE = 4
# How long a request waits for a place: a second, in which a burst gets in, and longer the more wait, so that
# no more than these are refused in a second, and come again: refusals must not cost what the answers need.
DOOR_SECONDS = 1.0
DOOR_SECONDS_MAX = 5.0
REFUSALS_PER_SECOND_MAX = 500
# Which operation a request is, for the console's list.
OPERATION = web.RequestKey("operation", str)
# Set on a request by the developer's console: what was asked happens, and its answer is lost.
DROP_ANSWER = web.RequestKey("drop_answer", bool)


class TooLarge(Exception):
    """The body is above BODY_BYTES_MAX."""


class Incomplete(Exception):
    """The body did not arrive whole, or too slowly."""


class NoPlace(Exception):
    """As many requests are under way for the function as may, and none of them ended in time."""


class Backend:
    """Where a deployment listens, and the places for requests that are under way for it."""

    def __init__(self, url: URL, concurrency: int) -> None:
        self.url = url
        self._places = asyncio.Semaphore(IN_FLIGHT_PER_PLACE * concurrency)
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[URL]:
        """Hold a place for a request, waiting for one where none is free; gives the address to ask. Raises NoPlace."""
        self._waiting += 1
        patience = min(max(DOOR_SECONDS, self._waiting / REFUSALS_PER_SECOND_MAX), DOOR_SECONDS_MAX)
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
        except TimeoutError as error:
            raise NoPlace from error
        finally:
            self._waiting -= 1
        try:
            yield self.url
        finally:
            self._places.release()


async def body(request: web.Request) -> bytes:
    """The whole body, for the retry; raises TooLarge or Incomplete."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise TooLarge
    read = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(CHUNK_BYTES):
                read += chunk
                if len(read) > BODY_BYTES_MAX:
                    raise TooLarge
    except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
        raise Incomplete from error
    return bytes(read)


async def forward(
    request: web.Request, operation: Operation, address: URL, client: aiohttp.ClientSession,
    userinfo: str | None, body: bytes,
) -> web.StreamResponse:  # fmt: skip
    """The function's answer to `request` within the operation's deadline, or a problem where there is none."""
    passed = headers.to_function(
        request.headers, peer=request.remote or "", scheme=request.scheme,
        audience=operation.audience, userinfo=userinfo,
    )  # fmt: skip
    if parent := trace.parent():
        passed["traceparent"] = parent
    url = URL(str(address) + request.raw_path, encoded=True)
    patience = aiohttp.ClientTimeout(total=operation.deadline_seconds, sock_connect=CONNECT_SECONDS)
    try:
        answer = await _ask(client, request.method, url, passed, body, patience)
    except aiohttp.ClientConnectorError:
        return problem.unavailable(request)
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        return problem.unavailable(request) if request.method == "GET" else problem.outcome_unknown(request)
    async with answer:
        return await _drop(request, answer) if request.get(DROP_ANSWER) else await _stream(request, answer)


async def _drop(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Cut the caller's connection after the function has answered."""
    await answer.read()
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=answer.status)


async def _ask(
    client: aiohttp.ClientSession, method: str, url: URL, passed: CIMultiDict[str], body: bytes,
    patience: aiohttp.ClientTimeout,
) -> aiohttp.ClientResponse:  # fmt: skip
    """Ask the function; once more after a reset, whatever the method, as Google's gateway does."""

    async def once() -> aiohttp.ClientResponse:
        return await client.request(
            method, url, headers=passed, data=body or None, timeout=patience, allow_redirects=False
        )

    try:
        return await once()
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError) as first:
        try:
            answer = await once()
        except aiohttp.ClientConnectorError:
            # Nobody is there any more, but somebody may have heard the first: that is what is told.
            raise first from None
        if answer.status >= 500 and not isinstance(first, aiohttp.ClientConnectorError):
            answer.close()
            raise
        return answer


async def _stream(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Pass the answer on as it comes; a break in it breaks ours, so that half a file never looks whole."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers.to_caller(answer.headers))
    response.headers["Date"] = headers.date()
    if answer.content_length is not None and "Content-Encoding" not in answer.headers:
        response.content_length = answer.content_length
    await response.prepare(request)
    try:
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            await response.write(chunk)
        await response.write_eof()
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return response
