"""containers — the local run on Docker: the parts of emulator-compose.yml instead of processes.

    python -m emulators.containers            `make run ENGINE=docker`
    python -m emulators.containers forget     `make reset ENGINE=docker`

The file is the same for everyone; what differs stands in the environment: the port, the address
of this machine on its network, and the secrets, made once and kept as long as the data is.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from testcontainers.compose import DockerCompose

from emulators import box, secrets, seed, web_build
from emulators.box import console
from emulators.network import lan_address
from emulators.ports import HOST
from emulators.state import ROOT, State, from_environment

PORT_DEFAULT = 8080
FILE = "emulator-compose.yml"


def variables(port: int, kept: Path) -> dict[str, str]:
    """Return what emulator-compose.yml leaves open; `kept` is the file of the secrets."""
    address = lan_address() or "localhost"
    chosen = {"PORT": str(port), "PUBLIC_URL": f"http://{address}:{port}"}
    return chosen | secrets.load(kept)


def main(words: list[str]) -> int:
    """Run the containers until told to end, or forget them; the exit code."""
    state = from_environment()
    kept, port = state.directory / "containers.json", int(os.environ.get("PORT", PORT_DEFAULT))
    with state.lock():
        os.environ.update(variables(port, kept))
        compose = DockerCompose(str(ROOT), FILE, wait=True, keep_volumes=True)
        if words == ["forget"]:
            compose.stop(down=True)
            kept.unlink()
            console.print("The containers and all that they kept are gone.")
        else:
            _run(compose, state, port)
    return 0


def _run(compose: DockerCompose, state: State, port: int) -> None:
    """Start every container, say when all are healthy, and stop them when told to end; data stays in volumes."""
    began = time.monotonic()
    web_build.build()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    console.print("Starting the containers of emulator-compose.yml (the first time they install their libraries) …")
    url = f"http://localhost:{port}"
    with compose:
        seed.seed(f"http://{HOST}:{port}")
        state.write({"gateway": {"url": url, "port": port}, "runner": os.getpid(), "ready": True})
        try:
            box.show_ready(url, os.environ["PUBLIC_URL"], [], time.monotonic() - began)
            ended.wait()
        finally:
            state.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
