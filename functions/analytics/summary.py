"""summary — the sums of a person's movements over a range of days.

Days that are closed come from totals_closed, in which each is added up once and for ever; only
the days since then are added up from the entries. So the cost grows with the days shown and
with what happened lately, never with history.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

import names
from closing import TIMEOUT_SECONDS, Closing, read_closing
from periods import Bucket, Period, bucket_start, bucket_starts
from shared import warehouse

BY_DAY = """
    WITH movements AS (
      SELECT day, kind, direction, total_amount, entry_count
      FROM totals_closed
      WHERE user_id = @user_id AND day BETWEEN @first AND @closed_last
      UNION ALL
      SELECT day, kind, direction, amount AS total_amount, 1 AS entry_count
      FROM entries
      WHERE user_id = @user_id AND occurred_at >= @open_since AND occurred_at < @until
    )
    SELECT day, kind, direction, SUM(total_amount) AS total_amount, SUM(entry_count) AS entry_count
    FROM movements
    GROUP BY day, kind, direction
"""

# Top-ups come from outside and reversals undo: neither is somebody with whom one deals.
BY_COUNTERPARTY = """
    WITH movements AS (
      SELECT direction, counterparty_account_id, total_amount, entry_count
      FROM totals_closed
      WHERE user_id = @user_id AND day BETWEEN @first AND @closed_last AND kind = 'transfer'
      UNION ALL
      SELECT direction, counterparty_account_id, amount AS total_amount, 1 AS entry_count
      FROM entries
      WHERE user_id = @user_id AND occurred_at >= @open_since AND occurred_at < @until AND kind = 'transfer'
    )
    SELECT counterparty_account_id,
           SUM(IF(direction = 'in', total_amount, 0)) AS in_amount,
           SUM(IF(direction = 'out', total_amount, 0)) AS out_amount,
           SUM(entry_count) AS entry_count
    FROM movements
    GROUP BY counterparty_account_id
    ORDER BY SUM(total_amount) DESC, counterparty_account_id
    LIMIT 10
"""


class Totals(msgspec.Struct):
    """Everything together."""

    in_amount: int = 0
    out_amount: int = 0
    net_amount: int = 0
    in_count: int = 0
    out_count: int = 0


class KindTotal(msgspec.Struct):
    """One kind in one direction."""

    kind: str
    direction: Literal["in", "out"]
    total_amount: int
    count: int


class Bar(msgspec.Struct):
    """One bucket of the chart."""

    start: date
    in_amount: int = 0
    out_amount: int = 0


class Counterparty(msgspec.Struct):
    """One person on the other side."""

    account_number: str
    name: str
    in_amount: int
    out_amount: int
    count: int


class Summary(msgspec.Struct):
    """The answer."""

    as_of: datetime | None
    totals: Totals
    by_kind: list[KindTotal]
    series: list[Bar]
    counterparties: list[Counterparty]


def summarise(user_id: UUID, period: Period, bucket: Bucket) -> Summary:
    """Return the sums of `user_id` over `period`. Raises Unavailable where the warehouse is away."""
    closing = read_closing()
    parameters = _parameters(user_id, period, closing)
    with ThreadPoolExecutor(max_workers=2) as pool:
        by_day = pool.submit(warehouse.rows, BY_DAY, parameters, timeout_seconds=TIMEOUT_SECONDS)
        by_counterparty = pool.submit(warehouse.rows, BY_COUNTERPARTY, parameters, timeout_seconds=TIMEOUT_SECONDS)
        daily, sides = by_day.result(), by_counterparty.result()
    return Summary(
        as_of=closing.as_of,
        totals=_totals(daily),
        by_kind=_by_kind(daily),
        series=_series(daily, period, bucket),
        counterparties=_counterparties(user_id, sides),
    )


def _parameters(user_id: UUID, period: Period, closing: Closing) -> dict[str, Any]:
    return {
        "user_id": str(user_id),
        "first": period.first,
        "closed_last": min(period.last, closing.last_day),
        "open_since": max(period.since, closing.open_since),
        "until": period.until,
    }


def _totals(daily: Iterable[dict[str, Any]]) -> Totals:
    totals = Totals()
    for row in daily:
        if row["direction"] == "in":
            totals.in_amount += row["total_amount"]
            totals.in_count += row["entry_count"]
        else:
            totals.out_amount += row["total_amount"]
            totals.out_count += row["entry_count"]
    totals.net_amount = totals.in_amount - totals.out_amount
    return totals


def _by_kind(daily: Iterable[dict[str, Any]]) -> list[KindTotal]:
    found: dict[tuple[str, Literal["in", "out"]], KindTotal] = {}
    for row in daily:
        key = (row["kind"], row["direction"])
        total = found.setdefault(key, KindTotal(*key, 0, 0))
        total.total_amount += row["total_amount"]
        total.count += row["entry_count"]
    return [found[key] for key in sorted(found)]


def _series(daily: Iterable[dict[str, Any]], period: Period, bucket: Bucket) -> list[Bar]:
    bars = {start: Bar(start) for start in bucket_starts(period, bucket)}
    for row in daily:
        bar = bars[bucket_start(row["day"], bucket)]
        if row["direction"] == "in":
            bar.in_amount += row["total_amount"]
        else:
            bar.out_amount += row["total_amount"]
    return list(bars.values())


def _counterparties(user_id: UUID, sides: list[dict[str, Any]]) -> list[Counterparty]:
    known = names.of(user_id, [UUID(side["counterparty_account_id"]) for side in sides])
    found = []
    for side in sides:
        person = known.get(UUID(side["counterparty_account_id"]))
        if person and person.account_number:
            found.append(
                Counterparty(
                    person.account_number, person.name, side["in_amount"], side["out_amount"], side["entry_count"]
                )
            )
    return found
