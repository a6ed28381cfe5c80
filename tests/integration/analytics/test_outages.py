"""When the warehouse is away the answer is 503, soon, and nothing but the insights notices."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest

from tests.pipe import transfer_posted


@pytest.fixture
def silent():
    """A machine that takes connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    taken = []
    stopping = threading.Event()

    def take():
        server.settimeout(0.2)
        while not stopping.is_set():
            try:
                taken.append(server.accept()[0])
            except TimeoutError:
                continue

    thread = threading.Thread(target=take)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    stopping.set()
    thread.join()
    for connection in taken:
        connection.close()
    server.close()


@pytest.mark.parametrize("route", ["summary", "export.csv"])
def test_a_warehouse_that_is_gone_is_a_503(deployment, database_stack, bigquery, signer, route):
    """At once, with a time to come back, as a problem and not as half a file."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    client = deployment("analytics", "api", BIGQUERY_EMULATOR_HOST=f"http://127.0.0.1:{port}")
    started = time.monotonic()

    answer = client.get(f"/v1/analytics/{route}", headers=signer.bearer(uuid4()))

    assert answer.status_code == 503
    assert answer.json["type"] == "/problems/unavailable"
    assert "Retry-After" in answer.headers
    assert time.monotonic() - started < 5
    assert client.get("/healthz").status_code == 200


def test_a_warehouse_that_says_nothing_is_a_503_within_the_gateways_deadline(deployment, bigquery, signer, silent):
    """The wait is bounded: ten seconds for a request, below the gateway's fifteen."""
    client = deployment("analytics", "api", BIGQUERY_EMULATOR_HOST=silent)
    started = time.monotonic()

    answer = client.get("/v1/analytics/summary", headers=signer.bearer(uuid4()))

    assert answer.status_code == 503
    assert time.monotonic() - started < 14


@pytest.fixture
def accepting():
    """A warehouse that takes every job, says that it runs, and is silent when it is asked for the rows."""
    stopping, jobs = threading.Event(), []

    class Accept(BaseHTTPRequestHandler):
        def do_POST(self):
            jobs.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.tell_job()

        def do_GET(self):
            if "/queries/" in self.path:
                stopping.wait()
            else:
                self.tell_job()

        def tell_job(self):
            answer = json.dumps(jobs[-1] | {"status": {"state": "RUNNING"}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Accept)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    stopping.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("route", ["summary", "export.csv"])
def test_a_job_whose_rows_never_come_is_a_503_within_the_gateways_deadline(
    deployment, bigquery, signer, accepting, route
):
    """A warehouse that has taken the job and goes silent is given up in the same time."""
    client = deployment("analytics", "api", BIGQUERY_EMULATOR_HOST=accepting)
    started = time.monotonic()

    answer = client.get(f"/v1/analytics/{route}", headers=signer.bearer(uuid4()))

    assert answer.status_code == 503
    assert time.monotonic() - started < 14


@pytest.mark.parametrize("route", ["summary", "export.csv"])
def test_a_ledger_that_is_gone_is_a_503(deployment, land, signer, route):
    """The names are in the ledger: without it the answer is a problem, and not a file that ends in its first page."""
    user_id = uuid4()
    land([transfer_posted(credit_user_id=user_id)])
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    client = deployment("analytics", "api", DATABASE_PORT=str(port))

    answer = client.get(f"/v1/analytics/{route}", headers=signer.bearer(user_id))

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")


def test_a_parameter_is_never_part_of_a_statement(api, land, signer, warehouse):
    """What stands in the query string is a date or refused; nothing that is sent reaches the SQL as text."""
    user_id = uuid4()
    land([transfer_posted(credit_user_id=user_id)])
    for attack in ("2026-01-01' OR '1'='1", "2026-01-01;DROP TABLE events_raw", "CURRENT_DATE()"):
        for name in ("from", "to", "bucket"):
            answer = api.get("/v1/analytics/summary", query_string={name: attack}, headers=signer.bearer(user_id))
            assert answer.status_code == 400

    answer = api.get("/v1/analytics/summary", headers=signer.bearer(user_id))

    assert answer.json["totals"]["in_count"] == 1


def test_names_come_from_the_ledger_for_the_callers_own_counterparties(api, land, open_wallet, owner, signer):
    """The warehouse has ids; the answer has numbers and names, of people whom the caller has dealt with."""
    dewi, budi = open_wallet(balance=90_000), open_wallet(name="=Budi Santoso")
    pay = "CALL ledger.transfer(gen_random_uuid(), :u, :n, 40000, '', NULL, NULL, NULL, NULL, NULL)"
    owner.run(pay, u=dewi.user_id, n=budi.number)
    [[mine], [theirs]] = owner.run(
        "SELECT id FROM ledger.accounts WHERE user_id IN (:d, :b) ORDER BY user_id = :b", d=dewi.user_id, b=budi.user_id
    )
    known = transfer_posted(
        debit_user_id=dewi.user_id,
        debit_account_id=mine,
        credit_user_id=budi.user_id,
        credit_account_id=theirs,
        amount=40_000,
    )
    land([known, transfer_posted(debit_user_id=dewi.user_id, debit_account_id=mine, amount=50_000)])

    answer = api.get("/v1/analytics/summary", headers=signer.bearer(dewi.user_id)).json
    file = api.get("/v1/analytics/export.csv", headers=signer.bearer(dewi.user_id)).text

    assert answer["totals"]["out_amount"] == 90_000
    assert answer["counterparties"] == [
        {"account_number": budi.number, "name": "=Budi Santoso", "in_amount": 0, "out_amount": 40_000, "count": 1}
    ]
    assert "'=Budi Santoso" in file
