"""delivery — from an event to the notices that it means for people, each written once."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import inbox
import msgspec

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


def deliver_event(event: Event) -> None:
    """Write the notices of `event`; those that stand already are left as they are."""
    for notice in notices(event):
        inbox.put(notice.user_id, event.event_id, notice.type, notice.data, clock.now())


def notices(event: Event) -> list[Notice]:
    """Return whom `event` concerns, and what each is told."""
    if isinstance(event, SecurityNotice):
        data = {"occurred_at": _text(event.occurred_at), **event.data}
        return [Notice(event.user_id, SECURITY_TYPES[event.notice], data)]
    return list(_sides(event))


def _sides(event: TransferPosted) -> Iterator[Notice]:
    if event.debit_user_id is not None:
        kind = "transfer.sent" if event.kind == "transfer" else "transfer.reversed"
        yield Notice(event.debit_user_id, kind, _money(event, "out", event.debit_balance_after))
    if event.credit_user_id is not None:
        kinds = {"transfer": "transfer.received", "topup": "topup.settled", "reversal": "transfer.reversed"}
        yield Notice(event.credit_user_id, kinds[event.kind], _money(event, "in", event.credit_balance_after))


def _money(event: TransferPosted, direction: str, balance_after: int) -> dict[str, Any]:
    return {
        "transfer_id": str(event.transfer_id),
        "direction": direction,
        "amount": event.amount,
        "balance_after": balance_after,
        "occurred_at": _text(event.occurred_at),
    }


def _text(value: Any) -> str:
    return str(msgspec.to_builtins(value))
