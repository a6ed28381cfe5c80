"""What people see equals the ledger to the rupiah: ten thousand random movements through the whole pipe.

On the way everything happens that may: four relays at once, events published twice, rows written
twice and in any order, and the days closed in between.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest

from emulators.environment import DATASET, PROJECT
from shared.clock import JAKARTA
from tests.days import today
from tests.integration.analytics import history
from tests.pipe import Subscription, fresh_topics, query

MOVEMENTS = 10_000
DAYS = 150
PEOPLE = 12

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def people(open_wallet, owner, warehouse, deployment, pubsub):
    """People with a history, all of which has arrived in the warehouse, some of it more than once."""
    made = [open_wallet(balance=200_000, name=f"Person {n}") for n in range(PEOPLE)]
    history.make(owner, MOVEMENTS, DAYS)
    fresh_topics()
    published = drain(deployment("relay", "drain", DATABASE_POOL_SIZE="4"))
    [[again]] = owner.run("SELECT ledger.replay_events(now() - interval '40 days', now() - interval '10 days')")
    published += drain(deployment("relay", "drain", DATABASE_POOL_SIZE="4"))
    [[transfers]] = owner.run("SELECT count(*) FROM ledger.transfers")
    assert transfers >= MOVEMENTS
    assert published == transfers + again
    Subscription(warehouse).carry(published)
    warehouse.query(
        f"INSERT INTO `{PROJECT}.{DATASET}.events_raw` SELECT * FROM `{PROJECT}.{DATASET}.events_raw` "
        "WHERE occurred_at > '2020-01-01' AND MOD(amount, 7) = 0 ORDER BY event_id"
    ).result()
    return made


def drain(client) -> int:
    """Let four relays publish everything."""
    order = {"budget_seconds": 55, "until_empty": True}
    with ThreadPoolExecutor(4) as relays:
        ticks = [relays.submit(client.post, "/", json=order) for _ in range(4)]
        return sum(tick.result().json["published"] for tick in ticks)


def expected_series(by_day, first, last, bucket):
    """The bars that the ledger's days make, computed in another way than the deployment does."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = {
        "day": lambda d: d,
        "week": lambda d: date.fromisocalendar(*d.isocalendar()[:2], 1),
        "month": lambda d: date(d.year, d.month, 1),
    }
    bars = {}
    for day in days:
        bar = bars.setdefault(starts[bucket](day), [0, 0])
        received, sent = by_day.get(day, (0, 0))
        bar[0], bar[1] = bar[0] + received, bar[1] + sent
    return [{"start": str(start), "in_amount": bar[0], "out_amount": bar[1]} for start, bar in bars.items()]


def compare(api, owner, signer, person, first, last, bucket):
    """Compare every figure of a summary with the ledger."""
    midnight = datetime.combine(first, time.min, JAKARTA), datetime.combine(last + timedelta(days=1), time.min, JAKARTA)
    books = history.sums(owner, person.user_id, *midnight)
    path = f"/v1/analytics/summary?from={first}&to={last}&bucket={bucket}"
    answer = api.get(path, headers=signer.bearer(person.user_id)).json
    got = {(row["kind"], row["direction"]): [row["total_amount"], row["count"]] for row in answer["by_kind"]}
    assert got == books["by_kind"]
    totals = {
        way: [sum(v[n] for (_, w), v in books["by_kind"].items() if w == way) for n in (0, 1)] for way in ("in", "out")
    }
    assert answer["totals"] == {
        "in_amount": totals["in"][0], "out_amount": totals["out"][0], "net_amount": totals["in"][0] - totals["out"][0],
        "in_count": totals["in"][1], "out_count": totals["out"][1],
    }  # fmt: skip
    assert answer["series"] == expected_series(books["by_day"], first, last, bucket)
    seen = {
        row["account_number"]: [row["in_amount"], row["out_amount"], row["count"]] for row in answer["counterparties"]
    }
    assert len(seen) == min(10, len(books["people"]))
    assert all(books["people"][number] == figures for number, figures in seen.items())
    least = min((sum(figures[:2]) for figures in seen.values()), default=0)
    assert all(sum(figures[:2]) <= least for number, figures in books["people"].items() if number not in seen)


@pytest.mark.parametrize("closed", [False, True], ids=["open days", "closed days"])
def test_every_figure_equals_the_ledger(people, deployment, owner, signer, close_days, closed):
    """Totals, kinds, bars of each width and counterparties, over short and long ranges, for everybody."""
    if closed:
        close_days()
    api = deployment("analytics", "api")
    last = today()
    ranges = [(0, 0, "day"), (29, 0, "day"), (100, 7, "week"), (160, 0, "month"), (47, 45, "day"), (365, 0, "week")]
    for number, person in enumerate(people):
        for start, end, bucket in [ranges[number % 6], ranges[(number + 1) % 6]]:
            compare(api, owner, signer, person, last - timedelta(days=start), last - timedelta(days=end), bucket)


def test_the_view_has_exactly_the_ledgers_transfers(people, owner, warehouse):
    """One row per transfer and none besides, though the table has many more."""
    statement = "SELECT transfer_id, amount, credit_balance_after FROM events WHERE occurred_at > '2020-01-01'"
    seen = sorted(
        (row["transfer_id"], row["amount"], row["credit_balance_after"]) for row in query(warehouse, statement)
    )
    books = owner.run("SELECT id::text, amount, credit_balance_after FROM ledger.transfers")
    assert seen == sorted(tuple(row) for row in books)
    (raw,) = query(warehouse, "SELECT COUNT(*) AS n FROM events_raw WHERE occurred_at > '2020-01-01'")
    assert raw["n"] > 1.1 * len(seen)


def test_the_file_has_exactly_the_persons_entries(people, api, owner, signer):
    """Each entry of the range once, with the ledger's balance, oldest first."""
    last = today()
    for person in people[:3]:
        path = f"/v1/analytics/export.csv?from={last - timedelta(days=200)}&to={last}"
        lines = api.get(path, headers=signer.bearer(person.user_id)).text.split("\r\n")[1:-1]
        cells = [line.split(",") for line in lines]
        books = owner.run(
            "SELECT e.transfer_id::text, abs(e.amount)::text, e.balance_after::text FROM ledger.entries AS e "
            "JOIN ledger.accounts AS a ON a.id = e.account_id WHERE a.user_id = :u ORDER BY e.version",
            u=person.user_id,
        )
        assert [[row[8], row[4], row[5]] for row in cells] == books
