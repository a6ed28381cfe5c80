"""Where one local run keeps what it knows: data, logs, secrets, and the table of its running parts."""

import fcntl
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[1]
# What `make reset` removes; the virtual environments beside it stay.
DATA = ("postgres", "firestore", "pubsub", "bigquery", "run", "logs", "secrets.json")


@dataclass(frozen=True)
class State:
    """The state directory of a run: `.local` of the checkout, or one of a test's own."""

    directory: Path

    @property
    def run(self) -> Path:
        """What belongs to one run alone: the table of parts, the lock, the clock."""
        return self.directory / "run"

    @property
    def logs(self) -> Path:
        """One log file for each part."""
        return self.directory / "logs"

    @property
    def secrets(self) -> Path:
        """The file of the secrets, made once."""
        return self.directory / "secrets.json"

    @property
    def clock(self) -> Path:
        """The file of the seconds by which a developer has moved the clock."""
        return self.run / "clock"

    def clock_seconds(self) -> int:
        """By how much the clock is moved; 0 before any run."""
        return int(self.clock.read_text()) if self.clock.exists() else 0

    def move_clock(self, seconds: int) -> None:
        """Move the product's clock in one step: every process reads the file at any moment."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.clock)

    @property
    def traces(self) -> Path:
        """The file in which the console keeps the spans that every part sends, one to a line."""
        return self.run / "traces.jsonl"

    @property
    def table(self) -> Path:
        """The table of running parts, for the console, the tests and `make logs`."""
        return self.run / "state.json"

    @property
    def request(self) -> Path:
        """The file by which a tool asks the run for new revisions of deployments."""
        return self.run / "revisions.json"

    @property
    def outcome(self) -> Path:
        """The file in which the run says that they have taken over: empty, or what went wrong."""
        return self.run / "revisions.outcome"

    def make(self) -> None:
        """Make the folders; a clock that was moved in an earlier run stands still again."""
        for folder in (self.directory, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.move_clock(0)
        self.request.unlink(missing_ok=True)
        self.traces.write_text("")

    def lock(self) -> TextIO:
        """Hold the state directory until the returned file is closed; ends the program where a run holds it."""
        self.run.mkdir(parents=True, exist_ok=True)
        file = (self.run / "lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            sys.exit(f"{self._who()}. End it first (Ctrl-C where it runs).")
        return file

    def _who(self) -> str:
        url = self.read().get("gateway", {}).get("url", "an address it has not taken yet")
        return f"a run of {self.directory} is already there, at {url}"

    def read(self) -> dict[str, Any]:
        """The table of running parts; empty where nothing runs."""
        try:
            table: dict[str, Any] = json.loads(self.table.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return table

    def processes(self) -> dict[str, Any]:
        """The table of a run in processes; ends the program, saying what to type, where there is none."""
        table = self.read()
        if not table:
            sys.exit("Nothing is running: `make run` first.")
        if "parts" not in table:
            sys.exit(
                f"The run at {table['gateway']['url']} is in containers, which this does not reach:"
                " `docker ps` names them, `docker logs -f <name>` shows what one says."
            )
        return table

    def is_ready(self) -> bool:
        """Whether a run of this directory is there and all its parts have answered."""
        table = self.read()
        return bool(table.get("ready")) and _lives(table["runner"])

    def write(self, table: dict[str, Any]) -> None:
        """Replace the table in one step: no reader ever sees half of it."""
        new = self.table.with_suffix(".new")
        # It holds the database's password: for its owner alone.
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
            json.dump(table, output, indent=1)
        new.replace(self.table)

    def clear(self) -> None:
        """Say that nothing runs."""
        self.table.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as another user's
        return True
    return True


def from_environment() -> State:
    """The state directory that STATE_DIRECTORY names, else `.local` of this checkout."""
    return State(Path(os.environ.get("STATE_DIRECTORY", ROOT / ".local")).resolve())
