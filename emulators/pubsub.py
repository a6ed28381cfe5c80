"""Google's Pub/Sub emulator.

Nothing in it persists: topics are made anew at each start, and what it had not yet delivered
is published again from the ledger (see replay.py).
"""

import urllib.request
from pathlib import Path

from emulators.java import FLAGS, jar, java
from emulators.part import Part, base_environment, launch
from emulators.ports import HOST, free_port

PACKAGE = "google-cloud-cli-pubsub-emulator"


def start_launch(directory: Path, port: int | None = None, *, log: Path | None = None) -> Part:
    """Start the emulator and return before it answers."""
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    command = [java(), *FLAGS, "-Xms64m", "-Xmx256m", "-jar", str(jar("pubsub-emulator", PACKAGE))]
    # Its IAM part would listen on 8090 for everyone; port 0 is any free one.
    command += [f"--host={HOST}", f"--port={port}", f"--iam_port={free_port()}", f"--iam_host={HOST}"]
    return launch(
        "pubsub", command, directory=directory, port=port, url=f"http://{HOST}:{port}", log=log,
        environment=base_environment(), is_ready=_answers,
    )  # fmt: skip


def start(directory: Path, port: int | None = None) -> Part:
    """Start the emulator on `port`, or a free one; return when it answers. `PUBSUB_EMULATOR_HOST` is 127.0.0.1:port."""
    return start_launch(directory, port).wait_ready()


def _answers(part: Part) -> bool:
    with urllib.request.urlopen(part.url, timeout=1) as answer:
        return answer.status == 200
