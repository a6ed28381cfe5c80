"""history — the entries of a wallet, page by page."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

import periods
from shared import http, ledger
from shared.money import PRINTABLE

PAGE_DEFAULT = 50
# A version of an account: what the database's bigint holds, from the first entry's 1 on.
Position = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query string: days are inclusive, `q` searches note, name and number."""

    limit: Annotated[int, Meta(ge=1, le=100)] = PAGE_DEFAULT
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    first_day: date | None = msgspec.field(default=None, name="from")
    last_day: date | None = msgspec.field(default=None, name="to")
    direction: Literal["in", "out"] | None = None
    kind: Literal["transfer", "topup", "reversal"] | None = None
    q: Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTABLE)] | None = None


class Counterparty(msgspec.Struct, frozen=True):
    """The other side of an entry."""

    account_number: str
    name: str


class Item(msgspec.Struct, frozen=True):
    """One entry as the contract states it; `counterparty` is None where the other side is a bank."""

    id: UUID
    transfer_id: UUID
    kind: str
    direction: str
    amount: int
    balance_after: int
    counterparty: Counterparty | None
    note: str
    posted_at: datetime


class Page(msgspec.Struct, frozen=True):
    """A page and the cursor of the next one, None after the last."""

    items: list[Item]
    next_cursor: str | None


def page(user_id: UUID, query: Query) -> Page:
    """Return the page that `query` asks for; its cursor is stable while new entries arrive."""
    periods.check_range(query.first_day, query.last_day)
    filters = ledger.EntryFilter(
        start=periods.day_start(query.first_day) if query.first_day else None,
        end=periods.day_end(query.last_day) if query.last_day else None,
        direction=query.direction,
        kind=query.kind,
        text=query.q,
    )
    before = http.decode_cursor(query.cursor, Position) if query.cursor else None
    # One more than asked for tells whether there is a next page.
    found, stopped_before = ledger.entries(user_id, filters, before=before, limit=query.limit + 1)
    shown = found[: query.limit]
    # A search that stops before the end gives a short page, an empty one even, and goes on at the next.
    after = shown[-1].version if len(found) > query.limit else stopped_before
    return Page([_item(entry) for entry in shown], http.encode_cursor(after) if after else None)


def _item(entry: ledger.Entry) -> Item:
    number = entry.counterparty_number
    return Item(
        id=entry.id,
        transfer_id=entry.transfer_id,
        kind=entry.kind,
        direction=entry.direction,
        amount=entry.amount,
        balance_after=entry.balance_after,
        counterparty=Counterparty(number, entry.counterparty_name) if number else None,
        note=entry.note,
        posted_at=entry.posted_at,
    )
