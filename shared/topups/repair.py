"""repair — documents and ledger brought back together, while traffic runs.

Each pass may be run at any time, by any number, again and again: it moves documents only by the
steps of `topups`, and money only by the settlement, which credits an id once for ever. The ledger
is the judge: what it has settled becomes `settled`, whatever a document says.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from shared import clock, errors, firestore, ledger, money, topups
from shared.ledger import spans
from shared.topups import Step, TopUp, settlement

BY: Final = "reconciliation"
# A settlement takes milliseconds; after this long nobody is working on it any more.
STUCK_AFTER: Final = timedelta(seconds=30)
# The first line of a review has been read, or was lost, after an hour; and who has decided that the money
# is not its owner's, which leaves the review as it is, is not reminded for longer than a week.
TOLD_AGAIN_AFTER: Final = timedelta(hours=1)
TOLD_FOR: Final = timedelta(days=7)
# One read of Firestore and one of the ledger.
PAGE: Final = 500


class Finding(msgspec.Struct, frozen=True):
    """One thing that did not agree, and what was done about it; None where that is left to people."""

    topup_id: str
    finding: str
    action: str | None


def run(since: datetime) -> Iterator[Finding]:
    """Make every pass, comparing documents and ledger from `since` on, and yield what is found as it is found."""
    expire_overdue()
    # failpoint: repair.expired
    yield from finish_stuck()
    yield from rebuild_missing(since)
    yield from credit_missing(since)


def finish_stuck() -> Iterator[Finding]:
    """Settle what has been `paid` for more than 30 s: somebody died between the gate and the money.

    Where one stays `paid` the ledger is away, and the others wait for the next pass.
    """
    before = clock.now() - STUCK_AFTER
    for top_up in _oldest("paid", "changed_at", before):
        ended = settlement.finish(top_up, by=BY)
        if ended.status == "paid":
            yield _found(top_up, "stuck-in-paid", None)
            return
        yield _found(top_up, "stuck-in-paid", ended.status)


def expire_overdue() -> int:
    """Write down what the clock has decided, so that Firestore's clean-up can begin, and return how often."""
    overdue = list(_oldest("pending", "expires_at", clock.now()))
    for top_up in overdue:
        topups.decide(top_up, expire)
    return len(overdue)


def expire(top_up: TopUp) -> Step | None:
    """Return the step of a request whose time is over, and None for any other."""
    overdue = top_up.status == "pending" and top_up.standing == "expired"
    return Step("expired", BY, "expired") if overdue else None


def rebuild_missing(since: datetime, *, settled_for: timedelta = STUCK_AFTER) -> Iterator[Finding]:
    """Write the documents of settlements that have none, and settle those that say otherwise.

    Settlements of the last moments, `settled_for`, are left to the function that is at work on them.
    What is older than documents are kept has lost its document rightly.
    """
    for page in _settlements(max(since, clock.now() - topups.KEPT["settled"]), settled_for):
        documents = firestore.get_many([(topups.COLLECTION, str(settled.top_up_id)) for settled in page])
        for settled, document in zip(page, documents, strict=True):
            if document is None:
                yield _rebuild(settled)
            elif document.fields["status"] != "settled":
                yield _follow_ledger(topups.of(document))


def credit_missing(since: datetime) -> Iterator[Finding]:
    """Credit what a document calls settled and the ledger does not know: the payer has paid.

    Where the ledger cannot take the money now, the others wait for the next pass.
    """
    for page in _pages("settled", ("settled_at", ">=", since)):
        known = ledger.find_settlements([top_up.id for top_up in page])
        for top_up in page:
            if settlement.is_of(top_up, known.get(top_up.id)):
                continue
            try:
                step = settlement.credit(top_up, BY)
            except (*settlement.PASSING, errors.RequestInProgress) as problem:
                yield _found(top_up, f"settled-without-ledger, {problem.slug}", None)
                return
            if step.status == "settled":
                yield _found(top_up, "settled-without-ledger", "credited")
            else:
                yield _found(top_up, f"settled-without-ledger, {step.why}", None)


def tell_reviews() -> None:
    """Tell again of the top-ups that a week has left under review: a crash may have swallowed a review's only line."""
    now = clock.now()
    for page in _pages("review", ("changed_at", ">", now - TOLD_FOR), ("changed_at", "<=", now - TOLD_AGAIN_AFTER)):
        for top_up in page:
            topups.tell(top_up)


def settle_reviewed(top_up_id: UUID, *, by: str) -> TopUp:
    """Credit a top-up under review because a person, `by`, has decided that the money is its owner's.

    Returns it as it then stands: `settled`, or still `review` where the ledger refuses as before.
    Raises NotFound, or TopUpClosed where it is not under review.
    """
    top_up = topups.find(top_up_id)
    if top_up is None:
        raise errors.NotFound()
    if top_up.status != "review":
        raise errors.TopUpClosed(topup_status=top_up.status)
    credited = settlement.credit(top_up, by).status == "settled"
    return settlement.follow_ledger(top_up, by=by) if credited else top_up


def rebuilt(settled: ledger.Settlement) -> TopUp:
    """Write the document that a settlement must have had; raises firestore.Exists where one is."""
    return topups.create(
        settled.top_up_id,
        user_id=settled.user_id,
        amount=settled.amount,
        payee_name=money.mask_name(ledger.wallet(settled.user_id).holder_name),
        first=Step("settled", BY, "rebuilt-from-ledger", settled.posted_at),
        created_at=settled.posted_at,
    )


def _rebuild(settled: ledger.Settlement) -> Finding:
    try:
        top_up = rebuilt(settled)
    except firestore.Exists:
        return Finding(str(settled.top_up_id), "settlement-without-document", "written-by-another")
    return _found(top_up, "settlement-without-document", "rebuilt")


def _follow_ledger(top_up: TopUp) -> Finding:
    """Bring a document that lags behind its settlement to `settled`, by the steps that are allowed."""

    def rule(current: TopUp) -> Step | None:
        if current.status in ("settled", "paid", "review"):
            return None
        return Step("paid" if current.status in ("pending", "expired") else "review", BY, "ledger-has-settled")

    ended = settlement.follow_ledger(topups.decide(top_up, rule), by=BY)
    return _found(top_up, "settlement-with-open-document", ended.status)


def _settlements(since: datetime, settled_for: timedelta) -> Iterator[list[ledger.Settlement]]:
    """Yield the ledger's settlements from `since` on that are older than `settled_for`."""
    return spans.pages(
        lambda since, after, until: ledger.settlements(since, after, until, limit=PAGE),
        lambda last: (last.posted_at, last.top_up_id),
        since=since,
        until=clock.now() - settled_for,
        size=PAGE,
    )


def _oldest(status: topups.Status, field: str, before: datetime) -> Iterator[TopUp]:
    """Yield the top-ups in `status` whose `field` lies before a time; each is expected to leave that status."""
    found = firestore.find(
        topups.COLLECTION,
        ("status", "==", status),
        (field, "<=", before),
        order=[(field, "ASCENDING")],
        limit=firestore.PAGE_MAX,
    )
    return (topups.of(document) for document in found)


def _pages(status: topups.Status, *when: firestore.Where) -> Iterator[list[TopUp]]:
    """Yield every top-up in `status` that fulfils `when`, by whose one field they come, oldest first, page by page."""
    field, after = when[0][0], None
    while page := firestore.find(
        topups.COLLECTION,
        ("status", "==", status),
        *when,
        order=[(field, "ASCENDING"), ("__name__", "ASCENDING")],
        after=after,
        limit=PAGE,
    ):
        yield [topups.of(document) for document in page]
        after = [page[-1].fields[field], page[-1].id]


def _found(top_up: TopUp, finding: str, action: str | None) -> Finding:
    return Finding(str(top_up.id), finding, action)
