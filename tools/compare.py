"""compare — the same scenarios side by side (`make compare`, BASE_URL= for another wallet); writes docs/benchmarks.md.

    python -m tools.compare                       ours against the limit of this machine
    python -m tools.compare https://wallet.test   … and against a wallet there that speaks openapi.yaml

The limit of the machine is what no wallet here can pass: pgbench on a function that only moves the
money, bcrypt alone on every core, and the framework's hello world. Eight clients, three turns, medians.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from emulators.postgres import ELSEWHERE
from tests.load import sides
from tests.load.machine import machine
from tests.load.report import Section, write
from tests.load.stage import Stage
from tools.running import running_system

HEADING = ("Scenario, 8 clients", "Ours", "Against", "Ratio")


def main(arguments: list[str]) -> int:
    """Measure, print and write."""
    began = datetime.now(UTC)
    rows = limits()
    if arguments and arguments[0]:
        with running_system() as ours:
            rows += sides.against_another(ours, arguments[0].rstrip("/"))
    print(*(" | ".join(row) for row in rows), sep="\n")
    command = "make compare" + (f" BASE_URL={arguments[0]}" if arguments and arguments[0] else "")
    write([Section("compare", "Side by side", rows, began, command, HEADING)], machine())
    return 0


def limits() -> list[list[str]]:
    """Ours against the limit of the machine, on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="compare-", dir=ELSEWHERE, ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        stage = Stage(Path(name) / "postgres")
        try:
            stage.database("bench").close()
            return sides.against_the_machine(stage)
        finally:
            stage.server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
