"""The same scenarios on two sides: ours against the limit of this machine, and ours against another wallet."""

import http.client
import json
import multiprocessing
import os
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import bcrypt

from emulators import environment
from emulators import secrets as local_secrets
from tests.load import throughput
from tests.load.over_http import prepared, published_keys, served
from tests.load.stage import PASSWORD, Stage
from tests.tokens import Signer

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 8
SECONDS = float(os.environ.get("COMPARE_SECONDS", "8"))
REPEATS = 3
PASSWORD_COST, PIN_COST = 12, 10
ANSWER_SECONDS = 60
PIN = "739154"
# What a client does again and again; given what is left to do, the next request.
Request = tuple[str, str, Any, dict[str, str]]
Work = Iterator[Request]


def _client(base: str, work: list[Request], until: float, results: list[tuple[int, float]]) -> None:
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=ANSWER_SECONDS)
    for method, path, body, headers in work:
        if time.monotonic() > until:
            break
        began = time.perf_counter()
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, body=sent, headers=headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        results.append((answer.status, time.perf_counter() - began))
    connection.close()


def _clients(base: str, works: list[list[Request]], until: float, queue: Any) -> None:
    results: list[tuple[int, float]] = []
    threads = [threading.Thread(target=_client, args=(base, work, until, results)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put(results)


def per_second(base: str, work: list[Request], clients: int = CLIENTS) -> tuple[float, float]:
    """Requests per second of `clients` in a closed loop from two processes, and the median answer's milliseconds."""
    queue: Any = multiprocessing.Queue()
    began = time.monotonic()
    halves = [[work[index::clients] for index in range(half, clients, 2)] for half in range(2)]
    drivers = [
        multiprocessing.Process(target=_clients, args=(base, half, began + SECONDS, queue)) for half in halves if half
    ]
    for driver in drivers:
        driver.start()
    results = [result for _ in drivers for result in queue.get()]
    passed = time.monotonic() - began
    for driver in drivers:
        driver.join()
    # Who is asked to come back (429, 503) has not been served, and counts for nothing.
    served_in = [seconds for status, seconds in results if 200 <= status < 300]
    wrong = [status for status, _ in results if not 200 <= status < 300 and status not in {429, 503}]
    if wrong or not served_in:
        raise RuntimeError(f"{base}: {len(wrong)} of {len(results)} requests were refused, the first with {wrong[:1]}")
    return len(served_in) / passed, statistics.median(served_in) * 1000


def hashes_per_second(cost: int) -> float:
    """What bcrypt alone does on all cores."""
    salt, cores = bcrypt.gensalt(cost), os.cpu_count() or 1
    until = time.monotonic() + SECONDS

    def hash_on(_: int) -> int:
        done = 0
        while time.monotonic() < until:
            bcrypt.hashpw(b"x" * 64, salt)
            done += 1
        return done

    began = time.monotonic()
    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(hash_on, range(cores))) / (time.monotonic() - began)


def against_the_machine(stage: Stage) -> list[list[str]]:
    """Each scenario on our own function, and the least that anybody's could cost here."""
    rows = []
    ours, bare = throughput.medians(stage, ("transfer_random", "bare_random"), CLIENTS)
    rows.append(_row("a payment in the database", ours, bare, "pgbench on the bare function"))
    made = local_secrets.generate()
    with ExitStack() as open_:
        keys = open_.enter_context(published_keys(local_secrets.public_keys(made)))
        stack = environment.Stack({**made, "DATABASE_PASSWORD": PASSWORD}, jwks_url=keys)
        stack.database_port, stack.database_name = stage.server.port, "bench"
        ports = {
            name: open_.enter_context(served(ROOT / f"functions/{name}/main.py", stack.of(f"{name}-api")))[0]
            for name in ("identity", "wallet", "transfers")
        }
        hello = open_.enter_context(served(ROOT / "tests/load/hello/main.py", {"THREADS": "8"}, target="hello"))[0]
        bases = {name: f"http://127.0.0.1:{port}" for name, port in (ports | {"hello": hello}).items()}
        rows += _over_http(bases, Signer(made))
    return rows


def _over_http(bases: dict[str, str], signer: Signer) -> list[list[str]]:
    people = [Visitor(bases["identity"], wallet=None) for _ in range(CLIENTS)]
    looks = [("GET", "/v1/wallet", None, people[n % CLIENTS].headers) for n in range(20_000)]
    proofs = [people[n % CLIENTS].proof_request(people[n % CLIENTS - 1]) for n in range(4_000)]
    sign_ins = [people[n % CLIENTS].sign_in_request() for n in range(1_000)]
    hellos: list[Request] = [("GET", "/", None, {})] * 40_000

    def payments() -> list[Request]:
        return [("POST", "/v1/transfers", json.loads(body), headers) for body, headers in prepared(signer, 8_000)]

    turns: dict[str, list[float]] = {
        name: [] for name in ("pay", "look", "prove", "sign in", "hello", "pin", "password")
    }
    for _ in range(REPEATS):
        turns["pay"].append(per_second(bases["transfers"], payments())[0])
        turns["look"].append(per_second(bases["wallet"], looks)[0])
        turns["hello"].append(per_second(bases["hello"], hellos)[0])
        turns["prove"].append(per_second(bases["identity"], proofs)[0])
        turns["pin"].append(hashes_per_second(PIN_COST))
        turns["sign in"].append(per_second(bases["identity"], sign_ins)[0])
        turns["password"].append(hashes_per_second(PASSWORD_COST))
    middle = {name: statistics.median(found) for name, found in turns.items()}
    return [
        _row("a payment over HTTP", middle["pay"], middle["hello"], "the framework's hello world"),
        _row("a look at the balance", middle["look"], middle["hello"], "the framework's hello world"),
        _row("a PIN proof", middle["prove"], middle["pin"], f"bcrypt of cost {PIN_COST} alone"),
        _row("a sign-in", middle["sign in"], middle["password"], f"bcrypt of cost {PASSWORD_COST} alone"),
    ]


def _row(what: str, ours: float, limit: float, named: str) -> list[str]:
    return [what, f"{ours:,.0f}/s", f"{named}: {limit:,.0f}/s", f"{ours / limit:.2f}"]


class Visitor:
    """Somebody who registers at a wallet that speaks this contract, and tops up there."""

    def __init__(self, base: str, wallet: int | None = 100_000) -> None:
        self.base, self.username = base, f"side{secrets.token_hex(8)}"
        self.password = f"sisi {secrets.token_hex(6)}"
        new = {"username": self.username, "password": self.password, "pin": PIN, "full_name": "Sisi Lain"}
        made = self.ask("POST", "/v1/users", new, {})
        self.number = made["account_number"]
        self.headers = {"Authorization": f"Bearer {made['access_token']}"}
        if wallet:
            made = self.ask("POST", "/v1/topups", {"amount": wallet}, self.headers | {"Idempotency-Key": str(uuid4())})
            self.ask("POST", "/v1/pay/" + made["pay_url"].rsplit("/", 1)[-1], {"decision": "approve"}, {})

    def ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """The JSON of a successful answer."""
        parts = urlsplit(self.base)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=ANSWER_SECONDS)
        sent = headers | {"Content-Type": "application/json"}
        connection.request(method, path, body=json.dumps(body), headers=sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {self.base}{path} answered {answer.status}: {text[:300]!r}")
        return json.loads(text)

    def sign_in_request(self) -> Request:
        """Another session."""
        return "POST", "/v1/sessions", {"username": self.username, "password": self.password}, {}

    def proof_request(self, payee: "Visitor", key: str = "") -> Request:
        """A PIN proof for one rupiah to somebody."""
        operation = {"type": "transfer", "id": key or str(uuid4()), "to_account": payee.number, "amount": 1}
        return "POST", "/v1/pin/proofs", {"pin": PIN, "operation": operation}, self.headers

    def payment_request(self, payee: "Visitor") -> Request:
        """One rupiah to somebody, with its proof at hand."""
        key = str(uuid4())
        _, path, body, headers = self.proof_request(payee, key)
        proof = self.ask("POST", path, body, headers)["proof"]
        order = {"to_account": payee.number, "amount": 1, "note": ""}
        return "POST", "/v1/transfers", order, self.headers | {"Idempotency-Key": key, "X-Pin-Proof": proof}


Scenario = Callable[[list[Visitor]], list[Request]]
# The proofs of the payments are made beforehand: two minutes are enough for so many.
SCENARIOS: dict[str, Scenario] = {
    "a sign-in": lambda crowd: [crowd[n % CLIENTS].sign_in_request() for n in range(400)],
    "a look at the balance": lambda crowd: [
        ("GET", "/v1/wallet", None, crowd[n % CLIENTS].headers) for n in range(20_000)
    ],
    "a look at the history": lambda crowd: [
        ("GET", "/v1/wallet/entries?limit=20", None, crowd[n % CLIENTS].headers) for n in range(20_000)
    ],
    "a PIN proof": lambda crowd: [crowd[n % CLIENTS].proof_request(crowd[n % CLIENTS - 1]) for n in range(2_000)],
    "a payment": lambda crowd: [crowd[n % CLIENTS].payment_request(crowd[n % CLIENTS - 1]) for n in range(400)],
}


@contextmanager
def crowd(base: str) -> Iterator[list[Visitor]]:
    """As many people as there are clients."""
    yield [Visitor(base) for _ in range(CLIENTS)]


def against_another(ours: str, theirs: str) -> list[list[str]]:
    """Each scenario over the public API at both addresses, in turns."""
    rows = []
    with crowd(ours) as mine, crowd(theirs) as others:
        for what, scenario in SCENARIOS.items():
            found: dict[str, list[tuple[float, float]]] = {"mine": [], "theirs": []}
            for _ in range(REPEATS):
                found["mine"].append(per_second(ours, scenario(mine)))
                found["theirs"].append(per_second(theirs, scenario(others)))
            (rate, delay), (their_rate, their_delay) = (
                tuple(statistics.median(column) for column in zip(*found[side], strict=True)) for side in found
            )
            rows.append([
                what, f"{rate:,.0f}/s, {delay:.0f} ms", f"{theirs}: {their_rate:,.0f}/s, {their_delay:.0f} ms",
                f"{rate / their_rate:.2f}",
            ])  # fmt: skip
    return rows
