"""events — the one definition of each event type, and how an event stands on the wire.

    transfer.posted    topic wallet-events     money moved between two accounts
    security.noticed   topic wallet-notices    something a person should know about their own account

Every event has an `event_id` that is the same in every copy, so whoever reads may see it twice
and must not care. `tools/schemas.py` derives the Avro schemas, the BigQuery table schema and the
deduplicating view from these classes. A new version may only add optional fields at the end.
No name, account number, note, PIN or token is ever a field: what is published is pseudonymous.

On the wire an event is Avro in its JSON encoding, in which a value that may be absent is either
null or an object that names its type: {"string": "…"} (Avro 1.11 specification, "JSON Encoding").
"""

from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

# Of the last two nobody is told: they are for the inbox itself.
Notice = Literal[
    "session_started", "session_reuse_detected", "password_changed", "pin_changed", "pin_locked",
    "session_ended", "account_closed",
]  # fmt: skip


class EventInvalid(ValueError):
    """These bytes, or these fields, are not an event of the type that they claim to be."""


class TransferPosted(msgspec.Struct, frozen=True, kw_only=True):
    """One committed movement of money: the debited and the credited side in one event.

    A side that belongs to no person (the money outside, from which a top-up comes) has no user id.
    """

    version: ClassVar[int] = 1
    event_id: UUID
    event_type: Literal["transfer.posted"] = "transfer.posted"
    occurred_at: datetime
    transfer_id: UUID
    kind: Literal["transfer", "topup", "reversal"]
    amount: int
    currency: Literal["IDR"] = "IDR"
    debit_account_id: UUID
    credit_account_id: UUID
    debit_user_id: UUID | None = None
    credit_user_id: UUID | None = None
    debit_balance_after: int
    credit_balance_after: int


class SecurityNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to a person's way in. `data` holds only what the notice's text needs."""

    version: ClassVar[int] = 1
    event_id: UUID
    event_type: Literal["security.noticed"] = "security.noticed"
    occurred_at: datetime
    user_id: UUID
    notice: Notice
    data: dict[str, str] = {}


Event = TransferPosted | SecurityNotice

# The attribute in which a message carries the trace that caused it, by Pub/Sub's own libraries' name.
TRACE = "googclient_traceparent"

TYPES: dict[str, type[Event]] = {"transfer.posted": TransferPosted, "security.noticed": SecurityNotice}


def type_named(event_type: str) -> type[Event]:
    """Return the class of `event_type`. Raises EventInvalid for a type that is not defined here."""
    try:
        return TYPES[event_type]
    except KeyError:
        raise EventInvalid(f"there is no event type {event_type!r}") from None


def from_fields(event_type: str, fields: dict[str, Any]) -> Event:
    """Return the event made of `fields`. Raises EventInvalid where one is missing, wrong or not ours to send.

    Strict, because it stands before the wire: an unknown field might be one that must not leave.
    """
    kind = type_named(event_type)
    unknown = fields.keys() - set(kind.__struct_fields__)
    if unknown:
        raise EventInvalid(f"{event_type} has no field {sorted(unknown)}")
    return _convert(kind, fields)


def encode(event: Event) -> bytes:
    """Return `event` as it stands on the wire."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    for name in optional_fields(type(event)):
        if fields[name] is not None:
            fields[name] = {"string": fields[name]}
    return msgspec.json.encode(fields)


def decode(event_type: str, data: bytes) -> Event:
    """Return the event that `data` holds. Raises EventInvalid for anything else.

    Lenient, because it stands behind the wire: a newer version may carry fields not known here.
    """
    kind = type_named(event_type)
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise EventInvalid(str(error)) from error
    for name in optional_fields(kind):
        if isinstance(fields.get(name), dict):
            fields[name] = fields[name].get("string")
    return _convert(kind, fields)


def attributes(event: Event) -> dict[str, str]:
    """Return the attributes that travel beside the bytes, readable without decoding them."""
    return {
        "event_id": str(event.event_id),
        "event_type": event.event_type,
        "schema_version": str(event.version),
    }


@cache
def optional_fields(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields of `kind` that may be absent, in their order."""
    hints = get_type_hints(kind)
    unions = (name for name in kind.__struct_fields__ if get_origin(hints[name]) is UnionType)
    return tuple(name for name in unions if NoneType in get_args(hints[name]))


def _convert(kind: type[Event], fields: dict[str, Any]) -> Event:
    try:
        event = msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise EventInvalid(str(error)) from error
    if event.occurred_at.tzinfo is None:
        raise EventInvalid("occurred_at has no time zone")
    return event
