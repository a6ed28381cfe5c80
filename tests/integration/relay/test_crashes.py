"""A relay may be killed at any step and started any number of times: each event is published, none is lost."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulators import pubsub as pubsub_emulator
from emulators.environment import PROJECT, ROOT
from emulators.provision import make_subscriptions, make_topics
from tests.integration.relay import mortal
from tests.pipe import Tap, transfer_posted
from tests.waiting import until

EVENTS = 60


@pytest.fixture
def relay_process(drain, stack, outbox):
    """Run a relay as a process of its own, which dies at a step; returns its exit code after those of failed tries."""

    def run(step: str) -> list[int]:
        environment = {**os.environ, **stack.of("relay-drain"), "PYTHONPATH": str(ROOT)}
        return mortal.run(step, environment, before=lambda: end_leases(outbox))

    return run


def end_leases(outbox) -> None:
    outbox.run("UPDATE outbox.events SET claimed_until = '-infinity'")


def ids(messages) -> Counter:
    return Counter(message.message.attributes["event_id"] for message in messages)


@pytest.mark.parametrize("step", mortal.STEPS)
def test_a_killed_relay_loses_nothing(outbox, drain, tap, relay_process, step):
    """Whatever it was doing, what it had claimed comes back when its lease ends, and is published."""
    line = [transfer_posted() for _ in range(EVENTS)]
    for event in line:
        outbox.put(event)

    *failed, died = relay_process(step)

    assert died == -9
    held = len(outbox.waiting())
    assert held == (0 if step == "after the acknowledgement" else EVENTS)
    assert drain()["published"] == 0, "the dead relay's claim still holds its events"
    end_leases(outbox)
    assert drain()["published"] == held
    seen = ids(tap.take(EVENTS) + tap.rest())
    assert set(seen) == {str(event.event_id) for event in line}
    assert max(seen.values()) <= 2 + len(failed)
    assert outbox.waiting() == []


def test_relays_that_run_at_once_take_disjoint_sets(outbox, drain, tap, deployment):
    """Four relays publish three thousand events, and none of them twice."""
    line = [transfer_posted() for _ in range(3000)]
    for event in line:
        outbox.put(event)
    client = deployment("relay", "drain", DATABASE_POOL_SIZE="4")

    with ThreadPoolExecutor(4) as relays:
        ticks = [relays.submit(client.post, "/", json={"budget_seconds": 30, "until_empty": True}) for _ in range(4)]
        done = [tick.result().json["published"] for tick in ticks]

    assert sum(done) == len(line)
    assert sum(count > 0 for count in done) > 1
    seen = ids(tap.take(len(line)) + tap.rest())
    assert seen == Counter(str(event.event_id) for event in line)


def test_a_message_that_the_topic_refuses_is_put_off_alone(outbox, drain, tap):
    """Ten events of one account with a bad one among them: nine leave in order, and the bad one says why."""
    first = transfer_posted()
    line = [first] + [transfer_posted(debit_account_id=first.debit_account_id) for _ in range(9)]
    bad = line[4]
    for event in line:
        # A number that our own check lets pass and Avro's 64-bit long does not.
        outbox.put(event, **({"debit_balance_after": 2**63} if event is bad else {}))

    assert drain()["published"] == 9

    received = [message.message.attributes["event_id"] for message in tap.take(9)]
    assert received == [str(event.event_id) for event in line if event is not bad]
    ((event_id, attempts, reason),) = outbox.waiting()
    assert (event_id, attempts) == (bad.event_id, 1)
    assert "refused" in reason
    outbox.run("DELETE FROM outbox.events")


def test_a_bad_event_is_parked_after_ten_attempts(outbox, drain, tap):
    """It is then passed over until an operator says so, and every later event leaves as before."""
    bad = transfer_posted()
    outbox.put(bad, note="lunch")
    for _ in range(12):
        drain()
        end_leases(outbox)
    outbox.put(good := transfer_posted())

    assert drain()["published"] == 1

    assert [m.message.attributes["event_id"] for m in tap.take(1)] == [str(good.event_id)]
    assert [(row[0], row[1]) for row in outbox.waiting()] == [(bad.event_id, 10)]
    assert outbox.run("SELECT parked FROM outbox.backlog()") == [[1]]
    outbox.run("DELETE FROM outbox.events")


def test_an_outage_of_pub_sub_counts_against_no_event(outbox, directory, load, capsys):
    """While Pub/Sub is away everything stays, unjudged; when it is back everything leaves."""
    part = pubsub_emulator.start(directory / "second-pubsub")
    host = os.environ["PUBSUB_EMULATOR_HOST"]
    os.environ["PUBSUB_EMULATOR_HOST"] = f"127.0.0.1:{part.port}"
    try:
        client = load("relay", "drain", PUBSUB_EMULATOR_HOST=f"127.0.0.1:{part.port}").app.test_client()
        order = {"budget_seconds": 20, "until_empty": True}
        line = [transfer_posted() for _ in range(30)]
        for event in line:
            outbox.put(event)
        part.stop()

        for _ in range(12):
            assert client.post("/", json=order).json == {"published": 0, "refused": 0, "given_back": 30}
        assert [(row[0], row[1]) for row in outbox.waiting()] == [(event.event_id, 0) for event in line]

        part = pubsub_emulator.start(directory / "second-pubsub", part.port)

        def is_told_that_there_is_no_topic() -> bool:
            assert client.post("/", json=order).json["given_back"] == 30
            return "NOT_FOUND" in capsys.readouterr().out

        # The client's channel may still be waiting before it connects again.
        until(is_told_that_there_is_no_topic)
        make_topics(PROJECT)
        make_subscriptions(PROJECT, {})
        tap = Tap()
        until(lambda: client.post("/", json=order).json["published"] == 30)
        assert set(ids(tap.take(30))) == {str(event.event_id) for event in line}
    finally:
        part.stop()
        os.environ["PUBSUB_EMULATOR_HOST"] = host
