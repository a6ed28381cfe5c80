"""Measure the ledger as ratios in one run and write docs/benchmarks.md: `python -m tests.load.bench [part …]`.

Parts: pairs hot topups http parts inside history cold (all of them where none is named). Every ratio is taken
within one run on one server, in turns, three times, and is a ratio of medians.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.load import cold, history, inside, over_http, throughput
from tests.load.machine import machine
from tests.load.report import RATIOS, Section, write
from tests.load.stage import Stage

Rows = list[list[str]]
HEADINGS = {"parts": ("Part", "CPU per request"), "inside": ("Step", "CPU of the backend")}


def main(*parts: str) -> None:
    """Run the parts and write what they found."""
    wanted = parts or ("pairs", "hot", "topups", "http", "parts", "inside", "history", "cold")
    sections = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        stage = Stage(Path(name) / "postgres")
        try:
            stage.database("bench").close()
            for part, title, measure in measures(stage):
                if part in wanted:
                    began = datetime.now(UTC)
                    rows = measure()
                    heading = HEADINGS.get(part, RATIOS)
                    sections.append(Section(part, title, rows, began, f"python -m tests.load.bench {part}", heading))
                    print(*(" | ".join(row) for row in rows), sep="\n", flush=True)
        finally:
            stage.server.stop()
    write(sections, machine())


def measures(stage: Stage) -> list[tuple[str, str, Callable[[], Rows]]]:
    """What can be measured: (part, title, measure)."""
    return [
        ("pairs", "Transfers between random pairs", lambda: throughput.random_pairs(stage)),
        ("hot", "One hot payee", lambda: throughput.hot_payee(stage)),
        ("topups", "Top-ups", lambda: throughput.top_ups(stage)),
        ("http", "Over HTTP", lambda: over_http.requests(stage)),
        ("parts", "Where a request's CPU goes", lambda: over_http.by_part(stage)),
        ("inside", "Where a payment's CPU goes in the database", lambda: inside.parts(stage)),
        ("history", "Years of history", lambda: years(stage)),
        ("cold", "Cold starts", cold.starts),
    ]


def years(stage: Stage) -> Rows:
    """Everything that is measured in a full table, on one filling."""
    owner = stage.database("full")
    rows = history.pages(stage, owner)
    rows += history.transfers(stage)
    rows += history.statement(stage, owner)
    owner.close()
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
