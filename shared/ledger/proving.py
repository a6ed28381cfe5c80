"""proving — what reconciliation asks of the books: faults in a span of time, and figures to compare.

Every question is answered from one snapshot and takes a span or a page that is read well within
the statement timeout; who wants to know about a year asks hour by hour.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from shared import db


class Fault(msgspec.Struct, frozen=True):
    """Something wrong with one account, at one version of it."""

    account_id: UUID
    version: int
    fault: str


class Stretch(msgspec.Struct, frozen=True):
    """The entries of an account after the version `after`, up to `until`; None is the end, whatever moves meanwhile."""

    account_id: UUID
    after: int
    until: int | None


class Unbalanced(msgspec.Struct, frozen=True):
    """A transfer whose entries are not its two sides."""

    transfer_id: UUID
    amount: int
    entries_sum: int


class Counted(msgspec.Struct, frozen=True):
    """How often something was found that must be there once."""

    transfer_id: UUID
    times: int


class DaySum(msgspec.Struct, frozen=True):
    """The transfers of one Jakarta day."""

    day: date
    transfer_count: int
    total_amount: int


class Movement(msgspec.Struct, frozen=True):
    """An event and the people whom it concerns."""

    posted_at: datetime
    event_id: UUID
    debit_user_id: UUID | None
    credit_user_id: UUID | None


class Weight(msgspec.Struct, frozen=True):
    """The whole ledger in six figures."""

    transfer_count: int
    entry_count: int
    entries_sum: int
    balances_sum: int
    event_count: int
    overdrawn: int


class Backlog(msgspec.Struct, frozen=True):
    """What has not left the outbox."""

    pending: int
    oldest_age_seconds: float
    parked: int


def touched_accounts(since: datetime, until: datetime) -> dict[UUID, int]:
    """Return the accounts that moved in a span, with the version of each before."""
    return dict(db.call("SELECT * FROM ledger.touched_accounts($1, $2)", since, until))


def account_ids(after: UUID, limit: int) -> list[UUID]:
    """Return the next page of all accounts."""
    return [row[0] for row in db.call("SELECT * FROM ledger.account_ids($1, $2::integer)", after, limit)]


def versions(account_ids: list[UUID]) -> dict[UUID, int]:
    """Return how many entries each of at most 500 accounts has."""
    return dict(db.call("SELECT * FROM ledger.versions_of($1::uuid[])", account_ids))


def verify_stretches(stretches: list[Stretch]) -> list[Fault]:
    """Return the faults of at most 500 stretches of accounts."""
    ids = [stretch.account_id for stretch in stretches]
    after, until = [stretch.after for stretch in stretches], [stretch.until for stretch in stretches]
    statement = "SELECT * FROM ledger.verify_stretches($1::uuid[], $2::bigint[], $3::bigint[])"
    return db.rows(statement, ids, after, until, row=Fault)


def unbalanced_transfers(since: datetime, until: datetime) -> list[Unbalanced]:
    """Return the transfers of a span whose entries do not sum to zero."""
    return db.rows("SELECT * FROM ledger.unbalanced_transfers($1, $2)", since, until, row=Unbalanced)


def doubled_transfers(since: datetime, until: datetime) -> list[Counted]:
    """Return the ids of a span that moved money more than once."""
    return db.rows("SELECT * FROM ledger.doubled_transfers($1, $2)", since, until, row=Counted)


def unannounced_transfers(since: datetime, until: datetime) -> list[Counted]:
    """Return the transfers of a span that do not have exactly one event."""
    statement = "SELECT transfer_id, times FROM ledger.unannounced_transfers($1, $2)"
    return db.rows(statement, since, until, row=Counted)


def surplus_events(since: datetime, until: datetime) -> list[UUID]:
    """Return the events of a span that announce no transfer of it."""
    return [row[0] for row in db.call("SELECT * FROM ledger.surplus_events($1, $2)", since, until)]


def day_sums(since: datetime, until: datetime) -> dict[date, DaySum]:
    """Return the sums of each Jakarta day of a span that has any."""
    found = db.rows("SELECT * FROM ledger.day_sums($1, $2)", since, until, row=DaySum)
    return {day_sum.day: day_sum for day_sum in found}


def movements(since: datetime, after: UUID, until: datetime, limit: int) -> list[Movement]:
    """Return the next page of a span's movements, oldest first."""
    statement = "SELECT * FROM ledger.movements($1, $2, $3, $4::integer)"
    return db.rows(statement, since, after, until, limit, row=Movement)


def weigh_books() -> Weight:
    """Return the figures of the whole ledger."""
    return db.rows("SELECT * FROM ledger.weigh_books()", row=Weight)[0]


def backlog() -> Backlog:
    """Return what waits in the outbox."""
    return db.rows("SELECT * FROM outbox.backlog()", row=Backlog)[0]
