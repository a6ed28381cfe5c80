"""The outbox: leases, acknowledgement, retries and parking, over money that was really posted."""

from datetime import datetime
from uuid import RFC_4122, UUID

import pytest

BACKLOG = """
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
    SELECT gen_random_uuid(), 'wallet-events', 'transfer.posted', 1, n::text, now(), '{}' FROM generate_series(1, 2000) AS n
"""


@pytest.fixture
def outbox(books, pair):
    """Five events of five transfers, and nothing else."""
    books.run("DELETE FROM outbox.events")
    for amount in range(1, 6):
        books.transfer(pair[0], pair[1].number, amount)
    return books.run


def claim(run, limit=10, lease="1 minute"):
    return [row[0] for row in run("SELECT * FROM outbox.claim_traced(:l, CAST(:t AS interval))", l=limit, t=lease)]


def test_claims_in_order_and_each_row_once(outbox):
    """A leased row is not handed out again until its lease ends."""
    first, second = claim(outbox, 3), claim(outbox, 3)
    assert first == sorted(first)
    assert second == sorted(second)
    assert len({*first, *second}) == 5
    assert claim(outbox) == []


def rows_read(run):
    """How many rows of the table have been read so far, by an index or from end to end."""
    run("SELECT pg_stat_force_next_flush()")
    run("SELECT pg_stat_clear_snapshot()")
    sql = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'outbox.events'::regclass"
    return run(sql)[0][0]


def test_takes_no_more_than_its_limit_from_an_outbox_that_a_vacuum_found_empty(outbox):
    """The planner then takes any backlog for one row; the rows are chosen once all the same."""
    outbox(BACKLOG)
    outbox("DELETE FROM outbox.events")
    outbox("VACUUM (ANALYZE, TRUNCATE false) outbox.events")
    assert outbox("SELECT reltuples::int FROM pg_class WHERE oid = 'outbox.events'::regclass") == [[0]]
    outbox(BACKLOG)
    before = rows_read(outbox)
    assert len(claim(outbox, 500)) == 500
    assert rows_read(outbox) - before <= 2 * 2000
    outbox("DELETE FROM outbox.events")


def test_mints_ids_that_sort_by_their_birth(outbox):
    """An id is a UUID of version 7: the milliseconds of its birth first, the rest random."""
    before, *ids, after = (
        row[0] for row in outbox("SELECT clock_timestamp()::text"
        " UNION ALL SELECT outbox.mint_id()::text FROM generate_series(1, 1000)"
        " UNION ALL SELECT clock_timestamp()::text")
    )  # fmt: skip
    assert {(minted.version, minted.variant) for minted in map(UUID, ids)} == {(7, RFC_4122)}
    births = [UUID(minted).int >> 80 for minted in ids]
    assert milliseconds(before) <= births[0] <= births[-1] <= milliseconds(after)
    assert births == sorted(births)
    assert len({minted[-12:] for minted in ids}) == len(ids)


def milliseconds(moment):
    """Postgres's text of a moment, as whole Unix milliseconds, rounded as an id's are."""
    return round(datetime.fromisoformat(moment).timestamp() * 1_000)


def test_gives_back_what_a_dead_relay_held(outbox):
    """When the lease has ended the row is free again, and the attempts are counted."""
    ids = claim(outbox, lease="0 seconds")
    again = outbox("SELECT id, attempts FROM outbox.claim_traced(10, '1 minute')")
    assert sorted(row[0] for row in again) == sorted(ids)
    assert {row[1] for row in again} == {2}


def test_moves_what_is_acknowledged(outbox):
    """Acknowledged rows leave for the record of the published; a second call moves none."""
    ids = claim(outbox, 2)
    [[before]] = outbox("SELECT count(*) FROM outbox.published")
    assert outbox("SELECT outbox.acknowledge(:i)", i=ids) == [[2]]
    assert outbox("SELECT outbox.acknowledge(:i)", i=ids) == [[0]]
    assert outbox("SELECT count(*) FROM outbox.published") == [[before + 2]]
    assert outbox("SELECT pending, parked FROM outbox.backlog()") == [[3, 0]]


def test_puts_off_what_was_refused(outbox):
    """A refused event waits twice as long after each attempt, and says why."""
    [first, *_] = claim(outbox, 1)
    outbox("UPDATE outbox.events SET attempts = 5 WHERE id = :i", i=first)
    assert outbox("SELECT outbox.release(:i, 'no such field')", i=first) == [[5]]
    [[wait, reason]] = outbox(
        "SELECT extract(epoch FROM claimed_until - clock_timestamp())::float, last_error FROM outbox.events WHERE id = :i",
        i=first,
    )
    assert 16 < wait <= 32
    assert reason == "no such field"
    assert first not in claim(outbox)


def test_parks_after_ten_attempts_and_holds_no_other(outbox):
    """An event that always fails stops being tried; the operator may try it again."""
    outbox("UPDATE outbox.events SET attempts = 10 WHERE id = (SELECT min(id) FROM outbox.events)")
    assert len(claim(outbox)) == 4
    assert outbox("SELECT pending, parked FROM outbox.backlog()") == [[4, 1]]
    assert outbox("SELECT outbox.retry()") == [[1]]
    assert len(claim(outbox)) == 1


def age(run):
    """For how long the oldest event has waited, in seconds."""
    return run("SELECT oldest_age_seconds FROM outbox.backlog()")[0][0]


def test_the_backlog_is_as_old_as_what_waits_in_it(outbox):
    """From when an event came: not what is parked, not from the time that a repeated event tells of."""
    outbox(
        "UPDATE outbox.events SET queued_at = queued_at - interval '1 hour' WHERE id = (SELECT min(id) FROM outbox.events)"
    )
    assert age(outbox) > 3600
    outbox("UPDATE outbox.events SET attempts = 10 WHERE queued_at < now() - interval '30 minutes'")
    assert age(outbox) < 60
    outbox("SELECT outbox.retry()")
    assert age(outbox) < 60
    outbox("UPDATE outbox.events SET queued_at = NULL, occurred_at = now() - interval '2 hours'")
    assert age(outbox) > 7000

    outbox("DELETE FROM outbox.events")
    [[year_old]] = outbox("SELECT event_id FROM ledger.transfers LIMIT 1")
    outbox("SELECT ledger.replay_events(CAST('-infinity' AS timestamptz), 'infinity', :e)", e=year_old)
    outbox("UPDATE outbox.events SET occurred_at = now() - interval '1 year'")
    assert age(outbox) < 60


def test_an_outage_counts_as_no_attempt(outbox):
    """Rows given back because Pub/Sub was away are free at once and as fresh as before."""
    ids = claim(outbox)
    assert outbox("SELECT outbox.give_back(:i)", i=ids) == [[5]]
    assert outbox("SELECT max(attempts) FROM outbox.events") == [[0]]
    assert sorted(claim(outbox)) == sorted(ids)


def test_relays_that_run_at_once_take_disjoint_rows(outbox, postgres, database):
    """A row that another relay is claiming at this moment is passed over, not waited for."""
    other = postgres.connect(database)
    other.run("BEGIN")
    theirs = {row[0] for row in other.run("SELECT id FROM outbox.claim_traced(3, '1 minute')")}
    ours = set(claim(outbox))
    other.run("COMMIT")
    other.close()
    assert len(theirs) == 3
    assert len(ours) == 2
    assert not theirs & ours
