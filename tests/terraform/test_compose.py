"""emulator-compose.yml holds the same parts as the process runner starts, described once for both engines."""

import re
from typing import Any

import pytest
import yaml

from emulators import bigquery, parts
from emulators.environment import deployments
from tests.terraform.conftest import ROOT
from tools import compose

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "emulator-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
DESCRIBED = [*parts.functions(), *parts.stand_ins()]
# What the specification of compose files calls a service's parts, as far as we use them.
KNOWN = {"image", "command", "working_dir", "environment", "volumes", "depends_on", "healthcheck", "ports"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}
ONCE = {"libraries", "bigquery-libraries", "prepare"}


def test_the_file_is_as_it_would_be_made() -> None:
    """What is committed is what tools/compose.py writes from the runner's own definitions."""
    assert (ROOT / "emulator-compose.yml").read_text() == compose.text()


def test_both_engines_have_the_same_parts() -> None:
    """Every part of the process runner is a service, and nothing else runs beside the one-time steps."""
    assert set(SERVICES) - ONCE == {*parts.STORES, *(part.name for part in DESCRIBED)}


@pytest.mark.parametrize("part", DESCRIBED, ids=lambda part: part.name)
def test_command_port_health_and_environment_are_the_runners(part: parts.Description) -> None:
    """A part's container runs the runner's command on its port, is asked at its path, and is told the same names."""
    service = SERVICES[part.name]
    assert service["command"] == part.filled(compose.PYTHON, compose.ANYWHERE, compose.PORT)
    assert f"127.0.0.1:{compose.PORT}{part.health}'" in service["healthcheck"]["test"][-1]
    assert service["environment"]["PORT"] == str(compose.PORT)
    if part.kind == "function":
        told = compose.stack().of(part.name)
        assert {name: service["environment"][name] for name in told} == told
        assert set(deployments()[part.name]["secrets"]) <= service["environment"].keys()


def test_the_bigquery_emulator_is_served_by_the_same_words() -> None:
    """Flags of the emulator are written once, in emulators/bigquery.py."""
    flags = [word for word in bigquery.words("p", "h", 1, 2, "x", ROOT) if word.startswith("--")]
    script = SERVICES["bigquery"]["command"][-1]
    assert flags == re.findall(r"--[a-z-]+", script.partition("exec")[2])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_one_that_compose_understands(name: str) -> None:
    """Known keys only, a pinned image, what it waits for exists, and a health check where others wait for health."""
    service = SERVICES[name]
    assert service.keys() <= KNOWN
    assert re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"])
    assert not service["image"].endswith(":latest")
    for other, wait in service.get("depends_on", {}).items():
        assert wait["condition"] in CONDITIONS
        assert other in SERVICES
        assert "healthcheck" in SERVICES[other] or wait["condition"] == "service_completed_successfully"
    assert all(isinstance(value, str) for value in service.get("environment", {}).values())
    mounted = {volume.partition(":")[0] for volume in service.get("volumes", [])} - {"."}
    assert mounted <= DOCUMENT["volumes"].keys()
    assert ("healthcheck" in service) != (name in ONCE)


def test_no_secret_stands_in_the_file() -> None:
    """Each secret is a name that the runner fills, and starting without it fails with what to type."""
    names = {name for deployment in deployments().values() for name in deployment["secrets"]} | {"DATABASE_PASSWORD"}
    for service in SERVICES.values():
        for name in names & service.get("environment", {}).keys():
            assert service["environment"][name] == f"${{{name}:?start it with make run ENGINE=docker}}"
