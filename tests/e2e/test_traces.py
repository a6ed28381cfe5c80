"""One trace leads from the gateway through a function and SQL to the event, and on to its readers."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.e2e.people import join, send
from tests.running import Run

SECONDS = 60
Traces = Callable[[], list[dict[str, Any]]]
# Below each span, in the order of a payment: who did what, under whose span.
CHAIN = [
    ("gateway", "createTransfer"),
    ("transfers-api", "POST /v1/transfers"),
    ("transfers-api", "CALL ledger.transfer"),
    ("relay-drain", "publish wallet-events"),
    ("notifications-deliver", "deliver event"),
]


def newest(running: Run) -> list[dict[str, Any]]:
    """The newest traces; asking for health makes every part send what waits."""
    requests.get(f"{running.url}/__dev/api/health", timeout=30)
    found: list[dict[str, Any]] = requests.get(f"{running.url}/__dev/api/traces", timeout=30).json()
    return found


@pytest.fixture
def traces(running: Run) -> Traces:
    """Looks for the traces that were not there before the test."""
    before = {trace["id"] for trace in newest(running)}
    return lambda: [trace for trace in newest(running) if trace["id"] not in before]


def payment(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The spans of the newest trace that holds a payment."""
    paid = (one["spans"] for one in traces if any(span["name"] == "POST /v1/transfers" for span in one["spans"]))
    return next(paid, [])


def test_a_payment_is_one_trace_from_the_gateway_to_the_inbox_and_the_warehouse(running: Run, traces: Traces) -> None:
    """Each hop hangs below the one before it, although queues and two databases lie between them."""
    dewi, budi = join(running.url, "Dewi Lestari", 50_000), join(running.url, "Budi Santoso")
    send(dewi.person, budi.person, 20_000)
    wanted = {*CHAIN, ("notifications-deliver", "commit notifications"), ("warehouse", "write wallet-events-warehouse")}
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def arrived() -> bool:
        found.clear()
        found.update({(span["part"], span["name"]): span for span in payment(traces())})
        return found.keys() >= wanted

    try:
        running.wait_for("the whole trace", arrived, SECONDS)
    except AssertionError:
        assert sorted(found) == sorted(wanted)
    depths = [found[hop]["depth"] for hop in CHAIN]
    assert depths == list(range(depths[0], depths[0] + len(CHAIN)))
    assert found["warehouse", "write wallet-events-warehouse"]["depth"] == depths[-1]


def test_a_question_to_the_warehouse_is_a_span(running: Run, traces: Traces) -> None:
    """The insights show how long BigQuery took."""
    dewi = join(running.url, "Dewi Lestari")
    days = "from=2026-01-01&to=2026-01-31&bucket=day"
    dewi.person.ask("GET", f"/v1/analytics/summary?{days}", 200)

    def arrived() -> bool:
        names = {(span["part"], span["name"]) for trace in traces() for span in trace["spans"]}
        return ("analytics-api", "query warehouse") in names

    running.wait_for("the span of a query", arrived, SECONDS)
