"""topups — a top-up's document: its fields, its states, and the one way from one to the next.

    pending ──▶ paid ──▶ settled          money was confirmed, then credited by the ledger
       │         └─────▶ review           the ledger refused: a person decides
       ├──▶ cancelled | declined | expired
       └──▶ review                        the provider reports another amount
    expired ──▶ paid | review             late money: paid within the window | after it
    cancelled | declined ──▶ review       money for a closed request
    review ──▶ settled                    the ledger holds the settlement after all

Every step is one update under the precondition that the document is still as it was read, so of
any number of writers one wins and the others read again. docs/payments.md draws the whole.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from shared import clock, errors, firestore, log
from shared.firestore import Document, Moved, Write

COLLECTION: Final = "topups"

Status = Literal["pending", "paid", "settled", "cancelled", "expired", "declined", "review"]

STEPS: Final[dict[Status, frozenset[Status]]] = {
    "pending": frozenset({"paid", "cancelled", "expired", "declined", "review"}),
    "paid": frozenset({"settled", "review"}),
    "expired": frozenset({"paid", "review"}),
    "cancelled": frozenset({"review"}),
    "declined": frozenset({"review"}),
    "review": frozenset({"settled"}),
    "settled": frozenset(),
}

# Time enough to find one's phone and bank; short enough that a photographed QR is soon worthless.
WINDOW: Final = timedelta(minutes=15)

# Firestore's TTL policy removes a document after this time; one under review or unfinished stays.
# The money stands in the ledger for ever. A year and a month lets people look back over a year.
KEPT: Final[dict[Status, timedelta]] = {
    "settled": timedelta(days=400),
    "cancelled": timedelta(days=90),
    "expired": timedelta(days=90),
    "declined": timedelta(days=90),
}

# A document takes at most four steps in its life, so a writer can lose few races against honest
# ones; eight attempts with up to 80 ms between them stay below a second.
ATTEMPTS_MAX: Final = 8
PAUSE_SECONDS: Final = (0.02, 0.08)


class Step(msgspec.Struct, frozen=True):
    """One step of a top-up: where to, by whom and why; `at` is when, and None means now."""

    status: Status
    by: str
    why: str
    at: datetime | None = None


class TopUp(msgspec.Struct, frozen=True):
    """One top-up as its document says, with the document itself for the next step's precondition."""

    id: UUID
    user_id: UUID
    amount: int
    status: Status
    reason: str | None
    payee_name: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    settled_at: datetime | None
    document: Document

    @property
    def standing(self) -> Status:
        """The status by the clock: an overdue request is expired whether or not anybody wrote it down."""
        overdue = self.status == "pending" and clock.now() >= self.expires_at
        return "expired" if overdue else self.status

    @property
    def standing_reason(self) -> str | None:
        """Why the top-up stands where it stands; None while it is pending, paid or settled."""
        return "expired" if self.standing == "expired" else self.reason


Rule = Callable[[TopUp], Step | None]


def find(top_up_id: UUID) -> TopUp | None:
    """Return the top-up, or None where no document has this id."""
    document = firestore.get(COLLECTION, str(top_up_id))
    return None if document is None else of(document)


def of(document: Document) -> TopUp:
    """Return the top-up that `document` holds."""
    fields = document.fields
    return TopUp(
        id=UUID(document.id),
        user_id=UUID(fields["user_id"]),
        amount=fields["amount"],
        status=fields["status"],
        reason=fields["reason"],
        payee_name=fields["payee_name"],
        created_at=fields["created_at"],
        expires_at=fields["expires_at"],
        paid_at=fields["paid_at"],
        settled_at=fields["settled_at"],
        document=document,
    )


def create(top_up_id: UUID, *, user_id: UUID, amount: int, payee_name: str, first: Step, created_at: datetime) -> TopUp:
    """Write a new document that begins with the step `first`; raises firestore.Exists where one is.

    `payee_name` is already masked: it is what strangers see on the page they pay on.
    """
    at = first.at or created_at
    fields = {
        "user_id": str(user_id),
        "amount": amount,
        "currency": "IDR",
        "payee_name": payee_name,
        "created_at": created_at,
        "expires_at": created_at + WINDOW,
        "paid_at": None,
        "settled_at": None,
        **_changes(first, at),
        "history": [_record(first, at)],
    }
    (version,) = firestore.commit(firestore.Create(COLLECTION, str(top_up_id), fields))
    return of(Document(COLLECTION, str(top_up_id), fields, version))


def advance(top_up: TopUp, step: Step, *also: Write) -> TopUp:
    """Take `step` if the document has not moved since it was read; raises Moved where it has.

    `also` are writes that stand or fall with the step.
    """
    assert step.status in STEPS[top_up.status], f"{top_up.status} does not lead to {step.status}"
    document = top_up.document
    at = step.at or clock.now()
    changes = {**_changes(step, at), "history": [*document.fields["history"], _record(step, at)]}
    # failpoint: topups.before_step
    version = firestore.commit(firestore.Update(document, changes), *also)[0]
    # failpoint: topups.after_step
    advanced = of(Document(document.collection, document.id, {**document.fields, **changes}, version))
    if advanced.status == "review":
        tell(advanced)
    return advanced


def tell(reviewed: TopUp) -> None:
    """Write the line that the alert hangs on; where a crash swallows it, the night writes it (repair.tell_reviews)."""
    log.write("ERROR", "top-up under review", topup_id=reviewed.id, reason=reviewed.reason, amount=reviewed.amount)


def decide(top_up: TopUp, rule: Rule) -> TopUp:
    """Take the step that `rule` names for the document as it stands, reading again whenever a race is lost.

    `rule` returns None where nothing is left to do, or raises the problem to tell the loser.
    """
    for _ in range(ATTEMPTS_MAX):
        step = rule(top_up)
        if step is None:
            return top_up
        try:
            return advance(top_up, step)
        except Moved:
            top_up = again(top_up)
    raise errors.Unavailable("Too many writers at once")


def again(top_up: TopUp) -> TopUp:
    """Return the top-up as it stands now, after a pause in which the winner can finish."""
    pause()
    found = find(top_up.id)
    if found is None:
        raise errors.NotFound()
    return found


def pause() -> None:
    """Wait a jittered moment, so that those who lost a race do not all come back at once."""
    time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret


def _changes(step: Step, at: datetime) -> dict[str, Any]:
    """Return the fields that a step sets beside the history."""
    kept = KEPT.get(step.status)
    changes: dict[str, Any] = {
        "status": step.status,
        "reason": step.why if step.status in ("cancelled", "expired", "declined", "review") else None,
        "changed_at": at,
        "delete_after": None if kept is None else at + kept,
    }
    if step.status in ("paid", "settled"):
        changes[f"{step.status}_at"] = at
    return changes


def _record(step: Step, at: datetime) -> dict[str, Any]:
    """Return the line of a document's history that keeps who, when and why."""
    return {"status": step.status, "at": at, "by": step.by, "why": step.why}
