"""Secrets at rest: peppers and costs rise without anybody noticing, and never fall."""

import base64
import hashlib
import hmac
import itertools
import json
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import bcrypt
import pytest
import requests
from flask.testing import FlaskClient
from pg8000.native import Connection

from emulators.environment import Stack
from tests import people
from tests.deployment import Deployment
from tests.integration.payments.processes import serve
from tests.waiting import until

NEW_PEPPER = base64.b64encode(b"n" * 32).decode()


def with_pepper(peppers: str, version: str) -> str:
    return json.dumps({version: NEW_PEPPER, **json.loads(peppers)})


def stored(owner: Connection, user_id: UUID) -> list[str]:
    [row] = owner.run("SELECT password_digest, pin_digest FROM identity.users WHERE id = :u", u=user_id)
    return [digest[: len("1:$2b$04$")] for digest in row]


def test_is_bcrypt_of_a_peppered_hmac(identity: Deployment, secrets: dict[str, str]) -> None:
    """The formula that docs/security.md states, computed here by hand."""
    module, owner_id = identity.modules["digests"], uuid4()
    with identity.active():
        version, _, hashed = module.make(module.PIN, owner_id, "482915").partition(":")
    pepper = base64.b64decode(json.loads(secrets["PIN_PEPPERS"])[version])
    message = b"e-wallet-lite/pin/1" + b"\0" + owner_id.bytes + b"\0" + b"482915"
    expected = base64.b64encode(hmac.digest(pepper, message, hashlib.sha384))
    assert bcrypt.checkpw(expected, hashed.encode())


def test_a_password_is_never_a_pins_digest(identity: Deployment) -> None:
    """The same six digits make different digests for PIN and password, and for two people."""
    module, one, other = identity.modules["digests"], uuid4(), uuid4()
    with identity.active():
        digest = module.make(module.PIN, one, "482915")
        assert module.matches(module.PIN, one, "482915", digest)
        assert not module.matches(module.PIN, other, "482915", digest)
        assert not module.matches(module.PASSWORD, one, "482915", digest)


def test_upgrades_at_the_next_success(
    client: FlaskClient, load: Callable[..., Deployment], secrets: dict[str, str], owner: Connection
) -> None:
    """With a new pepper and higher costs, old secrets open, wrong ones do not, and right ones are renewed."""
    person = people.register(client)
    newer = load(
        "identity",
        "api",
        PASSWORD_COST="5",
        PIN_COST="6",
        PASSWORD_PEPPERS=with_pepper(secrets["PASSWORD_PEPPERS"], "2"),
        PIN_PEPPERS=with_pepper(secrets["PIN_PEPPERS"], "3"),
    )
    person.client = newer.app.test_client(use_cookies=False)

    wrong = person.client.post("/v1/sessions", json={"username": person.username, "password": "falsch-falsch"})
    assert (wrong.status_code, person.prove("917364").status_code) == (401, 403)
    assert stored(owner, person.user_id) == ["1:$2b$04$", "1:$2b$04$"]

    people.sign_in(person)
    assert person.prove().status_code == 201
    assert stored(owner, person.user_id) == ["2:$2b$05$", "3:$2b$06$"]
    people.sign_in(person)
    assert person.prove().status_code == 201
    assert person.send("GET", "/v1/me").status_code == 200  # nobody was signed out by it


def test_an_operator_sees_which_peppers_are_in_use(
    client: FlaskClient, load: Callable[..., Deployment], secrets: dict[str, str], operate: Any
) -> None:
    """Versions and counts: a pepper that nobody stands on any more may be retired."""
    before = counted(operate("peppers"))
    people.register(client)
    newer = load("identity", "api", PIN_PEPPERS=with_pepper(secrets["PIN_PEPPERS"], "7"), **people.FAST)
    people.register(newer.app.test_client(use_cookies=False))
    after = counted(operate("peppers"))
    grown = {name: number - before.get(name, 0) for name, number in after.items() if number > before.get(name, 0)}
    assert grown == {"password 1": 2, "pin 1": 1, "pin 7": 1}


def counted(done: Any) -> dict[str, int]:
    """What the operators' command has said, as numbers."""
    said = done.stdout.splitlines()[-1]
    return {name: int(number) for name, number in (each.rsplit(": ", 1) for each in said.split(", ") if ": " in each)}


def test_a_stolen_pepperless_hash_is_nothing(client: FlaskClient, load: Callable[..., Deployment]) -> None:
    """Under another pepper of the same version the same secret is wrong."""
    person = people.register(client)
    foreign = load("identity", "api", PIN_PEPPERS=json.dumps({"1": NEW_PEPPER}), **people.FAST)
    person.client = foreign.app.test_client(use_cookies=False)
    assert person.prove().status_code == 403


class TestSettings:
    """What is missing or too weak stops the start, by its name and without its value."""

    @pytest.mark.parametrize("name", ["SIGNING_KEYS", "PASSWORD_PEPPERS", "PIN_PEPPERS"])
    @pytest.mark.parametrize(
        "value", ["", "{", "[]", "{}", '{"1": "c2hvcnQ="}', '{"x": "c2hvcnQ="}', '[{"kty": "EC"}]']
    )
    def test_a_bad_secret_stops_the_start(self, load: Callable[..., Deployment], name: str, value: str) -> None:
        with pytest.raises(RuntimeError, match=name) as raised:
            load("identity", "api", **{name: value})
        assert not value or value not in str(raised.value)

    @pytest.mark.parametrize("environment", ["dev", "prod"])
    @pytest.mark.parametrize(("name", "value"), [("PASSWORD_COST", "11"), ("PIN_COST", "9"), ("PIN_COST", "17")])
    def test_no_cost_below_the_floor_outside_a_local_run(
        self, load: Callable[..., Deployment], environment: str, name: str, value: str
    ) -> None:
        with pytest.raises(RuntimeError, match=name):
            load("identity", "api", ENVIRONMENT=environment, **{name: value})

    def test_the_defaults_are_the_floors(self, load: Callable[..., Deployment]) -> None:
        deployed = load("identity", "api", ENVIRONMENT="prod")
        module = deployed.modules["digests"]
        with deployed.active():
            assert (module.cost(module.PASSWORD), module.cost(module.PIN)) == (12, 10)


class TestTurnstile:
    """As many hashes as cores, a short queue, and 503 for the rest."""

    def test_lets_no_more_through_than_it_is_wide(self, identity: Deployment) -> None:
        turnstile = identity.modules["turnstile"].Turnstile(2, 20, 5.0)
        inside, most, lock = 0, 0, threading.Lock()

        def pass_through(_: int) -> None:
            nonlocal inside, most
            with turnstile.passage():
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.01)
                with lock:
                    inside -= 1

        with ThreadPoolExecutor(20) as threads:
            list(threads.map(pass_through, range(20)))
        assert most == 2

    def test_turns_away_at_once_when_the_queue_is_full(self, identity: Deployment) -> None:
        module = identity.modules["turnstile"]
        turnstile = module.Turnstile(1, 0, 5.0)
        with turnstile.passage():
            started = time.monotonic()
            with pytest.raises(module.Unavailable) as refused, turnstile.passage():
                pass
            assert time.monotonic() - started < 2.5
        assert refused.value.headers["Retry-After"] == "2"
        with turnstile.passage():
            pass

    def test_does_not_wait_for_ever(self, identity: Deployment) -> None:
        module = identity.modules["turnstile"]
        turnstile = module.Turnstile(1, 5, 0.05)
        with turnstile.passage(), ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(lambda: turnstile.passage().__enter__())
            with pytest.raises(module.Unavailable):
                waiting.result(60)

    def test_a_flood_of_sign_ins_leaves_threads_for_everybody_else(
        self, load: Callable[..., Deployment], stack: Stack, directory: Path
    ) -> None:
        """On the real server, with its few threads: refreshing, the profile and the keys do not queue behind hashes."""
        load("identity", "api")  # for the stores that it needs
        # A quarter of a second each, as in the cloud: the wait of whoever queues behind many of them is seconds.
        server = serve("identity-api", stack.of("identity-api") | {"PASSWORD_COST": "12", "PIN_COST": "4"}, directory)
        numbers, is_over = itertools.count(), threading.Event()
        waits: dict[int, list[float]] = {}

        def sign_in_again_and_again(_: int) -> None:
            while not is_over.is_set():
                number = next(numbers)
                body = {"username": f"tidakada{number}", "password": "falsch-falsch"}
                headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}
                answer = requests.post(f"{server.url}/v1/sessions", json=body, headers=headers, timeout=60)
                waits.setdefault(answer.status_code, []).append(answer.elapsed.total_seconds())
                is_over.wait(0.2 if answer.status_code == 503 else 0)

        try:
            with ThreadPoolExecutor(24) as threads:
                flood = [threads.submit(sign_in_again_and_again, number) for number in range(24)]
                until(lambda: 401 in waits)
                times = [_seconds_of(server.url + path) for path in (*OPEN_PATHS, *OPEN_PATHS, *OPEN_PATHS)]
                is_over.set()
                for thread in flood:
                    thread.result()
        finally:
            is_over.set()
            server.stop()
        assert waits.keys() == {401, 503}
        assert statistics.median(times) < statistics.median(waits[401]) / 2


# What needs no hash: the keys, and a refusal of whoever brings no token.
OPEN_PATHS = ("/.well-known/jwks.json", "/v1/me", "/v1/sessions")


def _seconds_of(url: str) -> float:
    started = time.monotonic()
    assert requests.get(url, timeout=60).status_code in {200, 401}
    return time.monotonic() - started


def test_unknown_users_take_as_long(
    client: FlaskClient, load: Callable[..., Deployment], bcrypt_rounds: list[int]
) -> None:
    """A sign-in with an unknown username, a wrong password or an old cheap digest takes the same rounds of bcrypt."""
    old = people.register(client)  # whose digest is of cost 4
    today = load("identity", "api", PASSWORD_COST="9", PIN_COST="4").app.test_client(use_cookies=False)
    known = people.register(today)

    def rounds(username: str) -> int:
        bcrypt_rounds.clear()
        response = today.post("/v1/sessions", json={"username": username, "password": "falsch-falsch"})
        assert response.status_code == 401
        return sum(bcrypt_rounds)

    assert [rounds(username) for username in ("tidakada", known.username, old.username)] == [2**9] * 3
