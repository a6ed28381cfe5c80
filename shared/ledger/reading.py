"""reading — what people and jobs may know of the books.

Where an account is busy, its movements are seen before they are on disk (routines/transfer.sql). Whoever
is told of money may act on it, so what people are told here has been flushed.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from shared import db, errors

# Whether a movement is so young that it may not be on disk yet: a transaction ends within the 10 s of
# statement_timeout, and the server's own WAL writer follows within a second.
WALLET = "SELECT *, updated_at > clock_timestamp() - interval '15 seconds' FROM ledger.wallet($1)"
RECEIPT = "SELECT *, posted_at > clock_timestamp() - interval '15 seconds' FROM ledger.show_transfer($1, $2)"
ENTRIES = """
    SELECT *, posted_at > clock_timestamp() - interval '15 seconds'
    FROM ledger.search_entries($1, $2, $3, $4, $5, $6, $7, $8)
"""


class Wallet(msgspec.Struct, frozen=True):
    """What a user holds; `version` grows by one with every movement."""

    account_id: UUID
    account_number: str
    balance: int
    status: str
    version: int
    updated_at: datetime
    tier: str
    holder_name: str


class Limits(msgspec.Struct, frozen=True):
    """The limits of a user's tier in rupiah; None is "no limit"."""

    per_transfer_amount: int | None
    daily_out_amount: int | None
    daily_out_used_amount: int
    resets_at: datetime
    balance_max: int | None
    top_up_min_amount: int | None
    top_up_max_amount: int | None
    top_up_pending_max: int | None


class EntryFilter(msgspec.Struct, frozen=True):
    """Which entries to list; None does not restrict. `start` is inclusive, `end` exclusive."""

    start: datetime | None = None
    end: datetime | None = None
    direction: Literal["in", "out"] | None = None
    kind: Literal["transfer", "topup", "reversal"] | None = None
    text: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One line of a history; `amount` is positive, `direction` says which way it went."""

    version: int
    id: UUID
    transfer_id: UUID
    kind: str
    direction: str
    amount: int
    balance_after: int
    counterparty_number: str | None
    counterparty_name: str
    note: str
    posted_at: datetime


class Receipt(msgspec.Struct, frozen=True):
    """A transfer as one of its parties sees it; account numbers are None for the settlement side."""

    id: UUID
    kind: str
    amount: int
    from_account: str | None
    to_account: str | None
    counterparty_name: str
    note: str
    balance_after: int
    posted_at: datetime
    direction: str
    reverses_id: UUID | None
    reversed_by_id: UUID | None


class NameCheck(msgspec.Struct, frozen=True):
    """Whose number it is; `first_time` is whether the caller has never paid it."""

    account_number: str
    holder_name: str
    is_self: bool
    first_time: bool


class Recipient(msgspec.Struct, frozen=True):
    """Somebody whom the caller has paid or keeps as a favourite."""

    account_number: str
    name: str
    favourite: bool
    last_paid_at: datetime | None


class StatementSummary(msgspec.Struct, frozen=True):
    """The figures of a statement, and the versions of its first and last entry."""

    account_number: str
    holder_name: str
    first_version: int
    last_version: int
    opening_balance: int
    in_amount: int
    out_amount: int
    closing_balance: int


class Party(msgspec.Struct, frozen=True):
    """An account that the caller has dealt with."""

    account_id: UUID
    account_number: str | None
    name: str


def wallet(user_id: UUID) -> Wallet:
    """Return the user's wallet, or raise NotFound."""
    for row in _durable(db.call(WALLET, user_id)):
        return Wallet(*row)
    raise errors.NotFound


def limits(user_id: UUID) -> Limits:
    """Return the user's limits, or raise NotFound."""
    row = db.row("SELECT * FROM ledger.limits($1)", user_id)
    if row is None:
        raise errors.NotFound
    return Limits(*row)


def entries(user_id: UUID, filters: EntryFilter, *, before: int | None, limit: int) -> tuple[list[Entry], int | None]:
    """Return at most `limit` (101) entries, newest first, with versions below `before`.

    With them stands the version before which the search stopped, however little it found; None where
    it came to the end.
    """
    chosen = msgspec.structs.astuple(filters)
    rows = _durable(db.call(ENTRIES, user_id, before, *chosen, limit))
    # Where nothing matches, one row says where the search stopped and holds no entry.
    return [Entry(*row[1:]) for row in rows if row[1] is not None], rows[0][0]


def receipt(user_id: UUID, transfer_id: UUID) -> Receipt:
    """Return the transfer as the user sees it; raises NotFound for everybody but its parties."""
    for row in _durable(db.call(RECEIPT, user_id, transfer_id)):
        return Receipt(*row)
    raise errors.NotFound


def check_name(user_id: UUID, account_number: str) -> NameCheck:
    """Return whose number it is; raises AccountNotFound, or TooManyRequests after 30 in a minute."""
    row = next(iter(db.call_once("SELECT * FROM ledger.check_name($1, $2)", user_id, account_number)), None)
    if row is None:
        raise errors.AccountNotFound
    return NameCheck(*row)


def recipients(user_id: UUID) -> list[Recipient]:
    """Return the user's favourites and the people paid most recently."""
    return db.rows("SELECT * FROM ledger.list_recipients($1)", user_id, row=Recipient)


def save_favourite(user_id: UUID, account_number: str, *, keep: bool) -> None:
    """Keep a recipient as a favourite, or stop; see routines/save_favourite.sql for what is refused."""
    db.call("SELECT ledger.save_favourite($1, $2, $3)", user_id, account_number, keep)


def statement_summary(user_id: UUID, start: datetime, end: datetime) -> StatementSummary:
    """Return the figures of the entries from `start` (inclusive) to `end` (exclusive)."""
    row = db.row("SELECT * FROM ledger.summarise_statement($1, $2, $3)", user_id, start, end)
    if row is None:
        raise errors.NotFound
    _flush()
    return StatementSummary(*row)


def statement_lines(user_id: UUID, first_version: int, last_version: int) -> str:
    """Return the CSV lines of at most 5,000 entries, from `first_version` on."""
    row = db.row("SELECT ledger.statement_lines($1, $2, $3)", user_id, first_version, last_version)
    return row[0] or "" if row else ""


def names_of(user_id: UUID, account_ids: list[UUID]) -> list[Party]:
    """Return number and name of those accounts (100 at most) that the user has dealt with."""
    return db.rows("SELECT * FROM ledger.names_of($1, $2::uuid[])", user_id, account_ids, row=Party)


def _durable(rows: list[Any]) -> list[Any]:
    """Return `rows` without their last column, whether they are young, once no crash can take back what they tell."""
    if any(row[-1] for row in rows):
        _flush()
    return [row[:-1] for row in rows]


def _flush() -> None:
    db.call("CALL ledger.flush()")
