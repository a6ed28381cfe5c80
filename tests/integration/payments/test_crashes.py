"""kill -9 of the function at each step: one poll, or one run of the reconciliation, ends in the right state."""

import json
import threading

import pytest
import requests

from tests.integration.payments.people import CALLBACK, pay_path
from tests.integration.payments.processes import serve
from tests.waiting import until

STEPS = ("before the gate", "after the gate", "inside the settlement", "before the last write")
RECOVERIES = ("poll", "reconciliation")


@pytest.fixture
def confirm(provider):
    """Confirm a top-up at a served deployment by page or webhook; the answer may never come."""

    def send(url, top_up, route):
        if route == "page":
            return requests.post(url + pay_path(top_up), json={"decision": "approve"}, timeout=20)
        body = json.dumps(provider.report(top_up, event_id=f"evt-{top_up['id']}")).encode()
        headers = {"Content-Type": "application/json", "X-Signature": provider.sign(body)}
        return requests.post(url + CALLBACK, data=body, headers=headers, timeout=20)

    return send


@pytest.fixture
def recover(dewi, repair, move_clock):
    """Let the owner poll once, or the reconciliation run once, half a minute later."""

    def run(top_up, by):
        move_clock(31)
        if by == "poll":
            dewi.status_of(top_up)
        else:
            repair()

    return run


@pytest.mark.parametrize("route", ["page", "webhook"])
@pytest.mark.parametrize("by", RECOVERIES)
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_function_loses_and_doubles_nothing(
    step, by, route, dewi, books, confirm, recover, payer_side, document, directory, postgres, database
):
    """What was not yet past the gate waits; what was is credited, once; and a repetition changes neither."""
    top_up = dewi.top_up(50_000)
    part = serve("payments-callback", payer_side.environment, directory, change=step)
    try:
        if step == "inside the settlement":
            _kill_inside_the_settlement(
                part, lambda: confirm(part.url, top_up, route), postgres.connect(database), dewi, books
            )
        else:
            with pytest.raises(requests.ConnectionError):
                confirm(part.url, top_up, route)
    finally:
        part.stop()

    recover(top_up, by)

    expected = "pending" if step == "before the gate" else "settled"
    assert document(top_up["id"])["status"] == expected  # not by a poll, which would finish it
    assert books.credits(top_up["id"]) == ([50_000] if expected == "settled" else [])
    again = serve("payments-callback", payer_side.environment, directory)
    try:
        assert confirm(again.url, top_up, route).json() == {"status": "settled"}
    finally:
        again.stop()
    assert books.credits(top_up["id"]) == [50_000]


def _kill_inside_the_settlement(part, confirm, connection, dewi, books):
    """Hold the wallet's row so that the settlement waits in the database, kill the function, let go."""
    connection.run("BEGIN")
    connection.run("SELECT 1 FROM ledger.accounts WHERE user_id = :id FOR UPDATE", id=dewi.user_id)
    caller = threading.Thread(target=_ignoring_the_end, args=(confirm,))
    caller.start()
    _wait_until_blocked(books.connection)
    part.process.kill()
    caller.join(timeout=20)
    connection.run("COMMIT")
    connection.close()


def _ignoring_the_end(confirm):
    with pytest.raises(requests.ConnectionError):
        confirm()


def _wait_until_blocked(connection):
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    until(lambda: connection.run(blocked)[0][0] > 0, timeout_seconds=10)
