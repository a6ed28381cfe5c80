"""inbox — one document per person and event, and one mark per person up to which all is read.

notifications/{user}.{event}    written with create(): a second delivery of an event changes nothing
inboxes/{user}                  the mark
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from messages import text_of

from shared import clock, firestore

# A year and a half: what a bank keeps at hand. Firestore's TTL removes what is older.
KEPT_DAYS = 550

# The badge says "99+"; counting further would cost an index read for each unread item.
UNREAD_MAX = 1000

PageSize = Annotated[int, msgspec.Meta(ge=1, le=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Item(msgspec.Struct):
    """One notification as the contract states it."""

    id: UUID
    type: str
    data: dict[str, Any]
    text: dict[str, str]
    created_at: datetime
    read: bool


class Position(msgspec.Struct, frozen=True):
    """The last item of a page."""

    created_at: datetime
    id: str


def put(user_id: UUID, event_id: UUID, kind: str, data: Mapping[str, Any], at: datetime) -> bool:
    """Write a notice, and return whether it is new. Raises Unavailable."""
    fields = {
        "user_id": str(user_id),
        "event_id": str(event_id),
        "type": kind,
        "data": dict(data),
        "created_at": at,
        "delete_after": at + timedelta(days=KEPT_DAYS),
    }
    try:
        firestore.commit(firestore.Create("notifications", f"{user_id}.{event_id}", fields))
    except firestore.Exists:  # delivered before
        return False
    return True


def page(user_id: UUID, after: Position | None, limit: int) -> tuple[list[Item], Position | None]:
    """Return up to `limit` items after a position, newest first, and the position of the last where more follow."""
    found = firestore.find(
        "notifications",
        ("user_id", "==", str(user_id)),
        order=[("created_at", "DESCENDING"), ("__name__", "DESCENDING")],
        after=[after.created_at, after.id] if after else None,
        limit=limit + 1,
    )
    read_up_to = _read_up_to(user_id)
    items = [_item(document, read_up_to) for document in found[:limit]]
    more = len(found) > limit
    return items, _position(found[limit - 1]) if more else None


def count_unread(user_id: UUID) -> int:
    """Return how many items came after the mark."""
    return firestore.count("notifications", ("user_id", "==", str(user_id)), ("created_at", ">", _read_up_to(user_id)))


def mark_read(user_id: UUID, up_to: datetime) -> None:
    """Move the mark forward to `up_to`, or to now where that lies ahead: what is yet to come is not read."""
    target = min(up_to, clock.now())
    while True:
        held = firestore.get("inboxes", str(user_id))
        if held is not None and held.fields["read_up_to"] >= target:
            return
        fields = {"read_up_to": target}
        try:
            if held is None:
                firestore.commit(firestore.Create("inboxes", str(user_id), fields))
            else:
                firestore.commit(firestore.Update(held, fields))
        except (firestore.Exists, firestore.Moved):  # another device marked at the same moment: look again
            continue
        return


def _read_up_to(user_id: UUID) -> datetime:
    held = firestore.get("inboxes", str(user_id))
    return held.fields["read_up_to"] if held else datetime.fromtimestamp(0, clock.now().tzinfo)


def _item(document: firestore.Document, read_up_to: datetime) -> Item:
    fields = document.fields
    return Item(
        id=UUID(fields["event_id"]),
        type=fields["type"],
        data=fields["data"],
        text=text_of(fields["type"], fields["data"]),
        created_at=_plain(fields["created_at"]),
        read=fields["created_at"] <= read_up_to,
    )


def _position(document: firestore.Document) -> Position:
    return Position(_plain(document.fields["created_at"]), document.id)


def _plain(at: datetime) -> datetime:
    """Return the SDK's timestamp, a subclass that no JSON encoder knows, as a datetime."""
    return datetime.combine(at.date(), at.timetz())
