"""statement — a period of a wallet: opening balance, in, out, closing balance, and its lines."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Literal
from uuid import UUID

import msgspec
from flask import Response

import periods
from shared import ledger

# One range of entries is in memory at a time: about 1 MiB of text.
LINES_PER_CALL = 5_000
# Spreadsheets take a file for UTF-8 only when it starts with a byte order mark.
BYTE_ORDER_MARK = "\ufeff"
HEADING = "date,time_wib,reference,kind,direction,counterparty_account,counterparty_name,note,amount,balance\r\n"


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The period in days of Asia/Jakarta, both inclusive, and the form of the answer."""

    first_day: date = msgspec.field(name="from")
    last_day: date = msgspec.field(name="to")
    format: Literal["json", "csv"] = "json"


class Figures(msgspec.Struct, frozen=True, rename={"first_day": "from", "last_day": "to"}):
    """opening + in - out = closing, to the rupiah."""

    account_number: str
    first_day: date
    last_day: date
    opening_balance: int
    in_amount: int
    out_amount: int
    closing_balance: int
    count: int


def answer(user_id: UUID, query: Query) -> Figures | Response:
    """Return the statement as figures, or as a CSV file streamed in constant memory."""
    periods.check_range(query.first_day, query.last_day)
    start, end = periods.day_start(query.first_day), periods.day_end(query.last_day)
    summary = ledger.statement_summary(user_id, start, end)
    if query.format == "json":
        return _figures(query, summary)
    name = f"statement-{summary.account_number}-{query.first_day}-{query.last_day}.csv"
    return Response(
        _lines(user_id, summary),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def _figures(query: Query, summary: ledger.StatementSummary) -> Figures:
    return Figures(
        account_number=summary.account_number,
        first_day=query.first_day,
        last_day=query.last_day,
        opening_balance=summary.opening_balance,
        in_amount=summary.in_amount,
        out_amount=summary.out_amount,
        closing_balance=summary.closing_balance,
        count=summary.last_version - summary.first_version + 1,
    )


def _lines(user_id: UUID, summary: ledger.StatementSummary) -> Iterator[str]:
    """Return the file in pieces; the first range is read now, so that an outage is told before the 200."""
    last = summary.last_version
    ranges = (
        ledger.statement_lines(user_id, first, min(first + LINES_PER_CALL - 1, last))
        for first in range(summary.first_version, last + 1, LINES_PER_CALL)
    )
    opening = f",,,opening,,,,,,{summary.opening_balance}\r\n"
    closing = f",,,closing,,,,,,{summary.closing_balance}\r\n"
    return chain([BYTE_ORDER_MARK + HEADING, opening, next(ranges, "")], ranges, [closing])
