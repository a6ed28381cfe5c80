"""Every function is replaced again and again while people pay: nothing fails that a retry does not cure."""

import json
import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pg8000.native import Connection

from emulators.environment import deployments
from tests.load.machine import machine
from tests.load.report import Section, write
from tests.load.rolling.traffic import Traffic, check_books, open_wallets
from tests.running import Run, owner_of
from tests.tokens import Signer

ROUNDS = int(os.environ.get("ROLLING_ROUNDS", "20"))
CLIENTS = 6
ROUND_SECONDS_MAX = 150.0


@pytest.fixture(scope="module")
def running(directory: Path) -> Iterator[Run]:
    """The whole system; it may replace a part as often as this test asks."""
    run = Run(directory / "rolling", DEATHS_MAX="1000").start().wait_ready()
    yield run
    run.stop()


@pytest.fixture(scope="module")
def books(running: Run) -> Iterator[Connection]:
    """The database owner's connection."""
    with owner_of(running) as connection:
        yield connection


def replace_all(run: Run) -> float:
    """Ask for a new revision of every deployment and wait until they have taken over; how long it took."""
    folder = run.directory / "run"
    outcome = folder / "revisions.outcome"
    outcome.unlink(missing_ok=True)
    asked = folder / "revisions.new"
    asked.write_text(json.dumps(list(deployments())))
    asked.replace(folder / "revisions.json")
    took = run.wait_for("new revisions", outcome.exists, ROUND_SECONDS_MAX)
    assert outcome.read_text() == ""
    return took


def replaced(run: Run, before: dict[str, int]) -> bool:
    """Whether every deployment runs in another process than `before`."""
    now = run.pids()
    return all(name in now and now[name] != before[name] for name in deployments())


def roll(run: Run, books: Connection, rounds: int) -> tuple[Traffic, list[float]]:
    """So many rounds under traffic; the books must be right afterwards."""
    signer = Signer(json.loads((run.directory / "secrets.json").read_text()))
    traffic = Traffic(lambda _: run.url, open_wallets(books, 40), signer)
    before = run.pids()
    with traffic.running(CLIENTS):
        time.sleep(2)
        took = [replace_all(run) for _ in range(rounds)]
        # What is called at a fixed address first ends what it is at, and then starts in its own place.
        run.wait_for("process of each deployment that is new", lambda: replaced(run, before), ROUND_SECONDS_MAX)
        time.sleep(3)
    print(f"{rounds} rounds, median {statistics.median(took):.1f} s;", dict(traffic.counted))
    assert traffic.failures == []
    check_books(books, traffic)
    return traffic, took


@pytest.mark.soak
@pytest.mark.timeout(420)
def test_one_round_of_new_revisions_fails_nobody(running, books):
    """The short form."""
    traffic, _ = roll(running, books, 1)
    assert len(traffic.paid) > 20


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_twenty_rounds_of_new_revisions_fail_nobody(directory):
    """Rolling restarts of every function, and the figures of it."""
    began = datetime.now(UTC)
    run = Run(directory / "rolling20", DEATHS_MAX="1000").start().wait_ready()
    try:
        with owner_of(run) as owner:
            traffic, took = roll(run, owner, ROUNDS)
    finally:
        run.stop()
    rows = [
        ["rounds, each with a new revision of every function", str(ROUNDS)],
        ["requests answered", f"{sum(traffic.counted.values()) - traffic.counted['cured by a retry']:,}"],
        ["of them cured by a retry with the same key", f"{traffic.counted['cured by a retry']:,}"],
        ["not cured", str(len(traffic.failures))],
        ["the longest until its answer, tries included", f"{traffic.longest_seconds:.1f} s"],
        ["a round, median", f"{statistics.median(took):.1f} s"],
    ]
    title = "Deploys under traffic: rolling restarts"
    command = "python -m pytest -m soak tests/load/rolling/test_restarts.py"
    write([Section("rolling", title, rows, began, command, ("What", "Figure"))], machine())
