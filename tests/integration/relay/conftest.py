"""What the relay's tests share: an outbox, a topic and the relay's own deployment."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulators.part import Part
from emulators.postgres import Postgres
from tests.pipe import Outbox, Tap, fresh_topics


@pytest.fixture(scope="module")
def topics(pubsub: Part) -> None:
    """The topics and subscriptions, as they are defined; nobody receives pushes."""
    fresh_topics()


@pytest.fixture(scope="module")
def outbox(postgres: Postgres, database: str) -> Outbox:
    """The outbox of this module's database."""
    return Outbox(postgres, database)


@pytest.fixture
def tap(topics: None) -> Iterator[Tap]:
    """Sees what is published to wallet-events during the test."""
    tap = Tap()
    yield tap
    tap.close()


@pytest.fixture(scope="module")
def drain(deployment: Callable[..., Any]) -> Callable[..., dict[str, int]]:
    """Tick the relay until the outbox is empty, and return what it did."""
    client = deployment("relay", "drain")

    def tick(budget_seconds: int = 20) -> dict[str, int]:
        answer = client.post("/", json={"budget_seconds": budget_seconds, "until_empty": True})
        assert answer.status_code == 200, answer.text
        return answer.json

    return tick
