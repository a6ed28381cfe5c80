"""A store that is away hides no other finding: the pass goes on, says so, and ends loudly."""

import json
import socket

import pytest
from google.cloud import firestore

from emulators.environment import PROJECT
from tests.integration.reconciliation.conftest import broken


@pytest.fixture(scope="module")
def nowhere():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_a_warehouse_that_is_away_keeps_no_other_promise_from_being_looked_at(
    empty_firestore, deployment, owner, open_wallet, nowhere
):
    """The books are wrong and the warehouse is away: both are said, and the night counts as not proved."""
    person = open_wallet(balance=50_000)
    owner.run("SET session_replication_role = replica")
    owner.run("UPDATE ledger.accounts SET balance = balance + 1 WHERE user_id = :u", u=person.user_id)
    owner.run("SET session_replication_role = origin")
    client = deployment("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere)

    answer = client.post("/", json={"pass": "nightly", "grace_seconds": 0})

    found = broken(answer)
    assert answer.status_code == 500
    assert [f["expected"] for f in found["warehouse_equals_ledger"]] == ["an answer"]
    assert [f["found"] for f in found["balances_follow_from_entries"]] != []
    assert "duration_ms" in answer.json["promises"][0]


def test_the_last_report_of_each_kind_is_kept(empty_firestore, deployment, nowhere):
    """Who comes in the morning reads what the night said, word for word."""
    client = deployment("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere)

    answers = {kind: client.post("/", json={"pass": kind}).json for kind in ("repair", "nightly", "full")}

    documents = firestore.Client(project=PROJECT).collection("reconciliation_reports").stream()
    kept = {document.id: json.loads(document.get("report")) for document in documents}
    assert kept == answers
