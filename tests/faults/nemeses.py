"""nemeses — everything that a test may do to a whole running system, each counted once it has had its effect.

Clock skew is made with the product's own clock file (shared/clock.py), one for each function, and not
with libfaketime: everything that our code decides by time goes through that module (a test of
tests/unit/test_tidy.py holds it to that), and it works on every machine, with every library.
"""

import os
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psutil
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from emulators import parts
from emulators.environment import deployments, logins
from tests import processes
from tests.faults.failpoints import Board
from tests.faults.proxy import Proxy, Where
from tests.running import Run, owner_of

BACK_SECONDS = 180.0  # what a part may take to answer again, on two cores that others use as well
POLL_SECONDS = 0.05
AWAY = (DatabaseError, InterfaceError, OSError)
# pg8000 meets a cut connection in more ways, and the table of parts may lack one for a moment.
BROKEN = (DatabaseError, InterfaceError, OSError, ValueError, TypeError, KeyError)
HEALTH = {part.name: part.health for part in [*parts.functions(), *parts.stand_ins()]}
# Postgres's word after every CALL of a routine that moves money: its commit has happened.
ANSWER_OF_CALL = rb"C\x00\x00\x00\x09CALL\x00"


class NotBack(AssertionError):
    """A part did not come back."""


class Kit:
    """The faults that can be done to `run`, whose functions reach their stores through two proxies."""

    def __init__(self, run: Run, database: Proxy, documents: Proxy, board: Board, clocks: Path, marker: bytes) -> None:
        self.run = run
        self.database = database
        self.documents = documents
        self.board = board
        self.clocks = clocks
        self.marker = marker  # stands in every request whose commit `cut_commit` may cut
        self.done: Counter[str] = Counter()
        # One store at a time: the stand-ins replay what an emulator forgot, and need the others for it.
        self.stores = threading.Lock()

    # Processes

    def kill(self, name: str) -> None:
        """Kill -9 of a whole part; returns when the runner has brought it back."""
        before = self.run.pids()[name]
        _signal_group(before, signal.SIGKILL)
        self.wait_back(name, before)
        self.done[f"kill -9: {name}"] += 1

    def kill_at(self, point: str, service: str, seconds: float, provoke: Callable[[], object] | None = None) -> bool:
        """Kill -9 of `service` when it reaches `point`; False where it did not within `seconds`."""
        before = self.run.pids()[service]
        armed = self.board.arm(point, "kill", service=service)
        if provoke is not None:
            threading.Thread(target=_quietly, args=(provoke,), daemon=True).start()
        ends = time.monotonic() + seconds
        while armed.exists() and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
        if armed.exists():
            armed.unlink(missing_ok=True)
            return False
        self.wait_back(service, before)
        self.done["kill -9 at a failpoint"] += 1
        return True

    def strike(self, point: str, service: str, action: str, seconds: float) -> bool:
        """`drop` or `sleep …` at a point; False where nobody came by."""
        armed = self.board.arm(point, action, service=service)
        ends = time.monotonic() + seconds
        while armed.exists() and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
        fired = not armed.exists()
        armed.unlink(missing_ok=True)
        if fired:
            self.done[f"{action.split(' ', maxsplit=1)[0]} at a failpoint"] += 1
        return fired

    def pause(self, name: str, seconds: float) -> None:
        """SIGSTOP of a whole part, SIGCONT after `seconds`; one that another fault kills meanwhile does not count."""
        with suppress(psutil.NoSuchProcess):
            family = self._family(name)
            processes.send(family, signal.SIGSTOP)
            try:
                time.sleep(seconds)
                stopped = family[0].status() == psutil.STATUS_STOPPED
            finally:
                processes.send(family, signal.SIGCONT)
            self.done[f"SIGSTOP: {name}"] += stopped

    # Postgres

    def terminate_backends(self, count: int) -> None:
        """pg_terminate_backend of so many of the functions' connections."""
        sql = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY(:u) ORDER BY random() LIMIT :n"
        )
        with suppress(*BROKEN), self.owner() as books:
            ended = books.run(sql, u=sorted(logins().values()), n=count)
            self.done["terminated backend"] += sum(row[0] for row in ended)

    def crash_database(
        self, how: str, rush: Callable[[], object] = lambda: None, calm: Callable[[], object] = lambda: None
    ) -> None:  # fmt: skip
        """End the server at once in the moment of an answer: `kill` (every process, SIGKILL) or `immediate` (SIGQUIT).

        `rush` makes people hurry to the same account, so that money is committed before it is
        flushed; `calm` ends the rush when the server is gone.
        """
        with self.stores:
            before = self.run.pids()["postgres"]
            rush()
            family = self._family("postgres")
            struck = threading.Event()

            def strike() -> None:
                if not struck.is_set():
                    _end_server(family, how)
                    struck.set()

            armed = self.database.cut_at(ANSWER_OF_CALL, where="before", way="answer", then=strike)
            if not struck.wait(5):
                self.database.take_back(armed)
                strike()
            calm()
            self.wait_back("postgres", before)
            self.done["database crash"] += 1

    def exhaust_pool(self, seconds: float, accounts: list[str]) -> None:
        """Hold the locks of `accounts` until every connection of the transfers' pool waits for one."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'transfers' AND wait_event_type = 'Lock'"
        with suppress(*BROKEN), self.owner() as books, self.owner() as watch:
            size = deployments()["transfers-api"]["pool_size"]
            books.run("BEGIN")
            books.run("SELECT 1 FROM ledger.accounts WHERE id = ANY(CAST(:a AS uuid[])) FOR UPDATE", a=accounts)
            ends, most = time.monotonic() + seconds, 0
            while time.monotonic() < ends and most < size:
                most = max(most, watch.run(waiting)[0][0])
                time.sleep(POLL_SECONDS)
            books.run("COMMIT")
            self.done["exhausted pool"] += most >= size

    # The network

    def cut_commit(self, where: Where, seconds: float) -> bool:
        """Cut the connection of the next payment before its commit reaches Postgres, or before its answer leaves."""
        cuts = self.database.cuts_done
        armed = self.database.cut_at(self.marker, where=where)
        ends = time.monotonic() + seconds
        while self.database.cuts_done == cuts and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
        self.database.take_back(armed)
        happened = self.database.cuts_done > cuts
        self.done["cut commit"] += happened
        return happened

    def disturb(self, store: str, mode: Any, lasting: float, **how: float) -> None:
        """`delay`, `throttle`, `blackhole` or `reset` the way to a store for a while."""
        proxy = {"database": self.database, "documents": self.documents}[store]
        proxy.set(mode, **how)
        time.sleep(lasting)
        proxy.set("pass")
        self.done[f"{mode}: {store}"] += 1

    # Clocks

    def skew(self, name: str, seconds: int, lasting: float) -> None:
        """Let one function's clock be `seconds` ahead for a while."""
        self.set_clock(name, seconds)
        time.sleep(lasting)
        self.set_clock(name, 0)
        self.done["clock skew"] += 1

    def set_clock(self, name: str, seconds: int) -> None:
        """Move one function's clock, in one step."""
        draft = self.clocks / f".{name}"
        draft.write_text(str(seconds))
        draft.rename(self.clocks / name)

    # Emulators

    def restart_store(self, name: str) -> None:
        """Kill -9 of an emulator; Firestore's memory is saved first, with nobody writing, as the cloud keeps it."""
        with self.stores:
            before = self.run.pids()[name]
            replays = self.run.text().count("pubsub answers again")
            with self._saved() if name == "firestore" else nullcontext():
                _signal_group(before, signal.SIGKILL)
                self.wait_back(name, before)
            if name == "pubsub":
                self._wait("replay", lambda: self.run.text().count("pubsub answers again") > replays)
            self.done[f"restart: {name}"] += 1

    @contextmanager
    def _saved(self) -> Iterator[None]:
        folder = self.run.directory / "firestore" / "export"
        self.documents.set("reset")
        try:
            for _ in range(2):  # the export under way when the door closed may lack its last writes
                before = _made_at(folder)
                self._wait("export", lambda before=before: _made_at(folder) not in (before, 0))
            yield
        finally:
            self.documents.set("pass")

    # Coming back

    def heal(self) -> None:
        """Take everything back, and return when every part answers."""
        self.board.disarm()
        for proxy in (self.database, self.documents):
            proxy.disarm()
            proxy.set("pass")
        for path in self.clocks.iterdir():
            path.write_text("0")
        for name in self.run.pids():
            self.wait_back(name, None)

    def wait_back(self, name: str, before: int | None) -> None:
        """Wait until `name` is another process than `before` and answers."""
        self._wait(name, lambda: self.run.pids().get(name) != before and self._answers(name))

    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + BACK_SECONDS
        while time.monotonic() < ends:
            with suppress(*BROKEN):
                if holds():
                    return
            time.sleep(POLL_SECONDS)
        raise NotBack(f"{what} is not back after {BACK_SECONDS:.0f} s:\n{self.run.text()[-2000:]}")

    def _answers(self, name: str) -> bool:
        if name == "postgres":
            with self.owner() as books:
                return books.run("SELECT 1") == [[1]]
        part = self.run.table()["parts"][name]
        path = HEALTH.get(name, "/")
        if name == "bigquery":
            path = "/bigquery/v2/projects/e-wallet-lite-local/datasets"
        with urllib.request.urlopen(part["url"] + path, timeout=5) as answer:
            return bool(answer.status == 200)

    def owner(self) -> AbstractContextManager[Connection]:
        """A connection of the database's owner, past every proxy."""
        return owner_of(self.run)

    def _family(self, name: str) -> list[psutil.Process]:
        return processes.family(self.run.pids()[name])


def _end_server(family: list[psutil.Process], how: str) -> None:
    """Called between an answer and its arrival: it must not take long."""
    if how == "immediate":
        processes.send(family[:1], signal.SIGQUIT)
    else:
        processes.kill_at_once(family)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, number)


def _made_at(folder: Path) -> int:
    try:
        return folder.stat().st_ctime_ns
    except FileNotFoundError:
        return 0


def _quietly(work: Callable[[], object]) -> None:
    with suppress(Exception):
        work()
