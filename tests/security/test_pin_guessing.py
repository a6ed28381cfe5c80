"""Guessing PINs in parallel: at most five looks before the lock, whatever the number of hands."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import people
from tests.deployment import Deployment
from tests.people import Person


@pytest.fixture(scope="module")
def identity(load: Callable[..., Deployment]) -> Deployment:
    """Identity with sixteen connections, so that many guesses meet at the counter itself."""
    return load("identity", "api", DATABASE_POOL_SIZE="16", **people.FAST)


@pytest.fixture
def looks(identity: Deployment) -> Iterator[list[bytes]]:
    """Every hash check that is really made from here on."""
    bcrypt, seen = identity.modules["digests"].bcrypt, []
    check = bcrypt.checkpw

    def watched(*arguments: bytes) -> bool:
        seen.append(arguments[0])
        return bool(check(*arguments))

    bcrypt.checkpw = watched
    yield seen
    bcrypt.checkpw = check


def are_locked_out(statuses: Counter[int], count: int) -> bool:
    """Whether `count` tries met the lock, or a busy database before it (503): never a look."""
    return statuses[429] + statuses[503] == count and statuses[429] > 0


def together(calls: list[Callable[[], TestResponse]]) -> Counter[int]:
    with ThreadPoolExecutor(32) as threads:
        return Counter(answer.status_code for answer in threads.map(lambda call: call(), calls))


def test_five_hundred_parallel_guesses_get_five_looks(client: FlaskClient, looks: list[bytes]) -> None:
    """500 wrong PINs at once: five are looked at, 495 meet the lock."""
    victim = people.register(client)
    guesses = [lambda number=number: victim.prove(f"9{number:05d}") for number in range(500)]
    statuses = together(guesses)
    assert len(looks) == 5
    assert statuses[403] == 5
    assert are_locked_out(statuses, 495)


def test_routes_share_the_five_looks(client: FlaskClient, looks: list[bytes]) -> None:
    """The same, spread over every route that takes a PIN."""
    victim = people.register(client)
    guesses: list[Callable[[], TestResponse]] = []
    for number in range(60):
        wrong = f"9{number:05d}"
        guesses += [
            lambda wrong=wrong: victim.prove(wrong),
            lambda wrong=wrong: victim.send("PUT", "/v1/me/pin", json={"current_pin": wrong, "new_pin": "739154"}),
            lambda wrong=wrong: victim.send("POST", "/v1/me/closure", json={"pin": wrong}),
        ]
    statuses = together(guesses)
    assert len(looks) == 5
    assert statuses[403] == 5
    assert are_locked_out(statuses, 175)


def test_sessions_share_the_five_looks(client: FlaskClient, looks: list[bytes]) -> None:
    """Twenty stolen sessions guess no faster than one."""
    victim = people.register(client)
    sessions = [people.sign_in(victim) for _ in range(10)]
    looks.clear()
    statuses = together([lambda session=session: session.prove("917364") for session in sessions * 10])
    assert len(looks) == 5
    assert statuses[403] == 5
    assert are_locked_out(statuses, 95)


def test_a_hundred_parallel_passwords_get_ten_looks(client: FlaskClient, looks: list[bytes]) -> None:
    """Passwords: ten wrong ones per username, from whatever number of addresses."""
    victim = people.register(client)

    def guess(number: int) -> TestResponse:
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        body = {"username": victim.username, "password": f"falsch-{uuid4()}"}
        return client.post("/v1/sessions", json=body, headers=headers)

    statuses = together([lambda number=number: guess(number) for number in range(100)])
    assert len(looks) <= 10
    assert statuses[401] == len(looks)
    assert are_locked_out(statuses, 100 - len(looks))


def test_the_victims_right_pin_among_guesses_lifts_no_lock(client: FlaskClient) -> None:
    """Guesses race with the owner's own PIN: whatever the order, guesses are bounded and the lock holds."""
    victim: Person = people.register(client)
    calls: list[Callable[[], TestResponse]] = [lambda: victim.prove("917364") for _ in range(100)]
    calls.insert(50, victim.prove)
    statuses = together(calls)
    assert statuses[403] <= 9  # four before the owner's success, five after it
    assert victim.prove().status_code == 429
