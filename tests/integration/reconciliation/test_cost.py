"""A night's cost is that of the day's movements: ten times the history behind them costs the books nothing more."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.waiting import until

PAY = "CALL ledger.transfer(gen_random_uuid(), :u, :n, 100, '', NULL, NULL, NULL, NULL, NULL)"

# Years of other people's movements, as ledger.post and the relay would have left them.
HISTORY = """
SET session_replication_role = replica;
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS event_id, md5('d' || n % 997)::uuid AS d, md5('c' || n % 991)::uuid AS c,
       n AS version, now() - interval '300 days' + n * interval '60 second' AS at
FROM generate_series({first}, {last}) AS n;
INSERT INTO ledger.transfers
SELECT id, d, c, 'transfer', 1, '', version, version, 1, 1, at, event_id, NULL FROM made;
INSERT INTO ledger.entries
SELECT d, version, id, c, -1, 1, at FROM made UNION ALL SELECT c, version, id, d, 1, 1, at FROM made;
INSERT INTO outbox.published (event_id, topic, event_type, occurred_at)
SELECT event_id, 'wallet-events', 'transfer.posted', at FROM made;
"""
READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
    WHERE relname IN ('transfers', 'entries', 'published', 'events')
"""
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reconciliation'"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reconciliation'"


@pytest.fixture
def grow(owner):
    """Put movements behind those of the day, or other rows into the books."""

    def run(first: int, last: int, rows: str = HISTORY) -> None:
        owner.run("BEGIN")
        owner.execute_simple(rows.format(first=first, last=last))
        owner.run("COMMIT")
        owner.run("SET session_replication_role = origin")
        # In life autovacuum does so, minutes after the rows came.
        owner.run("VACUUM ANALYZE ledger.transfers, ledger.entries, outbox.published")
        owner.run("SELECT brin_summarize_new_values('ledger.transfers_by_time')")

    return run


# Top-ups of the last hour, twelve a second.
TOP_UPS = """
SET session_replication_role = replica;
INSERT INTO ledger.transfers
SELECT gen_random_uuid(), md5('d')::uuid, a.id, 'topup', 1, '', n, n, 1, 1,
       now() - interval '70 minutes' + n * interval '80 ms', gen_random_uuid(), NULL
FROM generate_series({first}, {last}) AS n,
     LATERAL (SELECT id FROM ledger.accounts WHERE kind = 'user' LIMIT 1) AS a;
"""


@pytest.fixture
def total(owner):
    """How many rows of the books have been read so far."""

    def count() -> int:
        owner.run(END_SESSIONS)  # a session's counts are certain to be there when it has ended
        until(lambda: owner.run(SESSIONS) == [[0]])
        owner.run("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        return int(owner.run(READ)[0][0])

    return count


@pytest.fixture
def rows_read(total, check):
    """Run the nightly pass over the last ten hours, hour by hour, and return how many rows of the books it read."""

    def run() -> int:
        before = total()
        answer = check("nightly", since=(datetime.now(UTC) - timedelta(hours=10)).isoformat())
        assert {kept["promise"] for kept in answer.json["promises"]} >= {"entries_sum_to_zero", "inbox_is_complete"}
        return total() - before

    return run


def test_a_night_costs_what_the_day_moved_whatever_lies_behind_it(owner, open_wallet, grow, rows_read):
    """Four times the history: the same rows are read. Three times the movements: more are."""
    payer, payee = open_wallet(balance=9_000_000), open_wallet(name="Budi Santoso")

    def move(times: int) -> None:
        for _ in range(times):
            owner.run(PAY, u=payer.user_id, n=payee.number)

    grow(1, 50_000)
    move(2_000)
    young = rows_read()
    grow(50_001, 200_000)
    old = rows_read()
    move(4_000)
    busy = rows_read()

    print(
        f"rows read by a night: {young:,} with 50,000 movements of history, {old:,} with 200,000; {busy:,} after a busier day"
    )
    assert young / 1.5 <= old <= 1.2 * young
    assert busy > 2 * old


def test_top_ups_are_compared_at_a_cost_that_grows_with_their_number(grow, open_wallet, load, total):
    """Four times as many in a span: some four times the rows are read, page by page, and each comes once."""
    open_wallet(balance=50_000)
    deployment = load("reconciliation", "check")

    def listed() -> tuple[int, int]:
        before = total()
        with deployment.active():
            from shared.topups import repair

            since = datetime.now(UTC) - timedelta(minutes=75)
            # Those of the last minutes, which come by themselves, are left out.
            found = [settled for page in repair._settlements(since, timedelta(minutes=10)) for settled in page]
        assert len({settled.top_up_id for settled in found}) == len(found)
        return len(found), total() - before

    grow(1, 10_000, TOP_UPS)
    few, read_of_few = listed()
    grow(10_001, 40_000, TOP_UPS)
    many, read_of_many = listed()

    print(f"rows read to list top-ups: {read_of_few:,} for {few:,}, {read_of_many:,} for {many:,}")
    assert many - few == 30_000
    assert read_of_many <= 5 * read_of_few
