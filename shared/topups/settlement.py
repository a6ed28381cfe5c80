"""settlement — from `paid` to `settled`: the ledger credits the top-up's id once for ever.

A crash anywhere leaves `paid`, and whoever meets it next (a poll, a repeated confirmation, the
reconciliation) calls finish again: every step here may be repeated at any time by any number.
"""

from typing import Final

from shared import errors, ledger, log, topups
from shared.topups import Step, TopUp

# What the ledger may answer that a later attempt cannot change by itself: a person decides.
REFUSALS: Final = {
    errors.NotFound: "wallet-not-found",
    errors.AccountUnavailable: "account-unavailable",
    errors.LimitExceeded: "balance-limit",
    errors.IdempotencyKeyReused: "settled-otherwise",
}
# What passes: the document stays `paid`, and the next poll or the reconciliation goes on.
PASSING: Final = (errors.Unavailable, errors.OutcomeUnknown, errors.Paused)
# Somebody else is settling this very id: a transaction of a few milliseconds. Twelve looks of 50 ms
# each outlast it on a busy machine, and stay well below the 2 s that an answer may take.
IN_PROGRESS_MAX: Final = 12


def finish(top_up: TopUp, *, by: str) -> TopUp:
    """Settle a paid top-up and return it as it then stands: `settled`, `review`, or still `paid`.

    `by` is who noticed, for the history. Any other status is returned untouched.
    """
    for _ in range(IN_PROGRESS_MAX):
        if top_up.status != "paid":
            return top_up
        try:
            return _record(top_up, credit(top_up, by))
        except errors.RequestInProgress:
            top_up = topups.again(top_up)
        except PASSING as problem:
            log.write("WARNING", "A settlement waits for the ledger", topup_id=top_up.id, problem=problem.slug)
            return top_up
    return top_up


def follow_ledger(top_up: TopUp, *, by: str) -> TopUp:
    """Write `settled` into the document of a top-up that the ledger is known to have settled."""
    return _record(top_up, Step("settled", by, "credited"))


def credit(top_up: TopUp, by: str) -> Step:
    """Move the money, once for ever, and return the step that the ledger's answer asks for."""
    try:
        # failpoint: settlement.before_credit
        ledger.settle_top_up(top_up.id, user_id=top_up.user_id, amount=top_up.amount)
    except tuple(REFUSALS) as refusal:
        if not is_settled(top_up):
            return Step("review", by, REFUSALS[type(refusal)])
    # failpoint: settlement.after_credit
    return Step("settled", by, "credited")


def is_settled(top_up: TopUp) -> bool:
    """Return whether the ledger holds the settlement of this top-up."""
    return is_of(top_up, ledger.find_settlement(top_up.id))


def is_of(top_up: TopUp, found: ledger.Settlement | None) -> bool:
    """Return whether what was found in the ledger is the settlement of this top-up: its user, its amount."""
    return found is not None and (found.user_id, found.amount) == (top_up.user_id, top_up.amount)


def _record(top_up: TopUp, step: Step) -> TopUp:
    """Write the ledger's answer into the document, unless somebody has written as much already.

    A settlement is the last word even over `review`, because the money has moved.
    """

    def rule(current: TopUp) -> Step | None:
        if step.status == "settled":
            return step if current.status in ("paid", "review") else None
        return step if current.status == "paid" else None

    ended = topups.decide(top_up, rule)
    # failpoint: settlement.recorded
    if ended.status == "settled" and ended.paid_at and ended.settled_at:
        delay_seconds = (ended.settled_at - ended.paid_at).total_seconds()
        log.write("INFO", "top-up settled", topup_id=ended.id, amount=ended.amount, delay_seconds=delay_seconds)
    return ended
