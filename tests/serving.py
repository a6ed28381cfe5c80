"""An aiohttp application of a test's own, served beside the test."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from emulators.ports import free_port

UP_SECONDS = 10


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """Serve `app` on an event loop of its own; gives its address."""
    port, stopping = free_port(), threading.Event()

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.to_thread(stopping.wait)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        stopping.set()
        thread.join()


def _wait_for(port: int) -> None:
    ends = time.monotonic() + UP_SECONDS
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens at {port}")
