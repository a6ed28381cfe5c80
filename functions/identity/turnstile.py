"""turnstile — how many secrets are hashed at once, so that a flood of guesses starves nobody.

bcrypt keeps a core busy for up to a quarter of a second and holds no lock of Python's meanwhile.
As many run as there are cores; a few wait, not for long; the rest are asked to come back. Who hashes
or waits occupies one of the server's threads, so some of those may never do either.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache

from shared import config
from shared.errors import Unavailable

# So many threads are left for what needs no hash: refreshing, the profile, the keys, every refusal. One
# would do while nothing is slow; the second is for the request that meets a slow database.
FREE_THREADS = 2
# Nobody waits longer than this: the gateway gives up after 15 s, people long before.
WAITING_SECONDS_MAX = 3.0
# By then a full queue has emptied: six passwords of a quarter of a second.
RETRY_AFTER_SECONDS = 2


class Turnstile:
    """Lets `width` threads through at once and keeps at most `waiting_max` more."""

    def __init__(self, width: int, waiting_max: int, seconds_max: float) -> None:
        self._passing = threading.BoundedSemaphore(width)
        self._places = threading.BoundedSemaphore(width + waiting_max)
        self._seconds_max = seconds_max

    @contextmanager
    def passage(self) -> Iterator[None]:
        """Hold a passage for the time of the block; raises Unavailable where the queue is full or slow."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._passing.acquire(timeout=self._seconds_max):
                raise _busy()
            try:
                yield
            finally:
                self._passing.release()
        finally:
            self._places.release()


@cache
def _turnstile() -> Turnstile:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # The server has as many threads as the instance takes requests at once (functions/deployments.json).
    places = max(int(config.require("THREADS")) - FREE_THREADS, 1)
    width = min(cores, places)
    return Turnstile(width, places - width, WAITING_SECONDS_MAX)


def passage() -> AbstractContextManager[None]:
    """Hold this instance's passage for one hash; raises Unavailable where too many wait."""
    return _turnstile().passage()


def _busy() -> Unavailable:
    return Unavailable("Too many secrets are being checked", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
