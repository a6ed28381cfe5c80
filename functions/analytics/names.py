"""names — who stands behind the accounts of the caller's own counterparties.

The warehouse knows no names. They come from the ledger, which tells a person only those of
accounts that share a movement with theirs.
"""

from uuid import UUID

import msgspec

from shared import db

# The routine's own limit.
ASKED_MAX = 100


class Person(msgspec.Struct, frozen=True):
    """An account with its number and holder; an account of the house has no number."""

    account_id: UUID
    account_number: str | None
    name: str


def of(user_id: UUID, account_ids: list[UUID]) -> dict[UUID, Person]:
    """Return the counterparties of `user_id` among `account_ids`, by account id."""
    found: dict[UUID, Person] = {}
    for start in range(0, len(account_ids), ASKED_MAX):
        asked = account_ids[start : start + ASKED_MAX]
        people = db.rows("SELECT * FROM ledger.names_of($1, $2::uuid[])", user_id, asked, row=Person)
        found |= {person.account_id: person for person in people}
    return found
