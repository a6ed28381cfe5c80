"""Deployments as processes of their own, started as they are deployed, so that they can race and be killed."""

import sys
from collections.abc import Mapping
from pathlib import Path

import requests

from emulators.part import Part, base_environment, launch
from emulators.parts import functions
from emulators.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
ALTERED = Path(__file__).with_name("altered.py")


def serve(name: str, environment: Mapping[str, str], directory: Path, *, change: str | None = None) -> Part:
    """Start the deployment `name` and return when it answers; `change` is one of altered.py."""
    port = free_port()
    [part] = [part for part in functions() if part.name == name]
    command = part.filled(sys.executable, "127.0.0.1", port)
    if change is not None:
        source, target = (command[command.index(option) + 1] for option in ("--source", "--target"))
        command = [sys.executable, str(ALTERED), change, source, target, str(port)]
    url = f"http://127.0.0.1:{port}"
    surroundings = base_environment() | {"PYTHONPATH": str(ROOT)} | dict(environment)
    log = directory / f"{name}-{port}.log"

    def answers(part: Part) -> bool:
        return requests.get(f"{part.url}/healthz", timeout=1).ok

    started = launch(
        name, command, directory=ROOT, port=port, url=url, log=log, environment=surroundings, is_ready=answers
    )
    return started.wait_ready()
