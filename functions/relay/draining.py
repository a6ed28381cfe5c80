"""draining — claim, publish, wait for every acknowledgement, acknowledge; again until the time is up."""

import json
import time
from datetime import datetime
from uuid import UUID

import msgspec

import publisher
from publisher import Outgoing
from shared import db, events, log, trace

# One claim: some 150 KB of events, published in a fraction of a second.
CLAIM_MAX = 500

# Longer than a publish may take (publisher.TIMEOUT_SECONDS) and two round trips to the database.
# A relay that is killed gives its events back after this time.
LEASE_SECONDS = 30

# An empty claim is one look into an empty table; a quarter of a second keeps the usual delay far below 2 s.
IDLE_SECONDS = 0.25

# While Pub/Sub is away: often enough to notice its return, rare enough not to hammer it.
AWAY_SECONDS = 1.0


class Drained(msgspec.Struct):
    """What a drain did: how many events were published, refused as invalid, or given back unjudged."""

    published: int = 0
    refused: int = 0
    given_back: int = 0

    def add(self, other: "Drained") -> None:
        """Count what `other` counted."""
        self.published += other.published
        self.refused += other.refused
        self.given_back += other.given_back


class Waiting(msgspec.Struct, frozen=True):
    """A claimed row of the outbox, in the order of outbox.claim_traced's columns."""

    id: int
    event_id: UUID
    topic: str
    event_type: str
    schema_version: int
    ordering_key: str
    occurred_at: datetime
    payload: str
    attempts: int
    traceparent: str | None


def drain_outbox(budget_seconds: float, *, until_empty: bool) -> Drained:
    """Publish until `budget_seconds` have passed or, with `until_empty`, nothing more can be published."""
    ends = time.monotonic() + budget_seconds
    total = Drained()
    while True:
        batch = carry_batch()
        total.add(batch)
        trace.send_due()
        if time.monotonic() >= ends or (until_empty and not batch.published):
            return total
        if batch.given_back:
            time.sleep(AWAY_SECONDS)
        elif not batch.published:
            time.sleep(IDLE_SECONDS)


def carry_batch() -> Drained:
    """Carry one claim from the outbox to Pub/Sub and return what became of it."""
    rows = claim()
    outgoing, refused = _prepare(rows)
    verdicts = publisher.publish(outgoing)
    refused |= verdicts.refused
    if verdicts.published:
        # failpoint: relay.published
        db.call("SELECT outbox.acknowledge($1)", verdicts.published)
        # failpoint: relay.acknowledged
    if verdicts.away:
        db.call("SELECT outbox.give_back($1)", verdicts.away)
    for row in rows:
        if row.id in refused:
            release(row, refused[row.id])
    return Drained(len(verdicts.published), len(refused), len(verdicts.away))


def claim() -> list[Waiting]:
    """Lease the oldest waiting events, in order. The claim has committed when this returns."""
    statement = "SELECT * FROM outbox.claim_traced($1::integer, make_interval(secs => $2::integer)) ORDER BY id"
    return db.rows(statement, CLAIM_MAX, LEASE_SECONDS, row=Waiting)


def release(row: Waiting, reason: str) -> None:
    """Put off an event that cannot be published, so that it is parked after its tenth attempt."""
    db.call("SELECT outbox.release($1, $2)", row.id, reason)
    log.write(
        "ERROR", "An event cannot be published",
        event_id=row.event_id, event_type=row.event_type, attempts=row.attempts, reason=reason,
    )  # fmt: skip


def event_of(row: Waiting) -> events.Event:
    """Return the event that a row holds. Raises EventInvalid."""
    envelope = {"event_id": str(row.event_id), "event_type": row.event_type, "occurred_at": row.occurred_at}
    return events.from_fields(row.event_type, json.loads(row.payload) | envelope)


def _prepare(rows: list[Waiting]) -> tuple[list[Outgoing], dict[int, str]]:
    """Return the messages of the rows that hold events, and why the others hold none."""
    outgoing, refused = [], {}
    for row in rows:
        # failpoint: relay.claimed
        try:
            event = event_of(row)
        except events.EventInvalid as error:
            refused[row.id] = str(error)
            continue
        data, attributes = events.encode(event), events.attributes(event)
        outgoing.append(Outgoing(row.id, row.topic, row.ordering_key, data, attributes, row.traceparent or ""))
    return outgoing, refused
