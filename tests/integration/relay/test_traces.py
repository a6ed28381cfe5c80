"""An event carries the trace of the payment that caused it, from the outbox's row to the message."""

from typing import Any

import pytest

from shared import events, trace
from tests.pipe import Tap

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
UNSAMPLED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-00"}


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exporter is configured; nothing listens there, and nothing is due during a test."""
    monkeypatch.setenv(trace.ENDPOINT, "http://127.0.0.1:1/v1/traces")


def parents(owner: Any) -> list[str | None]:
    """The traceparents of what waits in the outbox, oldest first."""
    return [row[0] for row in owner.run("SELECT traceparent FROM outbox.events ORDER BY id")]


@pytest.fixture(autouse=True)
def empty(owner: Any) -> None:
    """Nothing waits from an earlier test."""
    owner.run("DELETE FROM outbox.events")


@pytest.mark.usefixtures("traced")
def test_an_event_goes_on_with_the_trace_of_its_payment(pay, open_wallet, owner, drain, tap: Tap) -> None:
    """The row hangs below the SQL statement that wrote it, the message below the relay's span."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    owner.run("DELETE FROM outbox.events")
    assert pay(sender, payee.number, 20_000, headers=SAMPLED).status_code == 201
    [row] = parents(owner)
    drain()
    [message] = tap.take(1)

    assert row is not None
    assert row.split("-")[1] == TRACE
    version, trace_id, span_id, flags = message.message.attributes[events.TRACE].split("-")
    assert (version, trace_id, flags) == ("00", TRACE, "01")
    assert span_id != row.split("-")[2]


@pytest.mark.usefixtures("traced")
def test_a_later_payment_of_the_same_connection_has_no_trace(pay, open_wallet, owner, drain, tap: Tap) -> None:
    """What one request told the database is forgotten with its transaction; nobody's trace gets another's event."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    owner.run("DELETE FROM outbox.events")
    for headers in (SAMPLED, UNSAMPLED, {}):
        assert pay(sender, payee.number, 1_000, headers=headers).status_code == 201
    first, *later = parents(owner)
    drain()
    messages = tap.take(3)

    assert (first is not None, later) == (True, [None, None])
    assert [events.TRACE in message.message.attributes for message in messages] == [True, False, False]


@pytest.mark.usefixtures("traced")
def test_a_refused_payment_leaves_nothing_behind(pay, open_wallet, owner) -> None:
    """A traced refusal tells the next payment of its connection nothing, and is answered as an untraced one."""
    sender, payee = open_wallet(balance=1_000), open_wallet()
    owner.run("DELETE FROM outbox.events")
    assert pay(sender, payee.number, 5_000, headers=SAMPLED).status_code == 422
    assert pay(sender, payee.number, 500).status_code == 201
    assert parents(owner) == [None]


@pytest.mark.parametrize(
    "text", ["", "nonsense", f"00-{TRACE}-00f067aa0ba902b7-01\n", f"01-{TRACE}-00f067aa0ba902b7-01"]
)
def test_what_is_no_traceparent_is_passed_over(owner, text: str) -> None:
    """A trace is never a reason to refuse money: the id comes back and the setting stays empty."""
    sql = "SELECT outbox.under_trace('00000000-0000-4000-8000-000000000001', :t)::text, current_setting('lite.traceparent')"
    assert owner.run(sql, t=text) == [["00000000-0000-4000-8000-000000000001", ""]]
