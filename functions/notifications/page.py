"""page — the inbox as a person reads it: sentences in both languages, with the names of those they deal with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from messages import text_of
from shared import ledger, log
from shared.errors import Unavailable
from shared.firestore import Document
from shared.ledger import Party


class Item(msgspec.Struct):
    """One notification as the contract states it."""

    id: UUID
    type: str
    data: dict[str, Any]
    text: dict[str, str]
    created_at: datetime
    read: bool


def items(user_id: UUID, documents: list[Document], read_up_to: datetime) -> list[Item]:
    """Return the documents of a page as items."""
    parties = _parties(user_id, documents)
    return [_item(document, parties, read_up_to) for document in documents]


def _item(document: Document, parties: dict[UUID, Party], read_up_to: datetime) -> Item:
    fields = document.fields
    data = dict(fields["data"])
    party = parties.get(_counterparty(data))
    if party is not None and party.account_number is not None:
        data["counterparty"] = {"account_number": party.account_number, "name": party.name}
    data.pop("counterparty_account_id", None)
    created_at = fields["created_at"]
    return Item(
        id=UUID(fields["event_id"]),
        type=fields["type"],
        data=data,
        text=text_of(fields["type"], data),
        created_at=created_at,
        read=fields["silent"] or created_at <= read_up_to,
    )


def _parties(user_id: UUID, documents: Iterable[Document]) -> dict[UUID, Party]:
    """Return who the counterparties are; without the ledger the inbox still opens, only without names."""
    asked = {account for document in documents if (account := _counterparty(document.fields["data"])).int}
    if not asked:
        return {}
    try:
        return {party.account_id: party for party in ledger.names_of(user_id, sorted(asked))}
    except Unavailable:
        log.write("WARNING", "The inbox is shown without names")
        return {}


def _counterparty(data: dict[str, Any]) -> UUID:
    return UUID(data.get("counterparty_account_id") or str(UUID(int=0)))
