"""Attempts: counted before anybody looks, shared by every route, locked and given back by rule."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection
from werkzeug.test import TestResponse

from tests import people
from tests.deployment import Deployment
from tests.integration.identity.conftest import Clock
from tests.people import Person, new_username

WRONG = "917364"


def slug(response: TestResponse) -> str:
    return str(response.json["type"]).removeprefix("/problems/")


def wrong_pins(person: Person, count: int) -> list[TestResponse]:
    return [person.prove(WRONG) for _ in range(count)]


def wrong_password(client: FlaskClient, username: str, address: str = "203.0.113.7") -> TestResponse:
    headers = {"X-Forwarded-For": address}
    return client.post("/v1/sessions", json={"username": username, "password": "falsch-falsch"}, headers=headers)


def failures(owner: Connection, kind: str, text: str) -> int:
    [[count]] = owner.run(
        "SELECT failures FROM identity.attempts WHERE kind = :k AND subject = identity.hash_subject(:t)",
        k=kind,
        t=text,
    )
    return int(count)


@contextmanager
def while_hashing(
    identity: Deployment, send: Callable[[], TestResponse], work: str = "checkpw"
) -> Iterator[Future[TestResponse]]:
    """Hold what `send` does at its look at the secret (or other `work`), run the block meanwhile, then let it go on."""
    with identity.active():
        turnstile = identity.modules["turnstile"]._turnstile()
    passing, turnstile._passing = turnstile._passing, threading.BoundedSemaphore(2)  # it is as wide as there are cores
    bcrypt, started, go_on = identity.modules["digests"].bcrypt, threading.Event(), threading.Event()
    honest = getattr(bcrypt, work)

    def slow(*arguments: bytes) -> Any:
        setattr(bcrypt, work, honest)
        started.set()
        assert go_on.wait(60)
        return honest(*arguments)

    setattr(bcrypt, work, slow)
    try:
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(send)
            assert started.wait(60)
            yield waiting
            go_on.set()
    finally:
        go_on.set()
        setattr(bcrypt, work, honest)
        turnstile._passing = passing


class TestPin:
    """Five wrong PINs lock for a quarter of an hour, each further one for twice as long; ten disable."""

    def test_says_how_many_are_left(self, dewi: Person) -> None:
        answers = wrong_pins(dewi, 5)
        assert [answer.status_code for answer in answers] == [403] * 5
        assert [answer.json["attempts_left"] for answer in answers] == [4, 3, 2, 1, 0]

    def test_the_try_that_locks_says_until_when(self, dewi: Person) -> None:
        """Nobody needs another try to learn that there is none; the tries before it say nothing of a lock."""
        answers = wrong_pins(dewi, 5)
        assert ["locked_until" in answer.json for answer in answers] == [False] * 4 + [True]
        assert answers[4].json["locked_until"] == dewi.prove().json["locked_until"]

    def test_locks_after_five(self, dewi: Person, clock: Clock) -> None:
        """The lock says until when, and the right PIN is not looked at."""
        wrong_pins(dewi, 5)
        locked = dewi.prove()
        assert (locked.status_code, slug(locked)) == (429, "pin-locked")
        assert 890 <= int(locked.headers["Retry-After"]) <= 900
        until = datetime.fromisoformat(locked.json["locked_until"])
        expected = datetime.now(UTC) + timedelta(seconds=clock.seconds, minutes=15)
        assert abs(until - expected) < timedelta(seconds=10)

    def test_doubles_and_disables(self, dewi: Person, clock: Clock) -> None:
        """15, 30, 60, 120, 240 minutes, then never: the password must be given."""
        wrong_pins(dewi, 4)
        for minutes in (15, 30, 60, 120, 240):
            assert dewi.prove(WRONG).status_code == 403
            clock.forward(seconds=minutes * 60 - 60)
            dewi.access_token = people.sign_in(dewi).access_token  # the one before has expired
            assert dewi.prove(WRONG).status_code == 429
            clock.forward(seconds=61)
        last = dewi.prove(WRONG).json
        assert (last["attempts_left"], last["locked_until"]) == (0, None)
        clock.forward(days=20)
        dewi.access_token = people.sign_in(dewi).access_token
        disabled = dewi.prove()
        assert (disabled.status_code, disabled.json["locked_until"]) == (429, None)
        assert "Retry-After" not in disabled.headers

        reset = dewi.send("PUT", "/v1/me/pin", json={"password": dewi.password, "new_pin": "739154"})

        assert reset.status_code == 204
        assert dewi.prove("739154").status_code == 201

    def test_a_right_pin_starts_the_count_again(self, dewi: Person) -> None:
        for _ in range(3):
            wrong_pins(dewi, 4)
            assert dewi.prove().status_code == 201

    def test_the_fifth_try_may_be_right(self, dewi: Person) -> None:
        """A reservation that would lock gives its own lock back when the PIN is right."""
        wrong_pins(dewi, 4)
        assert dewi.prove().status_code == 201
        assert wrong_pins(dewi, 1)[0].json["attempts_left"] == 4

    def test_a_lock_is_noticed(self, dewi: Person, owner: Connection) -> None:
        """The notice goes out once, with the wrong try that locked, and says until when."""
        wrong_pins(dewi, 7)
        rows = owner.run(
            "SELECT payload->'data' FROM outbox.events WHERE ordering_key = :u AND payload->>'notice' = 'pin_locked'",
            u=str(dewi.user_id),
        )
        assert [list(data) for [data] in rows] == [["locked_until"]]

    def test_one_persons_lock_is_not_anothers(self, client: FlaskClient, dewi: Person) -> None:
        budi = people.register(client)
        wrong_pins(dewi, 5)
        assert budi.prove().status_code == 201

    def test_every_route_that_takes_the_pin_counts(self, dewi: Person) -> None:
        """Proofs, a change of the PIN and closing the account share the five tries."""
        tries: list[Callable[[], TestResponse]] = [
            lambda: dewi.prove(WRONG),
            lambda: dewi.send("PUT", "/v1/me/pin", json={"current_pin": WRONG, "new_pin": "739154"}),
            lambda: dewi.send("POST", "/v1/me/closure", json={"pin": WRONG}),
        ]
        answers = [tries[number % 3]() for number in range(6)]
        assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 403, 429]

    def test_a_right_pin_leaves_a_later_lock_alone(self, dewi: Person, identity: Deployment) -> None:
        """While a right PIN is being hashed, others lock it: the lock stays when the right one finishes."""
        with while_hashing(identity, dewi.prove) as right:
            wrong = wrong_pins(dewi, 4)
        assert right.result().status_code == 201
        assert [answer.status_code for answer in wrong] == [403] * 4
        assert dewi.prove().status_code == 429


class TestPassword:
    """Ten wrong passwords for a username lock it for a minute, doubling up to an hour."""

    def test_locks_by_username_whether_it_exists_or_not(self, client: FlaskClient, dewi: Person) -> None:
        for username in (dewi.username, new_username()):
            answers = [wrong_password(client, username, f"203.0.113.{n}") for n in range(11)]
            assert [answer.status_code for answer in answers] == [401] * 10 + [429]
            assert slug(answers[-1]) == "too-many-attempts"
            assert 55 <= int(answers[-1].headers["Retry-After"]) <= 60

    def test_says_how_many_are_left(self, client: FlaskClient, dewi: Person) -> None:
        """Nine, eight … none, for a username that nobody has as well; a right password starts anew."""
        for username in (dewi.username, new_username()):
            answers = [wrong_password(client, username, f"203.0.113.{n}") for n in range(10)]
            assert [answer.json["attempts_left"] for answer in answers] == [*range(9, -1, -1)]
        budi = people.register(client)
        assert wrong_password(client, budi.username).json["attempts_left"] == 9
        people.sign_in(budi)
        assert wrong_password(client, budi.username).json["attempts_left"] == 9

    def test_says_how_many_the_source_has_left(self, client: FlaskClient) -> None:
        """The counter that locks first counts: after 95 guesses at others, four more close the network."""
        for _ in range(95):
            wrong_password(client, new_username(), "198.51.100.55")
        assert wrong_password(client, new_username(), "198.51.100.55").json["attempts_left"] == 4

    def test_refuses_the_right_one_while_locked(self, client: FlaskClient, dewi: Person, clock: Clock) -> None:
        for _ in range(10):
            wrong_password(client, dewi.username)
        body = {"username": dewi.username, "password": dewi.password}
        assert client.post("/v1/sessions", json=body).status_code == 429
        clock.forward(seconds=61)
        assert client.post("/v1/sessions", json=body).status_code == 201

    def test_signed_in_routes_share_the_count(self, client: FlaskClient, dewi: Person) -> None:
        """Changing the password and resetting the PIN count where signing in counts."""
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("/v1/me/password", {"current_password": "falsch-falsch", "new_password": "gunung-tinggi-7"}),
            ("/v1/me/pin", {"password": "falsch-falsch", "new_pin": "739154"}),
        ]
        for number in range(10):
            path, body = bodies[number % 2]
            answer = dewi.send("PUT", path, json=body)
            assert (answer.status_code, slug(answer)) == (403, "password-incorrect")
            assert answer.json["attempts_left"] == 9 - number
        assert wrong_password(client, dewi.username).status_code == 429

    def test_old_failures_are_forgotten(self, client: FlaskClient, dewi: Person, clock: Clock) -> None:
        for _ in range(9):
            wrong_password(client, dewi.username)
        clock.forward(days=1, seconds=1)
        assert [wrong_password(client, dewi.username).status_code for _ in range(10)] == [401] * 10

    def test_a_source_locks_across_usernames(self, client: FlaskClient, dewi: Person) -> None:
        """A hundred wrong passwords from one address close it, for whatever username; others stay open."""
        for _ in range(100):
            assert wrong_password(client, new_username(), "198.51.100.9").status_code == 401
        assert wrong_password(client, new_username(), "198.51.100.9").status_code == 429
        assert wrong_password(client, new_username(), "198.51.100.10").status_code == 401
        # A person on another network is not touched; on this one the right password waits as well.
        assert people.sign_in(dewi, headers={"X-Forwarded-For": "198.51.100.10"})
        body = {"username": dewi.username, "password": dewi.password}
        closed = client.post("/v1/sessions", json=body, headers={"X-Forwarded-For": "198.51.100.9"})
        assert closed.status_code == 429

    def test_one_ipv6_subscriber_is_one_source(self, client: FlaskClient, owner: Connection) -> None:
        wrong_password(client, new_username(), "2001:db8:1:2::1")
        wrong_password(client, new_username(), "2001:db8:1:2:ffff::9")
        assert failures(owner, "source", "2001:db8:1:2::/64") == 2

    def test_a_right_password_does_not_excuse_its_source(
        self, client: FlaskClient, dewi: Person, owner: Connection
    ) -> None:
        """Signing in to an account of one's own between guesses does not start the source's count again."""
        for _ in range(5):
            wrong_password(client, new_username(), "192.0.2.77")
        people.sign_in(dewi, headers={"X-Forwarded-For": "192.0.2.77"})
        assert failures(owner, "source", "192.0.2.77/32") == 5

    def test_a_refused_try_counts_nowhere(self, client: FlaskClient, dewi: Person, owner: Connection) -> None:
        """Both counters move or neither: a locked username does not wear out the source."""
        for _ in range(15):
            wrong_password(client, dewi.username, "192.0.2.78")
        assert failures(owner, "source", "192.0.2.78/32") == 10


class TestRaces:
    """What was found right with the old secret does not finish after the secret has changed."""

    def test_an_old_password_opens_no_session_after_its_change(self, dewi: Person, identity: Deployment) -> None:
        """A thief's sign-in that is under way when the owner changes the password comes to nothing."""
        body = {"username": dewi.username, "password": dewi.password}
        change = {"current_password": dewi.password, "new_password": "gunung-tinggi-7"}
        with while_hashing(identity, lambda: dewi.client.post("/v1/sessions", json=body)) as thief:
            assert dewi.send("PUT", "/v1/me/password", json=change).status_code == 204
        assert thief.result().status_code == 401
        assert len(dewi.send("GET", "/v1/sessions").json["items"]) == 1

    def test_of_two_changes_of_the_password_one_wins(self, dewi: Person, identity: Deployment) -> None:
        def change(new: str) -> TestResponse:
            body = {"current_password": dewi.password, "new_password": new}
            return dewi.send("PUT", "/v1/me/password", json=body)

        with while_hashing(identity, lambda: change("laut-selatan-7")) as late:
            assert change("gunung-tinggi-7").status_code == 204
        assert (late.result().status_code, slug(late.result())) == (403, "password-incorrect")
        dewi.password = "gunung-tinggi-7"
        assert people.sign_in(dewi)

    def test_of_two_changes_of_the_pin_one_wins(self, dewi: Person, identity: Deployment) -> None:
        def change(new: str) -> TestResponse:
            return dewi.send("PUT", "/v1/me/pin", json={"current_pin": dewi.pin, "new_pin": new})

        with while_hashing(identity, lambda: change("739154")) as late:
            assert change("684027").status_code == 204
        assert late.result().status_code == 403
        assert dewi.prove("684027").status_code == 201

    def test_a_revoked_session_finishes_nothing(self, dewi: Person, identity: Deployment) -> None:
        """A session that is revoked while its password is being hashed changes nothing."""
        phone = people.sign_in(dewi)
        body = {"current_password": dewi.password, "new_password": "gunung-tinggi-7"}
        with while_hashing(identity, lambda: phone.send("PUT", "/v1/me/password", json=body)) as late:
            assert dewi.send("DELETE", "/v1/sessions").status_code == 204
        assert late.result().status_code == 401
        assert people.sign_in(dewi)


class TestRegistration:
    """Asking who is a member, by trying to register their usernames, ends after fifty."""

    def test_taken_usernames_close_the_source(self, client: FlaskClient, dewi: Person, clock: Clock) -> None:
        clock.forward(minutes=2)  # until then it would be dewi's own registration, sent again
        headers = {"X-Forwarded-For": "192.0.2.200"}
        body = {"username": dewi.username, "password": people.PASSWORD, "pin": people.PIN, "full_name": "X"}
        for _ in range(50):
            assert client.post("/v1/users", json=body, headers=headers).status_code == 409
        assert client.post("/v1/users", json=body, headers=headers).status_code == 429

    def test_registering_people_costs_nothing(self, client: FlaskClient, owner: Connection) -> None:
        headers = {"X-Forwarded-For": "192.0.2.201"}
        for _ in range(3):
            people.register(client, headers=headers)
        assert failures(owner, "registration", "192.0.2.201/32") == 0


class TestWithoutACounter:
    """If a try cannot be counted, there is no try."""

    def test_answers_503(self, dewi: Person, identity: Deployment, owner: Connection, monkeypatch: Any) -> None:
        """A database that refuses the reservation means 503 and no look at the secret."""
        checked: list[bytes] = []
        monkeypatch.setattr(identity.modules["digests"].bcrypt, "checkpw", lambda *_: checked.append(b""))
        owner.run("BEGIN; LOCK TABLE identity.attempts IN ACCESS EXCLUSIVE MODE")
        try:
            answer = dewi.prove()
        finally:
            owner.run("ROLLBACK")
        assert (answer.status_code, slug(answer)) == (503, "unavailable")
        assert checked == []

    def test_a_full_queue_gives_the_try_back(self, dewi: Person, identity: Deployment, owner: Connection) -> None:
        """503 from the queue in front of bcrypt is nobody's wrong PIN."""
        with identity.active():
            turnstile = identity.modules["turnstile"]._turnstile()
        places = turnstile._places
        turnstile._places = threading.BoundedSemaphore(1)
        turnstile._places.acquire()
        try:
            answer = dewi.prove(WRONG)
        finally:
            turnstile._places = places
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert failures(owner, "pin", str(dewi.user_id)) == 0


def test_forgotten_counters_are_swept(client: FlaskClient, clock: Clock, owner: Connection) -> None:
    """Whoever makes rows by trying usernames that nobody has fills no table."""
    for _ in range(30):
        wrong_password(client, new_username(), "192.0.2.240")
    clock.forward(days=2)
    for _ in range(60):
        wrong_password(client, new_username(), "192.0.2.241")
    [[old]] = owner.run(
        "SELECT count(*) FROM identity.attempts WHERE kind = 'password' AND last_at < :t",
        t=datetime.now(UTC) + timedelta(seconds=clock.seconds - 100_000),
    )
    assert old == 0


def test_an_operator_sees_what_counts_against_a_network(client: FlaskClient, operate: Any) -> None:
    """By its address alone, which nothing keeps: another network has none."""
    wrong_password(client, new_username(), "192.0.2.250")
    assert operate("failures", "192.0.2.250/32").stdout.splitlines()[-1] == "1"
    assert operate("failures", "192.0.2.251/32").stdout.splitlines()[-1] == "0"


def test_unreadable_addresses_are_one_source(client: FlaskClient, owner: Connection) -> None:
    """Whoever hides the address shares one counter with all who do."""
    owner.run("DELETE FROM identity.attempts")
    for address in ("not an address", "203.0.113.7, evil"):
        wrong_password(client, new_username(), address)
    assert failures(owner, "source", "unknown") == 2


def test_without_a_hop_the_connection_is_the_source(client: FlaskClient, owner: Connection) -> None:
    owner.run("DELETE FROM identity.attempts")
    wrong_password(client, new_username(), "")
    assert failures(owner, "source", "127.0.0.1/32") == 1


@pytest.mark.parametrize(
    ("hops", "forwarded", "counted"),
    [
        ("1", "192.0.2.1, 203.0.113.44", "203.0.113.44/32"),
        ("3", "192.0.2.1, 203.0.113.45, 10.0.0.1, 10.0.0.2", "203.0.113.45/32"),
        ("3", "203.0.113.46", "203.0.113.46/32"),
        ("1", "::ffff:203.0.113.47", "203.0.113.47/32"),
        ("1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_counts_the_hop_that_our_edge_wrote(
    load: Callable[..., Deployment], owner: Connection, hops: str, forwarded: str, counted: str
) -> None:
    """What a caller writes into X-Forwarded-For stands before the hops of ours and is not counted."""
    deployed = load("identity", "api", FORWARDED_HOPS=hops, **people.FAST)
    wrong_password(deployed.app.test_client(), new_username(), forwarded)
    assert failures(owner, "source", counted) == 1
