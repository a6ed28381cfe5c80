"""periods — ranges of days as people mean them: whole days in Asia/Jakarta."""

from datetime import date, datetime, time, timedelta

from shared.clock import JAKARTA
from shared.errors import Malformed

# A year and a leap day: the longest range that the contract allows.
RANGE_DAYS_MAX = 366


def check_range(first: date | None, last: date | None) -> None:
    """Raise Malformed unless `first` ≤ `last`, both real days and within RANGE_DAYS_MAX days."""
    for day in (first, last):
        # A day in Jakarta begins on the one before in UTC, and a range ends on the one after.
        if day is not None and not date.min.year < day.year < date.max.year:
            raise Malformed("The day lies outside every calendar")
    if first is None or last is None:
        return
    if first > last:
        raise Malformed("`from` lies after `to`")
    if (last - first).days >= RANGE_DAYS_MAX:
        raise Malformed(f"A range has at most {RANGE_DAYS_MAX} days")


def day_start(day: date) -> datetime:
    """Return the first instant of `day` in Asia/Jakarta."""
    return datetime.combine(day, time.min, JAKARTA)


def day_end(day: date) -> datetime:
    """Return the first instant after `day` in Asia/Jakarta."""
    return day_start(day + timedelta(days=1))
