"""Refresh tokens: used once, rotated, given again for a lost answer, and a trap for thieves."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection
from werkzeug.test import TestResponse

from emulators.postgres import Postgres
from tests import people
from tests.deployment import Deployment
from tests.integration.identity.conftest import Clock
from tests.people import Person, refresh, refresh_token
from tests.waiting import until

THIRTY_DAYS = 30 * 86_400
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE usename = 'identity' AND datname = current_database() AND wait_event_type = 'Lock'
"""


def living_tokens(owner: Connection, person: Person) -> int:
    [[count]] = owner.run(
        "SELECT count(*) FROM identity.refresh_tokens JOIN identity.sessions AS s ON s.id = session_id"
        " WHERE s.user_id = :u AND used_at IS NULL",
        u=person.user_id,
    )
    return int(count)


def notices(owner: Connection, person: Person, notice: str) -> int:
    [[count]] = owner.run(
        "SELECT count(*) FROM outbox.events WHERE ordering_key = :u AND payload->>'notice' = :n",
        u=str(person.user_id),
        n=notice,
    )
    return int(count)


def max_age(response: TestResponse) -> int:
    """For how many seconds the browser keeps the cookie."""
    return int(response.headers["Set-Cookie"].partition("Max-Age=")[2].partition(";")[0])


def test_rotates_the_token(dewi: Person) -> None:
    """Each refresh gives a new access token and a new cookie."""
    first = refresh(dewi.client, dewi.refresh_token)
    second = refresh(dewi.client, refresh_token(first))
    assert first.status_code == second.status_code == 200
    assert first.json.keys() == {"access_token", "token_type", "expires_in"}
    assert len({dewi.refresh_token, refresh_token(first), refresh_token(second)}) == 3
    dewi.access_token = second.json["access_token"]
    assert dewi.send("GET", "/v1/me").status_code == 200


def test_repeats_a_lost_answer(dewi: Person, clock: Clock, owner: Connection) -> None:
    """Asked again within 15 seconds, it gives the very same successor: the family never forks."""
    first = refresh(dewi.client, dewi.refresh_token)
    clock.forward(seconds=10)
    again = refresh(dewi.client, dewi.refresh_token)
    assert again.status_code == 200
    assert refresh_token(again) == refresh_token(first)
    assert living_tokens(owner, dewi) == 1


def test_leads_a_late_tab_to_the_newest_token(dewi: Person, clock: Clock) -> None:
    """A tab that slept through two rotations within 15 seconds gets the token that is good now."""
    first = refresh(dewi.client, dewi.refresh_token)
    clock.forward(seconds=2)
    second = refresh(dewi.client, refresh_token(first))
    clock.forward(seconds=2)
    late = refresh(dewi.client, dewi.refresh_token)
    assert refresh_token(late) == refresh_token(second)
    assert refresh(dewi.client, refresh_token(late)).status_code == 200


def test_twenty_tabs_race_and_none_is_signed_out(
    dewi: Person, identity: Deployment, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty refreshes of one token at once all succeed with one successor."""
    monkeypatch.setattr(identity.modules["shared.pool"], "QUEUE_TIMEOUT_SECONDS", 60)
    with ThreadPoolExecutor(20) as tabs:
        answers = list(tabs.map(lambda _: refresh(dewi.client, dewi.refresh_token), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({refresh_token(answer) for answer in answers}) == 1
    assert living_tokens(owner, dewi) == 1
    assert refresh(dewi.client, refresh_token(answers[0])).status_code == 200


def test_tabs_that_meet_in_the_database_get_one_successor(
    dewi: Person, postgres: Postgres, database: str, owner: Connection
) -> None:
    """Three refreshes stand before the same row at once; still one rotates and the others repeat."""
    digest = hashlib.sha256(dewi.refresh_token.encode()).digest()
    onlooker = postgres.connect(database)  # the owner sees one moment for as long as its transaction lasts
    owner.run("BEGIN")
    owner.run("SELECT FROM identity.refresh_tokens WHERE digest = :d FOR UPDATE", d=digest)
    with ThreadPoolExecutor(3) as tabs:
        waiting = [tabs.submit(refresh, dewi.client, dewi.refresh_token) for _ in range(3)]
        until(lambda: onlooker.run(WAITING) == [[3]])
        owner.run("COMMIT")
    onlooker.close()
    answers = [answer.result() for answer in waiting]
    assert {answer.status_code for answer in answers} == {200}
    assert len({refresh_token(answer) for answer in answers}) == 1
    assert living_tokens(owner, dewi) == 1


def test_reuse_revokes_the_family_and_tells_the_user(dewi: Person, clock: Clock, owner: Connection) -> None:
    """After 15 seconds a used token is a stolen one: thief and owner are both signed out, once noticed."""
    successor = refresh_token(refresh(dewi.client, dewi.refresh_token))
    clock.forward(seconds=16)

    stolen = refresh(dewi.client, dewi.refresh_token)

    assert stolen.status_code == 401
    assert "Set-Cookie" not in stolen.headers
    assert refresh(dewi.client, successor).status_code == 401
    assert dewi.send("GET", "/v1/me").status_code == 401
    assert notices(owner, dewi, "session_reuse_detected") == 1
    assert refresh(dewi.client, dewi.refresh_token).status_code == 401
    assert notices(owner, dewi, "session_reuse_detected") == 1


def test_reuse_leaves_other_devices_alone(dewi: Person, clock: Clock) -> None:
    """The family is one session, not the person."""
    phone = people.sign_in(dewi)
    refresh(dewi.client, dewi.refresh_token)
    clock.forward(seconds=16)
    assert refresh(dewi.client, dewi.refresh_token).status_code == 401
    assert refresh(phone.client, phone.refresh_token).status_code == 200


def test_keeps_no_seed_beyond_the_grace(dewi: Person, clock: Clock, owner: Connection) -> None:
    """What could lead from an old token to a newer one is wiped at the next rotation after 15 seconds."""
    token = dewi.refresh_token
    for _ in range(3):
        clock.forward(seconds=16)
        token = refresh_token(refresh(dewi.client, token))
    rows = owner.run(
        "SELECT seed FROM identity.refresh_tokens JOIN identity.sessions AS s ON s.id = session_id"
        " WHERE s.user_id = :u AND used_at IS NOT NULL ORDER BY used_at",
        u=dewi.user_id,
    )
    assert [seed is None for [seed] in rows] == [True, True, False]


def test_a_clock_that_is_behind_finds_no_seed_and_no_fault(dewi: Person, clock: Clock) -> None:
    """One machine has wiped what another, ten seconds behind, would still repeat: the tab signs in anew, no more."""
    first = refresh(dewi.client, dewi.refresh_token)
    clock.forward(seconds=16)
    second = refresh(dewi.client, refresh_token(first))
    clock.forward(seconds=-10)
    late = refresh(dewi.client, dewi.refresh_token)
    clock.forward(seconds=10)
    assert (late.status_code, late.json["type"]) == (401, "/problems/unauthenticated")
    assert refresh(dewi.client, refresh_token(second)).status_code == 200


def test_ends_after_thirty_idle_minutes(dewi: Person, clock: Clock) -> None:
    """Without "keep me signed in", half an hour of silence ends the session; use keeps it alive."""
    token = dewi.refresh_token
    for _ in range(3):
        clock.forward(minutes=29)
        token = refresh_token(refresh(dewi.client, token))
    clock.forward(minutes=30)
    assert refresh(dewi.client, token).status_code == 401


def test_keep_me_signed_in_lasts_thirty_days(client: FlaskClient, clock: Clock) -> None:
    """With it, only the absolute end counts: 30 days after signing in, however much it is used."""
    person = people.register(client, keep_signed_in=True)
    clock.forward(days=20)
    token = refresh_token(refresh(client, person.refresh_token))
    clock.forward(days=9)
    token = refresh_token(refresh(client, token))
    clock.forward(days=1)
    assert refresh(client, token).status_code == 401


def test_use_does_not_prolong_the_absolute_end(dewi: Person, clock: Clock, owner: Connection) -> None:
    """A session in its last half hour is not carried over its end by being used."""
    owner.run(
        "UPDATE identity.sessions SET expires_at = idle_until WHERE user_id = :u", u=dewi.user_id
    )  # as if it had begun 30 days ago, less half an hour
    clock.forward(minutes=29)
    token = refresh_token(refresh(dewi.client, dewi.refresh_token))
    clock.forward(minutes=1)
    assert refresh(dewi.client, token).status_code == 401


def test_the_cookie_lives_as_long_as_it_should(dewi: Person, client: FlaskClient) -> None:
    """Without "keep me signed in" the cookie ends with the browser; with it after what is left of 30 days."""

    def attributes(response: TestResponse) -> set[str]:
        return set(response.headers["Set-Cookie"].split("; ")[1:])

    assert attributes(refresh(client, dewi.refresh_token)) == {"HttpOnly", "Path=/", "SameSite=Strict"}
    body = {"username": dewi.username, "password": dewi.password, "keep_signed_in": True}
    kept = client.post("/v1/sessions", json=body)
    assert attributes(kept) == {"HttpOnly", "Path=/", "SameSite=Strict", f"Max-Age={max_age(kept)}"}
    assert THIRTY_DAYS - 60 <= max_age(kept) <= THIRTY_DAYS


def test_the_cookie_is_a_host_cookie_on_https(load: Callable[..., Deployment]) -> None:
    """On https: __Host- prefix, Secure, HttpOnly, SameSite=Strict, Path=/, no Domain."""
    secure = load("identity", "api", PUBLIC_URL="https://wallet.example", **people.FAST)
    client = secure.app.test_client(use_cookies=False)
    body = {"username": "aman", "password": people.PASSWORD, "pin": people.PIN, "full_name": "Aman"}
    response = client.post("/v1/users", json=body)
    name, *attributes = response.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-refresh=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    token = refresh_token(response)
    assert refresh(client, token).status_code == 401  # under the other name it is nothing
    headers = {"Cookie": f"__Host-refresh={token}"}
    assert client.post("/v1/sessions/refresh", headers=headers).status_code == 200


def test_takes_nothing_else_for_a_token(dewi: Person) -> None:
    """No cookie, rubbish, or a token that was never issued is 401, and no fault."""
    for token in ("", "x", "é" * 43, "a" * 43, "a" * 10_000, dewi.access_token):
        assert refresh(dewi.client, token).status_code == 401
    assert dewi.client.post("/v1/sessions/refresh").status_code == 401
