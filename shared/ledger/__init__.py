"""ledger — Python's face of the books: one function per routine, and no SQL anywhere else.

The rules live in routines/*.sql, each with its contract on top; what is refused there arrives here
as a problem of shared.errors. Reading never locks; posting is one call, one transaction, and is
answered only when it is durable (routines/transfer.sql).
"""

from shared.ledger.posting import (
    Reversal,
    Settlement,
    Transfer,
    find_settlement,
    find_settlements,
    is_posted,
    require_running,
    reverse,
    settle_top_up,
    settlements,
    transfer,
)
from shared.ledger.reading import (
    Entry,
    EntryFilter,
    Limits,
    NameCheck,
    Party,
    Receipt,
    Recipient,
    StatementSummary,
    Wallet,
    check_name,
    entries,
    limits,
    names_of,
    receipt,
    recipients,
    save_favourite,
    statement_lines,
    statement_summary,
    wallet,
)

__all__ = [
    "Entry",
    "EntryFilter",
    "Limits",
    "NameCheck",
    "Party",
    "Receipt",
    "Recipient",
    "Reversal",
    "Settlement",
    "StatementSummary",
    "Transfer",
    "Wallet",
    "check_name",
    "entries",
    "find_settlement",
    "find_settlements",
    "is_posted",
    "limits",
    "names_of",
    "receipt",
    "recipients",
    "require_running",
    "reverse",
    "save_favourite",
    "settle_top_up",
    "settlements",
    "statement_lines",
    "statement_summary",
    "transfer",
    "wallet",
]
