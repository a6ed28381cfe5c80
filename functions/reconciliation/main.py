"""reconciliation — do the books agree everywhere, and repair what a crash left half done.

POST /    one pass: {"pass": "repair"} every five minutes, {"pass": "nightly"} every night,
          {"pass": "full"} on demand; optional "since" and "grace_seconds"

Answers the report: 200 when every promise holds or was repaired, 500 when one does not, so that
the scheduler's job fails and somebody is woken.
"""

from datetime import datetime
from typing import Annotated, Literal

import functions_framework
import msgspec
from flask import Request, Response

import passes
from shared.http import Reply, Router

router = Router()

# What happens in these last moments may still be on its way through the outbox and Pub/Sub.
GRACE_SECONDS = 120


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pass, over which span."""

    kind: Literal["repair", "nightly", "full"] = msgspec.field(name="pass", default="nightly")
    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = GRACE_SECONDS


@router.route("POST", "/", public=True)
def reconcile(body: Order) -> Reply:
    """Run one pass; invoked by the scheduler's service account alone."""
    report = passes.run(body.kind, body.since, body.grace_seconds)
    return Reply(report, status=200 if report.agrees else 500)


@functions_framework.http
def check(request: Request) -> Response:
    """Answer the scheduler."""
    return router.dispatch(request)
