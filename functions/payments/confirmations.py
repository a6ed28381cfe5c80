"""confirmations — what the payer does on the public page: look, approve, decline."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared import errors, ledger, topups
from shared.topups import Status, Step, TopUp, settlement

Decision = Literal["approve", "decline"]


class Offer(msgspec.Struct, frozen=True):
    """What a stranger with the QR is shown: never more than is needed to decide."""

    payee_name: str
    amount: int
    status: Status
    expires_at: datetime


def offer(top_up_id: UUID) -> Offer:
    """Return what the page shows; changes nothing, however often it is opened."""
    top_up = _find(top_up_id)
    return Offer(top_up.payee_name, top_up.amount, top_up.standing, top_up.expires_at)


def decide(top_up_id: UUID, decision: Decision) -> Status:
    """Take the payer's decision, settle the money of an approval, and return the status.

    The same decision again gives the same answer and pays nothing again; raises TopUpClosed with
    the true status where another decision came first or the time is over, and Paused for an
    approval while the money routes are stopped: nothing is noted then, and the payer may try later.
    """
    rule = _approve if decision == "approve" else _decline
    asked = _find(top_up_id)
    if decision == "approve" and asked.standing == "pending":
        ledger.require_running(asked.user_id)
    # failpoint: payments.before_gate
    top_up = topups.decide(asked, rule)
    # failpoint: payments.after_gate
    return settlement.finish(top_up, by="payer").status


def _find(top_up_id: UUID) -> TopUp:
    top_up = topups.find(top_up_id)
    if top_up is None:
        raise errors.NotFound()
    return top_up


def _approve(top_up: TopUp) -> Step | None:
    if top_up.standing == "pending":
        return Step("paid", "payer", "approved")
    if top_up.status in ("paid", "settled") or top_up.paid_at is not None:
        return None
    raise errors.TopUpClosed(topup_status=top_up.standing)


def _decline(top_up: TopUp) -> Step | None:
    if top_up.standing == "pending":
        return Step("declined", "payer", "declined-by-payer")
    if top_up.status == "declined":
        return None
    raise errors.TopUpClosed(topup_status=top_up.standing)
