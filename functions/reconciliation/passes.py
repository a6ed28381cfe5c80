"""passes — which promises a pass looks at, over which span, and what it reports.

repair    every five minutes: what a crash leaves half done, and whether the outbox drains
nightly   the movements since the last night that ended well: its cost is theirs, not history's
full      the whole ledger, every account from its first entry, every day of the warehouse
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec

import promises
from findings import Finding, Kept, Report, Span
from shared import clock, firestore, log
from shared.problem import Problem

# Before the first customer: where the full proof begins to compare days.
BEGINNING = datetime(2026, 1, 1, tzinfo=clock.JAKARTA)

REPAIR_SPAN = timedelta(hours=1)
FIRST_NIGHT_SPAN = timedelta(days=2)
# Notifications are looked at for so long back: a week of retries lies behind what Pub/Sub still holds.
INBOX_SPAN = timedelta(days=7)

Look = Callable[[], Iterable[Finding]]

MARK = ("reconciliation", "nightly")
REPORTS = "reconciliation_reports"


def run(kind: str, since: datetime | None, grace_seconds: int) -> Report:
    """Run the pass `kind` and return its report; each finding that was not repaired is an ERROR line."""
    started = time.monotonic()
    until = clock.now() - timedelta(seconds=grace_seconds)
    mark = _read_mark(until) if kind == "nightly" else None
    span = Span(min(since or _since(kind, until, mark), until), until)
    # failpoint: reconciliation.before_looks
    kept = [_looked_at(name, look) for name, look in _looks(kind, span).items()]
    # failpoint: reconciliation.looked
    report = Report(kind, span.since, span.until, not any(promise.unrepaired for promise in kept), kept)
    # What lies between the mark and a later `since` has not been proved.
    if mark is not None and report.agrees and span.since <= mark:
        _write("The mark of the night could not be written", firestore.Merge(*MARK, {"until": until}))
    _log(report, started)
    _keep(report)
    return report


def _looked_at(name: str, look: Look) -> Kept:
    """Return what speaks against a promise.

    A store that is away, or a pause, keeps no other promise from being looked at, and takes nothing that
    was found or repaired before out of the report.
    """
    started = time.monotonic()
    kept = Kept(name)
    try:
        for finding in look():
            kept.note(finding)
    except Problem as problem:
        kept.note(Finding(name, "an answer", problem.detail))
    kept.duration_ms = _milliseconds(started)
    return kept


def _looks(kind: str, span: Span) -> dict[str, Look]:
    """Return the promises that belong to the pass, by name."""
    repairs: dict[str, Look] = {
        "payments_and_credits_agree": lambda: promises.payments_and_credits_agree(span),
        "outbox_drains": promises.outbox_drains,
    }
    if kind == "repair":
        return repairs
    everywhere = repairs | {
        "warehouse_equals_ledger": lambda: promises.warehouse_equals_ledger(span),
        "closed_days_equal_events": lambda: promises.closed_days_equal_events(span),
    }
    if kind == "full":
        recent = Span(max(span.since, span.until - INBOX_SPAN), span.until)
        return everywhere | {
            "whole_ledger_balances": promises.whole_ledger_balances,
            "every_account_follows_from_its_entries": promises.every_account_follows_from_its_entries,
            "inbox_is_complete": lambda: promises.inbox_is_complete(recent),
        }
    return everywhere | {
        "reviews_are_told": promises.reviews_are_told,
        "entries_sum_to_zero": lambda: promises.entries_sum_to_zero(span),
        "one_transfer_per_id": lambda: promises.one_transfer_per_id(span),
        "one_event_per_transfer": lambda: promises.one_event_per_transfer(span),
        "balances_follow_from_entries": lambda: promises.balances_follow_from_entries(span),
        "inbox_is_complete": lambda: promises.inbox_is_complete(span),
    }


def _since(kind: str, until: datetime, mark: datetime | None) -> datetime:
    if kind == "full":
        return BEGINNING
    if kind == "repair":
        return until - REPAIR_SPAN
    return mark or until - FIRST_NIGHT_SPAN


def _read_mark(until: datetime) -> datetime | None:
    """Return up to when the nights have proved the books; None where Firestore is away: the books are not."""
    try:
        mark = firestore.get(*MARK)
    except Problem:
        return None
    return mark.fields["until"].astimezone(UTC) if mark else until - FIRST_NIGHT_SPAN


def _log(report: Report, started: float) -> None:
    for kept in report.promises:
        for finding in kept.findings:
            log.write(
                "WARNING" if finding.repaired else "ERROR", "books disagree",
                promise=kept.promise, finding=f"{finding.subject}: {finding.found}", action=finding.repaired,
            )  # fmt: skip
    count, duration_ms = sum(kept.count for kept in report.promises), _milliseconds(started)
    log.write("INFO", "reconciliation finished", kind=report.kind, count=count, duration_ms=duration_ms)


def _keep(report: Report) -> None:
    """Keep the report in the place of the last one of its kind, for whoever asks what the night said."""
    fields = {"report": msgspec.json.encode(report).decode(), "kept_at": clock.now()}
    _write("The report could not be kept", firestore.Merge(REPORTS, report.kind, fields))


def _write(failure: str, write: firestore.Write) -> None:
    """Write to Firestore; where it is away say `failure`, for the report is worth more than its copy."""
    try:
        firestore.commit(write)
    except Problem:
        log.write("WARNING", failure)


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
