"""The environment variables of every deployment, made from one description of a local stack.

The runner and the tests both take them from here, and here from functions/deployments.json,
so that no deployment sees a setting or a secret that it would not have in the cloud.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "e-wallet-lite-local"
TOKEN_ISSUER = "https://local.e-wallet-lite"  # noqa: S105 - a name, no secret
DATASET = "wallet"
DATABASE = "wallet"
# The login of a person with a runbook in hand: no deployment's.
OPERATOR = "operator"
# Set in the cloud alone: the local emulator's pushes carry no token to check.
CLOUD_ONLY = {"PUSH_AUDIENCE", "PUSH_SERVICE_ACCOUNT"}


def deployments() -> dict[str, dict[str, Any]]:
    """functions/deployments.json: name → deployment."""
    document: dict[str, dict[str, Any]] = json.loads((ROOT / "functions" / "deployments.json").read_text())
    return document


def logins() -> dict[str, str]:
    """The login of each database role in a local run: lite_transfers → transfers."""
    roles = {entry["database_role"] for entry in deployments().values() if entry["database_role"]}
    return {role: role.removeprefix("lite_") for role in sorted(roles)} | {"lite_operator": OPERATOR}


@dataclass
class Stack:
    """Where the parts of one local stack are; a part that is not started has no address."""

    secrets: dict[str, str]
    public_url: str = "http://localhost:8080"
    jwks_url: str = ""
    database_host: str = "127.0.0.1"
    database_port: int = 0
    database_name: str = DATABASE
    firestore: str = ""
    pubsub: str = ""
    bigquery: str = ""
    clock_file: Path | None = None
    traces_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """Every setting that is no secret, by name."""
        return {
            "ENVIRONMENT": "local",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "PUBLIC_URL": self.public_url,
            "TOKEN_ISSUER": TOKEN_ISSUER,
            "JWKS_URL": self.jwks_url,
            "FIRESTORE_DATABASE": "(default)",
            "BIGQUERY_DATASET": DATASET,
            "BIGQUERY_LOCATION": "asia-southeast2",
            "FORWARDED_HOPS": "1",  # the gateway alone stands between a caller and a function
        }

    def of(self, name: str) -> dict[str, str]:
        """The environment of the deployment `name`."""
        deployment = deployments()[name]
        settings = self.settings()
        wanted = ["ENVIRONMENT", *(set(deployment["environment"]) - CLOUD_ONLY)]
        values = {key: settings[key] for key in wanted if key in settings}
        values |= {key: self.secrets[key] for key in deployment["secrets"]}
        values |= self._database(deployment) | self._google(deployment["google"])
        values |= {"K_SERVICE": name, "THREADS": str(deployment["concurrency"])}
        if self.clock_file:
            values["CLOCK_OFFSET_SECONDS_FILE"] = str(self.clock_file)
        return values | self.tracing() | self.extra

    def tracing(self) -> dict[str, str]:
        """Where spans go, by OpenTelemetry's own settings: each request is traced, and seen within a second."""
        if not self.traces_url:
            return {}
        return {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": self.traces_url,
            "OTEL_TRACES_SAMPLER": "parentbased_always_on",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
        }

    def _database(self, deployment: dict[str, Any]) -> dict[str, str]:
        if not deployment["database_role"]:
            return {}
        return {
            "DATABASE_HOST": self.database_host,
            "DATABASE_PORT": str(self.database_port),
            "DATABASE_NAME": self.database_name,
            "DATABASE_USER": logins()[deployment["database_role"]],
            "DATABASE_PASSWORD": self.secrets["DATABASE_PASSWORD"],
            "DATABASE_POOL_SIZE": str(deployment["pool_size"]),
        }

    def _google(self, services: list[str]) -> dict[str, str]:
        addresses = {
            "firestore": ("FIRESTORE_EMULATOR_HOST", self.firestore),
            "pubsub": ("PUBSUB_EMULATOR_HOST", self.pubsub),
            "bigquery": ("BIGQUERY_EMULATOR_HOST", self.bigquery),
        }
        return {addresses[service][0]: addresses[service][1] for service in services}
