"""containers — the local run on Docker: the parts of emulator-compose.yml instead of processes.

`make run ENGINE=docker`. The file is the same for everyone; what differs stands in the
environment: the port, the address of this machine on its network, and the secrets, which are
those of the process runner (.local/secrets.json).
"""

import os
import signal
import threading

from testcontainers.compose import DockerCompose

from emulators import box, secrets, seed, web_build
from emulators.box import console
from emulators.network import lan_address
from emulators.ports import HOST
from emulators.state import ROOT, from_environment

PORT_DEFAULT = 8080
FILE = "emulator-compose.yml"


def variables(port: int) -> dict[str, str]:
    """Return what emulator-compose.yml leaves open."""
    address = lan_address() or "localhost"
    chosen = {"PORT": str(port), "PUBLIC_URL": f"http://{address}:{port}"}
    return chosen | secrets.load(from_environment().secrets)


def main() -> None:
    """Start every container, say when all are healthy, and stop them when told to end; data stays in volumes.

    `docker compose -f emulator-compose.yml down --volumes` forgets containers and data.
    """
    web_build.build()
    given = variables(int(os.environ.get("PORT", PORT_DEFAULT)))
    os.environ.update(given)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    console.print("Starting the containers of emulator-compose.yml (the first time they install their libraries) …")
    with DockerCompose(str(ROOT), FILE, wait=True, keep_volumes=True):
        seed.seed(f"http://{HOST}:{given['PORT']}")
        box.show_ready(f"http://localhost:{given['PORT']}", given["PUBLIC_URL"], [], 0)
        ended.wait()


if __name__ == "__main__":
    main()
