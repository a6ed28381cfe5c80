"""The stand-in for the BigQuery subscription writes rows as Google does, at least once, and sets poison aside."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from google.cloud import bigquery as sdk
from google.cloud import pubsub_v1

from emulators import bigquery as bigquery_emulator
from emulators.environment import DATASET, PROJECT
from emulators.provision import bigquery_client, make_warehouse
from emulators.warehouse import BigQuerySubscription
from shared import events
from shared.events import TransferPosted
from tests.pipe import Subscription, Tap, fresh_topics, query, transfer_posted
from tests.waiting import until
from tools import redrive

TOPIC = f"projects/{PROJECT}/topics/wallet-events"
RAW = "SELECT * FROM events_raw WHERE occurred_at > '2020-01-01'"
SEEN = "SELECT * FROM events WHERE occurred_at > '2020-01-01'"


@pytest.fixture(scope="module")
def client(pubsub, bigquery):
    """A provisioned warehouse, and topics with nobody pushing."""
    made = bigquery_client(PROJECT)
    made.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    make_warehouse(made, DATASET)
    fresh_topics()
    return made


@pytest.fixture
def publish(client):
    """Publish an event to the topic, as the relay does."""
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    publisher = pubsub_v1.PublisherClient(publisher_options=options)

    def send(event):
        key = str(event.debit_account_id)
        publisher.publish(TOPIC, events.encode(event), ordering_key=key, **events.attributes(event)).result(10)

    yield send
    publisher.stop()


def rows_of(client, event, statement=RAW):
    return [row for row in query(client, statement) if row["event_id"] == str(event.event_id)]


def test_a_message_becomes_a_row_with_its_metadata(client, publish):
    """Fields stand in the columns of their names, and beside them what Pub/Sub knows of the message."""
    event = transfer_posted(kind="topup", debit_user_id=None)
    publish(event)
    Subscription(client).carry(1)

    (row,) = rows_of(client, event)

    assert row["occurred_at"] == event.occurred_at
    assert (row["debit_user_id"], row["credit_user_id"]) == (None, str(event.credit_user_id))
    assert row["amount"] == event.amount
    assert row["subscription_name"].endswith("/wallet-events-warehouse")
    assert row["message_id"]
    assert row["publish_time"] is not None
    attributes = row["attributes"] if isinstance(row["attributes"], dict) else json.loads(row["attributes"])
    assert attributes["event_id"] == str(event.event_id)
    assert attributes["ordering_key"] == str(event.debit_account_id)


def test_the_view_shows_an_event_once_however_often_it_came(client, publish):
    """Three publications and rows in any order are three rows and one event with two entries."""
    event = transfer_posted()
    for _ in range(3):
        publish(event)
    Subscription(client).carry(3)

    assert len(rows_of(client, event)) == 3
    assert len(rows_of(client, event, SEEN)) == 1
    entries = rows_of(client, event, "SELECT * FROM entries WHERE occurred_at > '2020-01-01'")
    assert sorted(entry["direction"] for entry in entries) == ["in", "out"]


@pytest.fixture
def outage(directory: Path, publish) -> Iterator[tuple[sdk.Client, TransferPosted, Callable[[], None]]]:
    """The client of a second warehouse that is away, an event on its way there, and how the outage ends."""
    part = bigquery_emulator.start(directory / "second-bigquery", project=PROJECT)
    before = os.environ["BIGQUERY_EMULATOR_HOST"]
    os.environ["BIGQUERY_EMULATOR_HOST"] = part.url
    away = bigquery_client(PROJECT)
    os.environ["BIGQUERY_EMULATOR_HOST"] = before
    make_warehouse(away, DATASET)
    part.stop()
    with ExitStack() as later:

        def end() -> None:
            later.callback(bigquery_emulator.start(directory / "second-bigquery", part.port, project=PROJECT).stop)

        publish(event := transfer_posted())
        yield away, event, end


@contextmanager
def carrying(client: sdk.Client, holds_seconds: int = 2) -> Iterator[None]:
    """Let the subscription's stand-in work for a while; what it holds at its end comes again after `holds_seconds`."""
    subscription, stopping = BigQuerySubscription("wallet-events-warehouse", client, DATASET), threading.Event()
    subscription.deadline_seconds = holds_seconds
    carrier = threading.Thread(target=subscription.run, args=(stopping,))
    carrier.start()
    try:
        yield
    finally:
        stopping.set()
        carrier.join()


def test_rows_wait_while_the_warehouse_is_away(outage):
    """An outage of the warehouse sends nothing to the dead letters: the rows come when it is back."""
    away, event, end_outage = outage
    with carrying(away):
        time.sleep(4)
        end_outage()
        until(lambda: len(rows_of(away, event, SEEN)) == 1, timeout_seconds=30)


def test_rows_in_hand_come_again_where_their_carrier_ends(outage):
    """What was delivered and not written is not acknowledged: another writes it."""
    away, event, end_outage = outage
    with carrying(away):
        time.sleep(4)
    end_outage()
    with carrying(away):
        until(lambda: len(rows_of(away, event, SEEN)) == 1, timeout_seconds=30)


def test_poison_goes_to_the_dead_letters_after_five_deliveries(client, publish, capsys):
    """A message that is no row is set aside with its story, holds up no other, and can be sent again."""
    poison, good = transfer_posted(), transfer_posted()
    spoilt = events.encode(poison).replace(
        poison.occurred_at.isoformat().replace("+00:00", "Z").encode(), b"2026-11-31T25:00:00Z"
    )
    assert spoilt != events.encode(poison)
    publisher = pubsub_v1.PublisherClient()
    publisher.publish(TOPIC, spoilt, **events.attributes(poison)).result(10)
    publish(good)
    with carrying(client, holds_seconds=120):  # what is no row is held for none of it
        until(lambda: len(rows_of(client, good)) == 1)
        arguments = [f"--project={PROJECT}", "--topic=wallet-events"]

        def lies_there():
            redrive.main([*arguments, "--list"])
            return str(poison.event_id) in (shown := capsys.readouterr().out) and "no event of ours" in shown

        until(lies_there, timeout_seconds=60)
        assert rows_of(client, poison) == []

        tap = Tap()
        assert redrive.main([*arguments, f"--event={poison.event_id}"]) == 0
        (again,) = tap.take(1)
        assert again.message.data == spoilt
        assert again.message.attributes["event_id"] == str(poison.event_id)
