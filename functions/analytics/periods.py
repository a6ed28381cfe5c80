"""periods — days, weeks and months in Asia/Jakarta.

Buckets are made here and not in SQL: a year has at most 366 days, and the weeks and months of
one zone are computed the same way by every Python and differently by every SQL dialect.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec

from shared import clock
from shared.errors import Malformed

Bucket = Literal["day", "week", "month"]

# A year and a leap day: the longest range that the contract allows.
RANGE_DAYS_MAX = 366
RANGE_DAYS_DEFAULT = 30


class Period(msgspec.Struct, frozen=True):
    """A range of days, both included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The first instant of the range."""
        return day_start(self.first)

    @property
    def until(self) -> datetime:
        """The first instant after the range."""
        return day_start(self.last + timedelta(days=1))


def choose(first: date | None, last: date | None) -> Period:
    """Return the period between two days; today, and the 30 days up to the last, stand for what is not given.

    Raises Malformed where the days are in the wrong order or more than RANGE_DAYS_MAX apart.
    """
    last = last or clock.now().astimezone(clock.JAKARTA).date()
    if last.year <= date.min.year or last.year >= date.max.year:
        raise Malformed("The range lies outside every calendar")
    first = first or last - timedelta(days=RANGE_DAYS_DEFAULT - 1)
    if first > last:
        raise Malformed("`from` lies after `to`")
    if (last - first).days >= RANGE_DAYS_MAX:
        raise Malformed(f"A range has at most {RANGE_DAYS_MAX} days")
    if first.year <= date.min.year:
        raise Malformed("The range lies outside every calendar")
    return Period(first, last)


def day_start(day: date) -> datetime:
    """Return the first instant of `day` in Jakarta."""
    return datetime.combine(day, time.min, clock.JAKARTA)


def bucket_start(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket in which `day` lies; weeks begin on Monday (ISO 8601)."""
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    if bucket == "month":
        return day.replace(day=1)
    return day


def bucket_starts(period: Period, bucket: Bucket) -> list[date]:
    """Return every bucket that the period touches, in order; the first may begin before the period."""
    days = (period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1))
    return list(dict.fromkeys(bucket_start(day, bucket) for day in days))
