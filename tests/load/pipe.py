"""Measure an event's way and write docs/benchmarks.md: `python -m tests.load.pipe [relay|delay|scan …]`.

relay    events a second drained by one relay, against Google's own publisher client sending the same bytes
delay    from the commit of an event to its row in the warehouse, at 200 events a second
scan     what a summary of 30 days reads and takes, with 10 thousand, 1 million and 10 million events behind it

RELAY_EVENTS, DELAY_SECONDS and SCAN_EVENTS ask for other sizes.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from google.cloud import pubsub_v1

from emulators import bigquery, environment, postgres, pubsub, secrets
from emulators.environment import DATASET, PROJECT, Stack
from emulators.provision import bigquery_client, make_subscriptions, make_topics, make_warehouse
from emulators.warehouse import BigQuerySubscription, run_scheduled_queries
from shared import events
from tests.deployment import Deployment
from tests.load.machine import machine
from tests.load.report import RATIOS, Section, write
from tests.pipe import Outbox, query

RELAY_EVENTS = int(os.environ.get("RELAY_EVENTS", "10000"))
DELAY_SECONDS = int(os.environ.get("DELAY_SECONDS", "50"))
SCAN_EVENTS = [int(size) for size in os.environ.get("SCAN_EVENTS", "10000,1000000,10000000").split(",")]
RATE = 200
ACCOUNTS = 1_000

# Transfers as ledger.post leaves them, with their rows in the outbox: the relay reads each one's fields from the books.
FILL = """
    WITH people AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM ledger.accounts WHERE kind = 'user'
    ), made AS (
        INSERT INTO ledger.transfers
        SELECT gen_random_uuid(), payer.id, payee.id, 'transfer', n, '', n, n, n, n, clock_timestamp(), gen_random_uuid(), NULL
        FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
        JOIN people AS payer ON payer.place = n % CAST(:a AS integer)
        JOIN people AS payee ON payee.place = (n + 1) % CAST(:a AS integer)
        RETURNING *
    )
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, transfer_id)
    SELECT event_id, 'wallet-events', 'transfer.posted', 1, debit_account_id::text, posted_at, id FROM made
"""
WAITING = """
    SELECT event_id::text, occurred_at, ledger.event_of(transfer_id, ordering_key)::text FROM outbox.events ORDER BY id
"""

# A year of other people's events and a thousand of one person's, whatever the size; in the order of time, as they land.
HISTORY = """
    INSERT INTO events_raw (event_id, event_type, occurred_at, transfer_id, kind, amount, currency, debit_account_id,
        credit_account_id, debit_user_id, credit_user_id, debit_balance_after, credit_balance_after, publish_time)
    SELECT CONCAT('e', CAST(n AS STRING)), 'transfer.posted', happened, CAST(n AS STRING), 'transfer',
        1 + MOD(n, 1000), 'IDR', CONCAT('a', CAST(MOD(n, 20000) AS STRING)), CONCAT('a', CAST(MOD(n, 19997) AS STRING)),
        IF(MOD(n, @every) = 0, 'me', CONCAT('u', CAST(MOD(n, 20000) AS STRING))),
        CONCAT('u', CAST(MOD(n, 19997) AS STRING)), 1, 1, happened
    FROM (SELECT n, TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL DIV((@total - n) * 31536000, @total) SECOND) AS happened
          FROM UNNEST(GENERATE_ARRAY(@first, @last)) AS n)
"""


class Pipe:
    """The parts of an event's way, started when they are first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server = postgres.start(directory / "postgres", durable=True)
        made = secrets.generate()
        postgres.migrate(self.server, "pipe", environment.logins(), made["DATABASE_PASSWORD"])
        self.parts = [pubsub.start(directory / "pubsub")]
        address = f"127.0.0.1:{self.parts[0].port}"
        os.environ |= {"PUBSUB_EMULATOR_HOST": address, "GOOGLE_CLOUD_PROJECT": PROJECT}
        make_topics(PROJECT)
        make_subscriptions(PROJECT, {})
        stack = Stack(made, database_port=self.server.port, database_name="pipe", pubsub=address)
        self.relay = Deployment("relay", "drain", stack.of("relay-drain")).app.test_client()
        self.outbox = Outbox(self.server, "pipe")
        self.outbox.run(
            "SELECT ledger.open_account(gen_random_uuid(), 'Somebody') FROM generate_series(1, CAST(:a AS integer))",
            a=ACCOUNTS,
        )

    def warehouse(self) -> Any:
        """A client of a fresh warehouse."""
        if len(self.parts) == 1:
            self.parts.append(bigquery.start(self.directory / "bigquery"))
            os.environ |= {"BIGQUERY_EMULATOR_HOST": self.parts[1].url, "BIGQUERY_LOCATION": "asia-southeast2"}
        client = bigquery_client(PROJECT)
        client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
        make_warehouse(client, DATASET)
        return client

    def tick(self, seconds: int, *, until_empty: bool) -> int:
        """Let the relay drain, and return how many events it published."""
        answer = self.relay.post("/", json={"budget_seconds": seconds, "until_empty": until_empty})
        return int(answer.json["published"])

    def stop(self) -> None:
        """End every part."""
        for part in self.parts:
            part.stop()
        self.server.stop()


def relay_rate(pipe: Pipe) -> list[list[str]]:
    """One relay against the bare client, in turns, three times; medians."""
    bare, relay = [], []
    for _ in range(3):
        pipe.outbox.run(FILL, first=1, last=RELAY_EVENTS, a=ACCOUNTS)
        pipe.outbox.run("ANALYZE outbox.events, ledger.transfers")
        wire = _wire(pipe)
        bare.append(RELAY_EVENTS / _seconds(lambda wire=wire: _send(wire)))
        relay.append(RELAY_EVENTS / _seconds(lambda: pipe.tick(55, until_empty=True)))
    ratio = median(relay) / median(bare)
    return [_ratio(f"one relay, {ACCOUNTS:,} ordering keys", median(relay), median(bare), ratio, 0.6)]


def delay(pipe: Pipe) -> list[list[str]]:
    """Commit events at RATE, with a relay ticking and the warehouse subscribed, and time each to its row."""
    client = pipe.warehouse()
    _empty_subscription()
    landed: dict[str, float] = {}
    subscription, stopping = _timed(BigQuerySubscription("wallet-events-warehouse", client, DATASET), landed)
    carrier = threading.Thread(target=subscription.run, args=(stopping,))
    ticking = threading.Thread(target=pipe.tick, args=(min(55, DELAY_SECONDS + 4),), kwargs={"until_empty": False})
    carrier.start()
    ticking.start()
    began, committed = time.time(), 0
    while (elapsed := time.time() - began) < DELAY_SECONDS:
        due = int(elapsed * RATE) - committed
        if due:
            pipe.outbox.run(FILL, first=committed + 1, last=committed + due, a=ACCOUNTS)
            committed += due
        time.sleep(0.02)
    ticking.join()
    ends = time.time() + 30
    while len(landed) < committed and time.time() < ends:
        time.sleep(0.1)
    stopping.set()
    carrier.join()
    (seen,) = query(client, "SELECT COUNT(*) AS n FROM events WHERE occurred_at > '2020-01-01'")
    times = list(landed.values())
    figures = {"median": (median(times), 3), "99th percentile": (quantiles(times, n=100)[98], 10)}
    rows = [
        [f"commit to row, {name}", f"{s:.2f} s", f"≤ {most} s", "yes" if s <= most else "**no**"]
        for name, (s, most) in figures.items()
    ]
    return [
        *rows,
        [
            "events seen of those committed",
            str(seen["n"]),
            str(committed),
            "yes" if seen["n"] == committed else "**no**",
        ],
    ]


def scan(pipe: Pipe) -> list[list[str]]:
    """Fill the warehouse, close the days, and look at what a summary of 30 days touches."""
    rows = []
    for size in SCAN_EVENTS:
        client = pipe.warehouse()
        for first in range(1, size + 1, 1_000_000):
            _fill(client, first=first, last=min(size, first + 999_999), total=size, every=max(1, size // 1000))
        run_scheduled_queries(client, DATASET)
        touched, seconds = _summary(client)
        figures = [f"{n:,}" for n in (size, touched["closed"], touched["everybody"], touched["open"])]
        rows.append([*figures, f"{seconds * 1000:.0f} ms"])
    return rows


def _summary(client: Any) -> tuple[dict[str, int], float]:
    """The rows that stand in what a summary of 30 days reads, and how long its two statements take."""
    sys.path.insert(0, str(environment.ROOT / "functions" / "analytics"))
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    import summary

    (closing,) = query(client, "SELECT MAX(day) AS last FROM closings")
    today = datetime.now(UTC).date()
    values: dict[str, tuple[str, Any]] = {
        "user_id": ("STRING", "me"), "first": ("DATE", today.fromordinal(today.toordinal() - 29)),
        "closed_last": ("DATE", closing["last"]), "until": ("TIMESTAMP", datetime.now(UTC)),
        "open_since": ("TIMESTAMP", datetime.combine(closing["last"], datetime.min.time(), UTC).replace(hour=17)),
    }  # fmt: skip
    parameters = [ScalarQueryParameter(name, kind, value) for name, (kind, value) in values.items()]
    config = QueryJobConfig(default_dataset=f"{PROJECT}.{DATASET}", query_parameters=parameters)

    def run(statement: str) -> list[Any]:
        return list(client.query(statement, job_config=config).result())

    counts = {
        "closed": "SELECT COUNT(*) AS n FROM totals_closed "
        "WHERE user_id = @user_id AND day BETWEEN @first AND @closed_last",
        "everybody": "SELECT COUNT(*) AS n FROM totals_closed WHERE day BETWEEN @first AND @closed_last",
        "open": "SELECT COUNT(*) AS n FROM events_raw WHERE occurred_at >= @open_since AND occurred_at < @until",
    }
    touched = {name: int(run(statement)[0]["n"]) for name, statement in counts.items()}
    seconds = median(_seconds(lambda: [run(summary.BY_DAY), run(summary.BY_COUNTERPARTY)]) for _ in range(5))
    return touched, seconds


def _fill(client: Any, **numbers: int) -> None:
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    parameters = [ScalarQueryParameter(name, "INT64", number) for name, number in numbers.items()]
    config = QueryJobConfig(default_dataset=f"{PROJECT}.{DATASET}", query_parameters=parameters)
    client.query(HISTORY, job_config=config).result()


def _empty_subscription() -> None:
    """Forget what an earlier part has published."""
    with pubsub_v1.SubscriberClient() as subscriber:
        name = f"projects/{PROJECT}/subscriptions/wallet-events-warehouse"
        subscriber.delete_subscription(subscription=name, timeout=30)
    make_subscriptions(PROJECT, {})


def _timed(
    subscription: BigQuerySubscription, landed: dict[str, float]
) -> tuple[BigQuerySubscription, threading.Event]:
    """Note, for each event, how long after its commit its row could be read."""
    insert = subscription._insert

    def insert_and_note(rows: list[dict[str, Any]], *rest: Any) -> None:
        insert(rows, *rest)
        now = time.time()
        for row in rows:
            landed.setdefault(row["event_id"], now - datetime.fromisoformat(row["occurred_at"]).timestamp())

    vars(subscription)["_insert"] = insert_and_note
    return subscription, threading.Event()


def _wire(pipe: Pipe) -> list[tuple[bytes, str, dict[str, str]]]:
    """What the relay is about to send: each event's bytes, ordering key and attributes."""
    found = []
    for event_id, occurred_at, payload in pipe.outbox.run(WAITING):
        envelope = {"event_id": event_id, "event_type": "transfer.posted", "occurred_at": occurred_at}
        event = events.from_fields("transfer.posted", json.loads(payload) | envelope)
        assert isinstance(event, events.TransferPosted)
        found.append((events.encode(event), str(event.debit_account_id), events.attributes(event)))
    return found


def _send(wire: list[tuple[bytes, str, dict[str, str]]]) -> None:
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    client = pubsub_v1.PublisherClient(
        batch_settings=pubsub_v1.types.BatchSettings(max_messages=1000), publisher_options=options
    )
    topic = f"projects/{PROJECT}/topics/wallet-events"
    sent = [client.publish(topic, data, ordering_key=key, **attributes) for data, key, attributes in wire]
    for future in sent:
        future.result(120)
    client.stop()


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ratio(what: str, measured: float, against: float, ratio: float, demand: float) -> list[str]:
    met = "yes" if ratio >= demand else "**no**"
    return [what, f"{measured:,.0f}/s", f"{against:,.0f}/s", f"{ratio:.2f}", f"≥ {demand:.2f}", met]


@contextmanager
def pipe_in_a_directory() -> Iterator[Pipe]:
    """A pipe that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="pipe-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        pipe = Pipe(Path(name))
        try:
            yield pipe
        finally:
            pipe.stop()


PARTS: dict[str, tuple[str, tuple[str, ...], Callable[[Pipe], list[list[str]]]]] = {
    "relay": ("Events drained by one relay", RATIOS, relay_rate),
    "delay": (
        f"From the commit to the warehouse, at {RATE} events a second",
        ("What", "Measured", "Demand", "Met"),
        delay,
    ),
    "scan": (
        "What a summary of 30 days reads",
        (
            "Events in the warehouse",
            "Rows of the person's closed days",
            "in their partitions, everybody's",
            "in the open days, everybody's",
            "Both statements",
        ),
        scan,
    ),
}


def main(*parts: str) -> None:
    """Run the parts and write what they found."""
    sections = []
    with pipe_in_a_directory() as pipe:
        for part in parts or PARTS:
            title, heading, measure = PARTS[part]
            began = datetime.now(UTC)
            rows = measure(pipe)
            print(*(" | ".join(row) for row in rows), sep="\n", flush=True)
            sections.append(Section(part, title, rows, began, f"python -m tests.load.pipe {part}", heading))
    write(sections, machine())


if __name__ == "__main__":
    main(*sys.argv[1:])
