"""How fast one relay drains the outbox, against Google's own publisher client sending the same bytes."""

import time

import pytest
from google.cloud import pubsub_v1

from emulators.environment import PROJECT
from emulators.provision import make_subscriptions, make_topics
from shared import events
from tests.pipe import Outbox, transfer_posted

pytestmark = pytest.mark.bench

EVENTS = 20_000
ACCOUNTS = 1_000


@pytest.fixture(scope="module")
def line():
    """Events of a thousand accounts, in turn."""
    accounts = [transfer_posted().debit_account_id for _ in range(ACCOUNTS)]
    return [transfer_posted(debit_account_id=accounts[n % ACCOUNTS]) for n in range(EVENTS)]


def bare_rate(line) -> float:
    """Events a second of PublisherClient with ordering on, given every message at once."""
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    settings = pubsub_v1.types.BatchSettings(max_messages=1000)
    client = pubsub_v1.PublisherClient(batch_settings=settings, publisher_options=options)
    topic = f"projects/{PROJECT}/topics/wallet-events"
    wire = [(events.encode(e), str(e.debit_account_id), events.attributes(e)) for e in line]
    started = time.perf_counter()
    sent = [client.publish(topic, data, ordering_key=key, **attributes) for data, key, attributes in wire]
    for future in sent:
        future.result(60)
    elapsed = time.perf_counter() - started
    client.stop()
    return len(line) / elapsed


def relay_rate(line, outbox, client) -> float:
    """Events a second of one relay, from the rows of the outbox to the rows of outbox.published."""
    for event in line:
        outbox.put(event)
    started = time.perf_counter()
    answer = client.post("/", json={"budget_seconds": 55, "until_empty": True})
    elapsed = time.perf_counter() - started
    assert answer.json["published"] == len(line)
    return len(line) / elapsed


def test_a_relay_publishes_at_least_six_tenths_of_what_the_client_can(pubsub, deployment, postgres, database, line):
    """The relay also claims, checks, encodes and acknowledges; that may cost four tenths."""
    make_topics(PROJECT)
    make_subscriptions(PROJECT, {})
    client, outbox = deployment("relay", "drain"), Outbox(postgres, database)
    relay_rate(line[:1000], outbox, client)
    bare_rate(line[:1000])
    outbox.run("TRUNCATE outbox.published")

    bare, relay = bare_rate(line), relay_rate(line, outbox, client)

    print(f"\nbare client {bare:,.0f} events/s, relay {relay:,.0f} events/s, ratio {relay / bare:.2f}")
    assert relay / bare >= 0.6
