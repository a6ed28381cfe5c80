"""A part of the local run: one child process with a log, a way to tell it is ready, and a way to stop it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LEASH = str(Path(__file__).with_name("leash.py"))
READY_SECONDS = 120.0  # the slowest part (the warehouse, on 2 cores with a load of 28) has taken 40
STOP_SECONDS = 8.0  # what a part gets to end by itself before it is killed
POLL_SECONDS = 0.05
LOG_LINES = 15
AUTOGROUP_SECONDS = 0.11
AUTOGROUP_ATTEMPTS_MAX = 20


class PartFailed(RuntimeError):
    """A part did not become ready; the message names it and ends with its log."""


@dataclass
class Part:
    """A running child process. `url` is what a reader would type, `port` what it listens on."""

    name: str
    port: int
    url: str
    log: Path
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals = signal.SIGTERM
    is_ready: Callable[["Part"], bool] = lambda part: True

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def tail(self, lines: int = LOG_LINES) -> str:
        """The last `lines` lines of the part's log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def wait_ready(self, timeout_seconds: float = READY_SECONDS) -> "Part":
        """Return when the part has answered a real request; raise PartFailed when it died or never did."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if not self.alive:
                raise PartFailed(f"{self.name} ended with code {self.process.returncode}:\n{self.tail()}")
            if self._answers():
                return self
            time.sleep(POLL_SECONDS)
        raise PartFailed(f"{self.name} did not answer within {timeout_seconds:.0f} s:\n{self.tail()}")

    def _answers(self) -> bool:
        try:
            return self.is_ready(self)
        except Exception:  # noqa: BLE001 - any failure of the probe means: not yet
            return False

    def give_way(self, nice: int) -> None:
        """Let every other program go first, by so many steps of niceness.

        A part leads a session, and Linux shares the cores out among sessions before it looks at
        their processes (man 7 sched, autogroup), so the session is told as well.
        """
        with suppress(OSError):  # it has just ended, or the kernel knows no sessions
            os.setpriority(os.PRIO_PGRP, self.process.pid, nice)
            _write_patiently(Path(f"/proc/{self.process.pid}/autogroup"), str(nice))

    def stop(self) -> None:
        """End the process and everything it started; return when they are gone."""
        self.signal_stop()
        self.wait_stopped()

    def signal_stop(self) -> None:
        """Ask the process to end, without waiting."""
        if self.alive:
            self.process.send_signal(self.stop_signal)

    def wait_stopped(self, timeout_seconds: float = STOP_SECONDS) -> None:
        """Wait for the end, and kill what is left of the process group afterwards."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout_seconds)
        kill_group(self.process.pid)
        self.process.wait()


def _write_patiently(path: Path, text: str) -> None:
    """Ask again while the kernel says "not now": who is not root may tell a session every 0.1 s.

    Source: Linux, kernel/sched/autogroup.c.
    """
    for _ in range(AUTOGROUP_ATTEMPTS_MAX):
        try:
            path.write_text(text, encoding="ascii")
        except BlockingIOError:
            time.sleep(AUTOGROUP_SECONDS)
        else:
            return


def kill_group(leader: int) -> None:
    """Kill every process that is left in the group of `leader`."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # the group is gone
        return


def launch(
    name: str,
    command: Sequence[str],
    *,
    directory: Path,
    port: int,
    url: str,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    is_ready: Callable[[Part], bool] = lambda part: True,
) -> Part:
    """Start `command` in `directory` with its output in `log`, and return at once.

    `user` is (uid, gid) to run as, for a program that refuses root. The process leads a
    group of its own and is told to stop when this process dies.
    """
    log = log or directory / f"{name}.log"
    uid, gid = user or ("-", "-")
    leash = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), str(int(stop_signal)), str(uid), str(gid)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*leash, *command],
            cwd=directory,
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Part(name, port, url, log, process, stop_signal, is_ready)


def base_environment() -> dict[str, str]:
    """What every child needs of ours, and nothing else: `env -i` must be enough."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
