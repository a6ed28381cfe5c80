"""Where somebody is signed in: the list, the devices, and every way to sign out."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection

from tests import people
from tests.integration.identity.conftest import Clock
from tests.people import PASSWORD, Person

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PHONE, "Chrome, Android"),
        (IPHONE, "Safari, iPhone"),
        (EDGE, "Edge, Windows"),
        ("curl/8.0 <script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_lists_each_device_coarsely(client: FlaskClient, user_agent: str, device: str) -> None:
    """A session shows a browser and a system; nothing of what the caller sent is repeated."""
    person = people.register(client, headers={"User-Agent": user_agent})
    [session] = person.send("GET", "/v1/sessions").json["items"]
    assert (session["device"], session["current"]) == (device, True)
    assert session.keys() == {"id", "device", "created_at", "last_seen_at", "expires_at", "current"}


def test_revokes_one_device(dewi: Person) -> None:
    """A revoked device is gone from the list, cannot refresh, and gets nothing more from identity."""
    phone = people.sign_in(dewi)
    [other] = [item for item in dewi.send("GET", "/v1/sessions").json["items"] if not item["current"]]

    assert dewi.send("DELETE", f"/v1/sessions/{other['id']}").status_code == 204

    assert len(dewi.send("GET", "/v1/sessions").json["items"]) == 1
    assert people.refresh(phone.client, phone.refresh_token).status_code == 401
    assert phone.send("GET", "/v1/me").status_code == 401
    assert phone.prove().status_code == 401
    assert dewi.send("GET", "/v1/me").status_code == 200


def test_revokes_every_other_device(dewi: Person) -> None:
    """Signing out everywhere else leaves this session alone."""
    others = [people.sign_in(dewi) for _ in range(3)]
    assert dewi.send("DELETE", "/v1/sessions").status_code == 204
    assert [other.send("GET", "/v1/me").status_code for other in others] == [401, 401, 401]
    assert people.refresh(dewi.client, dewi.refresh_token).status_code == 200


def test_signs_out_here(dewi: Person) -> None:
    """Signing out ends the session and takes the cookie away."""
    response = dewi.send("DELETE", "/v1/sessions/current")
    assert response.status_code == 204
    assert response.headers["Set-Cookie"].startswith("refresh=; ")
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert dewi.send("GET", "/v1/sessions").status_code == 401
    assert people.refresh(dewi.client, dewi.refresh_token).status_code == 401


def test_another_users_session_does_not_exist(client: FlaskClient, dewi: Person) -> None:
    """Revoking a session of somebody else is the same 404 as one that never was."""
    budi = people.register(client)
    [session] = budi.send("GET", "/v1/sessions").json["items"]
    theirs, unknown = (dewi.send("DELETE", f"/v1/sessions/{name}") for name in (session["id"], uuid4()))
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json | {"instance": ""} == unknown.json | {"instance": ""}
    assert budi.send("GET", "/v1/me").status_code == 200


def test_signing_in_again_replaces_the_browsers_session(dewi: Person) -> None:
    """A browser that still holds a session when it signs in has one session afterwards."""
    again = people.sign_in(dewi, headers={"Cookie": f"refresh={dewi.refresh_token}"})
    [session] = again.send("GET", "/v1/sessions").json["items"]
    assert session["current"]
    assert dewi.send("GET", "/v1/me").status_code == 401


def test_keeps_the_twenty_latest_sessions(dewi: Person, clock: Clock, owner: Connection) -> None:
    """The 21st session ends the one that was unused for longest."""
    for _ in range(20):
        clock.forward(seconds=1)
        latest = people.sign_in(dewi)
    assert len(latest.send("GET", "/v1/sessions").json["items"]) == 20
    assert dewi.send("GET", "/v1/me").status_code == 401
    [[rows]] = owner.run("SELECT count(*) FROM identity.sessions WHERE user_id = :u", u=dewi.user_id)
    assert rows == 20


def test_an_operator_signs_somebody_out(dewi: Person, client: FlaskClient, operate: Any) -> None:
    """`python -m shared.operate sign-out <account number>` ends every session of its holder, and nobody else's."""
    phone, budi = people.sign_in(dewi), people.register(client)
    done = operate("sign-out", dewi.account_number)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2")
    for person in (dewi, phone):
        assert person.send("GET", "/v1/me").status_code == 401
        assert people.refresh(person.client, person.refresh_token).status_code == 401
        assert person.prove().status_code == 401
    assert budi.send("GET", "/v1/me").status_code == 200
    assert people.sign_in(dewi)


def test_an_operator_is_told_of_a_number_that_nobody_has(operate: Any) -> None:
    """One line and an exit code, no stack of calls."""
    done = operate("sign-out", "100000000008")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["account-not-found: No account has this number"]


def test_each_look_at_a_secret_is_logged(dewi: Person, capfd: pytest.CaptureFixture[str]) -> None:
    """The line says who, what and how it ended, and never the secret or an unknown username."""
    dewi.prove()
    dewi.prove("917364")
    dewi.client.post("/v1/sessions", json={"username": "gunung-tinggi-7", "password": "falsch-falsch"})
    out = capfd.readouterr().out
    lines = [json.loads(line) for line in out.splitlines() if "A secret was checked" in line]
    assert [(line["kind"], line["outcome"]) for line in lines] == [
        ("pin", "right"),
        ("pin", "wrong"),
        ("password", "wrong"),
    ]
    assert [line.get("user_id") for line in lines] == [str(dewi.user_id), str(dewi.user_id), None]
    for hidden in (dewi.pin, "917364", "gunung-tinggi-7", "falsch-falsch", dewi.username):
        assert hidden not in out


def test_the_last_sign_in_is_noticed(dewi: Person, owner: Connection) -> None:
    """Signing in writes a notice that names the device and nothing else of the caller."""
    people.sign_in(dewi, headers={"User-Agent": PHONE})
    [[payload]] = owner.run(
        "SELECT payload FROM outbox.events WHERE ordering_key = :u AND payload->>'notice' = 'session_started'",
        u=str(dewi.user_id),
    )
    assert payload["data"] == {"device": "Chrome, Android"}


def ended(owner: Connection, person: Person) -> list[str]:
    """The sessions whose end has been announced, in order."""
    rows = owner.run(
        "SELECT payload->'data'->>'session_id' FROM outbox.events"
        " WHERE ordering_key = :u AND payload->>'notice' = 'session_ended' ORDER BY id",
        u=str(person.user_id),
    )
    return [session_id for [session_id] in rows]


def session_id(person: Person) -> str:
    [current] = [item for item in person.send("GET", "/v1/sessions").json["items"] if item["current"]]
    return str(current["id"])


def test_the_end_of_a_session_is_announced_once(dewi: Person, owner: Connection) -> None:
    """Whoever ends it: what keeps a device told, as its push notices are, ends with its session."""
    phone, here = session_id(people.sign_in(dewi)), session_id(dewi)

    assert dewi.send("DELETE", f"/v1/sessions/{phone}").status_code == 204
    assert dewi.send("DELETE", f"/v1/sessions/{phone}").status_code == 404
    assert ended(owner, dewi) == [phone]
    assert dewi.send("DELETE", "/v1/sessions/current").status_code == 204
    assert ended(owner, dewi) == [phone, here]


@pytest.mark.parametrize("way", ["others", "password", "pin"])
def test_the_end_of_every_other_session_is_announced(dewi: Person, owner: Connection, way: str) -> None:
    """Signing out everywhere else, and a change of either secret, announce each of the others and not this one."""
    others = {session_id(people.sign_in(dewi)) for _ in range(2)}

    if way == "others":
        answer = dewi.send("DELETE", "/v1/sessions")
    elif way == "password":
        body = {"current_password": dewi.password, "new_password": "gunung-tinggi-7"}
        answer = dewi.send("PUT", "/v1/me/password", json=body)
    else:
        answer = dewi.send("PUT", "/v1/me/pin", json={"current_pin": dewi.pin, "new_pin": "739154"})

    assert answer.status_code == 204
    assert set(ended(owner, dewi)) == others


def test_an_operators_sign_out_and_the_21st_session_are_announced(
    dewi: Person, owner: Connection, operate: Any, clock: Clock
) -> None:
    """The session that the 21st ends first, then all that an operator ends."""
    oldest = session_id(dewi)
    for _ in range(20):
        clock.forward(seconds=1)
        people.sign_in(dewi)
    assert ended(owner, dewi) == [oldest]

    assert operate("sign-out", dewi.account_number).returncode == 0
    assert len(set(ended(owner, dewi))) == 21


def test_a_wrong_password_opens_nothing(dewi: Person) -> None:
    """A wrong password is 401 with no cookie and no session."""
    body = {"username": dewi.username, "password": PASSWORD + "x"}
    response = dewi.client.post("/v1/sessions", json=body)
    assert (response.status_code, response.json["type"]) == (401, "/problems/credentials-invalid")
    assert "Set-Cookie" not in response.headers
    assert len(dewi.send("GET", "/v1/sessions").json["items"]) == 1


def test_an_id_is_a_uuid(dewi: Person) -> None:
    """A session id that is no UUID is malformed, not a fault."""
    assert dewi.send("DELETE", "/v1/sessions/1' OR 1=1").status_code == 400
    assert isinstance(UUID(dewi.send("GET", "/v1/sessions").json["items"][0]["id"]), UUID)
