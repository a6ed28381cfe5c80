"""What the tests of notifications share: the two deployments, and events pushed as Pub/Sub pushes them."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from emulators.environment import PROJECT
from shared import events
from tests.tokens import Signer


@pytest.fixture(scope="module")
def api(deployment: Callable[..., FlaskClient]) -> FlaskClient:
    return deployment("notifications", "api")


@pytest.fixture(scope="module")
def push(deployment: Callable[..., FlaskClient]) -> Callable[..., TestResponse]:
    """Push an event to the deployment."""
    client = deployment("notifications", "deliver")
    return lambda event: client.post(f"/projects/{PROJECT}/topics/wallet-events", json=wrapped(event))


@pytest.fixture
def person(signer: Signer) -> tuple[Any, dict[str, str]]:
    """A new user id and the header that signs them in."""
    user_id = uuid4()
    return user_id, signer.bearer(user_id)


def wrapped(event: events.Event) -> dict[str, Any]:
    """An event in the wrapper in which Pub/Sub pushes it."""
    message = {
        "data": base64.b64encode(events.encode(event)).decode(),
        "attributes": events.attributes(event),
        "messageId": "1",
        "publishTime": "2026-11-22T08:00:00Z",
    }
    return {"message": message, "subscription": f"projects/{PROJECT}/subscriptions/wallet-events-notifications"}
