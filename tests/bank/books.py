"""books — the ledger, the outbox and the warehouse as they stand in the end, read behind everybody's back."""

from dataclasses import dataclass, field
from typing import Any

TRANSFERS = """
    SELECT id::text, kind::text, debit_account_id::text, credit_account_id::text, amount, note, debit_version,
           credit_version, debit_balance_after, credit_balance_after, event_id::text,
           (posted_at AT TIME ZONE 'Asia/Jakarta')::date::text
    FROM ledger.transfers
"""
ACCOUNTS = "SELECT id::text, number::text, kind::text, balance, version FROM ledger.accounts"
WAITING = "SELECT count(*) FROM outbox.events WHERE event_type = 'transfer.posted'"
EVENTS = """
    SELECT transfer_id, event_id, amount, debit_account_id, credit_account_id, debit_balance_after, credit_balance_after
    FROM events WHERE occurred_at >= TIMESTAMP '2020-01-01'
"""


@dataclass(frozen=True)
class Transfer:
    """A row of ledger.transfers; `day` is its day in Jakarta."""

    id: str
    kind: str
    debit: str
    credit: str
    amount: int
    note: str
    debit_version: int
    credit_version: int
    debit_balance_after: int
    credit_balance_after: int
    event_id: str
    day: str


@dataclass(frozen=True)
class Account:
    """A row of ledger.accounts."""

    id: str
    number: str | None
    kind: str
    balance: int
    version: int


@dataclass
class Books:
    """Everything that is there in the end. `events` are the warehouse's rows, each event once."""

    transfers: list[Transfer] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0  # events that have not left the outbox
    transfer_amount_max: int = 10_000_000
    daily_out_amount_max: int = 20_000_000
    balance_max: int = 20_000_000
