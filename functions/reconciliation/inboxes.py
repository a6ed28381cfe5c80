"""inboxes — whether everybody was told."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from findings import Span
from shared import firestore
from shared.ledger import proving

# Two notifications a movement: one read of Firestore of at most 400 documents.
PAGE = 200

# How much time one look may span: little where much moved, so that no row is sorted for many pages
# in vain; much where nothing did.
LOOK_MIN, LOOK_MAX = timedelta(seconds=1), timedelta(days=1)
LOOK_FIRST = timedelta(minutes=1)


def missing(span: Span) -> Iterator[str]:
    """Yield the ids of the notifications that a span's movements should have and have not."""
    for page in _pages(span):
        expected = [
            f"{user_id}.{movement.event_id}"
            for movement in page
            for user_id in (movement.debit_user_id, movement.credit_user_id)
            if user_id is not None
        ]
        found = firestore.get_many([("notifications", name) for name in expected])
        yield from (name for name, document in zip(expected, found, strict=True) if document is None)


def _pages(span: Span) -> Iterator[list[proving.Movement]]:
    """Yield a span's movements page by page, each look as long as the last ones were worth."""
    since, after, look = span.since, UUID(int=0), LOOK_FIRST
    while since < span.until:
        ends = min(since + look, span.until)
        page = proving.movements(since, after, ends, PAGE)
        if len(page) == PAGE:
            since, after, look = page[-1].posted_at, page[-1].event_id, max(look / 2, LOOK_MIN)
        else:
            since, after, look = ends, UUID(int=0), min(look * 2, LOOK_MAX)
        yield page
