"""Registering: a user, a wallet and a session, all of them or none."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection

from shared import money
from tests import people
from tests.deployment import ROOT
from tests.people import PASSWORD, PIN, new_username


def attempt(client: FlaskClient, **fields: Any) -> Any:
    body = {"username": new_username(), "password": PASSWORD, "pin": PIN, "full_name": "Budi Santoso"}
    return client.post("/v1/users", json=body | fields)


def test_opens_a_wallet_and_signs_in(client: FlaskClient) -> None:
    """The answer has the profile, a valid account number and a token that works at once."""
    response = attempt(client, username="Dewi.Lestari", full_name="Dewi  Lestari")

    assert response.status_code == 201
    assert response.json.keys() == {"user", "account_number", "access_token", "token_type", "expires_in"}
    assert response.json["user"].keys() == {"id", "username", "full_name", "created_at"}
    assert response.json["user"]["username"] == "dewi.lestari"
    assert response.json["user"]["full_name"] == "Dewi Lestari"
    assert UUID(response.json["user"]["id"]).version == 7
    assert money.luhn_is_valid(response.json["account_number"])
    assert (response.json["token_type"], response.json["expires_in"]) == ("Bearer", 600)
    assert response.headers["Cache-Control"] == "no-store"
    profile = client.get("/v1/me", headers={"Authorization": f"Bearer {response.json['access_token']}"})
    assert profile.json == response.json["user"]


@pytest.fixture
def drawn(owner: Connection) -> Iterator[Callable[[str], None]]:
    """Let the next draw of an account number be this one; those after it are drawn as always."""
    routine = (ROOT / "shared/identity/routines/draw_account_number.sql").read_text()

    def first(number: str) -> None:
        owner.run("CREATE SEQUENCE IF NOT EXISTS identity.draws")
        owner.run("ALTER SEQUENCE identity.draws RESTART")
        fixed = f"CASE nextval('identity.draws') WHEN 1 THEN '{number}' ELSE ledger.draw_number() END"
        owner.run(routine.replace("SELECT ledger.draw_number()", f"SELECT {fixed}"))

    yield first
    owner.run(routine)


def test_a_new_number_does_not_hold_the_pin(client: FlaskClient, drawn: Callable[[str], None]) -> None:
    """Payers see the account number: one with the PIN's six digits in a row is put back, and another drawn."""
    drawn(f"1234{PIN}78")
    number = attempt(client, pin=PIN).json["account_number"]
    assert PIN not in number
    assert money.luhn_is_valid(number)

    drawn(number)  # somebody has it since a moment ago: then it is another
    again = attempt(client)
    assert again.status_code == 201
    assert again.json["account_number"] != number


@pytest.mark.parametrize("spelling", ["RINA", "rina", " Rina ", "ＲＩＮＡ", "rinA"])
def test_knows_one_spelling_of_a_username(client: FlaskClient, spelling: str) -> None:
    """Case, width and spaces around do not make another person."""
    first = attempt(client, username="rina")
    assert first.status_code in {201, 409}
    again = attempt(client, username=spelling, pin="739154")
    assert (again.status_code, again.json["type"]) == (409, "/problems/username-taken")
    assert client.post("/v1/sessions", json={"username": spelling, "password": PASSWORD}).status_code == 201


@pytest.mark.parametrize(
    "username",
    ["ab", "1abc", "a" * 31, "dewi lestari", "dewi-l", "дewi", "dewi\u0000", "a\u0301bc", ".abc", "ab/c", ""],
)
def test_refuses_names_that_could_pose_as_others(client: FlaskClient, username: str) -> None:
    """A username is a letter, then letters, digits, dots and underscores, all of them ASCII."""
    response = attempt(client, username=username)
    assert (response.status_code, response.json["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    "full_name", ["", "   ", "x" * 81, "Dewi\u202elatseL", "Dewi\u0000", "Dewi\u200bL", "De\ud800wi"]
)
def test_refuses_names_that_nobody_can_read(client: FlaskClient, full_name: str) -> None:
    """A name holds no control, invisible or direction-turning characters, and 1 to 80 of the others."""
    response = attempt(client, full_name=full_name)
    assert (response.status_code, response.json["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    ("field", "secret", "reason"),
    [
        ("password", "kurz", "too-short"),
        ("password", "x" * 64 + "y" * 65, "too-long"),
        ("password", "Password123!", "common"),
        ("password", "Sayang2024", "common"),
        ("password", "xx-orangutan-xx", "contains-username"),
        ("pin", "111111", "repeated"),
        ("pin", "456789", "sequence"),
        ("pin", "147258", "keypad"),
        ("pin", "170845", "common"),
        ("pin", "251299", "date"),
    ],
)
def test_refuses_weak_secrets_with_the_reason(client: FlaskClient, field: str, secret: str, reason: str) -> None:
    """A weak secret is a 422 that says which one and why."""
    response = attempt(client, username="orangutan", **{field: secret})
    assert (response.status_code, response.json["type"]) == (422, "/problems/secret-too-weak")
    assert (response.json["field"], response.json["reason"]) == (field, reason)
    assert secret not in response.text


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "４８２９１５", "482915\n", " 482915", 482915, None])
def test_takes_exactly_six_ascii_digits(client: FlaskClient, pin: object) -> None:
    """What is not six ASCII digits is malformed."""
    assert attempt(client, pin=pin).status_code == 400


def test_one_of_many_parallel_registrations_wins(client: FlaskClient, owner: Connection) -> None:
    """Twenty people who want one username at once make one user and one wallet."""

    def want(number: int) -> Any:
        return attempt(client, username="sekali", password=f"kuda-terbang-{number + 10}")

    [[before]] = owner.run("SELECT count(*) FROM ledger.accounts")
    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(answer.status_code for answer in threads.map(want, range(20)))
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 503}  # a full queue in front of bcrypt may send some away
    [[after]] = owner.run("SELECT count(*) FROM ledger.accounts")
    assert after == before + 1


def test_a_taken_username_opens_no_wallet(client: FlaskClient, owner: Connection, dewi: people.Person) -> None:
    """Both or neither: what the unique username refuses leaves no account behind."""
    [[before]] = owner.run("SELECT count(*) FROM ledger.accounts")
    assert attempt(client, username=dewi.username, password="gunung-tinggi-7").status_code == 409
    [[after]] = owner.run("SELECT count(*) FROM ledger.accounts")
    assert after == before


def test_stores_no_secret(owner: Connection, dewi: people.Person) -> None:
    """The database has digests with their pepper's version, and hashes of tokens."""
    [[password, pin]] = owner.run(
        "SELECT password_digest, pin_digest FROM identity.users WHERE id = :i", i=dewi.user_id
    )
    assert password.startswith("1:$2b$04$")
    assert pin.startswith("1:$2b$04$")
    stored = "".join(
        str(owner.run(f"SELECT t::text FROM identity.{table} AS t"))
        for table in ("users", "sessions", "refresh_tokens", "attempts")
    )
    for secret in (dewi.password, dewi.refresh_token, dewi.access_token):
        assert secret not in stored
    # Six digits may stand within the hex of any id or hash, or after the point of a second.
    assert not re.search(rf"(?<![0-9a-f.]){dewi.pin}(?![0-9a-f])", stored)
