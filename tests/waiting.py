"""How a test waits: for what it means, and not for a time that is usually enough."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, timeout_seconds: float = 20) -> None:
    """Wait for `condition`, or fail."""
    ends = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < ends, f"did not come true within {timeout_seconds} s"
        time.sleep(0.05)
