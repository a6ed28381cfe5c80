"""closing — up to which day the sums are closed, and how fresh the warehouse is."""

import time
from datetime import UTC, date, datetime, timedelta

import msgspec

from periods import day_start
from shared import clock, warehouse

# A person waits for a summary, which asks twice, one after the other; a healthy answer takes about a second.
TIMEOUT_SECONDS = 6

# The two figures are the same for everybody: one look in five seconds serves all of an instance's callers.
KEPT_SECONDS = 5

# A day is closed within two days; without an event in three, the last closing says how fresh we are.
RECENT_DAYS = 3

# The day before every other stands for "none is closed yet".
STATEMENT = """
    SELECT
      (SELECT COALESCE(MAX(day), DATE '2000-01-01') FROM closings) AS last_day,
      (SELECT MAX(closed_at) FROM closings) AS closed_at,
      (SELECT MAX(occurred_at) FROM events_raw WHERE occurred_at >= @recent) AS newest
"""


class Closing(msgspec.Struct, frozen=True):
    """The last closed day, and the time of the newest event that the warehouse holds."""

    last_day: date
    as_of: datetime | None

    @property
    def open_since(self) -> datetime:
        """The first instant that is not closed."""
        return day_start(self.last_day + timedelta(days=1))


_kept: dict[str, tuple[float, Closing]] = {}


def read_closing() -> Closing:
    """Return the closing, at most KEPT_SECONDS old. Raises Unavailable."""
    read_at, closing = _kept.get("closing", (float("-inf"), None))
    if closing is None or time.monotonic() - read_at > KEPT_SECONDS:
        read_at, closing = time.monotonic(), _read()
        _kept["closing"] = (read_at, closing)
    return closing


def _read() -> Closing:
    (row,) = warehouse.rows(
        STATEMENT, {"recent": clock.now() - timedelta(days=RECENT_DAYS)}, timeout_seconds=TIMEOUT_SECONDS
    )
    newest = row["newest"] or row["closed_at"]
    return Closing(row["last_day"], newest.astimezone(UTC) if newest else None)
