"""subscriptions — the devices that asked for notices; one per session.

push_subscriptions/{session}          what the browser gave, and in which language to write
push_subscriptions/ended.{session}    that the session has ended: its device is not kept any more

A browser gives us an address to which we then send requests, so only the push services of the
browsers that there are may stand in it: nobody points us at a machine of ours (SSRF).
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from shared import clock, config, errors, firestore
from shared.auth import Caller
from shared.errors import Malformed

COLLECTION = "push_subscriptions"

# The app subscribes anew each time that it starts; a device that has not for so long is not in use.
KEPT_DAYS = 30

# An access token outlives its session by ten minutes at most, and so could ask for notices anew.
ENDED_KEPT = timedelta(hours=1)

# Devices of one person. The oldest gives way.
DEVICES_MAX = 10

# Chrome, Edge and others; Firefox; Safari; Edge on Windows.
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".notify.windows.com",
)

Base64Url = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+\Z")]


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With what a message to the device is encrypted (RFC 8291)."""

    p256dh: Base64Url
    auth: Base64Url


class NewSubscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription as the browser gives it, and the person's language."""

    endpoint: Annotated[str, msgspec.Meta(max_length=1024)]
    keys: Keys
    language: Literal["id", "en"] = "id"


def keep(caller: Caller, new: NewSubscription) -> None:
    """Keep the subscription of the caller's session.

    Raises Malformed for an address that is no push service, and Unauthenticated where the session has
    ended: looked at last, so that whichever comes first, the end or this, nothing stays.
    """
    if not is_push_service(new.endpoint):
        raise Malformed("The endpoint is not that of a push service")
    now = clock.now()
    fields = {
        "user_id": str(caller.user_id),
        "endpoint": new.endpoint,
        "keys": {"p256dh": new.keys.p256dh, "auth": new.keys.auth},
        "language": new.language,
        "kept_at": now,
        "delete_after": now + timedelta(days=KEPT_DAYS),
    }
    firestore.commit(firestore.Merge(COLLECTION, str(caller.session_id), fields))
    if firestore.get(COLLECTION, _ended(str(caller.session_id))):
        forget(str(caller.session_id))
        raise errors.Unauthenticated()
    for surplus in sorted(of(caller.user_id), key=lambda held: held.fields["kept_at"])[:-DEVICES_MAX]:
        forget(surplus.id)


def of(user_id: UUID) -> list[firestore.Document]:
    """Return the subscriptions of a person that are in use."""
    found = firestore.find(COLLECTION, ("user_id", "==", str(user_id)), limit=2 * DEVICES_MAX)
    return [document for document in found if document.fields["delete_after"] > clock.now()]


def forget(session_id: str) -> None:
    """Remove the subscription of a session, if there is one."""
    firestore.commit(firestore.Delete(COLLECTION, session_id))


def end(session_id: str) -> None:
    """Remove the subscription of a session that has ended, and let it have none from now on."""
    fields = {"delete_after": clock.now() + ENDED_KEPT}
    firestore.commit(firestore.Merge(COLLECTION, _ended(session_id), fields), firestore.Delete(COLLECTION, session_id))


def forget_all(user_id: UUID, *, before: datetime) -> None:
    """Remove every subscription of a person that was kept before a time."""
    for document in of(user_id):
        if document.fields["kept_at"] < before:
            forget(document.id)


def is_push_service(endpoint: str) -> bool:
    """Return whether `endpoint` is an address of a push service; locally a stand-in on this machine is one, too."""
    try:
        parts: Any = urlsplit(endpoint)
        port = parts.port
    except ValueError:  # brackets around no address, a port beyond 65,535
        return False
    if config.is_local() and parts.hostname == "127.0.0.1":
        return True
    host = parts.hostname or ""
    known = any(host.endswith(service) if service[0] == "." else host == service for service in PUSH_SERVICES)
    return bool(parts.scheme == "https" and known and port in (None, 443) and parts.username is None)


def _ended(session_id: str) -> str:
    return f"ended.{session_id}"
