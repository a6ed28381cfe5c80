"""posting — the routines that move money."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared import db
from shared.problem import Problem

# CALL wants a placeholder for each value that comes back.
TRANSFER = f"CALL ledger.transfer($1, $2, $3, $4, $5, {', '.join(['NULL'] * 5)})"
SETTLE_TOP_UP = f"CALL ledger.settle_top_up($1, $2, $3, {', '.join(['NULL'] * 4)})"


class Transfer(msgspec.Struct, frozen=True):
    """A posted transfer as its sender is told of it."""

    id: UUID
    kind: str
    amount: int
    from_account: str
    to_account: str
    counterparty_name: str
    note: str
    balance_after: int
    posted_at: datetime


class Settlement(msgspec.Struct, frozen=True):
    """The credit of a top-up."""

    top_up_id: UUID
    user_id: UUID
    amount: int
    posted_at: datetime


class Reversal(msgspec.Struct, frozen=True):
    """What was given back of a transfer."""

    id: UUID
    amount: int
    posted_at: datetime


def transfer(transfer_id: UUID, *, sender: UUID, payee: str, amount: int, note: str) -> tuple[Transfer, bool]:
    """Move `amount` rupiah from the user `sender` to the account number `payee`, once per id for ever.

    Returns the transfer, and whether this was a replay of an earlier call with equal arguments.
    Raises AccountNotFound, InsufficientFunds, IdempotencyKeyReused, SelfTransfer,
    AccountUnavailable, LimitExceeded, RequestInProgress, NotFound, Paused, Unavailable (nothing
    happened) or OutcomeUnknown (call again with the same arguments to learn).
    """
    [row] = _post(TRANSFER, transfer_id, sender, payee, amount, note)
    from_account, counterparty_name, balance_after, posted_at, replayed = row
    posted = Transfer(
        transfer_id, "transfer", amount, from_account, payee, counterparty_name, note, balance_after, posted_at
    )
    return posted, replayed


def is_posted(transfer_id: UUID, *, sender: UUID) -> bool:
    """Return whether `sender` has posted a transfer under this id: then `transfer` can only replay it.

    True only once no crash can take that transfer back, and with it the reason to let it pass unproved.
    """
    row = db.row("SELECT ledger.is_posted($1, $2)", transfer_id, sender)
    return bool(row and row[0])


def settle_top_up(top_up_id: UUID, *, user_id: UUID, amount: int) -> Settlement:
    """Credit a paid top-up, once for ever; a repeat returns the first outcome.

    Raises AccountUnavailable, LimitExceeded (`balance_max`), IdempotencyKeyReused (settled for
    another user or amount), RequestInProgress, NotFound, Paused, Unavailable or OutcomeUnknown.
    """
    [row] = _post(SETTLE_TOP_UP, top_up_id, user_id, amount)
    return Settlement(*row)


def reverse(reversal_id: UUID, *, original: UUID, original_debit_account: UUID, amount: int, note: str) -> Reversal:
    """Give back `amount` rupiah of a transfer, once; see routines/reverse.sql for what is refused."""
    sql = "SELECT * FROM ledger.reverse($1, $2, $3, $4, $5)"
    [row] = _post(sql, reversal_id, original, original_debit_account, amount, note)
    return Reversal(*row)


def require_running(user_id: UUID) -> None:
    """Raise Paused while an operator has stopped the money routes."""
    db.call("SELECT ledger.require_running($1)", user_id)


def find_settlement(top_up_id: UUID) -> Settlement | None:
    """Return the credit of a top-up, or None where it has not been credited."""
    row = db.row("SELECT * FROM ledger.find_settlement($1)", top_up_id)
    return Settlement(*row) if row else None


def find_settlements(top_up_ids: list[UUID]) -> dict[UUID, Settlement]:
    """Return the credits of those top-ups (500 at most) that have been credited, by id."""
    found = db.rows("SELECT * FROM ledger.find_settlements($1::uuid[])", top_up_ids, row=Settlement)
    return {settled.top_up_id: settled for settled in found}


def settlements(since: datetime, after: UUID, until: datetime, *, limit: int) -> list[Settlement]:
    """Return at most `limit` (1,000) credits of top-ups in a span, oldest first, after the position (since, after)."""
    statement = "SELECT * FROM ledger.settlements_between($1, $2, $3, $4::integer)"
    return db.rows(statement, since, after, until, limit, row=Settlement)


def _post(sql: str, *values: Any) -> list[Any]:
    try:
        # failpoint: ledger.before_posting
        rows = db.call_once(sql, *values, announces=True)
    except Problem as problem:
        if problem.status < 500:
            # failpoint: ledger.before_flush
            # A refusal may rest on a movement that is visible but not yet on disk; told too early,
            # it could speak of something that a crash then takes back.
            db.call_once("CALL ledger.flush()")
            # failpoint: ledger.after_flush
        raise
    # failpoint: ledger.after_posting
    return rows
