"""Clients that take their time, send too much, or nest too deep: everybody else goes on."""

import asyncio
import json
import socket
import time
from contextlib import suppress

import pytest

from tests.load.overload import flood

SLOW = 300
IDLE = 600
HONEST_SECONDS_MAX = 2.0
# Twenty seconds for the headers; ten for a body, and ten more in which its rest is thrown away.
CUT_SECONDS_MAX = 25.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(240)]


async def honest(port, payments, count=20):
    """The longest answer of so many payments, one after another."""
    told, waiting, line = flood.Told(), payments(count), flood.Line(port)
    while waiting:
        await flood.one(line, waiting.popleft(), waiting, told)
        await asyncio.sleep(0.02)
    line.close()
    assert told.wrong == []
    return max(seconds for _, seconds, _ in told.accepted)


async def drip(port, opening, until):
    """Send the opening, then a byte every half second; returns when the server hung up, or None."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(opening)
    began = time.monotonic()
    try:
        while time.monotonic() < until:
            if await asyncio.wait_for(reader.read(1), 0.5):
                await reader.read()
            return time.monotonic() - began
    except TimeoutError:
        writer.write(b"a")
        return await drip_on(reader, writer, began, until)
    except OSError:
        return time.monotonic() - began
    finally:
        writer.close()
    return None


async def drip_on(reader, writer, began, until):
    """A byte every half second until the server hangs up."""
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(reader.read(), 0.5)
        except TimeoutError:
            writer.write(b"a")
        except OSError:
            return time.monotonic() - began
        else:
            return time.monotonic() - began
    return None


OPENINGS = {
    "headers": b"POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "a body": b"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{",
}


@pytest.mark.parametrize("what", OPENINGS)
def test_those_who_send_a_byte_at_a_time_are_cut_off_and_hinder_nobody(running, payments, what):
    """Three hundred slow callers hold no place that an honest one needs, and none stays for longer than it may."""

    async def together():
        until = time.monotonic() + CUT_SECONDS_MAX + 5
        slow = [asyncio.create_task(drip(running.port, OPENINGS[what], until)) for _ in range(SLOW)]
        await asyncio.sleep(1)
        longest = await honest(running.port, payments)
        return longest, await asyncio.gather(*slow)

    longest, cut = asyncio.run(together())
    print(f"{what}: an honest payment took {longest:.2f} s at most; cut after {max(one or 999 for one in cut):.1f} s")
    assert longest <= HONEST_SECONDS_MAX
    assert all(one is not None and one <= CUT_SECONDS_MAX for one in cut)


def test_idle_connections_take_no_place(running, payments):
    """Six hundred open connections that say nothing."""
    idle = [socket.create_connection(("127.0.0.1", running.port), timeout=10) for _ in range(IDLE)]
    try:
        assert asyncio.run(honest(running.port, payments)) <= HONEST_SECONDS_MAX
    finally:
        for one in idle:
            one.close()


def test_a_huge_body_is_refused_and_not_kept(running, payments):
    """A hundred megabytes, told or untold, are 413 or cut; the gateway does not grow by them."""
    told = b"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
    untold = b"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for head, piece in ((told, b"x" * 65_536), (untold, b"10000\r\n" + b"x" * 65_536 + b"\r\n")):
        answer, sent = push(running.port, head, piece, pieces=1_600)
        assert answer.startswith(b"HTTP/1.1 413") or (answer == b"" and sent < 100 * 2**20), answer[:200]
    assert asyncio.run(honest(running.port, payments)) <= HONEST_SECONDS_MAX


def push(port, head, piece, pieces):
    """Send so many pieces as long as they are taken; the answer's beginning and how many bytes went."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head)
        sent, answer = 0, b""
        try:
            for _ in range(pieces):
                line.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        with suppress(OSError):
            answer = line.recv(4096)
    return answer, sent


DEEP = {
    "lists": b"[" * 8_000 + b"]" * 8_000,
    "objects": b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
    "half": b'{"to_account": ' + b"[" * 15_000,
    "a long number": b'{"amount": ' + b"9" * 15_000 + b"}",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_json_is_malformed_and_quick(running, people, tokens, name):
    """400 within a second, with a token and without a proof."""
    bearer = tokens.access_token(people[0][0])
    head = (
        "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {bearer}\r\nIdempotency-Key: 0192a000-0000-7000-8000-000000000001\r\n"
        f"X-Pin-Proof: x\r\nContent-Length: {len(DEEP[name])}\r\n\r\n"
    ).encode()
    began = time.monotonic()
    status, _, body = asyncio.run(flood.Line(running.port).ask(flood.Call("", head + DEEP[name])))
    assert (status, json.loads(body)["type"]) == (400, "/problems/malformed")
    assert time.monotonic() - began <= 1.0
