"""What a confirmation costs: through the callback function, and with its Firestore writes left out."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.integration.payments.people import pay_path
from tests.integration.payments.processes import serve
from tests.load import report

CLIENTS = 8
CONFIRMATIONS = 200
TURNS = 3
# Connections and caches, before anything is counted.
WARM = 40

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def rows():
    """The rows of this part's table in docs/benchmarks.md."""
    with report.figures("confirmations", "Confirmations of top-ups", "make bench") as found:
        yield found


@pytest.fixture
def many(person, owner_side):
    """Make many top-ups of many people, without asking each through the function."""
    people = [person() for _ in range(CLIENTS)]

    def make(count):
        with owner_side.active():
            import intents
            from shared import clock, topups

            first = topups.Step("pending", "owner", "asked")
            made = [
                topups.create(
                    uuid4(),
                    user_id=people[number % CLIENTS].user_id,
                    amount=10_000,
                    payee_name="D***",
                    first=first,
                    created_at=clock.now(),
                )
                for number in range(count)
            ]
            return [{"id": str(top_up.id), "pay_url": intents.pay_url(top_up)} for top_up in made]

    return make


def confirm_all(url, top_ups):
    """Confirm each once, eight at a time; return confirmations per second and the seconds of each."""
    local = threading.local()

    def confirm(top_up):
        if not hasattr(local, "session"):
            local.session = requests.Session()
        started = time.perf_counter()
        answer = local.session.post(url + pay_path(top_up), json={"decision": "approve"}, timeout=20)
        assert answer.json() == {"status": "settled"}, answer.text
        return time.perf_counter() - started

    with ThreadPoolExecutor(CLIENTS) as crowd:
        started = time.perf_counter()
        seconds = sorted(crowd.map(confirm, top_ups))
        return len(top_ups) / (time.perf_counter() - started), seconds


def test_confirmations_per_second(many, payer_side, directory, rows):
    """The served function against the same with the Firestore writes removed: the record costs what it costs.

    Both stand on functions-framework's own server with the same THREADS, and take turns.
    """
    parts = {
        change: serve("payments-callback", payer_side.environment, directory, change=change)
        for change in (None, "unrecorded")
    }
    rates, waits = {change: [] for change in parts}, []
    try:
        for turn in range(TURNS + 1):
            for change, part in parts.items():
                rate, seconds = confirm_all(part.url, many(CONFIRMATIONS if turn else WARM))
                if turn:
                    rates[change].append(rate)
                    waits += [] if change else seconds
    finally:
        for part in parts.values():
            part.stop()
    whole, bare = (statistics.median(rates[change]) for change in parts)
    median, p99 = statistics.median(waits) * 1000, sorted(waits)[int(len(waits) * 0.99)] * 1000
    what = f"confirmations, {CLIENTS} payers at once, against the same without its Firestore writes"
    rows.append([what, f"{whole:.0f}/s", f"{bare:.0f}/s", f"{whole / bare:.2f}", "", ""])
    rows.append(["one of them: median, p99", f"{median:.0f} ms, {p99:.0f} ms", "", "", "", ""])
    print(*(" | ".join(row) for row in rows), sep="\n")
