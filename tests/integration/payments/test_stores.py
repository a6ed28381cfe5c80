"""How payments uses its stores: how often it asks, by which indexes, and what it says when one is away."""

import json
import time
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from emulators.environment import PROJECT
from tests.integration.payments.counting import counted
from tests.integration.payments.people import pay_path

SCHEMAS = Path(__file__).resolve().parents[3] / "terraform" / "schemas"
READS = {"get_many", "find", "count", "run"}


def test_a_poll_reads_once(dewi, owner_side):
    """One document and nothing else, known or not; the ledger is asked only when there is something to settle."""
    path = f"/v1/topups/{dewi.top_up()['id']}"
    tag = dewi.get(path).headers["ETag"]

    for headers in ({}, {"If-None-Match": tag}):
        with counted(owner_side) as asked:
            dewi.get(path, **headers)
        assert [name for name in asked if name in READS] == ["get_many"]
        assert "commit" not in asked


def test_opening_the_page_reads_once_and_writes_nothing(dewi, payer_client, payer_side):
    path = pay_path(dewi.top_up())

    with counted(payer_side) as asked:
        payer_client.get(path)

    assert [name for name in asked if name != "_client"] == ["get_many"]


def test_every_query_has_its_index(dewi, owner_side, repair, night, half_done, monkeypatch):
    """The emulator misses no index, the cloud does: each shape that the code asks for stands in firestore.json."""
    asked = set()
    with owner_side.active():
        from shared import firestore

    real = firestore.find

    def noting(collection, *where, order=(), after=None, limit):
        equal = tuple(sorted(field for field, operator, _ in where if operator == "=="))
        ordered = tuple((field, direction) for field, direction in order if field != "__name__")
        ranged = {field for field, operator, _ in where if operator != "=="}
        assert ranged <= {ordered[0][0]} if ordered else not ranged
        asked.add((collection, equal, ordered))
        return real(collection, *where, order=order, after=after, limit=limit)

    monkeypatch.setattr(firestore, "find", noting)
    half_done(dewi.top_up())
    dewi.get("/v1/topups")
    repair()
    night()

    defined = json.loads((SCHEMAS / "firestore.json").read_text())["indexes"]
    indexes = [(index["collection"], [tuple(field) for field in index["fields"]]) for index in defined]
    assert len(asked) == 5
    for collection, equal, ordered in asked:
        wanted = [(field, "ASCENDING") for field in equal] + list(ordered)
        covered = [fields for name, fields in indexes if name == collection and sorted(fields) == sorted(wanted)]
        assert covered, f"{collection}: no index for {wanted}"


def test_every_index_and_expiry_belongs_to_a_collection_of_ours():
    defined = json.loads((SCHEMAS / "firestore.json").read_text())

    ours = {"topups", "payment_events"}
    assert {rule["collection"]: rule["field"] for rule in defined["ttl"] if rule["collection"] in ours} == {
        "topups": "delete_after",
        "payment_events": "delete_after",
    }


@pytest.mark.parametrize("bearer", [{}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}])
def test_firestore_refuses_every_client(firestore, dewi, surroundings, bearer):
    """A browser that speaks to Firestore itself reads nothing and writes nothing: the rules deny all."""
    documents = f"{firestore.url}/v1/projects/{PROJECT}/databases/(default)/documents/topups"

    for answer in (
        requests.get(f"{documents}/{dewi.top_up()['id']}", headers=bearer, timeout=5),
        requests.get(documents, headers=bearer, timeout=5),
        requests.post(documents, json={"fields": {}}, headers=bearer, timeout=5),
        requests.delete(f"{documents}/x", headers=bearer, timeout=5),
    ):
        assert answer.status_code in (401, 403), answer.text


def test_a_dead_firestore_is_said_within_the_gateways_patience(load, dewi, signer, surroundings):
    """No answer in 60 s as the SDK would have it: 503 with Retry-After, in time for the caller to hear it."""
    away = load("payments", "api", **surroundings, FIRESTORE_EMULATOR_HOST="127.0.0.1:9")
    started = time.monotonic()

    answer = away.app.test_client().get("/v1/topups", headers=signer.bearer(dewi.user_id))

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
    assert "Retry-After" in answer.headers
    assert time.monotonic() - started < 12


@pytest.fixture
def behind(calls, load, surroundings):
    """payments-api with a proxy before its Firestore that fails single calls."""
    return load("payments", "api", **surroundings, FIRESTORE_EMULATOR_HOST=calls.address)


def test_a_write_in_anothers_way_is_tried_again(behind, calls, dewi, signer):
    """ABORTED says nothing of the document: a new one is written after all, a step is taken, and nobody hears of it."""
    client, bearer = behind.app.test_client(), signer.bearer(dewi.user_id)
    aborted = calls.fail("Commit", "ABORTED", times=2)

    asked = client.post("/v1/topups", json={"amount": 10_000}, headers=bearer | {"Idempotency-Key": str(uuid4())})
    calls.fail("Commit", "ABORTED")
    cancelled = client.post(f"/v1/topups/{asked.json['id']}/cancel", headers=bearer)

    assert aborted.done == 2
    assert (asked.status_code, asked.json["status"]) == (201, "pending")
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")


def test_writes_that_stay_in_anothers_way_are_an_outage(behind, calls, dewi, signer, monkeypatch):
    """A new document has no version that could have moved: 503 with Retry-After, and no bare 500."""
    monkeypatch.setattr(behind.modules["shared.firestore"], "TOTAL_SECONDS", 0.2)
    headers = signer.bearer(dewi.user_id) | {"Idempotency-Key": str(uuid4())}
    calls.fail("Commit", "ABORTED", times=1_000)

    answer = behind.app.test_client().post("/v1/topups", json={"amount": 10_000}, headers=headers)

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
    assert "Retry-After" in answer.headers


@pytest.fixture
def own_firestore(tmp_path):
    """An emulator that the test may stop and start again on the same port."""
    from emulators import firestore as emulator
    from emulators.ports import free_port

    port = free_port()
    running = [emulator.start(tmp_path / "one", port)]

    def restart():
        running[-1].stop()
        running.append(emulator.start(tmp_path / f"again-{len(running)}", port))

    yield port, restart
    running[-1].stop()


def test_a_restarted_emulator_is_found_again(load, dewi, signer, surroundings, own_firestore, move_clock):
    """The channel reconnects within its second of back-off; what was settled is rebuilt from the ledger."""
    port, restart = own_firestore
    more = surroundings | {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{port}"}
    owner, payer = load("payments", "api", **more), load("payments", "callback", **more)
    client, bearer = owner.app.test_client(), signer.bearer(dewi.user_id)
    key = {"Idempotency-Key": "00000000-0000-4000-8000-00000000aaaa"}
    top_up = client.post("/v1/topups", json={"amount": 10_000}, headers=bearer | key).json
    payer.app.test_client().post(pay_path(top_up), json={"decision": "approve"})

    restart()
    gone = client.get(f"/v1/topups/{top_up['id']}", headers=bearer)
    move_clock(31)
    with owner.active():
        from datetime import UTC, datetime

        from shared.topups import repair

        list(repair.run(datetime(2000, 1, 1, tzinfo=UTC)))

    assert gone.status_code == 404
    back = client.get(f"/v1/topups/{top_up['id']}", headers=bearer)
    assert (back.status_code, back.json["status"]) == (200, "settled")
    assert dewi.balance == 10_000
