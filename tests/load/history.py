"""What years of entries cost: the last page, a transfer, and a statement of a million lines."""

import statistics
import sys
import time
from uuid import UUID

import psutil
from pg8000.native import Connection

from tests.load.stage import PASSWORD, Stage
from tests.load.throughput import REPEATS, SECONDS

SIZES = (10_000, 1_000_000, 10_000_000)
CALLS = 3_000
STATEMENT_LINES = 1_000_000
BATCH = 500_000
# So few that each has a full page of history in the smallest table.
PEOPLE = 100

# Entries as ledger.post would have left them: person n pays person n+1, round after round.
FILL = """
SET session_replication_role = replica;
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, ('00000000-0000-4000-9000-' || lpad((1 + g % {people})::text, 12, '0'))::uuid AS d,
       ('00000000-0000-4000-9000-' || lpad((1 + (g + 1) % {people})::text, 12, '0'))::uuid AS c,
       2 * (g / {people}) + 1 AS dv, 2 * (g / {people}) + 2 AS cv,
       timestamptz '2020-01-01' + g * interval '1 second' AS at
FROM generate_series({first}::bigint, {last}::bigint) AS g;
INSERT INTO ledger.transfers
SELECT id, d, c, 'transfer', 1, 'lunch', dv, cv, 999999999, 1000000000, at, gen_random_uuid(), NULL FROM made;
INSERT INTO ledger.entries
SELECT d, dv, id, c, -1, 999999999, at FROM made UNION ALL SELECT c, cv, id, d, 1, 1000000000, at FROM made;
"""


def grow(owner: Connection, have: int, want: int) -> None:
    """Add entries until there are `want`, versions and all."""
    for first in range(have // 2, want // 2, BATCH):
        last = min(first + BATCH, want // 2) - 1
        owner.run("BEGIN")
        owner.execute_simple(FILL.format(people=PEOPLE, first=first, last=last))
        owner.run("COMMIT")
        owner.run("RESET session_replication_role")
    owner.execute_simple(
        "UPDATE ledger.accounts AS a SET version = coalesce((SELECT max(e.version) FROM ledger.entries AS e"
        " WHERE e.account_id = a.id), 0) WHERE a.kind = 'user'"
    )
    owner.execute_simple("VACUUM ANALYZE ledger.accounts, ledger.entries, ledger.transfers")
    owner.execute_simple("CHECKPOINT")  # the filling is not to be paid for by what is measured


def page_p99(stage: Stage, database: str) -> float:
    """The 99th percentile of the last 50 entries of an account, in milliseconds, over one round of calls."""
    where = {"host": stage.server.host, "port": stage.server.port, "database": database}
    wallet = Connection("wallet", password=PASSWORD, ssl_context=False, **where)
    page = wallet.prepare("SELECT * FROM ledger.search_entries(:u, NULL, NULL, NULL, NULL, NULL, NULL, 51)")
    times = []
    for call in range(CALLS):
        user = f"00000000-0000-4000-a000-{100_000_000_001 + call * 7 % PEOPLE}"
        began = time.perf_counter()
        rows = page.run(u=user)
        times.append(time.perf_counter() - began)
        assert len(rows) == 51
    wallet.close()
    return statistics.quantiles(times, n=100)[98] * 1_000


def pages(stage: Stage, owner: Connection) -> list[list[str]]:
    """The last page as the table grows, in turns with one that stays at the smallest size."""
    small = stage.database("small")
    grow(small, 0, SIZES[0])
    small.close()
    found, have = [], 0
    for size in SIZES:
        grow(owner, have, size)
        have = size
        turns = [(page_p99(stage, "full"), page_p99(stage, "small")) for _ in range(REPEATS)]
        p99, baseline = (statistics.median(column) for column in zip(*turns, strict=True))
        met = "yes" if p99 <= 1.3 * baseline else "**no**"
        row = [f"last 50 of {size:,} entries, p99", f"{p99:.2f} ms", f"{baseline:.2f} ms", f"{p99 / baseline:.2f}"]
        found.append([*row, "≤ 1.30", met])
    return found


def transfers(stage: Stage) -> list[list[str]]:
    """Transfers per second in the full database against the small one, in turns."""
    runs: dict[str, list[float]] = {"full": [], "bench": []}
    for _ in range(REPEATS):
        for database, found in runs.items():
            found.append(stage.throughput(database, "transfer_random", 8, SECONDS))
    full, small = (statistics.median(runs[name]) for name in ("full", "bench"))
    met = "yes" if full >= 0.85 * small else "**no**"
    return [
        [
            "transfers at 10,000,000 entries, 8 clients",
            f"{full:,.0f}/s",
            f"{small:,.0f}/s",
            f"{full / small:.2f}",
            "≥ 0.85",
            met,
        ]
    ]


def one_long_history(owner: Connection) -> UUID:
    """A user whose account has a million entries; returns the user's id."""
    user = UUID("00000000-0000-4000-a000-100000999999")
    owner.run("SELECT ledger.open_account(:u, 'Someone of many payments')", u=user)
    [[account]] = owner.run("SELECT id FROM ledger.accounts WHERE user_id = :u", u=user)
    owner.run("SET session_replication_role = replica")
    owner.run(
        "INSERT INTO ledger.transfers SELECT md5('t' || g)::uuid, CAST(:a AS uuid), '00000000-0000-4000-9000-000000000001',"
        " 'transfer', 1, 'lunch ' || g, g, 1, 1000000000 - g, 1, timestamptz '2026-01-01' + g * interval '10 second',"
        " gen_random_uuid(), NULL FROM generate_series(1, CAST(:n AS bigint)) AS g",
        a=account,
        n=STATEMENT_LINES,
    )
    owner.run(
        "INSERT INTO ledger.entries SELECT debit_account_id, debit_version, id, credit_account_id, -1,"
        " debit_balance_after, posted_at FROM ledger.transfers WHERE debit_account_id = CAST(:a AS uuid)",
        a=account,
    )
    owner.run("UPDATE ledger.accounts SET version = :n WHERE id = CAST(:a AS uuid)", a=account, n=STATEMENT_LINES)
    owner.run("RESET session_replication_role")
    owner.execute_simple("VACUUM ANALYZE")
    return user


COPY = """COPY (
    SELECT e.posted_at, e.transfer_id, t.kind, c.number, c.holder_name, t.note, e.amount, e.balance_after
    FROM ledger.entries AS e
    JOIN ledger.transfers AS t ON t.id = e.transfer_id
     AND t.debit_account_id = CASE WHEN e.amount < 0 THEN e.account_id ELSE e.counterparty_id END
    JOIN ledger.accounts AS c ON c.id = e.counterparty_id
    WHERE e.account_id = (SELECT id FROM ledger.accounts WHERE user_id = '{user}') ORDER BY e.version
) TO STDOUT (FORMAT csv)"""


class Counter:
    """A file that only counts."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return len(data)


def statement(stage: Stage, owner: Connection) -> list[list[str]]:
    """A statement of a million lines through the function's own code, against COPY of the same rows."""
    user = one_long_history(owner)
    ours, copies, grown, size = [], [], [], 0
    for _ in range(REPEATS):
        began = time.perf_counter()
        sink = Counter()
        owner.run(COPY.format(user=user), stream=sink)
        copies.append(time.perf_counter() - began)
        seconds, size, rise = stream(stage, user)
        ours.append(seconds)
        grown.append(rise)
    copied, streamed = statistics.median(copies), statistics.median(ours)
    met = ["yes" if streamed <= 4 * copied else "**no**", "yes" if max(grown) <= 64 else "**no**"]
    return [
        ["statement, 1,000,000 lines, against COPY", f"{streamed:.1f} s", f"{copied:.1f} s", f"{streamed / copied:.2f}", "≤ 4.00", met[0]],
        [f"its memory over the idle process ({size / 2**20:.0f} MiB sent)", f"{max(grown):.1f} MiB", "", "", "≤ 64 MiB", met[1]],
    ]  # fmt: skip


def stream(stage: Stage, user: UUID) -> tuple[float, int, float]:
    """Seconds, bytes and MiB of growth of a fresh process that streams the statement."""
    import json
    import subprocess

    command = [sys.executable, "-m", "tests.load.streaming", str(stage.server.port), "full", PASSWORD, str(user)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    seconds, size, rise = json.loads(done.stdout.splitlines()[-1])
    return seconds, size, rise


def memory_mib() -> float:
    """The resident memory of this process."""
    return float(psutil.Process().memory_info().rss) / 2**20
