"""Canaries: secrets with marks that cannot be mistaken, looked for everywhere after a full run."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, firestore
from pg8000.native import Connection

from tests.running import Run, environment_of

AMOUNT = 70_000
MARK = secrets.token_hex(5)
# Alone, and not as digits of an id.
PIN = re.compile(r"(?<![0-9a-f-])(739154|684027|917364)(?![0-9a-f-])")


class Canary:
    """Somebody whose every secret and personal field is marked."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.problems = url, ""
        self.tokens: list[str] = []
        self.moved: list[str] = []
        self.username = f"{name}.{MARK}"
        self.full_name = f"{name.title()} Kenari {MARK}"
        self.passwords = [f"kenari-sandi-{name}-{MARK}", f"kenari-salah-{name}-{MARK}", f"kenari-baru-{name}-{MARK}"]
        self.http = requests.Session()
        body = {"username": self.username, "password": self.passwords[0], "pin": "739154", "full_name": self.full_name}
        answer = self.ask("POST", "/v1/users", json=body).json()
        self.number = answer["account_number"]
        self.tokens.append(answer["access_token"])
        self.http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request; what a problem says and which cookies were set is kept to be searched."""
        answer = self.http.request(method, self.url + path, timeout=30, **options)
        if not answer.ok:
            self.problems += answer.text
        self.tokens += [cookie.value for cookie in self.http.cookies if cookie.value]
        return answer

    def secrets(self) -> set[str]:
        """What must be nowhere: passwords right, wrong and new, and the signatures of tokens."""
        return {*self.passwords, *(token.rsplit(".", 1)[-1] for token in self.tokens if token)}

    def personal(self) -> set[str]:
        """What may be in the stores that serve it, and not in logs, events or the warehouse."""
        return {self.username, self.full_name, self.number, f"Catatan {MARK}"}


@pytest.fixture(scope="module")
def canaries(running: Run) -> list[Canary]:
    """Two people who have used everything, rightly and wrongly."""
    dewi, budi = Canary(running.url, "dewi"), Canary(running.url, "budi")
    top_up = dewi.ask("POST", "/v1/topups", json={"amount": AMOUNT}, headers={"Idempotency-Key": str(uuid4())}).json()
    token = top_up["pay_url"].rsplit("/", 1)[-1]
    dewi.tokens.append(token)
    dewi.ask("POST", f"/v1/pay/{token}", json={"decision": "approve"})
    key, order = str(uuid4()), {"to_account": budi.number, "amount": 5_000}
    operation = {"type": "transfer", "id": key, **order}
    dewi.ask("POST", "/v1/pin/proofs", json={"pin": "917364", "operation": operation})
    proof = dewi.ask("POST", "/v1/pin/proofs", json={"pin": "739154", "operation": operation}).json()["proof"]
    dewi.tokens.append(proof)
    headers = {"Idempotency-Key": key, "X-Pin-Proof": proof}
    assert dewi.ask("POST", "/v1/transfers", json=order | {"note": f"Catatan {MARK}"}, headers=headers).ok
    dewi.moved = [top_up["id"], key]
    refused = order | {"note": f"Catatan {MARK}", "amount": 9_000_000}
    dewi.ask("POST", "/v1/transfers", json=refused, headers=headers | {"Idempotency-Key": str(uuid4())})
    for person in (dewi, budi):
        wrong = {"username": person.username, "password": person.passwords[1]}
        person.ask("POST", "/v1/sessions", json=wrong)
        person.ask("POST", "/v1/sessions", json={"username": person.passwords[0], "password": person.username})
        person.ask("POST", "/v1/sessions/refresh", json={}, headers={"Origin": running.url})
        changed = {"current_password": person.passwords[0], "new_password": person.passwords[2]}
        assert person.ask("PUT", "/v1/me/password", json=changed).status_code == 204
        person.ask("PUT", "/v1/me/pin", json={"password": person.passwords[1], "new_pin": "684027"})
        person.ask("PATCH", "/v1/me", data=f'{{"full_name": "{person.passwords[0]}", "pin": 739154'.encode())
        person.ask("GET", f"/v1/accounts/{budi.number}")
        person.ask("GET", f"/v1/wallet/entries?q={MARK}&limit=x")
        for path in ("/v1/wallet", "/v1/notifications", "/v1/sessions", "/v1/me/export", "/v1/analytics/summary"):
            person.ask("GET", path)
    return [dewi, budi]


@pytest.fixture(scope="module")
def events(running: Run, canaries: list[Canary]) -> str:
    """Every row of the warehouse, once it has the canaries' two movements."""
    environment = environment_of(running)
    options = {"api_endpoint": environment["BIGQUERY_EMULATOR_HOST"]}
    client = bigquery.Client(
        environment["GOOGLE_CLOUD_PROJECT"], credentials=AnonymousCredentials(), client_options=options
    )
    text = ""

    def arrived() -> bool:
        nonlocal text
        found = client.query(f"SELECT * FROM {environment['BIGQUERY_DATASET']}.events_raw").result()
        text = "\n".join(str(dict(row)) for row in found)
        return all(movement in text for movement in canaries[0].moved)

    running.wait_for("events in the warehouse", arrived, 120)
    client.close()
    return text


def everybodys(canaries: list[Canary], running: Run) -> set[str]:
    """The canaries' secrets and the system's own."""
    own: set[str] = set()
    for value in json.loads((running.directory / "secrets.json").read_text()).values():
        own |= set(re.findall(r"[A-Za-z0-9+/_=-]{24,}", value))
    public = {part for part in own if part in requests.get(running.url + "/.well-known/jwks.json", timeout=30).text}
    return (own - public).union(*(canary.secrets() for canary in canaries))


def found_in(text: str, marks: set[str]) -> list[str]:
    """The marks that stand in `text`, shortened: a failure must not print a secret either."""
    return [mark[:12] + "…" for mark in sorted(marks) if mark in text]


def test_no_log_has_a_secret_or_a_name(running: Run, canaries: list[Canary], events: str) -> None:
    """The lines of every part, the runner's own and the traces."""
    files = [path for folder in ("logs", "run") for path in (running.directory / folder).rglob("*") if path.is_file()]
    assert len(files) > 5
    marks = everybodys(canaries, running)
    personal = set.union(*(canary.personal() for canary in canaries))
    for path in [*files, running.output]:
        text = path.read_text(errors="replace")
        if path.name != "state.json":  # the table that tells tests and the console how to reach the stores
            assert found_in(text, marks) == [], path
        assert found_in(text, personal) == [], path
        assert not PIN.search(text), path


def test_no_event_has_a_secret_or_a_name(running: Run, canaries: list[Canary], events: str) -> None:
    """The warehouse is pseudonymous: ids and amounts, nothing that a person is called."""
    personal = set.union(*(canary.personal() for canary in canaries))
    assert found_in(events, everybodys(canaries, running) | personal | {MARK}) == []


def test_no_problem_has_a_secret(running: Run, canaries: list[Canary], events: str) -> None:
    """What was refused is not said back."""
    problems = "".join(canary.problems for canary in canaries)
    assert problems.count("/problems/") >= 8
    assert found_in(problems, everybodys(canaries, running)) == []
    assert not PIN.search(problems)
    assert not re.search(r"Traceback|SELECT|127\.0\.0\.1", problems)


def test_no_store_has_a_secret(running: Run, canaries: list[Canary], events: str) -> None:
    """Every row of Postgres and every document of Firestore."""
    environment = environment_of(running)
    stored = "".join([*rows(environment), *documents(environment)])
    assert canaries[0].username in stored  # the search does find what is there
    marks = set.union(*(canary.secrets() for canary in canaries))
    pay_tokens = {token for canary in canaries for token in canary.tokens if "." not in token}
    assert found_in(stored, marks - pay_tokens) == []


def rows(environment: Any) -> Iterator[str]:
    """Every row of every table of ours."""
    connection = Connection(
        environment["DATABASE_USER"],
        environment["DATABASE_HOST"],
        environment["DATABASE_NAME"],
        int(environment["DATABASE_PORT"]),
        environment["DATABASE_PASSWORD"],
    )
    tables = connection.run(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('identity', 'ledger', 'outbox')"
    )
    for [table] in tables:
        yield str(connection.run(f"SELECT t::text FROM {table} AS t"))
    connection.close()


def documents(environment: Any) -> Iterator[str]:
    """Every document of every collection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", environment["FIRESTORE_EMULATOR_HOST"])
        client = firestore.Client(environment["GOOGLE_CLOUD_PROJECT"], credentials=AnonymousCredentials())
        for collection in client.collections():
            for document in collection.list_documents():
                yield str(document.get().to_dict())
                for inner in document.collections():
                    yield from (str(found.to_dict()) for found in inner.stream())


def test_the_marks_are_files_of_one_owner(running: Run) -> None:
    """The local secrets are readable by their owner alone."""
    assert (Path(running.directory) / "secrets.json").stat().st_mode & 0o077 == 0
