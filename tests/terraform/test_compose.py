"""emulator-compose.yml holds the same parts as the process runner starts, described once for both engines."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
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
KNOWN = {
    "image",
    "command",
    "working_dir",
    "environment",
    "volumes",
    "depends_on",
    "healthcheck",
    "ports",
    "cpu_shares",
}
CONDITIONS = {"service_healthy", "service_completed_successfully"}
ONCE = {"libraries", "bigquery-libraries", "prepare"}


def test_the_file_is_as_it_would_be_made() -> None:
    """What is committed is what tools/compose.py writes from the runner's own definitions."""
    assert (ROOT / "emulator-compose.yml").read_text() == compose.text()


def conforms(path: Path) -> subprocess.CompletedProcess[str]:
    """Hold a file to the JSON schema of compose files, which check-jsonschema brings with it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_file_conforms_to_the_compose_specification() -> None:
    """The specification's own schema finds nothing."""
    checked = conforms(ROOT / "emulator-compose.yml")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("condition:", "conditions:"), ("image:", "imgae:"), ("retries: 30", "retries: [30]"), ("services:", "service:")],
)
def test_the_schema_would_find_a_slip(tmp_path: Path, right: str, wrong: str) -> None:
    """A misspelt key, a wrong type or a missing level is refused, so that the check above means something."""
    text = (ROOT / "emulator-compose.yml").read_text()
    assert right in text
    (tmp_path / "compose.yml").write_text(text.replace(right, wrong, 1))
    assert conforms(tmp_path / "compose.yml").returncode == 1


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


def test_what_nobody_waits_for_gives_way() -> None:
    """The containers that the runner gives a lower priority have a smaller share, and no other has one."""
    assert {
        name: service["cpu_shares"] for name, service in SERVICES.items() if "cpu_shares" in service
    } == dict.fromkeys(parts.background(), parts.BACKGROUND_SHARES)


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


# Stands in for Docker's command: writes down how it was called, with what the file asks of the environment.
DOCKER = """#!{python}
import json, os, pathlib, sys
names = json.loads({names!r})
with pathlib.Path("{log}").open("a") as log:
    log.write(json.dumps([sys.argv[1:], {{name: os.environ.get(name) for name in names}}]) + "\\n")
"""
# Runs emulators.containers up to the moment when a person would use it, then ends it as Ctrl-C does.
DRIVER = """
import os, signal, subprocess, sys
from emulators import containers
from tools.running import running_system
def use(*_):
    with running_system() as url:
        print("found", url)
    for tool in ("emulators.operate", "emulators.rebuild", "emulators.payer", "tools.logs"):
        told = subprocess.run([sys.executable, "-m", tool], capture_output=True, text=True)
        print(tool, told.returncode, told.stderr)
    print(subprocess.run([sys.executable, "-m", "tools.reset"], capture_output=True, text=True).stderr)
    os.kill(os.getpid(), signal.SIGINT)
containers.web_build.build = lambda: None
containers.seed.seed = lambda url: print("seeded", url)
containers.box.show_ready = use
sys.exit(containers.main(sys.argv[1:]))
"""
OPEN_NAMES = sorted(set(re.findall(r"\$\{(\w+)", (ROOT / "emulator-compose.yml").read_text())))


class Docker:
    """A machine whose `docker` writes down how it is called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "calls"
        program = folder / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(DOCKER.format(python=sys.executable, names=json.dumps(OPEN_NAMES), log=self.log))
        program.chmod(0o755)

    def run(self, *words: str) -> str:
        """What emulators.containers says, told these words."""
        told = {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PORT": "8099"}
        told |= {"STATE_DIRECTORY": str(self.folder / "state"), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", DRIVER, *words]
        done = subprocess.run(
            command, env=os.environ | told, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def calls(self) -> list[tuple[list[str], dict[str, str]]]:
        """The words and the surroundings of each call to Compose."""
        calls = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [call for call in calls if call[0][:1] == ["compose"]]


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    """A machine of the test's own."""
    return Docker(tmp_path)


def test_make_run_with_docker_starts_the_file_and_stops_the_containers(docker: Docker) -> None:
    """Testcontainers is told to bring the file up and wait for health; ending stops containers and keeps volumes."""
    said = docker.run()
    (up, environment), *_, (end, _) = docker.calls()
    assert up[up.index("-f") + 1] == "emulator-compose.yml"
    assert {"up", "--wait"} <= set(up)
    assert end[-1] == "stop"
    assert environment["PORT"] == "8099"
    assert [name for name in OPEN_NAMES if not environment[name]] == []
    assert "seeded http://127.0.0.1:8099" in said


def test_the_tools_know_a_run_in_containers(docker: Docker) -> None:
    """What works over HTTP takes its address; what needs the parts themselves says why not; nothing forgets under it."""
    said = docker.run()
    assert "found http://localhost:8099" in said
    for tool in ("emulators.operate", "emulators.rebuild", "emulators.payer", "tools.logs"):
        assert f"{tool} 1 The run at http://localhost:8099 is in containers" in said
    assert "is already there, at http://localhost:8099. End it first" in said
    assert not (docker.folder / "state/run/state.json").exists()


def test_make_reset_with_docker_forgets_containers_volumes_and_secrets(docker: Docker) -> None:
    """A volume knows its database's password, so the two are kept together and go together."""
    docker.run()
    secrets_file = docker.folder / "state/containers.json"
    assert secrets_file.exists()
    assert "gone" in docker.run("forget")
    assert docker.calls()[-1][0][-2:] == ["down", "--volumes"]
    assert not secrets_file.exists()


def test_the_ready_file_asks_for_nothing_that_the_runner_does_not_give() -> None:
    """Every name that the file leaves open is a secret of the local run, the port or the public address."""
    from emulators import containers, secrets

    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "emulator-compose.yml").read_text()))
    assert asked <= {"PORT", "PUBLIC_URL"} | secrets.generate().keys()
    assert containers.FILE == "emulator-compose.yml"
