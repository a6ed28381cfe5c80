"""What identity says while a part of the database is away: success stays success, and nobody pays for an outage."""

import base64
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pg8000.native import Connection

from tests import people
from tests.deployment import Deployment
from tests.integration.conftest import Break
from tests.integration.identity.test_attempts import failures

# "The server takes no connection" and "the server is going down": nothing happened, and nobody knows.
AWAY = {"unavailable": "57P03", "outcome unknown": "57P01"}


@pytest.mark.parametrize("sqlstate", AWAY.values(), ids=AWAY)
@pytest.mark.parametrize("name", ["identity/settle_attempts", "identity/end_session_of"])
def test_what_has_succeeded_is_told_though_its_bookkeeping_fails(
    client: Any, dewi: people.Person, break_routine: Break, name: str, sqlstate: str
) -> None:
    """Somebody who is registered, signed in or has proved the PIN is told so; a try may stay counted for it."""
    break_routine(name, sqlstate)
    held = {"Cookie": f"refresh={dewi.refresh_token}"}
    assert people.register(client, headers=held).send("GET", "/v1/me").status_code == 200
    again = people.sign_in(dewi, headers=held)
    assert again.send("GET", "/v1/me").status_code == 200
    assert again.prove().status_code == 201


@pytest.mark.parametrize("sqlstate", AWAY.values(), ids=AWAY)
def test_a_digest_that_cannot_be_renewed_just_now_opens_all_the_same(
    load: Callable[..., Deployment], clock: Any, secrets: dict[str, str], break_routine: Break, sqlstate: str
) -> None:
    """Under a new pepper the old digest is right, and is renewed at another time."""
    moved = {"CLOCK_OFFSET_SECONDS_FILE": str(clock.file), **people.FAST}
    before = people.register(load("identity", "api", **moved).app.test_client(use_cookies=False))
    peppers = {
        name: json.dumps({"9": base64.b64encode(b"9" * 32).decode()} | json.loads(secrets[name]))
        for name in ("PASSWORD_PEPPERS", "PIN_PEPPERS")
    }
    after = load("identity", "api", **moved, **peppers)
    break_routine("identity/upgrade_password_digest", sqlstate)
    break_routine("identity/upgrade_pin_digest", sqlstate)
    before.client = after.app.test_client(use_cookies=False)
    assert people.sign_in(before).prove().status_code == 201


def register(client: Any, source: str) -> Any:
    body = {"username": people.new_username(), "password": people.PASSWORD, "pin": people.PIN, "full_name": "X"}
    return client.post("/v1/users", json=body, headers={"X-Forwarded-For": source})


def full_turnstile(identity: Deployment, monkeypatch: Any) -> None:
    full = threading.BoundedSemaphore(1)
    full.acquire()
    with identity.active():
        monkeypatch.setattr(identity.modules["turnstile"]._turnstile(), "_places", full)


def no_number(identity: Deployment, monkeypatch: Any) -> None:
    users = identity.modules["users"]

    def draw(_pin: str) -> str:
        raise users.errors.Unavailable

    monkeypatch.setattr(users, "_draw_number", draw)


@pytest.mark.parametrize("outage", [full_turnstile, no_number])
def test_an_outage_costs_no_registration(
    client: Any, identity: Deployment, owner: Connection, monkeypatch: Any, outage: Callable[..., None]
) -> None:
    """A full queue before bcrypt, or no number that fits: 503, and the source has one try as before."""
    source = f"192.0.2.{210 + len(outage.__name__)}"
    with monkeypatch.context() as patch:
        outage(identity, patch)
        answer = register(client, source)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
    assert failures(owner, "registration", f"{source}/32") == 0


def test_an_outage_of_the_registration_itself_costs_none(client: Any, owner: Connection, break_routine: Break) -> None:
    """Nothing has happened, so nothing is counted."""
    break_routine("identity/register_user_as", "57P03")
    assert register(client, "192.0.2.230").status_code == 503
    assert failures(owner, "registration", "192.0.2.230/32") == 0


def test_a_file_of_everything_whose_history_is_away_is_not_begun(dewi: people.Person, break_routine: Break) -> None:
    """503 before the first byte, and no file that ends in the middle."""
    break_routine("ledger/search_entries", "57P03")
    answer = dewi.send("GET", "/v1/me/export")
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
