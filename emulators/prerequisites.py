"""What this machine must have before anything is started, and what to type where it has not."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import docker

from emulators import bigquery, firestore, java, postgres, pubsub

PYTHON_MIN = (3, 11)
NODE_MIN = (20, 19)  # web/package.json asks for it, because Vite does
VERSION_SECONDS = 10
# What emulator-compose.yml holds; Node and Python are needed in either case.
CONTAINED = {"PostgreSQL", "Java", "Firestore emulator", "Pub/Sub emulator", "BigQuery emulator"}


@dataclass(frozen=True)
class Check:
    """One prerequisite: what was found, or what to do about its absence."""

    name: str
    found: str = ""
    remedy: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it is there."""
        return not self.remedy


def checks() -> list[Check]:
    """Every prerequisite of a local run, in the order of its start."""
    emulator_jars = [
        ("Firestore emulator", "cloud-firestore-emulator", firestore.PACKAGE),
        ("Pub/Sub emulator", "pubsub-emulator", pubsub.PACKAGE),
    ]
    return [
        _python(),
        _node(),
        _found("npm", lambda: _program("npm", "apt-get install npm")),
        Check("PostgreSQL", str(postgres.installed_programs() or "from a Python package, at the first start")),
        _found("Java", java.java),
        *[
            _found(name, lambda c=component, p=package: str(java.jar(c, p)))
            for name, component, package in emulator_jars
        ],
        _bigquery(),
    ]


def missing() -> list[Check]:
    """The prerequisites that are not met."""
    return [check for check in checks() if not check.is_met]


def containers_can_stand_in(lacking: list[Check]) -> bool:
    """Whether what is missing comes in containers, and a Docker engine answers."""
    return all(check.name in CONTAINED for check in lacking) and _docker_answers()


def _docker_answers() -> bool:
    try:
        return bool(docker.from_env(timeout=VERSION_SECONDS).ping())
    except docker.errors.DockerException:
        return False


def _found(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, look())
    except (java.EmulatorMissing, FileNotFoundError) as error:
        return Check(name, remedy=str(error))


def _program(name: str, install: str) -> str:
    if found := shutil.which(name):
        return found
    raise FileNotFoundError(f"{name} was not found. Type: {install}")


def _python() -> Check:
    version = ".".join(str(number) for number in sys.version_info[:3])
    if sys.version_info >= PYTHON_MIN:
        return Check("Python", version)
    return Check("Python", remedy=f"Python {version} is too old: 3.11 or newer is needed")


def _node() -> Check:
    try:
        program = _program("node", "apt-get install nodejs")
    except FileNotFoundError as error:
        return Check("Node", remedy=str(error))
    done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True, timeout=VERSION_SECONDS)
    version = done.stdout.strip().removeprefix("v")
    if version and tuple(int(number) for number in version.split(".")[:2]) >= NODE_MIN:
        return Check("Node", version)
    return Check("Node", remedy=f"Node {version or '?'} is too old: 20.19 or newer is needed. Type: npx --yes n lts")


def _bigquery() -> Check:
    if bigquery.PYTHON.exists():
        return Check("BigQuery emulator", str(bigquery.PYTHON))
    return Check("BigQuery emulator", remedy="its environment is missing. Type: make install")
