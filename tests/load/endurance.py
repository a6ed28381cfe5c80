"""An hour of everybody's day against the whole stack: memory and connections must stand still.

    python -m tests.load.endurance        MINUTES=60 USERS=12 PACE=2

Locust drives the people of locustfile.py through the gateway. Meanwhile every part's memory and the
database's connections are read every ten seconds; the first fifth of the time is for warming up.
The growth is that of the medians of the second and the last fifth.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from emulators.environment import deployments
from tests import processes
from tests.load.machine import machine
from tests.load.report import Section, write
from tests.running import Run, owner_of

ROOT = Path(__file__).resolve().parents[2]
LOCUST = ROOT / ".local/load-venv/bin/locust"
MINUTES = float(os.environ.get("MINUTES", "60"))
USERS = os.environ.get("USERS", "12")
SAMPLE_SECONDS = 10.0
GROWTH_MAX = 0.10
# Parts that are ours; the emulators' memory is Google's affair, and is reported beside.
OURS = [*deployments(), "gateway"]


def main() -> int:
    """Run, judge, and write the figures; 1 where anything grew, broke or failed."""
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="endurance-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        run = Run(Path(name) / "run").start().wait_ready()
        try:
            samples, requests, code = watch(run)
            deaths = run.text().count(" died (")
        finally:
            run.stop()
    rows = [*judged_memory(samples), *judged_connections(samples), *told(requests)]
    rows.append(["parts that died", str(deaths), "", "0", "yes" if not deaths else "**no**"])
    rows.append(["Locust's verdict", f"exit {code}", "", "exit 0", "yes" if not code else "**no**"])
    print(*(" | ".join(row) for row in rows), sep="\n")
    heading = ("What", "At first", "At last", "Demand", "Met")
    title = f"Endurance: {MINUTES:.0f} minutes of {USERS} people"
    command = f"MINUTES={MINUTES:.0f} USERS={USERS} python -m tests.load.endurance"
    if MINUTES >= 5:  # a shorter run tries the test, and is no figure
        write([Section("endurance", title, rows, began, command, heading)], machine())
    return 1 if any(row[-1] == "**no**" for row in rows) else 0


def watch(run: Run) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Drive and sample until the time is over: samples, Locust's figures, its exit code."""
    command = [
        str(LOCUST), "-f", "tests/load/locustfile.py", "--headless", "--only-summary", "--json", "--host", run.url,
        "--users", USERS, "--spawn-rate", "1", "--run-time", f"{round(MINUTES * 60)}s", "--stop-timeout", "30",
    ]  # fmt: skip
    output, errors = run.directory / "locust.json", run.directory / "locust.txt"
    with output.open("wb") as out, errors.open("wb") as err:
        driver = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err)
    samples = []
    while driver.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        samples.append(sample(run))
    print(errors.read_text()[-3000:], file=sys.stderr)
    return samples, json.loads(output.read_text() or "[]"), driver.returncode


def sample(run: Run) -> dict[str, Any]:
    """The memory of each part in MiB, and the database's connections by login."""
    memory = {name: _megabytes(pid) for name, pid in run.pids().items()}
    return {"memory": memory, "connections": _connections(run)}


def _megabytes(leader: int) -> float:
    """What a process and its children hold for themselves."""
    total = 0
    try:
        for process in processes.family(leader):
            total += process.memory_full_info().uss
    except psutil.NoSuchProcess:
        return 0.0
    return total / 2**20


def _connections(run: Run) -> dict[str, int]:
    with owner_of(run) as owner:
        counted = owner.run(
            "SELECT usename, count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY usename"
        )
    return dict(counted)


def judged_memory(samples: list[dict[str, Any]]) -> list[list[str]]:
    """Each part's memory in the second and the last fifth."""
    fifth = max(1, len(samples) // 5)
    rows = []
    for name in sorted(samples[-1]["memory"]):
        series = [one["memory"].get(name, 0.0) for one in samples]
        first, last = statistics.median(series[fifth : 2 * fifth]), statistics.median(series[-fifth:])
        growth = last / first - 1 if first else 0.0
        met = ("yes" if growth < GROWTH_MAX else "**no**") if name in OURS else ""
        demand = "< +10 %" if name in OURS else ""
        rows.append([f"memory of {name}", f"{first:.1f} MiB", f"{last:.1f} MiB ({growth:+.1%})", demand, met])
    return rows


def judged_connections(samples: list[dict[str, Any]]) -> list[list[str]]:
    """Each login's connections: the most in the first half and in the second, within the pools' bounds."""
    bounds: dict[str, int] = defaultdict(int)
    for deployment in deployments().values():
        if deployment["database_role"]:
            bounds[deployment["database_role"].removeprefix("lite_")] += deployment["pool_size"]
    half = len(samples) // 2
    rows = []
    for login, bound in sorted(bounds.items()):
        first, last = (
            max((one["connections"].get(login, 0) for one in part), default=0)
            for part in (samples[:half], samples[half:])
        )
        met = "yes" if max(first, last) <= bound else "**no**"
        rows.append([f"connections of {login}", str(first), str(last), f"≤ {bound}", met])
    return rows


def told(requests: list[dict[str, Any]]) -> list[list[str]]:
    """Requests and failures, by operation."""
    rows = []
    for one in sorted(requests, key=lambda entry: str(entry["name"])):
        count, failed = one["num_requests"], one["num_failures"]
        met = "yes" if not failed else "**no**"
        rows.append([str(one["name"]), f"{count:,} requests", f"{failed} failed", "0 failed", met])
    return rows


if __name__ == "__main__":
    sys.exit(main())
