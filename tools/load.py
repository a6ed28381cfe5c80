"""load — people as Locust drives them, at the local system or at any deployment (`make load`, BASE_URL=).

    MINUTES=5 USERS=20 PACE=4 python -m tools.load [https://…]

Ends with Locust's figures, and with 1 where any answer was wrong. What the people do stands in
tests/load/locustfile.py; `.local/load-venv/bin/locust -f` that file has a page to steer them by hand.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools.running import running_system

ROOT = Path(__file__).resolve().parent.parent
LOCUST = ROOT / ".local/load-venv/bin/locust"
MINUTES = os.environ.get("MINUTES", "5")
USERS = os.environ.get("USERS", "20")


def drive(base_url: str) -> int:
    """Drive the people at `base_url` and return Locust's verdict."""
    command = [
        str(LOCUST), "-f", "tests/load/locustfile.py", "--headless", "--host", base_url, "--only-summary",
        "--users", USERS, "--spawn-rate", "1", "--run-time", f"{round(float(MINUTES) * 60)}s", "--stop-timeout", "30",
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(arguments: list[str]) -> int:
    """Drive at the address in `arguments`, else at the local system."""
    if arguments:
        return drive(arguments[0].rstrip("/"))
    with running_system() as base_url:
        return drive(base_url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
