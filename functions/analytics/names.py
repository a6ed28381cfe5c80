"""names — who stands behind the accounts of the caller's own counterparties.

The warehouse knows no names. They come from the ledger, which tells a person only those of
accounts that share a movement with theirs.
"""

from uuid import UUID

from shared import ledger
from shared.ledger import Party

# What the ledger answers at once.
ASKED_MAX = 100


def of(user_id: UUID, account_ids: list[UUID]) -> dict[UUID, Party]:
    """Return the counterparties of `user_id` among `account_ids`, by account id."""
    found: dict[UUID, Party] = {}
    for start in range(0, len(account_ids), ASKED_MAX):
        asked = account_ids[start : start + ASKED_MAX]
        found |= {party.account_id: party for party in ledger.names_of(user_id, asked)}
    return found
