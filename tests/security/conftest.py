"""What the attacks share: the deployed functions, real people, and a forger of tokens."""

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from emulators.postgres import Postgres
from tests import people
from tests.contract.openapi import document
from tests.contract.world import Gateway, World
from tests.deployment import Deployment
from tests.tokens import Signer


@pytest.fixture(scope="module")
def owner(postgres: Postgres, database: str) -> Any:
    """The database owner's connection: for looking behind the routines."""
    connection = postgres.connect(database)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def identity(load: Callable[..., Deployment]) -> Deployment:
    """The identity function, as deployed, at bcrypt's lowest cost."""
    return load("identity", "api", **people.FAST)


@pytest.fixture(scope="module")
def client(identity: Deployment) -> FlaskClient:
    """A browser without a cookie jar: attacks name the cookie that they send."""
    return identity.app.test_client(use_cookies=False)


@pytest.fixture(scope="module")
def victim(client: FlaskClient) -> people.Person:
    """Somebody with things worth taking."""
    return people.register(client, full_name="Dewi Lestari")


@pytest.fixture(scope="module")
def attacker(client: FlaskClient) -> people.Person:
    """Somebody registered, signed in, and up to no good."""
    return people.register(client, full_name="Eka Jahat")


class Forger:
    """Makes tokens that `identity` would not."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer

    def claims(self, user_id: UUID, session_id: UUID, **changes: Any) -> dict[str, Any]:
        """An honest access token's claims, changed; None takes a claim out."""
        honest = self.signer.claims(user_id, "e-wallet-lite", 600, sid=str(session_id)) | changes
        return {name: value for name, value in honest.items() if value is not None}

    def join(self, header: dict[str, Any], claims: dict[str, Any], signature: bytes) -> str:
        """A token of three parts, whatever they are."""
        parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.fixture(scope="session")
def forger(signer: Signer) -> Forger:
    """A forger who knows everything that is public."""
    return Forger(signer)


@pytest.fixture(scope="module")
def world(load: Callable[..., Deployment], signer: Signer) -> World:
    """Every deployment behind the contract's paths, and two people with money and history."""
    gateway = Gateway()
    for name in document()["x-google-api-management"]["backends"]:
        gateway.deployments[name] = load(*name.split("-"), **(people.FAST if name == "identity-api" else {}))
    found = World(gateway, signer)
    # Who signs in anew in a browser ends that browser's earlier session: from here on, each has their own.
    found.client = Client(gateway, use_cookies=False)
    return found
