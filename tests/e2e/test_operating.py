"""An operator in trouble: what a runbook says is typed, against the running system, and does what it says."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from google.cloud import pubsub_v1
from playwright.sync_api import Browser, expect

from emulators.environment import PROJECT, ROOT
from emulators.part import base_environment
from shared import events
from tests.e2e.people import insights, join, send
from tests.pipe import transfer_posted
from tests.running import Run

TOPIC = f"projects/{PROJECT}/topics/wallet-events"
SECONDS = 60

# What a test here waits for, one thing after the other, may take longer than most tests may.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def operate(running: Run) -> Any:
    """Type `make operate do="…"`; returns the exit code and what was answered."""

    def run(*words: str) -> tuple[int, str]:
        environment = base_environment() | {"STATE_DIRECTORY": str(running.directory)}
        command = [sys.executable, "-m", "emulators.operate", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=90
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def topic(running: Run, monkeypatch: pytest.MonkeyPatch) -> pubsub_v1.PublisherClient:
    """Somebody who publishes straight into the topic of the running system."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{running.table()['parts']['pubsub']['port']}")
    with pubsub_v1.PublisherClient() as publisher:
        yield publisher


def test_events_are_published_again_by_span_and_by_id(running: Run, operate: Any) -> None:
    """The answer says how many; they leave the outbox again, and the insights count nothing twice."""
    began = datetime.now(UTC)
    dewi, budi = join(running.url, "Dewi Lestari", 50_000), join(running.url, "Budi Santoso")
    send(dewi.person, budi.person, 20_000)

    def counted() -> bool:
        return insights(budi.person).get("in_amount") == 20_000

    running.wait_for("the payment in the insights", counted, SECONDS)

    code, said = operate("replay", began.isoformat(), (datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    assert code == 0, said
    assert int(said.splitlines()[-1]) >= 2, "the top-up and the payment"

    running.wait_for("an empty outbox", lambda: operate("backlog")[1].splitlines()[-1].startswith("0 "), SECONDS)
    running.wait_for("the same sum", counted, SECONDS)

    def told() -> list[str]:
        items = budi.person.ask("GET", "/v1/notifications", 200)["items"]
        return [item["id"] for item in items if item["type"] == "transfer.received"]

    running.wait_for("the payee's notification", told, SECONDS)
    [event_id] = told()
    assert operate("replay-event", event_id)[1].splitlines()[-1] == "1"
    code, said = operate("replay", "yesterday")
    assert (code, "replay with 1 words" in said) == (1, True)


def test_a_new_device_is_told_to_its_owner(running: Run) -> None:
    """The notice takes the events' way: identity's outbox, the relay, the topic of notices, the inbox."""
    sari = join(running.url, "Sari Wulandari")
    credentials = {"username": sari.person.username, "password": sari.password}
    headers = {"User-Agent": "Mozilla/5.0 (Android 15; Mobile) Firefox/140.0"}
    requests.post(f"{running.url}/v1/sessions", json=credentials, headers=headers, timeout=30).raise_for_status()

    def told() -> bool:
        items = sari.person.ask("GET", "/v1/notifications", 200)["items"]
        return "session.started" in {item["type"] for item in items}

    running.wait_for("the notice of a new device", told, SECONDS)


def test_a_dead_letter_is_listed_with_its_reason_and_sent_again(running: Run, operate: Any, topic: Any) -> None:
    """A message that is no row is found by its event; sent again, it comes back for the same reason."""
    event = transfer_posted()
    spoilt = json.loads(events.encode(event)) | {"occurred_at": "yesterday"}
    topic.publish(TOPIC, json.dumps(spoilt).encode(), **events.attributes(event)).result(10)

    def listed() -> bool:
        code, said = operate("letters", "--list")
        assert code == 0, said
        lines = [line for line in said.splitlines() if str(event.event_id) in line]
        return bool(lines) and "no event of ours" in lines[0] and "wallet-events-warehouse" in said

    running.wait_for("the dead letter", listed, SECONDS)
    code, said = operate("letters", f"--event={event.event_id}")
    assert code == 0, said
    assert "wallet-events: 1 sent again" in said or "wallet-events: 2 sent again" in said, said
    running.wait_for("its return", listed, SECONDS)


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_the_full_proof_is_run_and_read_on_the_consoles_page(
    running: Run, browser: Browser, width: int, theme: Any
) -> None:
    """One button runs it; the page says whether the books agree, promise by promise, and does not scroll sideways."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    try:
        page.goto(f"{running.url}/__dev/report")
        page.get_by_role("button", name="Run full proof now").click()
        page.get_by_text("Full proof is done.").wait_for(timeout=60_000)

        report = page.locator("section", has=page.get_by_role("heading", name="Full proof"))
        expect(report.get_by_text("whole ledger balances")).to_be_visible()
        expect(page.get_by_role("button", name="Run full proof now")).to_be_enabled()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        kept = requests.get(f"{running.url}/__dev/api/reports", timeout=30).json()
        assert kept["full"]["report"]["agrees"] is report.get_by_text("The books agree.").is_visible()
    finally:
        page.close()
