"""clock — the one source of the present for everything that Python decides by time."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# Business days, daily limits and charts follow the people's calendar, not the server's.
JAKARTA = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """Return the present as an aware UTC datetime."""
    return datetime.fromtimestamp(unix_time(), UTC)


def unix_time() -> float:
    """Return the present in seconds since the epoch."""
    return time.time() + _offset_seconds()


def require_utc(moment: datetime) -> None:
    """Raise ValueError for an aware moment that lies outside the years of UTC, as 0001-01-01T00:00:00+14:00 does."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("The moment lies outside every calendar") from error


def _offset_seconds() -> int:
    """Return by how much a developer has moved the clock; always 0 outside a local run."""
    path = os.environ.get("CLOCK_OFFSET_SECONDS_FILE")
    if path is None or os.environ.get("ENVIRONMENT") != "local":
        return 0
    try:
        return int(Path(path).read_bytes())
    except FileNotFoundError:
        return 0
