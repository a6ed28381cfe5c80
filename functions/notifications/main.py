"""notifications — tell people what concerns them.

`api`, behind the gateway:

GET    /v1/notifications             the inbox, newest first, with the number of unread ones
POST   /v1/notifications/read        mark everything up to a moment as read

`deliver`, to which Pub/Sub pushes the events of both topics:

POST   /projects/{project}/topics/{topic}      one message
"""

from typing import Any

import functions_framework
import inbox
import msgspec
import pushes
from delivery import deliver_event
from flask import Request, Response

from shared import http
from shared.auth import Caller
from shared.http import Reply, Router

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
    items, following = inbox.page(caller.user_id, after, query.limit)
    return {
        "items": items,
        "next_cursor": http.encode_cursor(following) if following else None,
        "unread_count": inbox.count_unread(caller.user_id),
    }


@inbox_router.route("POST", "/v1/notifications/read")
def mark_read(caller: Caller, body: ReadMark) -> dict[str, int]:
    """Move the mark forward; it never moves back."""
    inbox.mark_read(caller.user_id, body.up_to)
    return {"unread_count": inbox.count_unread(caller.user_id)}


@push_router.route("POST", "/projects/{project}/topics/{topic}", status=204, public=True)
def receive(request: Request, body: pushes.Push) -> Reply:
    """Take one message; any answer but a success makes Pub/Sub deliver it again, and at last set it aside."""
    pushes.require_pub_sub(request)
    deliver_event(pushes.event_in(body))
    return Reply(None)


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the inbox."""
    return inbox_router.dispatch(request)


@functions_framework.http
def deliver(request: Request) -> Response:
    """Take Pub/Sub's pushes."""
    return push_router.dispatch(request)
