"""The whole way at its worst: relays die, every hop repeats itself, one message is poison, and Pub/Sub forgets.

Afterwards the deduplicated view has exactly the ledger's transfers. Everything is real: the ledger's
own postings, the deployed relay as processes of their own that are killed, Google's emulator, the
subscription's stand-in, the operators' command. Only mishaps are added.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import firestore, pubsub_v1

from emulators import pubsub as pubsub_emulator
from emulators.environment import DATASET, OPERATOR, PROJECT, ROOT
from emulators.part import Part, kill_group
from emulators.provision import bigquery_client, make_subscriptions, make_topics, make_warehouse
from emulators.warehouse import BigQuerySubscription
from shared import events
from tests.deployment import Deployment
from tests.integration.relay import mortal
from tests.pipe import Tap, pushed, query, transfer_posted
from tests.waiting import until
from tools import redrive

SHORT = 2_000
LONG = int(os.environ.get("SOAK_EVENTS", "100000"))
PEOPLE = 200
TOLD = 40
ROUNDS_MAX = 10
LOOK_SECONDS = 1
TOPIC = f"projects/{PROJECT}/topics/wallet-events"

# Transfers, top-ups and reversals by the ledger's own posting.
MOVE = """
DO $$
DECLARE
    v_people uuid[] := ARRAY(SELECT id FROM ledger.accounts WHERE kind = 'user' ORDER BY id);
    v_last ledger.transfers;
    v_from uuid;
    v_to uuid;
    v_id uuid;
BEGIN
    FOR n IN 1..%(count)s LOOP
        v_id := gen_random_uuid();
        v_from := v_people[1 + floor(random() * cardinality(v_people))];
        v_to := v_people[1 + floor(random() * cardinality(v_people))];
        IF n %% 7 = 0 OR v_from = v_to THEN
            PERFORM ledger.post(v_id, 'topup', ledger.settlement_account(v_id), v_to, 40000, '', NULL);
        ELSIF n %% 20 = 3 AND v_last.kind = 'transfer' THEN
            PERFORM ledger.post(v_id, 'reversal', v_last.credit_account_id, v_last.debit_account_id, v_last.amount, '', v_last.id);
            v_last := NULL;
        ELSE
            PERFORM ledger.post(v_id, 'transfer', v_from, v_to, 1 + floor(random() * 5000)::bigint, '', NULL);
            SELECT * INTO v_last FROM ledger.transfers WHERE id = v_id;
        END IF;
    END LOOP;
END $$
"""
BOOKS = """
    SELECT event_id::text, id::text, kind::text, amount, debit_account_id::text, credit_account_id::text,
           debit_balance_after, credit_balance_after
    FROM ledger.transfers
"""
VIEW = """
    SELECT event_id, transfer_id, kind, amount, debit_account_id, credit_account_id,
           debit_balance_after, credit_balance_after
    FROM events WHERE occurred_at > '2020-01-01'
"""
COPIES = "SELECT COUNT(*) AS n FROM {} WHERE occurred_at > '2020-01-01'"


class Clumsy(BigQuerySubscription):
    """A subscription that repeats rows, mixes their order, and a few times dies before it has acknowledged."""

    deaths_left = 3

    def _insert(self, rows: list[dict[str, Any]], ack_ids: list[str], stopping: threading.Event) -> None:
        twice = rows + random.sample(rows, len(rows) // 3)
        random.shuffle(twice)
        super()._insert(twice[:1000], ack_ids, stopping)
        if rest := twice[1000:]:
            super()._insert(rest, ack_ids, stopping)
        if self.deaths_left:
            self.deaths_left -= 1
            self._set_deadline(ack_ids, 0)
            raise GoogleAPIError("died before it acknowledged")


@dataclass
class Way:
    """The parts of the way, and what a test does with them."""

    owner: Any
    environment: dict[str, str]
    operator: dict[str, str]
    relay: Any
    warehouse: Any
    part: Part
    restart: Callable[[], Part]
    exit_codes: list[int] = field(default_factory=list)

    def move(self, count: int) -> None:
        """Make movements of money; each writes its event with it."""
        self.owner.run(MOVE % {"count": count})

    def die(self, step: str) -> int:
        """Run a relay as a process of its own until it dies at `step`; returns its exit code."""
        return mortal.run(step, self.environment, claim_max=100)[-1]

    def drain(self) -> None:
        """Let four relays at once empty the outbox; every lease has ended, as those of the dead do at last."""
        order = {"budget_seconds": 55, "until_empty": True}
        for _ in range(ROUNDS_MAX):
            self.owner.run("UPDATE outbox.events SET claimed_until = '-infinity' WHERE attempts < 5")
            with ThreadPoolExecutor(4) as relays:
                ticks = [relays.submit(self.relay.post, "/", json=order) for _ in range(4)]
                assert [tick.result().status_code for tick in ticks] == [200] * 4
            if not self.left():
                return
        raise AssertionError(f"{self.left()} events are left after {ROUNDS_MAX} rounds")

    def drain_over_the_dead(self) -> None:
        """The same, but before it four relays at once have claimed what there is, and each died at another step."""
        with ThreadPoolExecutor(4) as relays:
            assert list(relays.map(self.die, mortal.STEPS)) == [-signal.SIGKILL] * 4
        self.drain()

    def left(self) -> int:
        """How many events wait that were never refused."""
        return int(self.owner.run("SELECT count(*) FROM outbox.events WHERE last_error IS NULL")[0][0])

    def carry(self, is_enough: Callable[[], bool], seconds: float) -> None:
        """Let a clumsy subscription write rows until it is enough."""
        subscription, stopping = Clumsy("wallet-events-warehouse", self.warehouse, DATASET), threading.Event()
        carrier = threading.Thread(target=subscription.run, args=(stopping,))
        carrier.start()
        try:
            # Counting what the view shows costs the emulator more than writing it: not all the time.
            until(lambda: is_enough() or stopping.wait(LOOK_SECONDS), timeout_seconds=seconds)
        finally:
            stopping.set()
            carrier.join()

    def seen(self) -> int:
        """How many events the view shows."""
        return int(query(self.warehouse, COPIES.format("events"))[0]["n"])

    def replay(self, since: datetime) -> int:
        """Type the operators' command."""
        command = [sys.executable, "-m", "shared.operate", "replay", since.isoformat(), datetime.now(UTC).isoformat()]
        done = subprocess.run(
            command, cwd=ROOT, env=self.operator, check=True, timeout=120, capture_output=True, text=True
        )
        return int(done.stdout.splitlines()[-1])

    def assert_equal(self) -> None:
        """The view has exactly the ledger's transfers, every figure of them, and the table more rows than that."""
        books = sorted(tuple(row) for row in self.owner.run(BOOKS))
        assert sorted(tuple(row.values()) for row in query(self.warehouse, VIEW)) == books
        assert query(self.warehouse, COPIES.format("events_raw"))[0]["n"] > 1.2 * len(books)


@pytest.fixture
def way(owner, open_wallet, database_stack, bigquery, directory, monkeypatch) -> Iterator[Way]:
    """People with money, an empty warehouse, and a Pub/Sub of this test's own, which it may kill."""
    for _ in range(PEOPLE - len(owner.run("SELECT FROM ledger.accounts WHERE kind = 'user'"))):
        open_wallet(balance=1_000_000)
    client = bigquery_client(PROJECT)
    client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    make_warehouse(client, DATASET)

    def start(port: int | None = None) -> Part:
        part = pubsub_emulator.start(directory / "whole-way", port)
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{part.port}")
        make_topics(PROJECT)
        make_subscriptions(PROJECT, {})
        return part

    part = start()
    database_stack.pubsub = f"127.0.0.1:{part.port}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)} | database_stack.of("relay-drain")
    relay = Deployment("relay", "drain", database_stack.of("relay-drain") | {"DATABASE_POOL_SIZE": "4"}).app
    operator = variables | {"DATABASE_USER": OPERATOR}
    made = Way(owner, variables, operator, relay.test_client(), client, part, lambda: start(part.port))
    yield made
    made.part.stop()


def poison(way: Way) -> str:
    """Put an event into the outbox that the topic refuses, and a message into the topic that is no row."""
    refused, spoilt = transfer_posted(), transfer_posted()
    way.owner.run(
        "INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)"
        " SELECT :e, 'wallet-events', 'transfer.posted', 1, '', now(), CAST(:p AS json)",
        e=refused.event_id,
        p=json.dumps(
            json.loads(events.encode(refused))
            | {"debit_balance_after": 2**63, "debit_user_id": None, "credit_user_id": None}
        ),
    )
    data = json.loads(events.encode(spoilt)) | {"occurred_at": "yesterday"}
    with pubsub_v1.PublisherClient() as publisher:
        publisher.publish(TOPIC, json.dumps(data).encode(), **events.attributes(spoilt)).result(10)
    return str(refused.event_id)


def tell(deliver: Any, messages: list[Any]) -> None:
    """Push messages to the notifications, each twice and in no order."""
    twice = messages * 2
    random.shuffle(twice)
    for message in twice:
        assert deliver.post(f"/{TOPIC}", json=pushed(message)).status_code == 204


def told(messages: list[Any]) -> list[int]:
    """How many notifications each message's event has."""
    client = firestore.Client(project=PROJECT)
    names = [message.message.attributes["event_id"] for message in messages]
    return [
        len(
            list(
                client.collection("notifications").where(filter=firestore.FieldFilter("event_id", "==", name)).stream()
            )
        )
        for name in names
    ]


def sides(message: Any) -> int:
    """How many people an event concerns."""
    event = events.decode("transfer.posted", message.message.data)
    return sum(user is not None for user in (event.debit_user_id, event.credit_user_id))


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(SHORT, marks=pytest.mark.timeout(600)),
        pytest.param(LONG, marks=[pytest.mark.soak, pytest.mark.timeout(5400)]),
    ],
    ids=["short", "long"],
)
def test_the_view_has_exactly_the_ledgers_transfers(way, deployment, capsys, count):
    """Half of the events go through deaths and duplicates, the other half is lost with Pub/Sub's memory as well."""
    way.move(count // 2)
    tap = Tap()
    way.drain_over_the_dead()
    refused = poison(way)
    way.drain()
    messages = tap.take(TOLD)
    [[total]] = way.owner.run("SELECT count(*) FROM ledger.transfers")
    way.carry(lambda: way.seen() >= total, 60 + count / 50)
    way.assert_equal()

    tell(deployment("notifications", "deliver"), messages)
    assert told(messages) == [sides(message) for message in messages]
    assert way.owner.run("SELECT event_id::text FROM outbox.events WHERE last_error LIKE '%refused%'") == [[refused]]

    began = datetime.now(UTC)
    way.move(count - count // 2)
    way.drain_over_the_dead()
    kill_group(way.part.process.pid)
    way.part.stop()
    way.part = way.restart()
    [[total]] = way.owner.run("SELECT count(*) FROM ledger.transfers")
    assert way.seen() <= total - count // 2, "what Pub/Sub held is gone"

    assert way.replay(began) == count - count // 2
    way.drain()
    poison(way)
    way.carry(lambda: way.seen() >= total, 60 + count / 50)
    way.assert_equal()
    assert lies_in_the_dead_letters(way, capsys)


def lies_in_the_dead_letters(way: Way, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether a message that is no row has been set aside, and the tool says why."""

    def is_listed() -> bool:
        redrive.main([f"--project={PROJECT}", "--topic=wallet-events", "--list"])
        return "no event of ours" in capsys.readouterr().out

    way.carry(is_listed, 60)
    return True
