"""relay — carry events from the outbox to Pub/Sub.

POST /    every minute: publish what waits, and what comes, until the time budget ends

Several may run at once: each claims a set of its own. A crash at any step repeats and loses
nothing, because a row leaves the outbox only after Pub/Sub has acknowledged its event.
"""

import time
from typing import Annotated

import functions_framework
import msgspec
from flask import Request, Response

from draining import Drained, drain_outbox
from shared import db, log
from shared.http import Router

# Cloud Scheduler ticks every minute: 55 s leave it time to hear the answer before the next tick,
# and the next relay starts where this one ends.
BUDGET_SECONDS = 55

router = Router()


class Tick(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to go on, and whether to stop as soon as nothing waits."""

    budget_seconds: Annotated[int, msgspec.Meta(ge=0, le=BUDGET_SECONDS)] = BUDGET_SECONDS
    until_empty: bool = False


@router.route("POST", "/", public=True)
def publish_waiting(body: Tick) -> Drained:
    """Publish until the budget ends; invoked by the scheduler's service account alone."""
    started = time.monotonic()
    drained = drain_outbox(body.budget_seconds, until_empty=body.until_empty)
    ((_, oldest_age_seconds, parked),) = db.call("SELECT * FROM outbox.backlog()")
    log.write(
        "ERROR" if parked else "INFO", "outbox drained",
        count=drained.published, delay_seconds=round(oldest_age_seconds, 3), attempts=parked,
        duration_ms=round((time.monotonic() - started) * 1000),
    )  # fmt: skip
    return drained


@functions_framework.http
def drain(request: Request) -> Response:
    """Answer the scheduler."""
    return router.dispatch(request)
