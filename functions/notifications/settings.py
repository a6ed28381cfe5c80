"""settings — what a person has read, and which types are muted: one document per person.

inboxes/{user}    read_up_to, muted; of a closed account only that it is closed
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from messages import MUTABLE_TYPES, SENTENCES
from shared import clock, firestore
from shared.errors import Malformed, Unavailable

COLLECTION = "inboxes"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# Devices of one person, not a crowd: each loses at most against the others once.
ATTEMPTS_MAX = 10


class Held(msgspec.Struct, frozen=True):
    """What is held of a person."""

    read_up_to: datetime = NEVER
    muted: frozenset[str] = frozenset()
    is_closed: bool = False


class Changed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The types to mute; every other is on."""

    muted: list[str]


def of(user_id: UUID) -> Held:
    """Return what is held of a person; nothing read and nothing muted where there is no document."""
    return _held(firestore.get(COLLECTION, str(user_id)))


def mark_read(user_id: UUID, up_to: datetime) -> datetime:
    """Move the mark forward to `up_to`, or to now where that lies ahead, and return where it stands.

    What is yet to come is not read, whatever moment a client names, and the mark never moves back.
    """
    target = min(up_to, clock.now())
    return _change(user_id, lambda held: Held(max(held.read_up_to, target), held.muted)).read_up_to


def mute(user_id: UUID, types: list[str]) -> frozenset[str]:
    """Mute `types` and no other, and return them. Raises Malformed for a type that cannot be muted."""
    chosen = frozenset(types)
    if not chosen <= MUTABLE_TYPES:
        raise Malformed("Security notices cannot be muted, and other types there are not")
    return _change(user_id, lambda held: Held(held.read_up_to, chosen)).muted


def close(user_id: UUID) -> None:
    """Forget what is held of a person except that they are gone: an event that comes late, or again, tells nobody."""
    fields = {"read_up_to": NEVER, "muted": [], "is_closed": True}
    firestore.commit(firestore.Merge(COLLECTION, str(user_id), fields))


def switches(muted: frozenset[str]) -> dict[str, Any]:
    """Return every type with its switch, as the contract states it."""
    return {
        "types": [{"type": kind, "enabled": kind not in muted, "can_mute": kind in MUTABLE_TYPES} for kind in SENTENCES]
    }


def _change(user_id: UUID, change: Callable[[Held], Held]) -> Held:
    """Change what is held unless another device writes in between; then look again. Raises Unavailable."""
    for _ in range(ATTEMPTS_MAX):
        document = firestore.get(COLLECTION, str(user_id))
        held = _held(document)
        wanted = change(held)
        if wanted == held:
            return held
        fields = {"read_up_to": wanted.read_up_to, "muted": sorted(wanted.muted)}
        try:
            if document is None:
                firestore.commit(firestore.Create(COLLECTION, str(user_id), fields))
            else:
                firestore.commit(firestore.Update(document, fields))
        except (firestore.Exists, firestore.Moved):
            continue
        return wanted
    raise Unavailable("Too many writers at once")


def _held(document: firestore.Document | None) -> Held:
    if document is None:
        return Held()
    fields = document.fields
    return Held(fields["read_up_to"], frozenset(fields["muted"]), fields.get("is_closed", False))
