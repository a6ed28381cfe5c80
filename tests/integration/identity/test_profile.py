"""The profile, its secrets, everything about me in a file, and the end of an account."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection

from tests import people
from tests.deployment import ROOT, Deployment
from tests.people import Person, refresh, sign_in


def notices(owner: Connection, person: Person) -> list[str]:
    rows = owner.run(
        "SELECT payload->>'notice' FROM outbox.events WHERE ordering_key = :u ORDER BY id", u=str(person.user_id)
    )
    return [notice for [notice] in rows]


def top_up(owner: Connection, person: Person, amount: int) -> None:
    owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=person.user_id, a=amount)


Store = Callable[[str, str, dict[str, Any]], None]


@pytest.fixture
def store(identity: Deployment) -> Store:
    """Put a document into Firestore as its own function would: `store("topups", id, fields)`."""

    def put(collection: str, document_id: str, fields: dict[str, Any]) -> None:
        with identity.active():
            from shared import firestore

            firestore.commit(firestore.Create(collection, document_id, fields))

    return put


def test_renames_here_and_in_the_ledger(dewi: Person, owner: Connection) -> None:
    """The new name is what payers see from now on."""
    response = dewi.send("PATCH", "/v1/me", json={"full_name": " Dewi  Ayu "})
    assert (response.status_code, response.json["full_name"]) == (200, "Dewi Ayu")
    [[name]] = owner.run("SELECT holder_name FROM ledger.accounts WHERE user_id = :u", u=dewi.user_id)
    assert name == "Dewi Ayu"


class TestPassword:
    """Changing the password needs the current one and signs out every other device."""

    NEW = "gunung-tinggi-7"

    def change(self, person: Person, **fields: str) -> Any:
        body = {"current_password": person.password, "new_password": self.NEW} | fields
        return person.send("PUT", "/v1/me/password", json=body)

    def test_changes(self, dewi: Person, owner: Connection) -> None:
        phone = sign_in(dewi)
        assert self.change(dewi).status_code == 204
        assert phone.send("GET", "/v1/me").status_code == 401
        assert refresh(phone.client, phone.refresh_token).status_code == 401
        assert dewi.send("GET", "/v1/me").status_code == 200
        old = dewi.client.post("/v1/sessions", json={"username": dewi.username, "password": dewi.password})
        assert old.status_code == 401
        dewi.password = self.NEW
        assert sign_in(dewi)
        assert notices(owner, dewi) == ["session_started", "session_ended", "password_changed", "session_started"]

    def test_needs_the_current_one(self, dewi: Person) -> None:
        response = self.change(dewi, current_password="falsch-falsch")
        assert (response.status_code, response.json["type"]) == (403, "/problems/password-incorrect")
        assert sign_in(dewi)

    def test_refuses_a_weak_one(self, dewi: Person) -> None:
        response = self.change(dewi, new_password=f"{dewi.username}-xyzzy")
        assert (response.status_code, response.json["reason"]) == (422, "contains-username")
        assert sign_in(dewi)

    def test_compares_in_one_normal_form(self, client: FlaskClient) -> None:
        """An é typed as one character or as two is the same password."""
        person = people.register(client, password="caf\u00e9-di-sudut")
        body = {"username": person.username, "password": "cafe\u0301-di-sudut"}
        assert client.post("/v1/sessions", json=body).status_code == 201

    def test_takes_all_of_a_long_one(self, client: FlaskClient) -> None:
        """128 characters count, each of them: nothing is cut off at bcrypt's 72 bytes."""
        long = "漢" * 60 + "kuda-terbang" * 5 + "12345678"
        assert len(long) == 128
        person = people.register(client, password=long)
        for password, status in ((long, 201), (long[:-1] + "9", 401)):
            body = {"username": person.username, "password": password}
            assert client.post("/v1/sessions", json=body).status_code == status


class TestPin:
    """Changing the PIN needs the current one, or the password; other devices are signed out."""

    def test_changes(self, dewi: Person, owner: Connection) -> None:
        phone = sign_in(dewi)
        response = dewi.send("PUT", "/v1/me/pin", json={"current_pin": dewi.pin, "new_pin": "739154"})
        assert response.status_code == 204
        assert phone.send("GET", "/v1/me").status_code == 401
        assert dewi.prove("739154").status_code == 201
        assert dewi.prove().status_code == 403
        assert notices(owner, dewi)[-1] == "pin_changed"

    def test_needs_the_current_one(self, dewi: Person) -> None:
        response = dewi.send("PUT", "/v1/me/pin", json={"current_pin": "917364", "new_pin": "739154"})
        assert (response.status_code, response.json["type"]) == (403, "/problems/pin-incorrect")
        assert response.json["attempts_left"] == 4

    def test_refuses_the_account_numbers_own_digits(self, dewi: Person) -> None:
        """Any six digits in a row of the number that payers see are the first guess."""
        from_number = [dewi.account_number[start : start + 6] for start in range(7)]
        for pin in from_number:
            body = {"current_pin": dewi.pin, "new_pin": pin}
            response = dewi.send("PUT", "/v1/me/pin", json=body)
            assert (response.status_code, response.json["field"]) == (422, "pin")

    @pytest.mark.parametrize("more", [{}, {"current_pin": people.PIN, "password": people.PASSWORD}])
    def test_takes_one_secret(self, dewi: Person, more: dict[str, str]) -> None:
        """Neither or both of PIN and password is malformed."""
        assert dewi.send("PUT", "/v1/me/pin", json={"new_pin": "739154", **more}).status_code == 400

    def test_is_nobody_elses(self, client: FlaskClient, dewi: Person, owner: Connection) -> None:
        """A digest that is copied to another user's row opens nothing: it is bound to its owner."""
        budi = people.register(client, pin="739154")
        owner.run(
            "UPDATE identity.users AS u SET pin_digest = b.pin_digest"
            " FROM identity.users AS b WHERE b.id = :b AND u.id = :d",
            b=budi.user_id,
            d=dewi.user_id,
        )
        assert dewi.prove("739154").status_code == 403


class TestExport:
    """Everything about me, as one JSON file."""

    def test_is_a_file_of_everything(self, dewi: Person, owner: Connection) -> None:
        top_up(owner, dewi, 50_000)
        response = dewi.send("GET", "/v1/me/export")
        assert response.status_code == 200
        assert response.headers["Content-Disposition"].startswith('attachment; filename="e-wallet-lite-')
        data = json.loads(response.text)
        assert UUID(data["user"]["id"]) == dewi.user_id
        assert data["user"]["username"] == dewi.username
        assert (data["wallet"]["account_number"], data["wallet"]["balance"]) == (dewi.account_number, 50_000)
        assert [entry["amount"] for entry in data["entries"]] == [50_000]
        assert data["recipients"] == []
        assert len(data["sessions"]) == 1
        assert (data["topups"], data["notifications"], data["devices"]) == ([], [], [])
        assert data["notification_settings"] == {}

    def test_holds_every_entry(self, dewi: Person, owner: Connection) -> None:
        """More entries than one page of the ledger has come out whole, each once."""
        for _ in range(230):
            top_up(owner, dewi, 10_000)
        data = json.loads(dewi.send("GET", "/v1/me/export").text)
        assert [entry["balance_after"] for entry in data["entries"]] == [10_000 * n for n in range(230, 0, -1)]

    def test_holds_every_document(self, client: FlaskClient, dewi: Person, store: Store) -> None:
        """Inbox, settings, devices and top-ups of the caller, newest first and page after page; nobody else's."""
        budi = people.register(client)
        for person in (dewi, budi):
            for number in range(3):
                at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)
                whose = {"user_id": str(person.user_id), "created_at": at, "amount": 10_000 * (number + 1)}
                store("topups", str(uuid4()), whose | {"status": "settled", "history": [{"by": "owner", "at": at}]})
                store("notifications", f"{person.user_id}.{number}", whose | {"type": "topup.settled", "data": {}})
            store("inboxes", str(person.user_id), {"read_up_to": at, "muted": ["transfer.sent"]})
            device = {"endpoint": f"https://push.example/{person.username}", "keys": {"auth": "geheim-geheim"}}
            store("push_subscriptions", str(uuid4()), {"user_id": str(person.user_id), "kept_at": at} | device)
        text = dewi.send("GET", "/v1/me/export").text
        data = json.loads(text)
        assert [top_up["amount"] for top_up in data["topups"]] == [30_000, 20_000, 10_000]
        assert data["topups"][0]["history"] == [{"by": "owner", "at": "2026-11-03T00:00:00Z"}]
        assert [notice["created_at"][:10] for notice in data["notifications"]] == [
            "2026-11-03",
            "2026-11-02",
            "2026-11-01",
        ]
        assert data["notification_settings"] == {"read_up_to": "2026-11-03T00:00:00Z", "muted": ["transfer.sent"]}
        assert [device["endpoint"] for device in data["devices"]] == [f"https://push.example/{dewi.username}"]
        assert budi.username not in text
        assert str(budi.user_id) not in text
        assert "geheim" not in text

    def test_names_every_collection_that_there_is(self) -> None:
        """A collection that is added is put into the file, or it is said here why it is not."""
        pattern = re.compile(r'^(?:COLLECTION|EVENTS|REPORTS|MARK)(?:: Final)? = \(?"(\w+)"', re.MULTILINE)
        sources = [path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")]
        written = {name for path in sources for name in pattern.findall(path.read_text())}
        described = Path(ROOT / "functions/identity/documents.py").read_text().partition('"""')[2].partition('"""')[0]
        named = set(re.findall(r"^(\w+)/", described, re.MULTILINE))
        names_no_person = {"payment_events", "reconciliation", "reconciliation_reports"}
        assert written == named | names_no_person

    def test_is_refused_whole_where_a_store_is_away(self, load: Callable[..., Deployment], dewi: Person) -> None:
        """A file without its documents would be a lie: it is a 503 before the first byte."""
        cut_off = load("identity", "api", FIRESTORE_EMULATOR_HOST="127.0.0.1:1", **people.FAST)
        bearer = {"Authorization": f"Bearer {dewi.access_token}"}
        answer = cut_off.app.test_client().get("/v1/me/export", headers=bearer)
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")

    def test_holds_no_secret_and_nobody_else(self, client: FlaskClient, dewi: Person) -> None:
        budi = people.register(client)
        text = dewi.send("GET", "/v1/me/export").text
        for hidden in (dewi.password, "$2b$", "digest", budi.username, str(budi.user_id), budi.account_number):
            assert hidden not in text


class TestClosure:
    """Closing needs the PIN and an empty wallet; it erases the person and keeps the books."""

    def test_erases_the_person_and_keeps_the_entries(self, client: FlaskClient, owner: Connection) -> None:
        person = people.register(client, full_name="Wulan Sari")
        response = person.send("POST", "/v1/me/closure", json={"pin": person.pin})
        assert response.status_code == 204
        assert "Max-Age=0" in response.headers["Set-Cookie"]

        body = {"username": person.username, "password": person.password}
        gone = client.post("/v1/sessions", json=body)
        assert (gone.status_code, gone.json["type"]) == (401, "/problems/credentials-invalid")
        assert person.send("GET", "/v1/me").status_code == 401
        assert refresh(client, person.refresh_token).status_code == 401
        [row] = owner.run("SELECT * FROM identity.users WHERE id = :u", u=person.user_id)
        assert person.username not in row
        [[status, name]] = owner.run(
            "SELECT status, holder_name FROM ledger.accounts WHERE user_id = :u", u=person.user_id
        )
        assert status == "closed"
        assert notices(owner, person) == ["account_closed"]
        assert "Wulan" not in name
        stored = str(owner.run("SELECT u::text FROM identity.users AS u")) + str(
            owner.run("SELECT a::text FROM ledger.accounts AS a WHERE kind = 'user'")
        )
        assert "Wulan" not in stored

    def test_needs_an_empty_wallet(self, dewi: Person, owner: Connection) -> None:
        top_up(owner, dewi, 20_000)
        response = dewi.send("POST", "/v1/me/closure", json={"pin": dewi.pin})
        assert (response.status_code, response.json["type"]) == (409, "/problems/balance-not-zero")
        assert response.json["balance"] == 20_000
        assert dewi.send("GET", "/v1/me").status_code == 200

    def test_needs_the_pin(self, dewi: Person) -> None:
        assert dewi.send("POST", "/v1/me/closure", json={"pin": "917364"}).status_code == 403
        assert dewi.send("GET", "/v1/me").status_code == 200

    def test_frees_the_username(self, client: FlaskClient, dewi: Person) -> None:
        """A username names nobody after its owner has gone; payments go by number, which is never reused."""
        assert dewi.send("POST", "/v1/me/closure", json={"pin": dewi.pin}).status_code == 204
        again = people.register(client, username=dewi.username)
        assert again.user_id != dewi.user_id
        assert again.account_number != dewi.account_number
