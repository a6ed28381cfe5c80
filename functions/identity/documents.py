"""documents — what Firestore holds about a person, read for the file of everything and for nothing else.

topups/…              asked for, as `payments` writes them
notifications/…       the inbox
inboxes/{user}        what is read and what is muted
push_subscriptions/…  the devices that asked for notices

`identity` may read Firestore and not write it. What the provider told (`payment_events`) and what
the reconciliation notes name no person.
"""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from shared import firestore

# The lists of the file by their collection, and the fields that the person is given of each.
# A subscription's keys are secrets between the browser and us, and stay out.
TOP_UP_FIELDS: Final = ("amount", "currency", "status", "reason", "payee_name", "history")
TOP_UP_TIMES: Final = ("created_at", "expires_at", "paid_at", "settled_at")
LISTS: Final = {
    "topups": (*TOP_UP_FIELDS, *TOP_UP_TIMES),
    "notifications": ("type", "data", "silent", "created_at"),
}
DEVICE_FIELDS: Final = ("endpoint", "language", "kept_at")
# Far more devices than notifications/subscriptions.py keeps of one person.
DEVICES_MAX: Final = 100
# A page of a few hundred kB: some hundred milliseconds, and little memory.
PAGE: Final = 200


def settings(user_id: UUID) -> dict[str, Any]:
    """Return what the person has read and muted; empty where they never changed either."""
    found = firestore.get("inboxes", str(user_id))
    return {} if found is None else found.fields


def devices(user_id: UUID) -> list[dict[str, Any]]:
    """Return the devices that asked for notices."""
    whose: firestore.Where = ("user_id", "==", str(user_id))
    found = firestore.find("push_subscriptions", whose, limit=DEVICES_MAX)
    return [_chosen(document, DEVICE_FIELDS) for document in found]


def every(collection: str, user_id: UUID) -> Iterator[dict[str, Any]]:
    """Yield all of the person's documents of one of LISTS, newest first."""
    after = None
    while page := firestore.find(
        collection,
        ("user_id", "==", str(user_id)),
        order=[("created_at", "DESCENDING"), ("__name__", "DESCENDING")],
        after=after,
        limit=PAGE,
    ):
        yield from ({"id": document.id} | _chosen(document, LISTS[collection]) for document in page)
        after = [page[-1].fields["created_at"], page[-1].id]


def _chosen(document: firestore.Document, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: document.fields.get(name) for name in fields}
