"""inbox — one document per person and event.

notifications/{user}.{event}    written with create(): a second delivery of an event changes nothing
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec

from shared import clock, firestore

COLLECTION = "notifications"

# A year and a half, which covers the longest range of the insights. Firestore's TTL removes what is older.
KEPT_DAYS = 550

# Firestore takes 500 writes in one commit.
ERASED_AT_ONCE = 500

PageSize = Annotated[int, msgspec.Meta(ge=1, le=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Position(msgspec.Struct, frozen=True):
    """The last item of a page."""

    created_at: Moment
    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}\.[0-9a-f-]{36}\Z")]

    def __post_init__(self) -> None:
        clock.require_utc(self.created_at)


def put(user_id: UUID, event_id: UUID, kind: str, data: Mapping[str, Any], *, at: datetime, silent: bool) -> bool:
    """Write a notification, and return whether it is new. Raises Unavailable.

    A `silent` one stands in the inbox and is never unread: its type is muted.
    """
    fields = {
        "user_id": str(user_id),
        "event_id": str(event_id),
        "type": kind,
        "data": dict(data),
        "created_at": at,
        "silent": silent,
        "delete_after": at + timedelta(days=KEPT_DAYS),
    }
    try:
        firestore.commit(firestore.Create(COLLECTION, f"{user_id}.{event_id}", fields))
    except firestore.Exists:  # delivered before
        return False
    return True


def erase(user_id: UUID) -> None:
    """Remove every notification of a person."""
    while found := firestore.find(COLLECTION, ("user_id", "==", str(user_id)), limit=ERASED_AT_ONCE):
        firestore.commit(*(firestore.Delete(COLLECTION, document.id) for document in found))


def page(user_id: UUID, after: Position | None, limit: int) -> tuple[list[firestore.Document], Position | None]:
    """Return up to `limit` documents after a position, newest first, and the last one's position where more follow."""
    found = firestore.find(
        COLLECTION,
        ("user_id", "==", str(user_id)),
        order=[("created_at", "DESCENDING"), ("__name__", "DESCENDING")],
        after=[after.created_at, after.id] if after else None,
        limit=limit + 1,
    )
    return found[:limit], _position(found[limit - 1]) if len(found) > limit else None


def count_unread(user_id: UUID, read_up_to: datetime) -> int:
    """Return how many came after the mark; Firestore counts in its index, a thousand for the price of one read."""
    whose: firestore.Where = ("user_id", "==", str(user_id))
    return firestore.count(COLLECTION, whose, ("silent", "==", False), ("created_at", ">", read_up_to))


def _position(document: firestore.Document) -> Position:
    return Position(document.fields["created_at"], document.id)
