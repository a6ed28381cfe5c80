"""How each part of one local run is started, and with which address; a restart takes the same way."""

import json
import os
import sys
import urllib.request
from pathlib import Path

from emulators import bigquery, environment, firestore, parts, postgres, pubsub
from emulators.environment import PROJECT, Stack
from emulators.part import Part, base_environment, launch
from emulators.parts import Description
from emulators.ports import HOST, free_port
from emulators.postgres import Postgres
from emulators.state import ROOT, State

HEALTH_SECONDS = 10.0


class Launcher:
    """Knows every part's port and environment, and starts a part by its name."""

    def __init__(self, state: State, secrets: dict[str, str], *, host: str, port: int, public_url: str) -> None:
        self.state = state
        self.host = host  # where the gateway listens; everything else stays on loopback
        self.descriptions = {part.name: part for part in [*parts.functions(), *parts.stand_ins()]}
        names = [*parts.STORES, *self.descriptions]
        self.ports = dict(zip(names, _distinct_ports(len(names)), strict=True)) | {"gateway": port}
        self.stack = Stack(
            secrets,
            public_url=public_url,
            # Through the gateway, as in the cloud: it knows which revision of identity answers.
            jwks_url=f"http://{HOST}:{port}/.well-known/jwks.json",
            database_port=self.ports["postgres"],
            firestore=f"{HOST}:{self.ports['firestore']}",
            pubsub=f"{HOST}:{self.ports['pubsub']}",
            bigquery=f"http://{HOST}:{self.ports['bigquery']}",
            clock_file=state.clock,
            traces_url=f"http://{HOST}:{port}/__dev/v1/traces",
        )
        self.server: Postgres | None = None

    def names(self) -> list[str]:
        """Every part, stores first."""
        return list(self.ports)

    def launch(self, name: str, *, port: int | None = None) -> Part:
        """Start `name` and return before it answers; a deployment may start beside itself, on another `port`."""
        if name == "postgres":
            self.server = postgres.start_launch(self._directory(name), self.ports[name], log=self._log(name))
            return self.server.part
        if name == "firestore":
            return firestore.start_launch(self._directory(name), self.ports[name], log=self._log(name))
        if name == "pubsub":
            return pubsub.start_launch(self._directory(name), self.ports[name], log=self._log(name))
        if name == "bigquery":
            return bigquery.start_launch(self._directory(name), self.ports[name], project=PROJECT, log=self._log(name))
        return self._launch_described(self.descriptions[name], port or self.ports[name])

    def address(self, name: str) -> str:
        """Where the HTTP part `name` listens."""
        return f"http://{HOST}:{self.ports[name]}"

    def push_urls(self) -> dict[str, str]:
        """Where each deployment listens to which Pub/Sub pushes."""
        return {
            name: self.address(name) for name, entry in environment.deployments().items() if entry["trigger"] == "push"
        }

    def tools_environment(self) -> dict[str, str]:
        """What a program of ours needs to reach the stores of this run from outside a deployment."""
        stack = self.stack
        return stack.settings() | {
            "FIRESTORE_EMULATOR_HOST": stack.firestore,
            "PUBSUB_EMULATOR_HOST": stack.pubsub,
            "BIGQUERY_EMULATOR_HOST": stack.bigquery,
            "CLOCK_OFFSET_SECONDS_FILE": str(self.state.clock),
        }

    def database_environment(self) -> dict[str, str]:
        """How the console and the tests reach the database as its owner."""
        return {
            "DATABASE_HOST": HOST,
            "DATABASE_PORT": str(self.ports["postgres"]),
            "DATABASE_NAME": environment.DATABASE,
            "DATABASE_USER": postgres.SUPERUSER,
            "DATABASE_PASSWORD": self.server.password if self.server else "",
        }

    def _launch_described(self, part: Description, port: int) -> Part:
        host = self.host if part.name == "gateway" else HOST
        is_function = part.kind == "function"
        variables = self.stack.of(part.name) if is_function else self._stand_in_environment(part.name)
        variables = {"PYTHONPATH": str(ROOT), "HOST": host, "PORT": str(port)} | variables
        return launch(
            part.name, part.filled(sys.executable, host, port), directory=ROOT, port=port,
            url=f"http://{HOST}:{port}", log=self._log(part.name),
            environment=base_environment() | variables | (_altered(part.name) if is_function else {}),
            is_ready=lambda started: _answers(started, part.health),
        )  # fmt: skip

    def _stand_in_environment(self, name: str) -> dict[str, str]:
        addresses = json.dumps({function.name: self.address(function.name) for function in parts.functions()})
        of_its_own = {
            "gateway": {"GATEWAY_BACKENDS": addresses} | self.database_environment(),
            "scheduler": {"SCHEDULER_TARGETS": addresses},
        }
        told = {"K_SERVICE": name, "STATE_DIRECTORY": str(self.state.directory)}
        return self.tools_environment() | self.stack.tracing() | of_its_own.get(name, {}) | told

    def _directory(self, name: str) -> Path:
        folder = self.state.directory / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _log(self, name: str) -> Path:
        return self.state.logs / f"{name}.log"


def _altered(name: str) -> dict[str, str]:
    """What a test has put in the place of a function's variables: FUNCTIONS_ENVIRONMENT, with `{name}` for its name."""
    altered: dict[str, str] = json.loads(os.environ.get("FUNCTIONS_ENVIRONMENT", "{}"))
    return {key: value.replace("{name}", name) for key, value in altered.items()}


def _distinct_ports(count: int) -> list[int]:
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)


def _answers(part: Part, path: str) -> bool:
    with urllib.request.urlopen(part.url + path, timeout=HEALTH_SECONDS) as answer:
        return bool(answer.status == 200)
