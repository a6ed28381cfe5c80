"""inboxes — whether everybody was told."""

from collections.abc import Iterator

from findings import Span
from shared import firestore
from shared.ledger import proving, spans

# Two notifications a movement: one read of Firestore of at most 400 documents.
PAGE = 200


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
    """Yield a span's movements page by page."""
    return spans.pages(
        lambda since, after, until: proving.movements(since, after, until, PAGE),
        lambda last: (last.posted_at, last.event_id),
        since=span.since,
        until=span.until,
        size=PAGE,
    )
