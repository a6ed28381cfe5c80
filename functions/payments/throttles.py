"""throttles — how often one person may ask this instance the same thing.

The count lives in the instance's memory: it guards a store and a processor from a runaway client,
not money, so it needs no store of its own and may be as many times looser as there are instances.
"""

import threading
import time
from collections import OrderedDict
from typing import Final

from shared.errors import TooManyRequests

# About 100 bytes each: a busy instance remembers its last ten thousand askers in 1 MB.
KEYS_MAX: Final = 10_000


class Throttle:
    """A token bucket for each key: `burst` at once, `per_second` after that."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, key: object) -> None:
        """Count one request of `key`; raises TooManyRequests with Retry-After when the bucket is empty."""
        now = time.monotonic()
        with self._lock:
            left, counted_at = self._buckets.pop(key, (float(self._burst), now))
            left = min(self._burst, left + (now - counted_at) * self._per_second)
            self._buckets[key] = (max(left - 1, 0), now) if left >= 1 else (left, now)
            if len(self._buckets) > KEYS_MAX:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests()
