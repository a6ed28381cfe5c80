"""Mass assignment: every column of every table, sent to every route that takes a body, is refused."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection

from tests.contract.openapi import Operation, operations
from tests.contract.world import World
from tests.people import PASSWORD, PIN, Person, new_username
from tests.security.bodies import body_of

OPERATION = {"type": "transfer", "id": str(uuid4()), "to_account": "100000000008", "amount": 1}
# Each route with a body that would be taken, or refused for a wrong secret alone.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/users"): {"password": PASSWORD, "pin": PIN, "full_name": "Eka"},
    ("POST", "/v1/sessions"): {"username": "nobody", "password": PASSWORD},
    ("PATCH", "/v1/me"): {"full_name": "Eka"},
    ("PUT", "/v1/me/password"): {"current_password": "falsch-falsch", "new_password": "gunung-tinggi-7"},
    ("PUT", "/v1/me/pin"): {"current_pin": "917364", "new_pin": "739154"},
    ("POST", "/v1/me/closure"): {"pin": "917364"},
    ("POST", "/v1/pin/proofs"): {"pin": "917364", "operation": OPERATION},
}
# What frameworks and clients call such things, beside the real columns.
MORE = {"role", "is_admin", "admin", "user", "userId", "sub", "balance", "tier", "__proto__", "constructor", "version"}


@pytest.fixture(scope="module")
def columns(owner: Connection) -> set[str]:
    """The columns of every table of people and money."""
    found = owner.run(
        "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema IN ('identity', 'ledger')"
    )
    return {name for [name] in found} | MORE


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_an_unknown_field_is_refused(
    client: FlaskClient, attacker: Person, columns: set[str], method: str, path: str
) -> None:
    """400, whatever the field and its value; nothing is taken silently."""
    body = BODIES[method, path] | ({"username": new_username()} if path == "/v1/users" else {})
    for column in sorted(columns - body.keys() - {"password"}):
        response = attacker.send(method, path, json=body | {column: True})
        assert response.status_code == 400, (column, response.text)


def test_the_operation_of_a_proof_takes_no_more_either(attacker: Person, columns: set[str]) -> None:
    """Nor inside: a field beside id, payee and amount is refused."""
    for column in sorted(columns - OPERATION.keys()):
        body = {"pin": "917364", "operation": OPERATION | {column: True}}
        assert attacker.send("POST", "/v1/pin/proofs", json=body).status_code == 400


def test_nothing_has_changed(attacker: Person, owner: Connection) -> None:
    """After all of it the attacker is who they were, with nothing."""
    assert attacker.send("GET", "/v1/me").json["full_name"] == "Eka Jahat"
    [[balance, tier, status]] = owner.run(
        "SELECT balance, tier, status FROM ledger.accounts WHERE user_id = :u", u=attacker.user_id
    )
    assert (balance, tier, status) == (0, "standard", "active")


WITH_BODY = [operation for operation in operations() if operation.body is not None]
# The path's own proof comes first there, over the body's raw bytes.
SIGNED = {"receiveProviderEvent"}


@pytest.mark.parametrize("operation", [one for one in WITH_BODY if one.id not in SIGNED], ids=lambda one: one.id)
def test_every_operation_refuses_every_column(world: World, columns: set[str], operation: Operation) -> None:
    """The rest of the contract too: payments, top-ups, the payer's decision, notifications."""
    person, body = world.person, body_of(operation, world, world.person)
    assert body is not None
    path = operation.path.replace("{token}", person.pay_tokens[-1])
    for column in sorted(columns - body.keys() - {"note", "keep_signed_in", "password", "language"}):
        headers = {
            "Authorization": f"Bearer {person.token}", "Idempotency-Key": str(uuid4()), "X-Pin-Proof": "x",
            "X-Forwarded-For": world.address(),
        }  # fmt: skip
        answer = world.client.open(path, method=operation.method, json=body | {column: True}, headers=headers)
        assert answer.status_code == 400, (column, answer.text)


@pytest.mark.parametrize(
    "operation", [one for one in operations() if one.method == "GET" and not one.is_public], ids=lambda one: one.id
)
def test_no_query_names_another_user(world: World, operation: Operation) -> None:
    """A column in the query is refused, or changes nothing of the answer."""
    person, friend = world.person, world.friend
    things = person.transfers if operation.path.startswith("/v1/transfers") else person.topups
    path = operation.path.format_map({"id": things[0], "account_number": friend.account_number})
    for column, value in {"user_id": friend.user_id, "account_id": friend.user_id, "is_admin": "true"}.items():
        headers = {"Authorization": f"Bearer {person.token}", "X-Forwarded-For": world.address()}
        answer = world.client.open(f"{path}?{column}={value}", method="GET", headers=headers)
        assert answer.status_code in {200, 400, 429}, (path, column, answer.data)
        assert friend.user_id.encode() not in answer.data


@pytest.mark.parametrize(
    "text",
    [
        '{"username": "eka1", "username": "eka2", "password": "x", "pin": "482915", "full_name": "E"}',
        '{"full_name": NaN}',
        '{"full_name": 1e3}',
        '["full_name"]',
        '"full_name"',
        "",
        "{",
        "\u0000",
        '{"full_name": ' + "[" * 5_000 + "]" * 5_000 + "}",
    ],
    ids=["twice", "NaN", "exponent", "list", "text", "nothing", "half", "NUL", "deep"],
)
def test_a_body_that_says_two_things_or_none_is_refused(attacker: Person, text: str) -> None:
    """Duplicate keys, odd numbers, other shapes and endless nesting are malformed."""
    response = attacker.send("PATCH", "/v1/me", data=text.encode(), content_type="application/json")
    assert (response.status_code, response.json["type"]) == (400, "/problems/malformed")


def test_a_large_body_is_refused(attacker: Person) -> None:
    """More than 16 KiB is 413, before anybody parses it."""
    response = attacker.send("PATCH", "/v1/me", json={"full_name": "x" * 20_000})
    assert response.status_code == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_another_content_type_is_refused(attacker: Person, kind: str) -> None:
    """A form cannot speak to the API."""
    response = attacker.send("PATCH", "/v1/me", data=b'{"full_name": "Eka"}', content_type=kind)
    assert response.status_code == 415


def test_a_query_that_says_two_things_is_refused(deployment: Callable[..., FlaskClient], attacker: Person) -> None:
    """The same parameter twice, and one that is not known, are 400: no part of ours may read the other one."""
    wallet = deployment("wallet", "api")
    headers = {"Authorization": f"Bearer {attacker.access_token}"}
    assert wallet.get("/v1/wallet/entries?limit=1", headers=headers).status_code == 200
    for query in ("limit=1&limit=2", "limit=1&user_id=x", "direction=in&direction=out"):
        assert wallet.get(f"/v1/wallet/entries?{query}", headers=headers).status_code == 400
