"""The pipe from the outbox to the warehouse, as tests drive it: events in, messages and rows out."""

import base64
import json
import threading
import time
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import msgspec
from google.api_core.exceptions import DeadlineExceeded, NotFound
from google.cloud import bigquery, pubsub_v1
from google.pubsub_v1.types import ReceivedMessage

from emulators import warehouse
from emulators.environment import DATASET, PROJECT
from emulators.postgres import Postgres
from emulators.provision import make_subscriptions, make_topics
from shared import events
from shared.events import TransferPosted

# A message that is surely under way may be late on a busy machine; one that nobody sent is not waited for long.
PATIENT_SECONDS = 20.0
QUIET_SECONDS = 2.0
# What was handed to somebody who had just given up comes again after this time (terraform/schemas/subscriptions.json).
LEASE_SECONDS = 60
INSERT = """
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
    VALUES (:id, :topic, :type, 1, :key, :at, CAST(:payload AS json))
"""


def transfer_posted(**fields: Any) -> TransferPosted:
    """An event of a transfer between two people, with what is given in place of made-up values."""
    made: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": datetime.now(UTC),
        "transfer_id": uuid4(),
        "kind": "transfer",
        "amount": 25_000,
        "debit_account_id": uuid4(),
        "credit_account_id": uuid4(),
        "debit_user_id": uuid4(),
        "credit_user_id": uuid4(),
        "debit_balance_after": 75_000,
        "credit_balance_after": 25_000,
    }
    return TransferPosted(**(made | fields))


def payload_of(event: events.Event) -> dict[str, Any]:
    """The payload that the database writes for an event: its own fields, without the envelope."""
    fields = msgspec.to_builtins(event)
    return {name: fields[name] for name in fields if name not in ("event_id", "event_type", "occurred_at")}


def fresh_topics() -> None:
    """Make the topics and subscriptions anew: what other modules have left in them is gone."""
    project = f"projects/{PROJECT}"
    with pubsub_v1.SubscriberClient() as subscriber:
        for subscription in subscriber.list_subscriptions(project=project, timeout=10):
            subscriber.delete_subscription(subscription=subscription.name, timeout=10)
    with pubsub_v1.PublisherClient() as publisher:
        for topic in publisher.list_topics(project=project, timeout=10):
            publisher.delete_topic(topic=topic.name, timeout=10)
    make_topics(PROJECT)
    make_subscriptions(PROJECT, {})


class Outbox:
    """The outbox of one database, written to and read as its owner."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self.connection = postgres.connect(database)

    def put(self, event: events.Event, *, topic: str = "wallet-events", key: str = "", **payload: Any) -> None:
        """Write an event as the ledger does; `payload` replaces fields, to spoil them."""
        self.connection.run(
            INSERT,
            id=event.event_id,
            topic=topic,
            type=event.event_type,
            key=key or str(getattr(event, "debit_account_id", "")),
            at=event.occurred_at,
            payload=json.dumps(payload_of(event) | payload),
        )

    def waiting(self) -> list[Any]:
        """(event id, attempts, last error) of what has not left, in order."""
        return list(self.connection.run("SELECT event_id, attempts, last_error FROM outbox.events ORDER BY id"))

    def published(self) -> set[UUID]:
        """The ids of the events that have left."""
        return {row[0] for row in self.connection.run("SELECT event_id FROM outbox.published")}

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Run any statement as the owner."""
        return list(self.connection.run(statement, **values) or [])


class Tap:
    """A subscription of the test's own on a topic: it sees every message that is published from now on."""

    def __init__(self, topic: str = "wallet-events") -> None:
        self.subscriber = pubsub_v1.SubscriberClient()
        self.name = f"projects/{PROJECT}/subscriptions/tap-{uuid4().hex}"
        request = {"name": self.name, "topic": f"projects/{PROJECT}/topics/{topic}", "enable_message_ordering": True}
        self.subscriber.create_subscription(request=request, timeout=10)

    def take(self, count: int) -> list[ReceivedMessage]:
        """Return messages as soon as there are `count`; fewer where none came for a long time."""
        taken: list[ReceivedMessage] = []
        while len(taken) < count and (batch := self._pull(PATIENT_SECONDS)):
            taken += batch
        return taken

    def rest(self) -> list[ReceivedMessage]:
        """Return what else comes until it is quiet."""
        taken: list[ReceivedMessage] = []
        while batch := self._pull(QUIET_SECONDS):
            taken += batch
        return taken

    def close(self) -> None:
        """Drop the subscription."""
        self.subscriber.delete_subscription(subscription=self.name, timeout=10)
        self.subscriber.close()

    def _pull(self, seconds: float) -> list[ReceivedMessage]:
        try:
            answer = self.subscriber.pull(subscription=self.name, max_messages=1000, timeout=seconds, retry=None)
        except (DeadlineExceeded, NotFound):
            return []
        found = list(answer.received_messages)
        if found:
            ids = [message.ack_id for message in found]
            self.subscriber.acknowledge(subscription=self.name, ack_ids=ids, timeout=10)
        return found


class Subscription:
    """The stand-in for the BigQuery subscription, run by hand: it carries what is there, and stops."""

    def __init__(self, client: bigquery.Client) -> None:
        self.stand_in = warehouse.BigQuerySubscription("wallet-events-warehouse", client, DATASET)

    def carry(self, count: int) -> None:
        """Write rows until `count` more stand in the warehouse."""
        written = 0
        ends = time.monotonic() + LEASE_SECONDS + 30 + count / 50
        with mock.patch.object(warehouse, "PULL_TIMEOUT_SECONDS", PATIENT_SECONDS):
            while written < count:
                assert time.monotonic() < ends, f"{written} of {count} rows came"
                written += self.stand_in.carry(threading.Event())


def pushed(received: ReceivedMessage) -> dict[str, Any]:
    """A message in the wrapper in which Pub/Sub pushes it."""
    data = base64.b64encode(received.message.data).decode()
    message = {"data": data, "attributes": dict(received.message.attributes), "messageId": received.message.message_id}
    return {"message": message, "subscription": f"projects/{PROJECT}/subscriptions/wallet-events-notifications"}


def query(client: bigquery.Client, statement: str) -> list[dict[str, Any]]:
    """The rows of a statement against the warehouse; `events` and the like stand for the full names."""
    job = client.query(statement, job_config=bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{DATASET}"))
    return [dict(row) for row in job.result(timeout=60)]
