"""run — the local run: starts every part, watches them, and leaves nothing behind.

`python -m emulators.run`; PORT (8080) is where the app is served, HOST (0.0.0.0) on which of
this machine's addresses, STATE_DIRECTORY (.local) where its data lives.

A part that dies is named with the last lines of its log and started again, as the cloud would
do; the third death of one part within a minute ends the run.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from emulators import box, containers, prerequisites, secrets, seed
from emulators.box import console
from emulators.environment import deployments
from emulators.launching import Launcher
from emulators.network import lan_address
from emulators.part import Part
from emulators.ports import HOST, holder, is_free, next_free
from emulators.starting import Interrupted, Start, StepFailed
from emulators.state import State, from_environment
from emulators.stopping import stop_all
from emulators.watching import Watch

PORT_DEFAULT = 8080


class Runner:
    """One local run, from the first check to the last process's end."""

    def __init__(self, state: State, host: str, port: int) -> None:
        self.state = state
        self.host = host
        self.port = port
        self.parts: dict[str, Part] = {}
        self.stopping = threading.Event()
        self.launcher: Launcher
        self.is_ready = False
        self.start: Start
        self.watchdog: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where a browser on this machine opens the app."""
        return f"http://localhost:{self.port}"

    def run(self) -> int:
        """Start, watch until told to end, stop; returns the exit code."""
        began = time.monotonic()
        self._take_port()
        phone = lan_address() if self.host == "0.0.0.0" else None
        phone_url = f"http://{phone}:{self.port}" if phone else None
        self.state.make()
        self.launcher = Launcher(
            self.state, secrets.load(self.state.secrets), host=self.host, port=self.port,
            public_url=phone_url or self.url,
        )  # fmt: skip
        # For Google's clients in this process; the parts get an environment of their own.
        os.environ.update(self.launcher.tools_environment())
        self.watchdog = _start_watchdog()
        try:
            self._start()
            self.is_ready = True
            self._record()
            box.show_ready(self.url, phone_url, list(self.parts.values()), time.monotonic() - began)
            return Watch(self.launcher, self.state, self.parts, self._record).until(self.stopping)
        except (StepFailed, seed.SeedFailed) as error:
            console.print(str(error), style="red", markup=False)
            return 1
        except Interrupted:
            return 130
        finally:
            self._stop()

    def _take_port(self) -> None:
        bind = self.host
        if not is_free(self.port, bind):
            wanted, self.port = self.port, next_free(self.port + 1, bind)
            console.print(f"Port {wanted} is taken by {holder(wanted)}: this run takes {self.port}.")

    def _start(self) -> None:
        for log in self.state.logs.glob("*.log"):
            log.unlink()
        self.start = Start(self.launcher, box.Progress(), self.parts, self._record)
        self.start.run(self.stopping.is_set)
        seed.seed(f"http://{HOST}:{self.port}")

    def _record(self) -> None:
        """Write the table of parts, and tell the watchdog of every process group."""
        running = list(self.parts.values())
        self.state.write(
            {
                "gateway": {"url": self.url, "port": self.port},
                "runner": os.getpid(),
                "ready": self.is_ready,
                "parts": {
                    part.name: {"pid": part.process.pid, "port": part.port, "log": str(part.log), "url": part.url}
                    for part in running
                },
                "deployments": {name: self.launcher.stack.of(name) for name in deployments()},
                "environment": self.launcher.tools_environment() | self.launcher.database_environment(),
            }
        )
        assert self.watchdog.stdin is not None
        self.watchdog.stdin.write("".join(f"{part.process.pid}\n" for part in running).encode())
        self.watchdog.stdin.flush()

    def _stop(self) -> None:
        console.print("Stopping …")
        self.start.cancel()
        stop_all(self.launcher, self.parts, was_ready=self.is_ready)
        self.start.wait_ended()
        self.state.clear()
        self.watchdog.kill()
        self.watchdog.wait()


def _start_watchdog() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())


def main() -> int:
    """Check the machine, hold the state directory, run."""
    if lacking := prerequisites.missing():
        return _without(lacking)
    state = from_environment()
    lock = state.lock()
    runner = Runner(state, os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", PORT_DEFAULT)))
    _on_signal(runner.stopping.set)
    with lock:
        return runner.run()


def _without(lacking: list[prerequisites.Check]) -> int:
    """Run the containers instead where they can stand in for what is missing; else say what to type."""
    for check in lacking:
        console.print(f"[red]✗[/] {check.name}: {check.remedy}", soft_wrap=True)
    if not prerequisites.containers_can_stand_in(lacking):
        return 1
    console.print("A Docker engine answers: this run uses the containers of emulator-compose.yml instead.")
    return containers.main([])


if __name__ == "__main__":
    sys.exit(main())
