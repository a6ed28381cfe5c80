"""delivery — from an event to the notices that it means for people, each written once."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

import inbox
import settings
import subscriptions
import web_push
from shared import clock
from shared.events import Event, SecurityNotice, TransferPosted

SECURITY_TYPES = {
    "session_started": "session.started",
    "session_reuse_detected": "session.reuse_detected",
    "password_changed": "password.changed",
    "pin_changed": "pin.changed",
    "pin_locked": "pin.locked",
}


class Notice(msgspec.Struct, frozen=True):
    """What one person is told of one event."""

    user_id: UUID
    type: str
    data: dict[str, Any]


# After these, other people may hold the devices that subscribed: they must ask anew, signed in.
ENDING = {"password.changed", "pin.changed", "session.reuse_detected"}


def deliver_event(event: Event) -> None:
    """Write the notices of `event`, and send the new ones to the person's devices.

    The inbox is what counts: a notice that stands already is left as it is, and a device that cannot
    be reached is no reason to deliver again. A closed account is told nothing: it is forgotten.
    """
    if isinstance(event, SecurityNotice) and event.notice == "account_closed":
        _close(event.user_id)
    elif isinstance(event, SecurityNotice) and event.notice == "session_ended":
        subscriptions.end(event.data["session_id"])
    else:
        _tell(event)


def _close(user_id: UUID) -> None:
    settings.close(user_id)
    inbox.erase(user_id)
    subscriptions.forget_all(user_id, before=clock.now())


def _tell(event: Event) -> None:
    for notice in notices(event):
        held = settings.of(notice.user_id)
        if held.is_closed:
            continue
        silent = notice.type in held.muted
        is_new = inbox.put(notice.user_id, event.event_id, notice.type, notice.data, at=clock.now(), silent=silent)
        # failpoint: deliver.noticed
        if is_new and not silent:
            web_push.send(notice.user_id, event.event_id, notice.type, notice.data)
        if notice.type in ENDING:
            # Not the devices that asked since: this event may come late, or again.
            subscriptions.forget_all(notice.user_id, before=event.occurred_at)


def notices(event: Event) -> list[Notice]:
    """Return whom `event` concerns, and what each is told."""
    if isinstance(event, SecurityNotice):
        data = {"occurred_at": _text(event.occurred_at), **event.data}
        return [Notice(event.user_id, SECURITY_TYPES[event.notice], data)]
    return list(_sides(event))


def _sides(event: TransferPosted) -> Iterator[Notice]:
    if event.debit_user_id is not None:
        kind = "transfer.sent" if event.kind == "transfer" else "transfer.reversed"
        yield Notice(event.debit_user_id, kind, _money(event, "out"))
    if event.credit_user_id is not None:
        kinds = {"transfer": "transfer.received", "topup": "topup.settled", "reversal": "transfer.reversed"}
        yield Notice(event.credit_user_id, kinds[event.kind], _money(event, "in"))


def _money(event: TransferPosted, direction: str) -> dict[str, Any]:
    is_out = direction == "out"
    return {
        "transfer_id": str(event.transfer_id),
        "direction": direction,
        "amount": event.amount,
        "balance_after": event.debit_balance_after if is_out else event.credit_balance_after,
        "counterparty_account_id": str(event.credit_account_id if is_out else event.debit_account_id),
        "occurred_at": _text(event.occurred_at),
    }


def _text(value: Any) -> str:
    return str(msgspec.to_builtins(value))
