"""export — the caller's entries as CSV (RFC 4180), page by page, so that a year needs no more memory than a day."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

import names
from closing import read_closing
from periods import Period
from shared import warehouse
from shared.clock import JAKARTA
from shared.ledger import Party

# A year of a busy account is sorted before its first row comes; the gateway lets a file take longer than a summary.
TIMEOUT_SECONDS = 8

COLUMNS = (
    "date", "time", "kind", "direction", "amount", "balance_after",
    "counterparty_number", "counterparty_name", "transfer_id", "event_id",
)  # fmt: skip

ENTRIES = """
    SELECT occurred_at, kind, direction, amount, balance_after, counterparty_account_id, transfer_id, event_id
    FROM entries_closed
    WHERE user_id = @user_id AND day BETWEEN @first AND @closed_last
    UNION ALL
    SELECT occurred_at, kind, direction, amount, balance_after, counterparty_account_id, transfer_id, event_id
    FROM entries
    WHERE user_id = @user_id AND occurred_at >= @open_since AND occurred_at < @until
    ORDER BY occurred_at, event_id
"""

# What a spreadsheet would run as a formula, also behind spaces or in full-width form.
FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")


def lines(user_id: UUID, period: Period) -> Iterator[str]:
    """Return the lines of the file. Raises Unavailable at once where the warehouse or the ledger is away."""
    closing = read_closing()
    found = warehouse.pages(
        ENTRIES,
        {
            "user_id": str(user_id),
            "first": period.first,
            "closed_last": min(period.last, closing.last_day),
            "open_since": max(period.since, closing.open_since),
            "until": period.until,
        },
        timeout_seconds=TIMEOUT_SECONDS,
    )
    # The first page is fetched here, and its names too, while the answer can still be a 503.
    written = _lines(user_id, chain([next(found, [])], found))
    return chain([_line(COLUMNS), next(written)], written)


def _lines(user_id: UUID, found: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    known: dict[UUID, Party] = {}
    for page in found:
        strangers = {UUID(row["counterparty_account_id"]) for row in page} - known.keys()
        known |= names.of(user_id, sorted(strangers))
        yield "".join(_line(_cells(row, known)) for row in page)


def _cells(row: dict[str, Any], known: dict[UUID, Party]) -> tuple[Any, ...]:
    at = row["occurred_at"].astimezone(JAKARTA)
    person = known.get(UUID(row["counterparty_account_id"]))
    number, name = (person.account_number or "", person.name) if person else ("", "")
    return (
        f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", row["kind"], row["direction"], row["amount"], row["balance_after"],
        number, f"'{name}" if FORMULA.match(name) else name, row["transfer_id"], row["event_id"],
    )  # fmt: skip


def _line(cells: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
