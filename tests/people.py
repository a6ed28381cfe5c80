"""People as they meet `identity` over HTTP: for tests that need somebody who is really registered."""

import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "kuda-terbang-88"
PIN = "482915"
# The lowest costs that a local run accepts: the suites hash thousands of times.
FAST = {"PASSWORD_COST": "4", "PIN_COST": "4"}
_numbers = itertools.count(1)


@dataclass
class Person:
    """Somebody who is signed in, with what they know and hold."""

    client: FlaskClient
    username: str
    user_id: UUID
    account_number: str
    access_token: str
    refresh_token: str
    password: str = PASSWORD
    pin: str = PIN
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request as this person."""
        headers = {"Authorization": f"Bearer {self.access_token}"} | self.headers | options.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **options)

    def prove(self, pin: str | None = None, **operation: Any) -> TestResponse:
        """Ask for a PIN proof."""
        wanted = {"type": "transfer", "id": str(uuid4()), "to_account": "100000000008", "amount": 5_000}
        body = {"pin": pin or self.pin, "operation": wanted | operation}
        return self.send("POST", "/v1/pin/proofs", json=body)


def refresh_token(response: TestResponse) -> str:
    """The refresh token in a response's cookie."""
    return response.headers["Set-Cookie"].split(";")[0].partition("=")[2]


def refresh(client: FlaskClient, token: str, **options: Any) -> TestResponse:
    """Ask for a new access token with this refresh token alone."""
    headers = {"Cookie": f"refresh={token}"} | options.pop("headers", {})
    return client.post("/v1/sessions/refresh", headers=headers, **options)


def new_username() -> str:
    """A username that nobody in this process has had."""
    return f"orang{next(_numbers)}"


def register(client: FlaskClient, *, headers: dict[str, str] | None = None, **fields: Any) -> Person:
    """Register somebody new."""
    body = {"username": new_username(), "password": PASSWORD, "pin": PIN, "full_name": "Dewi Lestari"} | fields
    response = client.post("/v1/users", json=body, headers=headers)
    assert response.status_code == 201, response.text
    return _person(client, body, response)


def sign_in(person: Person, **options: Any) -> Person:
    """Sign the same person in once more, on another device."""
    body = {"username": person.username, "password": person.password} | options.pop("fields", {})
    response = person.client.post("/v1/sessions", json=body, **options)
    assert response.status_code == 201, response.text
    return _person(person.client, body | {"pin": person.pin}, response)


def _person(client: FlaskClient, body: dict[str, Any], response: TestResponse) -> Person:
    answer = response.json
    return Person(
        client,
        answer["user"]["username"],
        UUID(answer["user"]["id"]),
        answer["account_number"],
        answer["access_token"],
        refresh_token(response),
        body["password"],
        body["pin"],
    )
