"""landings — the warehouse's own figures, day by day, to compare with the ledger's."""

from datetime import date, datetime, time, timedelta

from findings import Span
from shared import clock, warehouse

# A full proof reads every day's events, three narrow columns of each; the nightly one a day or two.
TIMEOUT_SECONDS = 60

DAY_SUMS = """
    SELECT DATE(occurred_at, 'Asia/Jakarta') AS day, COUNT(*) AS event_count, SUM(amount) AS total_amount
    FROM events
    WHERE occurred_at >= @since AND occurred_at < @until
    GROUP BY day
"""

# A day is closed two days later, so the span of a night holds none. An event waits for a week at its
# subscription and for another in the dead letters at the longest: further back nothing comes by itself.
LATE_DAYS = 16

STALE_DAYS = """
    SELECT closings.day, closings.event_count, closings.total_amount,
           COALESCE(landed.event_count, 0) AS landed_count, COALESCE(landed.total_amount, 0) AS landed_amount
    FROM closings
    LEFT JOIN (
      SELECT DATE(occurred_at, 'Asia/Jakarta') AS day, COUNT(*) AS event_count, SUM(amount) AS total_amount
      FROM events
      WHERE occurred_at >= @since AND occurred_at < @until
      GROUP BY day
    ) AS landed ON landed.day = closings.day
    WHERE closings.day >= @first
      AND (closings.event_count != COALESCE(landed.event_count, 0)
           OR closings.total_amount != COALESCE(landed.total_amount, 0))
    ORDER BY closings.day
"""

OPEN_DAYS = "DELETE FROM closings WHERE day >= @day"


def day_sums(span: Span) -> dict[date, tuple[int, int]]:
    """Return how many events each Jakarta day of a span has, and of what amount."""
    found = warehouse.rows(DAY_SUMS, {"since": span.since, "until": span.until}, timeout_seconds=TIMEOUT_SECONDS)
    return {row["day"]: (row["event_count"], row["total_amount"]) for row in found}


def stale_days(span: Span) -> list[tuple[date, tuple[int, int], tuple[int, int]]]:
    """Return the closed days of a span, and of LATE_DAYS before it, whose sums are not those of their events.

    Each is (day, expected, found).
    """
    first = span.since.astimezone(clock.JAKARTA).date() - timedelta(days=LATE_DAYS)
    since = datetime.combine(first, time.min, clock.JAKARTA)
    found = warehouse.rows(
        STALE_DAYS, {"since": since, "until": span.until, "first": first}, timeout_seconds=TIMEOUT_SECONDS
    )
    return [
        (row["day"], (row["landed_count"], row["landed_amount"]), (row["event_count"], row["total_amount"]))
        for row in found
    ]


def open_days(day: date) -> None:
    """Take `day`, and those after it, as not closed: sums come from the events again until the next closing."""
    warehouse.rows(OPEN_DAYS, {"day": day}, timeout_seconds=TIMEOUT_SECONDS)
