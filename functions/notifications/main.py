"""notifications — tell people what concerns them.

`api`, behind the gateway:

GET    /v1/notifications             the inbox, newest first, with the number of unread ones
POST   /v1/notifications/read        mark everything up to a moment as read
GET    /v1/notifications/settings    which types are on
PUT    /v1/notifications/settings    mute types; security notices cannot be muted
GET    /v1/notifications/push        the key with which a browser subscribes to Web Push
PUT    /v1/notifications/push        send notices to this device
DELETE /v1/notifications/push        no more notices to this device

`deliver`, to which Pub/Sub pushes the events of both topics:

POST   /projects/{project}/topics/{topic}    one message
"""

from typing import Any

import functions_framework
import msgspec
from flask import Request, Response

import inbox
import page
import push_key
import pushes
import settings
import subscriptions
from delivery import deliver_event
from settings import Changed
from shared import events, http, trace
from shared.auth import Caller
from shared.http import Reply, Router
from subscriptions import NewSubscription

inbox_router = Router()
push_router = Router()


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of the inbox."""

    limit: inbox.PageSize = 30
    cursor: str | None = None


class ReadMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that came up to this moment is read."""

    up_to: inbox.Moment


@inbox_router.route("GET", "/v1/notifications")
def list_notifications(caller: Caller, query: PageQuery) -> dict[str, Any]:
    """Return a page of the inbox and how many items of the whole are unread."""
    after = http.decode_cursor(query.cursor, inbox.Position) if query.cursor else None
    held = settings.of(caller.user_id)
    documents, following = inbox.page(caller.user_id, after, query.limit)
    return {
        "items": page.items(caller.user_id, documents, held.read_up_to),
        "next_cursor": http.encode_cursor(following) if following else None,
        "unread_count": inbox.count_unread(caller.user_id, held.read_up_to),
    }


@inbox_router.route("POST", "/v1/notifications/read")
def mark_read(caller: Caller, body: ReadMark) -> dict[str, int]:
    """Move the mark forward; it never moves back."""
    read_up_to = settings.mark_read(caller.user_id, body.up_to)
    return {"unread_count": inbox.count_unread(caller.user_id, read_up_to)}


@inbox_router.route("GET", "/v1/notifications/settings")
def show_settings(caller: Caller) -> dict[str, Any]:
    """Return one switch per type."""
    return settings.switches(settings.of(caller.user_id).muted)


@inbox_router.route("PUT", "/v1/notifications/settings")
def change_settings(caller: Caller, body: Changed) -> dict[str, Any]:
    """Mute the types named, and no other."""
    return settings.switches(settings.mute(caller.user_id, body.muted))


@inbox_router.route("GET", "/v1/notifications/push")
def show_push_key(caller: Caller) -> dict[str, str]:  # noqa: ARG001 - the route is for people who are signed in
    """Return the public key of the one sender."""
    return {"public_key": push_key.load().public}


@inbox_router.route("PUT", "/v1/notifications/push", status=204)
def subscribe(caller: Caller, body: NewSubscription) -> Reply:
    """Keep this device's subscription, in the place of an earlier one."""
    subscriptions.keep(caller, body)
    return Reply(None)


@inbox_router.route("DELETE", "/v1/notifications/push", status=204)
def unsubscribe(caller: Caller) -> Reply:
    """Forget this device's subscription, if there is one."""
    subscriptions.forget(str(caller.session_id))
    return Reply(None)


@push_router.route("POST", "/projects/{project}/topics/{topic}", status=204, public=True)
def receive(request: Request, body: pushes.Push) -> Reply:
    """Take one message; any answer but a success makes Pub/Sub deliver it again, and at last set it aside."""
    pushes.require_pub_sub(request)
    # failpoint: deliver.before_delivery
    with trace.message(body.message.attributes.get(events.TRACE, ""), "deliver event"):
        deliver_event(pushes.event_in(body))
    # failpoint: deliver.delivered
    return Reply(None)


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the inbox."""
    return inbox_router.dispatch(request)


@functions_framework.http
def deliver(request: Request) -> Response:
    """Take Pub/Sub's pushes."""
    return push_router.dispatch(request)
