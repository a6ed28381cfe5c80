"""Keys and peppers of the running system are rotated by the command that a person types, and nobody notices."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from emulators.part import base_environment
from emulators.state import State
from tests.running import ROOT, Run

PASSWORD, PIN = "kuda-terbang-88", "482915"
# Less than a token lives, more than one would wait for by hand.
CLOCK_STEP_SECONDS = 120
# About as long as the hashes of a round take at their shipped cost: without it the top-ups' throttle would be met.
ROUND_SECONDS = 1.0


class Customer:
    """Somebody who does everything that a key has a part in, over and over; every answer but a success is kept."""

    def __init__(self, url: str) -> None:
        self.url, self.http = url, requests.Session()
        self.username = f"putar{uuid4().hex[:8]}"
        self.headers: dict[str, str] = {}
        self.link = ""
        self.answers = 0
        self.failures: list[str] = []
        self.stopped = threading.Event()
        body = {"username": self.username, "password": PASSWORD, "pin": PIN, "full_name": "Putri Ayu"}
        self.signed_in(self.send("POST", "/v1/users", body))

    def send(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        """Send one request, once."""
        answer = self.http.request(method, self.url + path, json=body, headers=self.headers | headers, timeout=20)
        self.answers += 1
        if not answer.ok:
            self.failures.append(f"{method} {path} {answer.status_code} {answer.text}")
        return answer

    def signed_in(self, answer: requests.Response) -> None:
        """Use the token of an answer from now on."""
        if answer.ok:
            self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def go_on(self) -> None:
        """Sign in, refresh, look, prove the PIN, ask for a QR, and open the page of the last one, until stopped."""
        operation = {"type": "transfer", "id": str(uuid4()), "to_account": "100000000008", "amount": 5_000}
        while not self.stopped.wait(ROUND_SECONDS):
            self.signed_in(self.send("POST", "/v1/sessions", {"username": self.username, "password": PASSWORD}))
            self.signed_in(self.send("POST", "/v1/sessions/refresh"))
            self.send("GET", "/v1/me")
            self.send("GET", "/v1/wallet")
            self.send("POST", "/v1/pin/proofs", {"pin": PIN, "operation": operation})
            if self.link:
                self.send("GET", f"/v1{urlsplit(self.link).path}")
            asked = self.send("POST", "/v1/topups", {"amount": 20_000}, **{"Idempotency-Key": str(uuid4())})
            self.link = asked.json()["pay_url"] if asked.ok else ""


@contextmanager
def customers(url: str) -> Iterator[list[Customer]]:
    """Two people at once, from before the block to its end."""
    people = [Customer(url), Customer(url)]
    threads = [threading.Thread(target=person.go_on) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        for person in people:
            person.stopped.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def clock(running: Run) -> Iterator[Callable[[int], None]]:
    """Move the product's clock step by step, as slowly as tokens need; it stands still again afterwards."""
    state, moved = State(running.directory), 0

    def forward(seconds: int) -> None:
        nonlocal moved
        for start in range(0, seconds, CLOCK_STEP_SECONDS):
            moved += min(CLOCK_STEP_SECONDS, seconds - start)
            state.move_clock(moved)
            time.sleep(2)

    yield forward
    state.move_clock(0)


def rotate(run: Run, name: str, forward: Callable[[int], None]) -> list[str]:
    """Type the command; where it waits, let that much time pass. Returns what it said."""
    command = [sys.executable, "-m", "tools.secrets", "rotate", name]
    environment = base_environment() | {"STATE_DIRECTORY": str(run.directory)}
    said = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as typed:
        assert typed.stdout is not None
        for line in typed.stdout:
            said.append(line.strip())
            if line.startswith("waiting "):
                forward(int(line.split()[1]) + 1)
    assert typed.returncode == 0, said
    return said


def refused(run: Run, *words: str) -> str:
    """Type the command, which must fail, and return what it said."""
    environment = base_environment() | {"STATE_DIRECTORY": str(run.directory)}
    command = [sys.executable, "-m", "tools.secrets", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stderr


def key_ids(run: Run) -> list[str]:
    """The ids of the published keys, the signing one first."""
    return [key["kid"] for key in requests.get(f"{run.url}/.well-known/jwks.json", timeout=10).json()["keys"]]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "names",
    [["SIGNING_KEYS", "PASSWORD_PEPPERS"], pytest.param(["PIN_PEPPERS", "PAY_TOKEN_KEYS"], marks=pytest.mark.soak)],
)
def test_no_request_fails_while_keys_change(running: Run, clock: Callable[[int], None], names: list[str]) -> None:
    """Old and new processes serve side by side at each step; afterwards the new keys are in use."""
    before = {name: json.loads(json.loads((running.directory / "secrets.json").read_text())[name]) for name in names}
    pids, kids = running.pids(), key_ids(running)
    with customers(running.url) as people:
        said = [line for name in names for line in rotate(running, name, clock)]
        answered = sum(person.answers for person in people)
        time.sleep(3)
    assert [failure for person in people for failure in person.failures] == []
    assert all(person.answers > 30 for person in people), "nobody was there to notice"
    assert sum(person.answers for person in people) > answered

    after = {name: json.loads(json.loads((running.directory / "secrets.json").read_text())[name]) for name in names}
    for name in names:
        assert next(iter(after[name])) not in before[name], name
    if "SIGNING_KEYS" in names:
        assert len(key_ids(running)) == 1
        assert key_ids(running) != kids
        assert running.pids()["identity-api"] != pids["identity-api"]
    for name in set(names) & {"PASSWORD_PEPPERS", "PIN_PEPPERS"}:
        # The seeded people have not signed in since: their digests stand on the old pepper.
        assert "still stand on pepper 1" in refused(running, "retire", name)
    secret_values = [value for name in names for value in json.dumps(after[name]).split('"') if len(value) > 30]
    assert not any(value in line for value in secret_values for line in said)


def test_a_value_that_cannot_start_changes_nothing(running: Run) -> None:
    """A revision that does not come up takes over from nobody: the old one goes on, and the old value is kept."""
    secrets = running.directory / "secrets.json"
    kept = secrets.read_text()
    pids = running.pids()
    broken = json.loads(kept) | {"SIGNING_KEYS": "[]"}
    program = (
        "from tools import local_rotation as l; from emulators.state import from_environment as s;"
        f"l._step(s(), 'SIGNING_KEYS', {broken['SIGNING_KEYS']!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=base_environment() | {"STATE_DIRECTORY": str(running.directory)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "SIGNING_KEYS is not a JSON list of private EC P-256 JWKs" in done.stderr
    assert secrets.read_text() == kept
    assert running.pids() == pids
    assert len(key_ids(running)) == 1
