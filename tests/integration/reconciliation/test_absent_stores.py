"""A store that is away hides no other finding: the pass goes on, says so, and ends loudly."""

import json
import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

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


def test_a_firestore_that_is_away_keeps_the_books_from_no_proof(load, owner, open_wallet, nowhere, monkeypatch):
    """The last two days are looked at, the fault is found, and the report comes although it cannot be kept."""
    person = open_wallet(balance=50_000)
    owner.run("SET session_replication_role = replica")
    owner.run("UPDATE ledger.accounts SET balance = balance + 1 WHERE user_id = :u", u=person.user_id)
    owner.run("SET session_replication_role = origin")
    gone = nowhere.removeprefix("http://")
    check = load("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere, FIRESTORE_EMULATOR_HOST=gone)
    # It is asked five times; how patiently is proved in payments/test_stores.py.
    monkeypatch.setattr(check.modules["shared.firestore"], "TOTAL_SECONDS", 0.5)

    answer = check.app.test_client().post("/", json={"pass": "nightly", "grace_seconds": 0})

    assert answer.status_code == 500
    found = broken(answer)
    assert [f["expected"] for f in found["payments_and_credits_agree"]] == ["an answer"]
    assert any("differs from its entries" in f["found"] for f in found["balances_follow_from_entries"])


def test_writes_in_each_others_way_end_no_pass(
    empty_firestore, load, owner, open_wallet, nowhere, calls, tmp_path, monkeypatch
):
    """A lost document cannot be written now: that is said, and the other promises are looked at."""
    open_wallet(balance=20_000)
    (tmp_path / "clock").write_text("60")  # no function is at work on that settlement any more
    surroundings = {"CLOCK_OFFSET_SECONDS_FILE": str(tmp_path / "clock"), "FIRESTORE_EMULATOR_HOST": calls.address}
    check = load("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere, **surroundings)
    monkeypatch.setattr(check.modules["shared.firestore"], "TOTAL_SECONDS", 0.2)
    calls.fail("Commit", "ABORTED", times=1_000)

    answer = check.app.test_client().post("/", json={"pass": "repair", "grace_seconds": 0})

    assert answer.status_code == 500
    assert [f["expected"] for f in broken(answer)["payments_and_credits_agree"]] == ["an answer"]
    assert [kept["promise"] for kept in answer.json["promises"]] == ["payments_and_credits_agree", "outbox_drains"]


def test_the_night_tells_of_each_review_that_stands(empty_firestore, load, open_wallet, nowhere, tmp_path, capsys):
    """The pass of every five minutes does not; and a review is nothing that the books disagree about."""
    person = open_wallet()
    (tmp_path / "clock").write_text("3600")
    clock = {"CLOCK_OFFSET_SECONDS_FILE": str(tmp_path / "clock")}
    client = load("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere, **clock).app.test_client()
    reviewed = str(top_up(uuid4(), person, "review"))

    answers, told = {}, {}
    for kind in ("repair", "nightly"):
        answers[kind] = client.post("/", json={"pass": kind, "grace_seconds": 0})
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        told[kind] = [line["topup_id"] for line in lines if line["message"] == "top-up under review"]

    assert told == {"repair": [], "nightly": [reviewed]}
    assert "reviews_are_told" not in broken(answers["nightly"])


@pytest.fixture
def paused(owner):
    """Pause the money routes until the test ends, as an operator does."""
    yield lambda: owner.run("SELECT ledger.pause('a test')")
    owner.run("SELECT ledger.pause(NULL)")


def test_a_pause_ends_no_pass(empty_firestore, deployment, owner, open_wallet, nowhere, paused):
    """What can be repaired is, what the pause holds up is said, and the other promises are looked at."""
    owned = open_wallet(balance=20_000)
    [[credited]] = owner.run(
        "SELECT t.id FROM ledger.transfers AS t JOIN ledger.accounts AS a ON a.id = t.credit_account_id"
        " WHERE a.user_id = :u",
        u=owned.user_id,
    )
    lagging, missing = top_up(credited, owned, "paid"), top_up(uuid4(), owned, "settled")
    client = deployment("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere)
    paused()

    answer = client.post("/", json={"pass": "repair", "grace_seconds": 0})

    findings = {f["subject"]: (f["found"], f["repaired"]) for f in broken(answer)["payments_and_credits_agree"]}
    assert findings[f"top-up {lagging}"] == ("stuck-in-paid", "settled")
    assert findings[f"top-up {missing}"] == ("settled-without-ledger, paused", None)
    assert {kept["promise"] for kept in answer.json["promises"]} == {"payments_and_credits_agree", "outbox_drains"}


def top_up(top_up_id, person, status):
    """Write the document of a top-up that has been in `status` for five minutes."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    fields = {
        "user_id": str(person.user_id), "amount": 20_000, "currency": "IDR", "payee_name": "D***", "status": status,
        "reason": None, "created_at": at, "expires_at": at, "changed_at": at, "delete_after": None, "paid_at": at,
        "settled_at": at if status == "settled" else None, "history": [],
    }  # fmt: skip
    firestore.Client(project=PROJECT).document("topups", str(top_up_id)).set(fields)
    return top_up_id


def test_the_last_report_of_each_kind_is_kept(empty_firestore, deployment, nowhere):
    """Who comes in the morning reads what the night said, word for word."""
    client = deployment("reconciliation", "check", BIGQUERY_EMULATOR_HOST=nowhere)

    answers = {kind: client.post("/", json={"pass": kind}).json for kind in ("repair", "nightly", "full")}

    documents = firestore.Client(project=PROJECT).collection("reconciliation_reports").stream()
    kept = {document.id: json.loads(document.get("report")) for document in documents}
    assert kept == answers
