"""Loopback ports: find a free one, and say who holds a taken one."""

import fcntl
import os
import random
import socket
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TextIO

import psutil

HOST = "127.0.0.1"
# Below Linux's ephemeral range (32768 up): no outgoing connection can take the port
# between the moment we choose it and the moment the part binds it.
CHOICE = range(20_000, 32_000)
ATTEMPTS_MAX = 200
# What this process has chosen; nothing else of ours may take it before it is bound.
_chosen: set[int] = set()


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen on `port` of `host` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nothing listens on, and that no process of ours chooses before this one has ended."""
    for _ in range(ATTEMPTS_MAX):
        port = random.choice(CHOICE)
        if port not in _chosen and _reserve(port) and is_free(port):
            _chosen.add(port)
            return port
    raise RuntimeError(f"no free port in {CHOICE.start}–{CHOICE.stop} after {ATTEMPTS_MAX} attempts")


def _reserve(port: int) -> bool:
    """Lock the port's byte of a file that all our processes share; the system unlocks it when this one ends."""
    try:
        fcntl.lockf(_shared(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _shared() -> TextIO:
    """The file is opened once: closing it a second time would let go of every lock."""
    return (Path(tempfile.gettempdir()) / f"e-wallet-lite-{os.getuid()}.ports").open("a")


def next_free(port: int, host: str) -> int:
    """`port` itself where it is free on `host`, else the first free one above it; ours until this process ends."""
    for candidate in range(port, min(port + ATTEMPTS_MAX, 65_536)):
        if _reserve(candidate) and is_free(candidate, host):
            _chosen.add(candidate)
            return candidate
    raise RuntimeError(f"no free port among the {ATTEMPTS_MAX} from {port} on")


def holder(port: int) -> str:
    """Who listens on `port`: `name (pid N)`, or a plain phrase where it cannot be seen."""
    with suppress(psutil.Error):  # it is another user's, or has just ended
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            if listening and connection.pid:
                process = psutil.Process(connection.pid)
                return f"{process.name()} (pid {process.pid}: {' '.join(process.cmdline())[:80]})"
    return "another user's process"
