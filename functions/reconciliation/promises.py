"""promises — one function per promise of the books, named as the promise; each returns what breaks it."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

import inboxes
import landings
from findings import Finding, Span
from shared.ledger import chains, proving
from shared.ledger.proving import Fault
from shared.topups import repair

# The relay publishes within two seconds; after a minute something is wrong.
OUTBOX_AGE_SECONDS_MAX = 60


def entries_sum_to_zero(span: Span) -> Iterator[Finding]:
    """Every transfer has one entry on each side, equal and opposite."""
    for since, until in span.slices():
        for fault in proving.unbalanced_transfers(since, until):
            yield Finding(f"transfer {fault.transfer_id}", f"±{fault.amount}", f"sum {fault.entries_sum}")


def one_transfer_per_id(span: Span) -> Iterator[Finding]:
    """No id moved money twice."""
    for since, until in span.slices():
        for fault in proving.doubled_transfers(since, until):
            yield Finding(f"transfer {fault.transfer_id}", "1", str(fault.times))


def one_event_per_transfer(span: Span) -> Iterator[Finding]:
    """Every transfer has exactly one event in the outbox, waiting or published, and no event is another's."""
    for since, until in span.slices():
        for fault in proving.unannounced_transfers(since, until):
            yield Finding(f"transfer {fault.transfer_id}", "1 event", str(fault.times))
        for event_id in proving.surplus_events(since, until):
            yield Finding(f"event {event_id}", "1 transfer", "none, or one that another event announces")


def balances_follow_from_entries(span: Span) -> Iterator[Finding]:
    """Each account that moved has entries without a gap that end in its balance, and no user is below zero."""
    touched: dict[UUID, int] = {}
    for since, until in span.slices():
        for account_id, before in proving.touched_accounts(since, until).items():
            touched[account_id] = min(before, touched.get(account_id, before))
    yield from map(_account, chains.faults(touched))


def every_account_follows_from_its_entries() -> Iterator[Finding]:
    """The same for every account that there is, from its first entry: the full proof."""
    yield from map(_account, chains.faults_of_all())


def whole_ledger_balances() -> Iterator[Finding]:
    """All entries sum to zero, all balances too; two entries and one event stand for each transfer."""
    weight = proving.weigh_books()
    figures = {
        "sum of entries": (0, weight.entries_sum),
        "sum of balances": (0, weight.balances_sum),
        "entries": (2 * weight.transfer_count, weight.entry_count),
        "events": (weight.transfer_count, weight.event_count),
        "users below zero": (0, weight.overdrawn),
    }
    for subject, (expected, found) in figures.items():
        if expected != found:
            yield Finding(subject, str(expected), str(found))


def outbox_drains() -> Iterator[Finding]:
    """Events leave within a minute, and none is parked."""
    backlog = proving.backlog()
    if backlog.oldest_age_seconds > OUTBOX_AGE_SECONDS_MAX:
        age = f"{backlog.pending} waiting, the oldest for {backlog.oldest_age_seconds:.0f} s"
        yield Finding("outbox", f"at most {OUTBOX_AGE_SECONDS_MAX} s", age)
    if backlog.parked:
        yield Finding("outbox", "0 parked", str(backlog.parked))


def payments_and_credits_agree(span: Span) -> Iterator[Finding]:
    """Every settled payment has exactly one credit and the reverse, and nothing is stuck in `paid`; repaired here."""
    for found in repair.run(span.since):
        yield Finding(f"top-up {found.topup_id}", "settled once", found.finding, repaired=found.action)


def reviews_are_told() -> Iterable[Finding]:
    """Who must decide about a top-up under review is told so while it stands; the books are right without them."""
    repair.tell_reviews()
    return ()


def warehouse_equals_ledger(span: Span) -> Iterator[Finding]:
    """The warehouse has, day by day, as many events as the ledger has transfers, and of the same amount."""
    ledger: dict[date, tuple[int, int]] = {}
    for since, until in span.slices(timedelta(days=1)):
        for day, day_sum in proving.day_sums(since, until).items():
            count, amount = ledger.get(day, (0, 0))
            ledger[day] = (count + day_sum.transfer_count, amount + day_sum.total_amount)
    landed = landings.day_sums(span)
    for day in sorted(ledger.keys() | landed.keys()):
        expected, found = ledger.get(day, (0, 0)), landed.get(day, (0, 0))
        if expected != found:
            yield Finding(f"day {day}", _day(expected), _day(found))


def closed_days_equal_events(span: Span) -> Iterator[Finding]:
    """A closed day's sums are those of its events; a day that differs is opened, to be closed anew."""
    for day, expected, found in landings.stale_days(span):
        landings.open_days(day)
        yield Finding(f"closed day {day}", _day(expected), _day(found), repaired="opened")


def inbox_is_complete(span: Span) -> Iterator[Finding]:
    """Everybody whom an event concerns has its notification."""
    for missing in inboxes.missing(span):
        yield Finding(f"notification {missing}", "present", "missing")


def _account(fault: Fault) -> Finding:
    return Finding(f"account {fault.account_id}", "sound", f"version {fault.version}: {fault.fault}")


def _day(figures: tuple[int, int]) -> str:
    return f"{figures[0]} of {figures[1]}"
