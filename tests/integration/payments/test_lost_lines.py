"""What somebody must hear of is said in the end, whoever died before it, whatever failed or got lost on the way."""

import json
import os
from signal import SIGKILL

import pytest
import requests

from tests.integration.payments.people import CALLBACK, Provider, pay_path
from tests.integration.payments.processes import serve

CONTRADICTED = "a provider contradicts us"
REVIEWED = "top-up under review"
APPROVE = {"decision": "approve"}
DAY_SECONDS = 86_400


def lines(capsys, message):
    """What has been written with this message: the reason and the top-up of each line."""
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(line["reason"], line["topup_id"]) for line in written if line["message"] == message]


@pytest.fixture
def behind(calls, load, surroundings):
    """payments-callback with a proxy before its Firestore that fails single calls."""
    return load("payments", "callback", **surroundings, FIRESTORE_EMULATOR_HOST=calls.address)


@pytest.fixture
def send_behind(behind, provider, clock_file):
    """Send a report to that deployment."""
    return Provider(behind.app.test_client(), provider.keys, clock_file).send


@pytest.fixture
def settled(dewi, provider):
    """A top-up that the provider has reported, and that is credited."""
    top_up = dewi.top_up(50_000)
    provider.send(provider.report(top_up))
    return top_up


@pytest.fixture(params=["paid-twice", "mismatch-after-settlement"])
def contradiction(request, settled, provider):
    """The reason of a line, and a report that owes it."""
    more = {"amount": 60_000} if request.param == "mismatch-after-settlement" else {}
    return request.param, provider.report(settled, **more)


def test_a_look_that_failed_is_made_when_the_report_comes_again(
    settled, provider, behind, calls, send_behind, monkeypatch, capsys
):
    """The event stands, and Firestore went away before the look: 503, and the repetition is no quiet 200."""
    report = provider.report(settled)
    monkeypatch.setattr(behind.modules["shared.firestore"], "TOTAL_SECONDS", 0.2)
    calls.fail("RunQuery", "UNAVAILABLE", times=1_000)

    failed = send_behind(report)
    calls.mend()
    before = lines(capsys, CONTRADICTED)
    answers = [send_behind(report).status_code for _ in range(2)]

    assert (failed.status_code, before) == (503, [])
    assert answers == [200, 200]
    assert lines(capsys, CONTRADICTED) == [("paid-twice", settled["id"])]


def test_what_an_instance_died_before_saying_is_said_by_the_next(
    contradiction, settled, provider, payer_side, calls, directory, capsys
):
    """Killed between the event's document and the line: the provider was not answered, and reports again."""
    reason, report = contradiction
    part = serve("payments-callback", payer_side.environment | {"FIRESTORE_EMULATOR_HOST": calls.address}, directory)
    body = json.dumps(report).encode()
    headers = {"Content-Type": "application/json", "X-Signature": provider.sign(body)}
    noted = report["event_id"].encode()
    calls.fail("Commit", "UNAVAILABLE", holding=noted, happens=True, then=lambda: os.killpg(part.process.pid, SIGKILL))
    try:
        with pytest.raises(requests.ConnectionError):
            requests.post(part.url + CALLBACK, data=body, headers=headers, timeout=20)
    finally:
        part.stop()

    for _ in range(2):
        provider.send(report)

    assert lines(capsys, CONTRADICTED) == [(reason, settled["id"])]


def test_an_event_whose_commit_was_not_answered_is_told(contradiction, settled, calls, send_behind, capsys):
    """The second attempt meets the first one's document, which owes its line all the same."""
    reason, report = contradiction
    lost = calls.fail("Commit", "UNAVAILABLE", holding=report["event_id"].encode(), happens=True)

    send_behind(report)

    assert lost.done == 1
    assert lines(capsys, CONTRADICTED) == [(reason, settled["id"])]


@pytest.fixture
def reviewed(dewi, books):
    """Ask for a top-up and approve it while the wallet is frozen; the ledger refuses it."""

    def make(client):
        top_up = dewi.top_up(50_000)
        books.set_status(dewi.user_id, "frozen")
        assert client.post(pay_path(top_up), json=APPROVE).json == {"status": "review"}
        books.set_status(dewi.user_id, "active")
        return top_up["id"]

    return make


def test_a_review_is_told_again_each_night_while_it_stands(
    reviewed, payer_client, night, move_clock, operator_settles, capsys
):
    """Not in its first hour, which its own line has; then each night, every one, for a week or until one is settled."""
    standing = [reviewed(payer_client) for _ in range(5)]
    at_once = [top_up_id for _, top_up_id in lines(capsys, REVIEWED)]
    night()
    in_the_hour = lines(capsys, REVIEWED)

    nights = []
    for days in (1, 2, 6):
        move_clock(days * DAY_SECONDS)
        night()
        nights.append(lines(capsys, REVIEWED))
    operator_settles(standing[0])
    night()
    last_night = [top_up_id for _, top_up_id in lines(capsys, REVIEWED)]
    move_clock(8 * DAY_SECONDS)
    night()

    assert (at_once, in_the_hour) == (standing, [])
    assert nights == [[("account-unavailable", top_up_id) for top_up_id in standing]] * 3
    assert (last_night, lines(capsys, REVIEWED)) == (standing[1:], [])


def test_a_review_whose_commit_was_not_answered_is_told_at_night(reviewed, behind, calls, night, move_clock, capsys):
    """The writer meets its own step as another's and says nothing; the alert comes all the same."""
    lost = calls.fail("Commit", "UNAVAILABLE", holding=b"account-unavailable", happens=True)
    top_up_id = reviewed(behind.app.test_client())
    assert (lost.done, lines(capsys, REVIEWED)) == (1, [])

    move_clock(DAY_SECONDS)
    night()

    assert ("account-unavailable", top_up_id) in lines(capsys, REVIEWED)
