"""The local system's address: of the one that runs, else of one started for the time of a block."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from emulators.state import ROOT, from_environment

START_SECONDS = 240  # the first start installs and builds the web app
STOP_SECONDS = 30
POLL_SECONDS = 0.5


@contextmanager
def running_system() -> Iterator[str]:
    """Yield the address of the local system; one that was started here is ended with the block."""
    state = from_environment()
    if state.is_ready():
        yield str(state.read()["gateway"]["url"])
        return
    print("Nothing is running: starting it …", flush=True)
    runner = subprocess.Popen([sys.executable, "-m", "emulators.run"], cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        _wait(runner)
        yield str(state.read()["gateway"]["url"])
    finally:
        runner.terminate()
        runner.wait(STOP_SECONDS)


def _wait(runner: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    state = from_environment()
    while not state.is_ready():
        if runner.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The local system did not become ready.")
        time.sleep(POLL_SECONDS)
