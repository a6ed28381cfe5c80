"""Who is a member: signing in does not say, neither by text nor by status, header, cookie or time."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import people
from tests.deployment import Deployment
from tests.people import Person, new_username

# What differs between any two answers, whoever asks.
CHANGING = {"X-Request-Id"}


def sign_in(client: FlaskClient, username: str, address: str = "203.0.113.5") -> TestResponse:
    headers = {"X-Forwarded-For": address}
    return client.post("/v1/sessions", json={"username": username, "password": "falsch-falsch"}, headers=headers)


def seen(response: TestResponse) -> tuple[Any, ...]:
    """Everything that an outsider can compare."""
    body = {name: value for name, value in response.json.items() if name != "instance"}
    headers = {name: value for name, value in response.headers if name not in CHANGING}
    return response.status_code, body, headers


def test_the_answers_are_the_same(client: FlaskClient, victim: Person) -> None:
    """An unknown username, a wrong password and a closed account get one answer."""
    closed = people.register(client)
    assert closed.send("POST", "/v1/me/closure", json={"pin": closed.pin}).status_code == 204
    answers = [
        seen(sign_in(client, name)) for name in (victim.username, new_username(), closed.username, "!", "é" * 64)
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 401


def test_the_locks_are_the_same(client: FlaskClient) -> None:
    """A username that nobody has locks at the same try, with the same words."""
    known, unknown = people.register(client).username, new_username()
    series = {}
    for name in (known, unknown):
        answers = [seen(sign_in(client, name, f"203.0.113.{number}")) for number in range(12)]
        series[name] = [(status, body) for status, body, _ in answers]
    assert series[known] == series[unknown]
    assert series[known][-1][0] == 429


def test_the_times_are_the_same(load: Callable[..., Deployment], bcrypt_rounds: list[int]) -> None:
    """What takes the time is done for a username that nobody has as for one that somebody has."""
    client = load("identity", "api", PASSWORD_COST="6", PIN_COST="4").app.test_client(use_cookies=False)
    known = people.register(client).username
    taken = {}
    for name in (known, new_username()):
        bcrypt_rounds.clear()
        assert sign_in(client, name).status_code == 401
        taken[name] = list(bcrypt_rounds)
    assert list(taken.values()) == [[2**6], [2**6]]


def test_a_refusal_repeats_no_secret(client: FlaskClient, attacker: Person) -> None:
    """What was typed is in no answer: weak, wrong, malformed or too long."""
    body = {"username": new_username(), "password": "kuda-terbang-99", "pin": "739154", "full_name": "Eka"}
    weak, long = "iloveyou123", "geheim" * 200
    answers = [
        client.post("/v1/users", json=body | {"password": weak}),
        client.post("/v1/users", json=body | {"password": long}),
        client.post("/v1/users", json=body | {"pin": "112233"}),
        client.post("/v1/users", json=body | {"pin": weak}),
        client.post("/v1/sessions", json={"username": weak, "password": weak}),
        attacker.send("PUT", "/v1/me/pin", json={"current_pin": "739154", "new_pin": "112233"}),
        attacker.send("PUT", "/v1/me/password", json={"current_password": "falsch-falsch", "new_password": weak}),
        attacker.prove("739154"),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        for secret in (weak, long, "112233", "739154", "falsch-falsch"):
            assert secret not in answer.text, answer.text


@pytest.mark.parametrize("path", ["/v1/users/{id}", "/v1/users?username={username}", "/v1/users/{username}"])
def test_no_route_looks_people_up(client: FlaskClient, attacker: Person, victim: Person, path: str) -> None:
    """Users are nobody's list: there is no route that takes a user's id or name."""
    address = path.format(id=victim.user_id, username=victim.username)
    assert attacker.send("GET", address).status_code in {404, 405}
