"""Write emulator-compose.yml: the parts of a local run as containers, for people who have Docker.

    python -m tools.compose             writes the file
    python -m tools.compose --check     writes nothing; exit 1 where it is stale

Commands, health paths and environments come from emulators/parts.py and emulators/environment.py,
which the process runner starts its parts from: one definition, two engines. Only what a container
needs beside them stands here: images, and where each part is on the containers' own network.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from emulators import bigquery, environment, parts
from emulators.environment import PROJECT, Stack

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "emulator-compose.yml"
HEADER = """# The parts of a local run as containers: `make run ENGINE=docker` starts them.
# Made by tools/compose.py from emulators/parts.py and emulators/environment.py; edit those.
# The values of the secrets come from .local/containers.json through the runner's environment.
"""

# What the functions run on in the cloud; everything of ours runs on it here as well.
PYTHON_IMAGE = "python:3.13-slim"
POSTGRES_IMAGE = "postgres:17-alpine"  # the cloud's major version
EMULATORS_IMAGE = "gcr.io/google.com/cloudsdktool/google-cloud-cli:528.0.0-emulators"

PYTHON = "/libraries/bin/python"
BIGQUERY_PYTHON = "/bigquery-libraries/bin/python"
ANYWHERE = "0.0.0.0"  # noqa: S104 - inside a container, whose network only this file's parts share
PORT = 8080  # inside each container; only the gateway's is published
STORE_PORTS = {"postgres": 5432, "firestore": 8080, "pubsub": 8085, "bigquery": 9050}
SOURCE = ".:/app:ro"
LIBRARIES = "libraries:/libraries"
BIGQUERY_LIBRARIES = "bigquery-libraries:/bigquery-libraries"
STATE = "state:/state"


class FromRunner(dict[str, str]):
    """Secrets that the compose file names and the runner gives."""

    def __missing__(self, name: str) -> str:
        return f"${{{name}:?start it with make run ENGINE=docker}}"


def stack() -> Stack:
    """Return where the parts are on the containers' network."""
    return Stack(
        secrets=FromRunner(),
        public_url="${PUBLIC_URL:-http://localhost:8080}",
        jwks_url=f"{address('identity-api')}/.well-known/jwks.json",
        database_host="postgres",
        database_port=STORE_PORTS["postgres"],
        firestore=f"firestore:{STORE_PORTS['firestore']}",
        pubsub=f"pubsub:{STORE_PORTS['pubsub']}",
        bigquery=f"http://bigquery:{STORE_PORTS['bigquery']}",
    )


def address(name: str) -> str:
    """Return a part's address on the containers' network."""
    return f"http://{name}:{PORT}"


def ours(command: list[str], variables: dict[str, str], after: dict[str, str], health: str | None) -> dict[str, Any]:
    """Return a service that runs our own code from the bound source."""
    service: dict[str, Any] = {
        "image": PYTHON_IMAGE,
        "command": command,
        "working_dir": "/app",
        "environment": dict(
            sorted({**variables, "PYTHONPATH": "/app", "PYTHONPYCACHEPREFIX": "/state/bytecode"}.items())
        ),
        "volumes": [SOURCE, LIBRARIES, STATE],
        "depends_on": {name: {"condition": condition} for name, condition in sorted(after.items())},
    }
    if health is not None:
        question = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{PORT}{health}', timeout=5)"
        service["healthcheck"] = check(["CMD", PYTHON, "-c", question])
    return service


def check(test: list[str]) -> dict[str, Any]:
    """Return a health check: every two seconds, up to a minute of starting."""
    return {"test": test, "interval": "2s", "timeout": "6s", "retries": 30, "start_period": "60s"}


def install(requirements: str, folder: str, volume: str) -> dict[str, Any]:
    """Return a service that fills a volume with libraries once, and does nothing when they are there."""
    script = f"test -e {folder}/{requirements}.done || (python -m venv {folder} && {folder}/bin/pip install --quiet "
    script += f"--require-hashes -r requirements/{requirements}.txt && touch {folder}/{requirements}.done)"
    return {
        "image": PYTHON_IMAGE,
        "command": ["sh", "-c", script],
        "working_dir": "/app",
        "volumes": [SOURCE, volume],
    }


def stores() -> dict[str, Any]:
    """Return the stores: Postgres, Google's two emulators, and the BigQuery emulator in an environment of its own."""

    def emulator(kind: str, port: int) -> dict[str, Any]:
        command = ["gcloud", "emulators", kind, "start", f"--host-port={ANYWHERE}:{port}", f"--project={PROJECT}"]
        question = ["CMD", "curl", "-fsS", f"http://127.0.0.1:{port}/"]
        return {"image": EMULATORS_IMAGE, "command": command, "healthcheck": check(question)}

    return {
        "postgres": {
            "image": POSTGRES_IMAGE,
            "environment": {
                "POSTGRES_PASSWORD": FromRunner()["DATABASE_PASSWORD"],
                "POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C.UTF-8",
            },
            "volumes": ["postgres:/var/lib/postgresql/data"],
            "healthcheck": check(["CMD", "pg_isready", "--username=postgres", "--host=127.0.0.1"]),
        },
        "firestore": emulator("firestore", STORE_PORTS["firestore"]),
        "pubsub": emulator("pubsub", STORE_PORTS["pubsub"]),
        "bigquery": bigquery_store(),
    }


def bigquery_store() -> dict[str, Any]:
    """Return the BigQuery emulator, served by the same words as in a process, in an environment of its own."""
    port = STORE_PORTS["bigquery"]
    serve = bigquery.words(BIGQUERY_PYTHON, ANYWHERE, port, port + 1, PROJECT, Path("/state/bigquery"))
    datasets = f"http://127.0.0.1:{port}/bigquery/v2/projects/{PROJECT}/datasets"
    question = f"import urllib.request as u; u.urlopen('{datasets}', timeout=5)"
    return {
        "image": PYTHON_IMAGE,
        # $$ is a dollar sign to compose, and the extension's installer comes in by the environment.
        "command": ["sh", "-c", f'{BIGQUERY_PYTHON} -c "$$INSTALL" && exec {" ".join(serve)}'],
        "working_dir": "/app",
        "environment": {"INSTALL": bigquery.INSTALL, "HOME": "/state", "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"},
        "volumes": [SOURCE, BIGQUERY_LIBRARIES, STATE],
        "depends_on": {"bigquery-libraries": {"condition": "service_completed_successfully"}},
        "healthcheck": check(["CMD", BIGQUERY_PYTHON, "-c", question]),
    }


def described() -> dict[str, Any]:
    """Return the parts that both engines start from emulators/parts.py."""
    healthy, finished = "service_healthy", "service_completed_successfully"
    services = {}
    for part in [*parts.functions(), *parts.stand_ins()]:
        after = {"libraries": finished, "prepare": finished} | dict.fromkeys(part.after, healthy)
        variables = stack().of(part.name) if part.kind == "function" else stand_in_environment(part.name)
        variables |= {"HOST": ANYWHERE, "PORT": str(PORT)}
        services[part.name] = ours(part.filled(PYTHON, ANYWHERE, PORT), variables, after, part.health)
    services["gateway"]["ports"] = [f"${{PORT:-8080}}:{PORT}"]
    return services


def stand_in_environment(name: str) -> dict[str, str]:
    """Return what a stand-in is told: where the stores and the functions are."""
    addresses = json.dumps({function.name: address(function.name) for function in parts.functions()})
    of_its_own = {"gateway": {"GATEWAY_BACKENDS": addresses}, "scheduler": {"SCHEDULER_TARGETS": addresses}}
    return tools_environment() | of_its_own.get(name, {}) | {"STATE_DIRECTORY": "/state"}


def tools_environment() -> dict[str, str]:
    """Return what a program of ours needs to reach the stores as their owner."""
    ends = stack()
    return ends.settings() | {
        "FIRESTORE_EMULATOR_HOST": ends.firestore,
        "PUBSUB_EMULATOR_HOST": ends.pubsub,
        "BIGQUERY_EMULATOR_HOST": ends.bigquery,
        "DATABASE_HOST": ends.database_host,
        "DATABASE_PORT": str(ends.database_port),
        "DATABASE_NAME": environment.DATABASE,
        "DATABASE_USER": "postgres",
        "DATABASE_PASSWORD": ends.secrets["DATABASE_PASSWORD"],
    }


def document() -> dict[str, Any]:
    """Return the compose file as data."""
    healthy, finished = "service_healthy", "service_completed_successfully"
    pushed = {name: address(name) for name, entry in environment.deployments().items() if entry["trigger"] == "push"}
    prepare = ours(
        [PYTHON, "-m", "emulators.prepare"],
        tools_environment() | {"PUSH_URLS": json.dumps(pushed)},
        {"libraries": finished} | dict.fromkeys(parts.STORES, healthy),
        None,
    )
    services = {
        "libraries": install("dev", "/libraries", LIBRARIES),
        "bigquery-libraries": install("bigquery", "/bigquery-libraries", BIGQUERY_LIBRARIES),
        **stores(),
        "prepare": prepare,
        **described(),
    }
    for name in parts.background():
        services[name]["cpu_shares"] = parts.BACKGROUND_SHARES
    volumes: dict[str, None] = dict.fromkeys(["libraries", "bigquery-libraries", "postgres", "state"])
    return {"name": "e-wallet-lite", "services": services, "volumes": volumes}


class Plain(yaml.SafeDumper):
    """Writes every value out (anchors would save lines and cost readers) and a list on one line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        """Return whether a value is written anew wherever it stands: always."""
        return True


Plain.add_representer(
    list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def text() -> str:
    """Return the text of emulator-compose.yml."""
    return HEADER + yaml.dump(document(), Dumper=Plain, sort_keys=False, width=200)


def main() -> int:
    """Write the file, or check it."""
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text(), encoding="utf-8")
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text():
        print("emulator-compose.yml is stale: run python -m tools.compose")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
