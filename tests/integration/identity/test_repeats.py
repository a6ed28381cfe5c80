"""Repeats: a change whose answer was lost is asked for again, has happened, and is told so; all else is as before."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection
from werkzeug.test import TestResponse

from tests import people
from tests.deployment import Deployment
from tests.integration.identity.conftest import Clock
from tests.integration.identity.test_attempts import failures, slug, while_hashing
from tests.integration.identity.test_profile import notices
from tests.integration.identity.test_refresh import THIRTY_DAYS, max_age
from tests.people import PASSWORD, PIN, Person, new_username


class Secret(NamedTuple):
    """A secret that its owner may change, and other ones to give."""

    kind: str
    new: str
    other: str

    def change(self, person: Person, *, new: str = "", current: str = "") -> TestResponse:
        """Ask for the change from the one at registration, or from `current`, to the new one."""
        body = {
            f"current_{self.kind}": current or {"password": PASSWORD, "pin": PIN}[self.kind],
            f"new_{self.kind}": new or self.new,
        }
        return person.send("PUT", f"/v1/me/{self.kind}", json=body)

    def is_refused(self, answer: TestResponse) -> bool:
        """Whether the answer says, as it always has, that the current secret is wrong."""
        return (answer.status_code, slug(answer)) == (403, f"{self.kind}-incorrect")

    def version(self, owner: Connection, person: Person) -> int:
        """How often it has been changed."""
        [[version]] = owner.run(f"SELECT {self.kind}_version FROM identity.users WHERE id = :u", u=person.user_id)
        return int(version)


PASSWORD_OR_PIN = [Secret("password", "gunung-tinggi-7", "laut-selatan-7"), Secret("pin", "739154", "684027")]


@pytest.mark.parametrize("secret", PASSWORD_OR_PIN, ids=lambda secret: secret.kind)
class TestChange:
    """A change of password or PIN, sent again by the session that made it, within two minutes."""

    def test_succeeds_again_and_changes_nothing_more(self, dewi: Person, owner: Connection, secret: Secret) -> None:
        """One change and one notice, however often it is asked for; this session goes on."""
        answers = [secret.change(dewi) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [204] * 3
        assert secret.version(owner, dewi) == 2
        assert notices(owner, dewi) == [f"{secret.kind}_changed"]
        assert dewi.send("GET", "/v1/me").status_code == 200

    def test_succeeds_for_both_of_two_at_once(
        self, dewi: Person, identity: Deployment, owner: Connection, secret: Secret
    ) -> None:
        """The twin that finds the old secret right, and its change made by the other meanwhile, says the same."""
        with while_hashing(identity, lambda: secret.change(dewi)) as late:
            assert secret.change(dewi).status_code == 204
        assert late.result().status_code == 204
        assert secret.version(owner, dewi) == 2
        assert notices(owner, dewi) == [f"{secret.kind}_changed"]

    def test_counts_as_a_try_all_the_same(self, dewi: Person, owner: Connection, secret: Secret) -> None:
        """The current secret was wrong: nobody gets looks at the new one for nothing."""
        subject = {"password": dewi.username, "pin": str(dewi.user_id)}[secret.kind]
        assert secret.change(dewi).status_code == 204
        assert failures(owner, secret.kind, subject) == 0
        assert secret.change(dewi).status_code == 204
        assert failures(owner, secret.kind, subject) == 1

    def test_is_refused_to_another_new_one(self, dewi: Person, secret: Secret) -> None:
        assert secret.change(dewi).status_code == 204
        assert secret.is_refused(secret.change(dewi, new=secret.other))

    def test_is_refused_once_the_secret_is_yet_another(self, dewi: Person, secret: Secret) -> None:
        """The first change, coming late, is not told as done when a second has followed it."""
        assert secret.change(dewi).status_code == 204
        assert secret.change(dewi, current=secret.new, new=secret.other).status_code == 204
        assert secret.is_refused(secret.change(dewi))

    def test_is_refused_to_a_session_that_did_not_make_it(self, dewi: Person, secret: Secret) -> None:
        """Whoever signs in after the change has not asked for it: it is their guess at both secrets."""
        assert secret.change(dewi).status_code == 204
        dewi.password = secret.new if secret.kind == "password" else PASSWORD
        assert secret.is_refused(secret.change(people.sign_in(dewi)))

    def test_is_refused_after_two_minutes(self, dewi: Person, clock: Clock, secret: Secret) -> None:
        assert secret.change(dewi).status_code == 204
        clock.forward(seconds=110)
        assert secret.change(dewi).status_code == 204
        clock.forward(seconds=10)
        assert secret.is_refused(secret.change(dewi))

    def test_is_refused_where_there_was_no_change(self, dewi: Person, secret: Secret) -> None:
        """A wrong current secret with today's as the new one says nothing of it."""
        today = {"password": PASSWORD, "pin": PIN}[secret.kind]
        assert secret.is_refused(secret.change(dewi, current=secret.other, new=today))


def body_of(username: str, **fields: Any) -> dict[str, Any]:
    return {"username": username, "password": PASSWORD, "pin": PIN, "full_name": "Budi Santoso"} | fields


def send(client: FlaskClient, body: dict[str, Any], address: str = "203.0.113.99") -> TestResponse:
    return client.post("/v1/users", json=body, headers={"X-Forwarded-For": address})


def is_taken(answer: TestResponse) -> bool:
    return (answer.status_code, slug(answer)) == (409, "username-taken")


class TestRegistration:
    """A registration, sent again within two minutes with the same password and PIN, is a sign-in."""

    def test_signs_in_whom_it_has_made(self, client: FlaskClient, owner: Connection) -> None:
        """One user, one wallet, one notice of the second session; the new session works."""
        body = body_of(new_username())
        first, again = send(client, body), send(client, body)
        assert (first.status_code, again.status_code) == (201, 201)
        for field in ("user", "account_number", "token_type", "expires_in"):
            assert again.json[field] == first.json[field]
        person = people.Person(
            client,
            body["username"],
            first.json["user"]["id"],
            first.json["account_number"],
            again.json["access_token"],
            people.refresh_token(again),
        )
        assert people.refresh(client, person.refresh_token).status_code == 200
        assert len(person.send("GET", "/v1/sessions").json["items"]) == 2
        assert person.prove().status_code == 201
        assert notices(owner, person) == ["session_started"]
        [[wallets]] = owner.run("SELECT count(*) FROM ledger.accounts WHERE user_id = :u", u=person.user_id)
        assert wallets == 1

    def test_succeeds_for_both_of_two_at_once(
        self, client: FlaskClient, identity: Deployment, owner: Connection
    ) -> None:
        """The twin that found the username free, and then the other's user there, signs that one in."""
        body = body_of(new_username())
        with while_hashing(identity, lambda: send(client, body), work="hashpw") as late:
            first = send(client, body)
        assert (first.status_code, late.result().status_code) == (201, 201)
        assert late.result().json["user"] == first.json["user"]

    def test_keeps_the_session_as_long_as_it_asks_for(self, client: FlaskClient) -> None:
        body = body_of(new_username(), keep_signed_in=True)
        for _ in range(2):
            assert THIRTY_DAYS - 60 <= max_age(send(client, body)) <= THIRTY_DAYS

    def test_is_refused_without_the_password(self, client: FlaskClient, owner: Connection) -> None:
        """Somebody else who wants the username is told that it is taken; the guess counts as a sign-in's."""
        body = body_of(new_username())
        assert send(client, body).status_code == 201
        for number in range(10):
            assert is_taken(send(client, body | {"password": PASSWORD_OR_PIN[0].other}, f"198.51.100.{number}"))
        assert failures(owner, "password", body["username"]) == 10
        assert failures(owner, "source", "198.51.100.0/32") == 1
        # The username's sign-in is locked now, which is nobody's business who registers.
        assert is_taken(send(client, body))

    def test_is_refused_with_another_pin(self, client: FlaskClient, owner: Connection) -> None:
        """Nobody is told that they have a PIN which they do not have."""
        body = body_of(new_username())
        user_id = send(client, body).json["user"]["id"]
        assert is_taken(send(client, body | {"pin": "739154"}))
        [[sessions]] = owner.run("SELECT count(*) FROM identity.sessions WHERE user_id = :u", u=user_id)
        assert sessions == 1

    def test_is_refused_after_two_minutes(self, client: FlaskClient, clock: Clock) -> None:
        body = body_of(new_username())
        assert send(client, body).status_code == 201
        clock.forward(seconds=110)
        assert send(client, body).status_code == 201
        clock.forward(seconds=10)
        assert is_taken(send(client, body))

    def test_makes_one_user_of_many_at_once(self, client: FlaskClient, owner: Connection) -> None:
        """Eight of the same: each that gets through the queue signs in the one user."""
        body = body_of(new_username())
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: send(client, body), range(8)))
        assert {answer.status_code for answer in answers} <= {201, 503}
        assert len({answer.json["user"]["id"] for answer in answers if answer.status_code == 201}) == 1
