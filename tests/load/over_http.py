"""POST /v1/transfers through functions-framework, against the same function with a constant answer."""

import http.client
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil

from emulators import environment, secrets
from emulators.part import base_environment, kill_group
from emulators.ports import free_port
from tests.deployment import Deployment
from tests.load.cold import ROOT
from tests.load.stage import PASSWORD, Stage
from tests.load.throughput import REPEATS
from tests.tokens import Signer

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "2400"))
CROWDS = (8, 32)
DEMAND = 2.5
SOURCES = {"transfers": ROOT / "functions/transfers/main.py", "constant": ROOT / "tests/load/constant/main.py"}


def user(number: int) -> UUID:
    """The user of the bench account `number`."""
    return UUID(f"00000000-0000-4000-a000-{100_000_000_000 + number}")


def prepared(signer: Signer, count: int) -> list[tuple[str, dict[str, str]]]:
    """So many payments of random people, each with its own key and proof: (body, headers)."""
    bearers = {number: signer.bearer(user(number)) for number in range(1, 51)}
    found = []
    for index in range(count):
        sender, key, payee = 1 + index % 50, uuid4(), str(100_000_000_000 + 51 + index % 900)
        proof = signer.pin_proof(user(sender), key, payee, 1)
        headers = {
            **bearers[sender],
            "Idempotency-Key": str(key),
            "X-Pin-Proof": proof,
            "Content-Type": "application/json",
        }
        found.append((json.dumps({"to_account": payee, "amount": 1, "note": "lunch"}), headers))
    return found


@contextmanager
def published_keys(document: dict[str, Any]) -> Iterator[str]:
    """A server of the public keys, as `identity` is."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextmanager
def served(source: Path, variables: dict[str, str], target: str = "api") -> Iterator[tuple[int, psutil.Process]]:
    """The function at `source` in the framework's production server: (port, process)."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--source", str(source), "--target", target]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], cwd=ROOT, start_new_session=True,
        env=base_environment() | {"PYTHONPATH": str(ROOT)} | variables,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port)
        yield port, psutil.Process(process.pid)
    finally:
        kill_group(process.pid)
        process.wait()


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the function never answered")


def _client(port: int, work: list[tuple[str, dict[str, str]]], failures: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for body, headers in work:
        connection.request("POST", "/v1/transfers", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            failures.append(f"{answer.status} {text[:200]!r}")


def _clients(port: int, work: list[list[tuple[str, dict[str, str]]]], results: Any) -> None:
    failures: list[str] = []
    threads = [threading.Thread(target=_client, args=(port, part, failures)) for part in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(failures)


def drive(port: int, clients: int, work: list[tuple[str, dict[str, str]]]) -> float:
    """Seconds of wall time per request with `clients` in a closed loop, from two processes."""
    parts = [work[index::clients] for index in range(clients)]
    results: Any = multiprocessing.Queue()
    drivers = [multiprocessing.Process(target=_clients, args=(port, parts[half::2], results)) for half in range(2)]
    began = time.perf_counter()
    for driver in drivers:
        driver.start()
    failures = [failure for _ in drivers for failure in results.get()]
    for driver in drivers:
        driver.join()
    if failures:
        raise RuntimeError(f"{len(failures)} requests failed, the first with {failures[0]}")
    return (time.perf_counter() - began) / len(work)


def cpu_seconds(process: psutil.Process) -> float:
    """The CPU that the server and its workers have used."""
    return sum(sum(p.cpu_times()[:2]) for p in [process, *process.children(recursive=True)])


def requests(stage: Stage) -> list[list[str]]:
    """Time and CPU per request of both, in turns."""
    made = secrets.generate()
    signer, found = Signer(made), []
    with published_keys(secrets.public_keys(made)) as jwks:
        variables = _variables(stage, made, jwks)
        with served(SOURCES["transfers"], variables) as ours, served(SOURCES["constant"], variables) as constant:
            for clients in CROWDS:
                found += _compare(clients, ours, constant, signer)
    return found


def _variables(stage: Stage, made: dict[str, str], jwks: str) -> dict[str, str]:
    stack = environment.Stack({**made, "DATABASE_PASSWORD": PASSWORD}, jwks_url=jwks)
    stack.database_port, stack.database_name = stage.server.port, "bench"
    return stack.of("transfers-api")


def _compare(clients: int, ours: Any, constant: Any, signer: Signer) -> list[list[str]]:
    times: dict[str, list[float]] = {"ours": [], "constant": []}
    cpu: dict[str, list[float]] = {"ours": [], "constant": []}
    for turn in range(REPEATS + 1):
        for name, (port, process) in (("ours", ours), ("constant", constant)):
            work = prepared(signer, REQUESTS if turn else 200)
            before = cpu_seconds(process)
            seconds = drive(port, clients, work)
            if turn:  # the first is for warming up
                times[name].append(seconds)
                cpu[name].append((cpu_seconds(process) - before) / len(work))
    mine, base = (statistics.median(times[name]) * 1000 for name in ("ours", "constant"))
    my_cpu, base_cpu = (statistics.median(cpu[name]) * 1000 for name in ("ours", "constant"))
    met = "yes" if mine <= DEMAND * base else "**no**"
    return [
        [f"POST /v1/transfers, {clients} clients", f"{mine:.2f} ms", f"{base:.2f} ms", f"{mine / base:.2f}", "≤ 2.50", met],
        [f"its CPU in the function, {clients} clients", f"{my_cpu:.2f} ms", f"{base_cpu:.2f} ms", f"{my_cpu / base_cpu:.2f}", "", ""],
    ]  # fmt: skip


def by_part(stage: Stage, count: int = 800) -> list[list[str]]:
    """CPU milliseconds of a request by part, inside the function."""
    made = secrets.generate()
    signer = Signer(made)
    spent: dict[str, float] = {}
    with published_keys(secrets.public_keys(made)) as jwks:
        deployment = Deployment("transfers", "api", _variables(stage, made, jwks))
        client = deployment.app.test_client()
        work = prepared(signer, count + 50)
        for body, headers in work[:50]:
            client.post("/v1/transfers", data=body, headers=headers)
        _watch(deployment, spent)
        began = time.thread_time()
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # a line of log each
            for body, headers in work[50:]:
                assert client.post("/v1/transfers", data=body, headers=headers).status_code == 201
        spent["the framework, routing, logging and the test client"] = time.thread_time() - began - sum(spent.values())
    return [[name, f"{seconds / count * 1000:.3f} ms"] for name, seconds in spent.items()]


def _watch(deployment: Deployment, spent: dict[str, float]) -> None:
    parts = {
        "parse the body": ("shared.strict_json", "decode"),
        "verify the access token": ("shared.auth", "verify_access_token"),
        "verify the PIN proof": ("shared.auth", "require_pin_proof"),
        "the database, client side": ("shared.db", "call_once"),
        "encode the answer": ("shared.http", "_encode"),
    }
    for label, (module, name) in parts.items():
        spent[label] = 0.0
        target = deployment.modules[module]
        setattr(target, name, _timed(getattr(target, name), label, spent))


def _timed(function: Any, label: str, spent: dict[str, float]) -> Any:
    def timed(*arguments: Any, **options: Any) -> Any:
        began = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[label] += time.thread_time() - began

    return timed
