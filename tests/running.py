"""A whole local run of a test's own: its data in a directory of its own, on a free port."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pg8000.native import Connection, DatabaseError, InterfaceError

from emulators.part import base_environment
from emulators.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 180  # on a busy machine, with the web app to build
STOP_SECONDS = 30
POLL_SECONDS = 0.05


class Run:
    """`python -m emulators.run` with its output in a file. `url` is where the app is served."""

    def __init__(self, directory: Path, *, port: int | None = None, **variables: str) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
        self.port = port or free_port()
        self.output = directory / "runner.txt"
        self.variables = variables
        self.process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where this run serves the app; another port than asked for where that one was taken."""
        return str(self.table()["gateway"]["url"])

    def start(self) -> "Run":
        """Start without waiting."""
        variables = {"STATE_DIRECTORY": str(self.directory), "PORT": str(self.port), "HOST": "127.0.0.1"}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "emulators.run"], cwd=ROOT, env=base_environment() | variables | self.variables,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self

    def wait_ready(self) -> "Run":
        """Return when every part has answered; fail with the runner's output where it ends or never gets there."""
        self.wait_for("ready", self.is_ready, READY_SECONDS)
        return self

    def is_ready(self) -> bool:
        """Whether this very runner has said so: one that was killed leaves its table behind."""
        table = self.table()
        return bool(table.get("ready")) and table["runner"] == self.process.pid

    def table(self) -> dict[str, Any]:
        """The runner's table of parts."""
        try:
            table: dict[str, Any] = json.loads((self.directory / "run" / "state.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return table

    def pids(self) -> dict[str, int]:
        """The process id of each part."""
        return {name: part["pid"] for name, part in self.table()["parts"].items()}

    def text(self) -> str:
        """What the runner has said so far."""
        return self.output.read_text(errors="replace")

    def wait_for(self, what: str, holds: Any, seconds: float) -> float:
        """Wait until `holds()`, at most `seconds`; returns how long it took."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds or self.process.poll() is not None:
                raise AssertionError(f"no {what} after {time.monotonic() - began:.1f} s:\n{self.text()[-4000:]}")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began

    def kill(self, name: str) -> None:
        """Kill a part as a crash would."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the run with a signal and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def environment_of(run: Run) -> Mapping[str, str]:
    """What reaches the stores of a run: the emulators' addresses and the database's owner."""
    found: dict[str, str] = run.table()["environment"]
    return found


@contextmanager
def owner_of(run: Run) -> Iterator[Connection]:
    """The database owner's connection to the books of a run."""
    at = environment_of(run)
    connection = Connection(
        at["DATABASE_USER"], host=at["DATABASE_HOST"], port=int(at["DATABASE_PORT"]),
        database=at["DATABASE_NAME"], password=at["DATABASE_PASSWORD"], ssl_context=False, timeout=60,
    )  # fmt: skip
    try:
        yield connection
    finally:
        # The server may have died meanwhile, which pg8000 meets in many ways.
        with suppress(DatabaseError, InterfaceError, OSError, ValueError, TypeError):
            connection.close()
