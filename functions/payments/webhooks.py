"""webhooks — what the payment provider reports, told once and believed only as far as it agrees.

An event id is single-use: its document is written in the same commit as the step that it causes,
so a report counts wholly or not at all, and its repetition changes nothing.

What cannot be true beside what we know changes nothing either, and an operator hears of it: each
such report writes the one line that the alert hangs on. An event that moved nothing is kept as not
`told` until we have looked whether it owes that line, so that whoever dies before owes it still.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

import signatures
from shared import clock, errors, firestore, log, topups
from shared.firestore import Create, Document, Exists, Merge
from shared.money import Rupiah
from shared.topups import Status, Step, TopUp, settlement

EVENTS: Final = "payment_events"
# A provider repeats a report for days; after this long no signature of it could still be fresh.
EVENTS_KEPT: Final = timedelta(days=90)
# An honest provider reports on a top-up once or twice; one among so many is enough to be alarmed.
EVENTS_LOOKED_AT: Final = 20

EventId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,100}\Z")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event of the provider's; `paid_at` is when the payer paid, or refused to."""

    event_id: EventId
    topup_id: UUID
    amount: Rupiah
    currency: Currency
    status: Literal["paid", "declined"]
    paid_at: Moment


def receive(report: Report) -> Status:
    """Apply a genuine report and return the top-up's status after it.

    Raises NotFound for a top-up that we do not know, PaymentMismatch where amount or currency
    differ, TopUpClosed for a decline after the money, and IdempotencyKeyReused where the event id
    has reported something else before.
    """
    for _ in range(topups.ATTEMPTS_MAX):
        event, top_up = _read(report)
        # failpoint: payments.event_read
        try:
            top_up = _repeated(event, report, top_up) if event else _apply(report, top_up)
        except (Exists, firestore.Moved):
            topups.pause()
            continue
        # failpoint: payments.event_applied
        return _answer(report, settlement.finish(top_up, by="provider"))
    raise errors.Unavailable("Too many writers at once")


def _read(report: Report) -> tuple[Document | None, TopUp]:
    """Return the event's document, if it has one, and the top-up, in one round trip."""
    keys = [(EVENTS, _key(report)), (topups.COLLECTION, str(report.topup_id))]
    event, document = firestore.get_many(keys)
    if document is None:
        _alert(report, "unknown-topup")
        raise errors.NotFound()
    return event, topups.of(document)


def _repeated(event: Document, report: Report, top_up: TopUp) -> TopUp:
    if event.fields["digest"] != _digest(report):
        _alert(report, "event-id-reused")
        raise errors.IdempotencyKeyReused()
    if not event.fields.get("told", True):
        _tell(report, top_up)
    return top_up


def _apply(report: Report, top_up: TopUp) -> TopUp:
    """Take the step that the report asks for, if any, and remember the event with it."""
    step = _mismatch_step(report, top_up) if _differs(report, top_up) else _step(report, top_up)
    heard = Create(EVENTS, _key(report), _event(report, told=step is not None))
    if step is not None:
        return topups.advance(top_up, step, heard)
    firestore.commit(heard)
    _tell(report, top_up)
    return top_up


def _tell(report: Report, top_up: TopUp) -> None:
    """Alert where a report that moved nothing contradicts us; a crash in here is one line too many, never too few."""
    if _differs(report, top_up):
        _alert(report, "mismatch-after-settlement")
    elif report.status == "paid" and _is_paid_twice(report):
        _alert(report, "paid-twice")
    firestore.commit(Merge(EVENTS, _key(report), {"told": True}))


def _differs(report: Report, top_up: TopUp) -> bool:
    return (report.amount, report.currency) != (top_up.amount, "IDR")


def _mismatch_step(report: Report, top_up: TopUp) -> Step | None:
    if top_up.status in ("settled", "review"):
        return None
    return Step("review", _by(report), "amount-mismatch")


def _step(report: Report, top_up: TopUp) -> Step | None:
    if report.status == "declined":
        return Step("declined", _by(report), "declined-by-provider") if top_up.standing == "pending" else None
    if top_up.status in ("paid", "settled", "review"):
        return None
    if top_up.status not in ("pending", "expired"):
        return Step("review", _by(report), f"paid-when-{top_up.status}")
    if _is_in_window(report, top_up):
        return Step("paid", _by(report), "paid")
    return Step("review", _by(report), "paid-outside-window")


def _is_in_window(report: Report, top_up: TopUp) -> bool:
    """Return whether the money moved while the request was open; its start allows for the provider's clock."""
    return top_up.created_at - signatures.SKEW <= report.paid_at <= top_up.expires_at


def _is_paid_twice(report: Report) -> bool:
    """Return whether another event has reported a payment of this top-up.

    Each report looks after it has been written down, so the last of any number at once sees the others.
    What the payer confirmed on our own page is no report: the provider's first one is of that payment.
    """
    events = firestore.find(EVENTS, ("topup_id", "==", str(report.topup_id)), limit=EVENTS_LOOKED_AT)
    return any(event.id != _key(report) and event.fields.get("status") == "paid" for event in events)


def _alert(report: Report, reason: str) -> None:
    log.write("ERROR", "a provider contradicts us", reason=reason, topup_id=report.topup_id, event_id=report.event_id)


def _answer(report: Report, top_up: TopUp) -> Status:
    if _differs(report, top_up):
        raise errors.PaymentMismatch(topup_status=top_up.status)
    if report.status == "declined" and top_up.status in ("paid", "settled"):
        raise errors.TopUpClosed(topup_status=top_up.status)
    return top_up.standing


def _key(report: Report) -> str:
    """Return the event's document id; the prefix keeps ids like `..` from meaning something to Firestore."""
    return f"event:{report.event_id}"


def _event(report: Report, *, told: bool) -> dict[str, object]:
    now = clock.now()
    return {
        "digest": _digest(report),
        "topup_id": str(report.topup_id),
        "status": report.status,
        "told": told,
        "received_at": now,
        "delete_after": now + EVENTS_KEPT,
    }


def _digest(report: Report) -> str:
    return hashlib.sha256(msgspec.json.encode(report)).hexdigest()


def _by(report: Report) -> str:
    return f"provider:{report.event_id}"
