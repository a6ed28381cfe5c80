"""What the tests of reconciliation share: the whole pipe, from the ledger to the warehouse and the inbox."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from flask.testing import FlaskClient
from google.cloud import bigquery
from pg8000.native import Connection
from werkzeug.test import TestResponse

from emulators.environment import DATASET, PROJECT
from emulators.part import Part
from emulators.provision import bigquery_client, make_warehouse
from shared.events import SecurityNotice, attributes, encode
from tests.pipe import Subscription, Tap, fresh_topics, pushed


@pytest.fixture(scope="module")
def warehouse(bigquery: Part) -> Iterator[bigquery.Client]:
    """An empty warehouse of this module's own."""
    client = bigquery_client(PROJECT)
    client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    make_warehouse(client, DATASET)
    yield client
    client.close()


@pytest.fixture(scope="module")
def carry(
    empty_firestore: None,
    deployment: Callable[..., FlaskClient],
    owner: Connection,
    warehouse: bigquery.Client,
    pubsub: Part,
) -> Iterator[Callable[[], int]]:
    """Carry everything that the outbox holds to the warehouse and into the inboxes."""
    fresh_topics()
    relay, deliver = deployment("relay", "drain"), deployment("notifications", "deliver")
    subscription, tap = Subscription(warehouse), Tap()

    def run() -> int:
        count = relay.post("/", json={"budget_seconds": 20, "until_empty": True}).json["published"]
        subscription.carry(count)
        for message in tap.take(count):
            answer = deliver.post(f"/projects/{PROJECT}/topics/wallet-events", json=pushed(message))
            assert answer.status_code == 204
        return int(count)

    yield run
    tap.close()


@pytest.fixture(scope="module")
def forget(deployment: Callable[..., FlaskClient]) -> Callable[[UUID], None]:
    """Tell the notifications that somebody has closed their account."""
    deliver = deployment("notifications", "deliver")

    def tell(user_id: UUID) -> None:
        closed = SecurityNotice(
            event_id=uuid4(), occurred_at=datetime.now(UTC), user_id=user_id, notice="account_closed"
        )
        message = {"data": base64.b64encode(encode(closed)).decode(), "attributes": attributes(closed)}
        answer = deliver.post("/projects/p/topics/wallet-notices", json={"message": message, "subscription": "s"})
        assert answer.status_code == 204

    return tell


@pytest.fixture(scope="module")
def empty_firestore(firestore: Part) -> None:
    """No document of another module's: its top-ups and notifications belong to another ledger."""
    url = f"{firestore.url}/emulator/v1/projects/{PROJECT}/databases/(default)/documents"
    requests.delete(url, timeout=30).raise_for_status()


@pytest.fixture(scope="module")
def check(
    empty_firestore: None, deployment: Callable[..., FlaskClient], warehouse: bigquery.Client
) -> Callable[..., TestResponse]:
    """Run a pass of reconciliation over everything up to now."""
    client = deployment("reconciliation", "check")

    def run(kind: str = "full", **more: Any) -> TestResponse:
        return client.post("/", json={"pass": kind, "grace_seconds": 0, **more})

    return run


def broken(answer: TestResponse) -> dict[str, list[dict[str, Any]]]:
    """The promises of a report that something speaks against."""
    return {kept["promise"]: kept["findings"] for kept in answer.json["promises"] if kept["findings"]}
