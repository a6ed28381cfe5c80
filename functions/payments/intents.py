"""intents — what the owner of a wallet does with top-ups: ask for one, look, list, cancel."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta

import signatures
from shared import clock, config, errors, firestore, http, ledger, money, topups
from shared.firestore import Exists
from shared.topups import Status, Step, TopUp, repair

# The derived id of a key that another person took first; the next derivation is of that id.
CANDIDATES_MAX: Final = 3


class View(msgspec.Struct, frozen=True):
    """A top-up as its owner sees it."""

    id: UUID
    amount: int
    status: Status
    reason: str | None
    pay_url: str
    qr_svg_url: str
    qr_png_url: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None


class Position(msgspec.Struct, frozen=True):
    """Where a page of the list ended."""

    created_at: Annotated[datetime, Meta(tz=True)]
    id: UUID

    def __post_init__(self) -> None:
        clock.require_utc(self.created_at)


def view(top_up: TopUp) -> View:
    """Return what the owner is told of a top-up as it stands now."""
    path = f"/v1/topups/{top_up.id}"
    return View(
        id=top_up.id,
        amount=top_up.amount,
        status=top_up.standing,
        reason=top_up.standing_reason,
        pay_url=pay_url(top_up),
        qr_svg_url=f"{path}/qr.svg",
        qr_png_url=f"{path}/qr.png",
        created_at=top_up.created_at,
        expires_at=top_up.expires_at,
        settled_at=top_up.settled_at,
    )


def first_view(top_up: TopUp) -> View:
    """Return the answer that the creation of a top-up gave: a replay repeats it, whatever came later."""
    return msgspec.structs.replace(view(top_up), status="pending", reason=None, settled_at=None)


def pay_url(top_up: TopUp) -> str:
    """Return the public address that the QR holds."""
    return f"{config.require('PUBLIC_URL')}/pay/{signatures.pay_token(top_up.id, top_up.expires_at)}"


def etag(top_up: TopUp) -> str:
    """Return the tag of what `view` shows: it changes with the document and with the clock's verdict."""
    return f"{top_up.document.version.timestamp():.6f}-{top_up.standing}"


def request(key: UUID, *, user_id: UUID, amount: int) -> tuple[TopUp, bool]:
    """Return the top-up of this person's `key`, and whether it was there before.

    The key is the top-up's id. A key that another person took first stands for an id derived from
    both, so the two are independent, in the documents and in the ledger. Raises AmountOutOfRange,
    AccountUnavailable, or IdempotencyKeyReused where the key named another amount.
    """
    top_up_id = key
    for _ in range(CANDIDATES_MAX):
        found = topups.find(top_up_id) or _remembered(top_up_id)
        if found is None:
            return _open(top_up_id, user_id, amount)
        if found.user_id == user_id:
            return _repeated(found, amount)
        top_up_id = uuid5(user_id, str(top_up_id))
    raise errors.IdempotencyKeyReused()


def own(top_up_id: UUID, user_id: UUID) -> TopUp:
    """Return a person's own top-up; another's is as absent as one that never was."""
    found = topups.find(top_up_id)
    if found is None or found.user_id != user_id:
        raise errors.NotFound()
    return found


def page(user_id: UUID, *, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return one page of a person's top-ups, newest first."""
    after = None
    if cursor is not None:
        position = http.decode_cursor(cursor, Position)
        after = [position.created_at, str(position.id)]
    documents = firestore.find(
        topups.COLLECTION,
        ("user_id", "==", str(user_id)),
        order=[("created_at", "DESCENDING"), ("__name__", "DESCENDING")],
        after=after,
        limit=limit + 1,
    )
    found = [topups.of(document) for document in documents[:limit]]
    more = len(documents) > limit
    next_cursor = http.encode_cursor(Position(found[-1].created_at, found[-1].id)) if more else None
    return {"items": [view(top_up) for top_up in found], "next_cursor": next_cursor}


def cancel(top_up: TopUp, *, why: str = "cancelled-by-owner", by: str = "owner") -> TopUp:
    """Cancel a pending top-up; raises TopUpClosed with the true status where another decision came first."""

    def rule(current: TopUp) -> Step | None:
        if current.standing == "pending":
            return Step("cancelled", by, why)
        if current.status == "cancelled":
            return None
        raise errors.TopUpClosed(topup_status=current.standing)

    return topups.decide(top_up, rule)


def _open(top_up_id: UUID, user_id: UUID, amount: int) -> tuple[TopUp, bool]:
    """Write a new top-up, then cancel the oldest beyond what may be pending at a time."""
    ledger.require_running(user_id)
    limits = ledger.limits(user_id)
    least, most = limits.top_up_min_amount or 1, limits.top_up_max_amount or money.AMOUNT_MAX
    if not least <= amount <= most:
        raise errors.AmountOutOfRange(min_amount=least, max_amount=most)
    wallet = ledger.wallet(user_id)
    if wallet.status != "active":
        raise errors.AccountUnavailable()
    name, asked = money.mask_name(wallet.holder_name), Step("pending", "owner", "asked")
    # failpoint: payments.before_intent
    try:
        top_up = topups.create(
            top_up_id, user_id=user_id, amount=amount, payee_name=name, first=asked, created_at=clock.now()
        )
    except Exists:
        return request(top_up_id, user_id=user_id, amount=amount)
    # failpoint: payments.after_intent
    _supersede_oldest(user_id, limits.top_up_pending_max or firestore.PAGE_MAX)
    return top_up, False


def _repeated(top_up: TopUp, amount: int) -> tuple[TopUp, bool]:
    """Return a top-up that was there; whoever wrote it may have died before it cancelled the oldest."""
    if top_up.amount != amount:
        raise errors.IdempotencyKeyReused()
    if top_up.standing == "pending":
        _supersede_oldest(top_up.user_id, ledger.limits(top_up.user_id).top_up_pending_max or firestore.PAGE_MAX)
    return top_up, True


def _supersede_oldest(user_id: UUID, pending_max: int) -> None:
    """Cancel all but the newest `pending_max` of a person's pending top-ups.

    Each request looks after it has written its own document, so the last of any number at once
    sees them all. One that is confirmed in this moment stays confirmed: it is pending no more.
    """
    pending = firestore.find(
        topups.COLLECTION,
        ("user_id", "==", str(user_id)),
        ("status", "==", "pending"),
        ("created_at", ">", clock.now() - topups.WINDOW),
        order=[("created_at", "DESCENDING"), ("__name__", "DESCENDING")],
        limit=firestore.PAGE_MAX,
    )
    for document in pending[pending_max:]:
        try:
            cancel(topups.of(document), why="superseded", by="system")
        except errors.TopUpClosed:
            continue


def _remembered(top_up_id: UUID) -> TopUp | None:
    """Return the top-up that the ledger has settled under this id although its document is gone."""
    settled = ledger.find_settlement(top_up_id)
    if settled is None:
        return None
    try:
        return repair.rebuilt(settled)
    except Exists:
        return topups.find(top_up_id)
