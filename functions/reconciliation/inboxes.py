"""inboxes — whether everybody was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from findings import Span
from shared import firestore
from shared.ledger import proving

# Two notifications a movement: one read of Firestore of at most 400 documents.
PAGE = 200

# Each page is looked for anew within its slice, so a slice holds few: at a hundred transfers a second, 6,000.
SLICE = timedelta(minutes=1)


def missing(span: Span) -> Iterator[str]:
    """Yield the ids of the notifications that a span's movements should have and have not."""
    for start, end in span.slices(SLICE):
        yield from _missing(start, end)


def _missing(since: datetime, until: datetime) -> Iterator[str]:
    after = UUID(int=0)
    while page := proving.movements(since, after, until, PAGE):
        expected = [
            f"{user_id}.{movement.event_id}"
            for movement in page
            for user_id in (movement.debit_user_id, movement.credit_user_id)
            if user_id is not None
        ]
        found = firestore.get_many([("notifications", name) for name in expected])
        yield from (name for name, document in zip(expected, found, strict=True) if document is None)
        since, after = page[-1].posted_at, page[-1].event_id
