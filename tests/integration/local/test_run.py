"""The local run: it names what dies, keeps what it was given, and leaves nothing behind."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from emulators.part import READY_SECONDS
from emulators.parts import BACKGROUND_NICE
from emulators.seed import PASSWORD
from tests import processes
from tests.running import Run
from tools.demo import Person

NAMED_SECONDS = 5.0
GONE_SECONDS = 15.0

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def run(directory: Path) -> Iterator[Run]:
    """A whole system that runs for the tests of this module."""
    started = Run(directory / "run").start().wait_ready()
    yield started
    started.stop()


def wait_gone(family: list[psutil.Process]) -> None:
    """Fail unless every one of `family` ends in time."""
    deadline = time.monotonic() + GONE_SECONDS
    while (left := [process for process in family if processes.lives(process)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def at_home(home: Path) -> list[str]:
    """The processes that work in `home`, or were told of it: those, too, that a run has started last of all."""
    known = psutil.process_iter(["pid", "cwd", "cmdline"])
    return [str(process.info) for process in known if str(home) in str(process.info)]


def assert_ports_free(ports: list[int]) -> None:
    """Fail where somebody still listens on one of `ports`."""
    for port in ports:
        with socket.socket() as probe:
            probe.settimeout(1)
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"somebody listens on {port}"


def balance(url: str, username: str, password: str = PASSWORD) -> int:
    """The balance of a seeded person, or of another who says their password."""
    credentials = {"username": username, "password": password}
    token = requests.post(f"{url}/v1/sessions", json=credentials, timeout=10).json()["access_token"]
    wallet = requests.get(f"{url}/v1/wallet", headers={"Authorization": f"Bearer {token}"}, timeout=10).json()
    return int(wallet["balance"])


def has_given_way(pid: int) -> bool:
    """Whether a part lets others go first: as a process, and as a session where the kernel knows sessions."""
    session = Path(f"/proc/{pid}/autogroup")
    told = session.read_text().split()[-1:] if session.exists() else []
    return psutil.Process(pid).nice() == BACKGROUND_NICE and told in ([], [str(BACKGROUND_NICE)])


def test_what_nobody_waits_for_gives_way(run: Run) -> None:
    """Events, deliveries and scheduled work leave the cores to requests; a session's niceness is what Linux goes by."""
    behind = {"pubsub", "relay-drain", "notifications-deliver", "reconciliation-check", "warehouse", "scheduler"}

    def given_way() -> set[str]:
        return {name for name, pid in run.pids().items() if has_given_way(pid)}

    run.wait_for("niceness", lambda: given_way() == behind, NAMED_SECONDS)


def test_says_how_to_use_it_when_ready(run):
    """The last words name the address, the people with their PINs, each part, and `ready`."""
    # Its table says so to programs a moment earlier.
    run.wait_for("word `ready`", lambda: "ready in" in run.text(), NAMED_SECONDS)
    assert f"http://localhost:{run.port}" in run.text()
    for word in ("dewi", "246810", "135791", "112358", PASSWORD):
        assert word in run.text()
    for name in run.pids():
        assert f"● {name}" in run.text()


@pytest.mark.timeout(600)
def test_names_any_part_that_dies_within_five_seconds_and_starts_it_again(run):
    """Each part is killed once; the runner says so by name, and the part answers again."""
    for name in run.pids():
        run.kill(name)
        took = run.wait_for(
            f"death of {name}", lambda name=name: f"{name} died (killed by SIGKILL)" in run.text(), NAMED_SECONDS
        )
        print(f"{name} named after {took:.2f} s")
        run.wait_for(f"return of {name}", lambda name=name: f"{name} answers again" in run.text(), READY_SECONDS)
    assert balance(run.url, "dewi") == 2_500_000


def test_a_second_run_of_the_same_directory_is_refused_by_name(run):
    """Two runners never share a cluster: the second says where the first is, and ends."""
    second = Run(run.directory)
    second.output = run.directory / "second.txt"
    second.start()
    assert second.process.wait(30) == 1
    assert f"localhost:{run.port}" in second.text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
def test_a_run_that_is_ended_while_it_starts_leaves_nothing(number, tmp_path_factory):
    """Ctrl-C, or a terminal that is closed, in the middle of the start."""
    home = tmp_path_factory.mktemp("early")
    home.parent.chmod(0o755)
    started = Run(home).start()
    started.wait_for("some parts", lambda: len(started.table().get("parts", {})) > 5, 30)
    family, ports = processes.family(started.process.pid), [part["port"] for part in started.table()["parts"].values()]

    assert started.stop(number) == 130

    wait_gone(family)
    assert_ports_free(ports)
    assert at_home(home) == []
    assert not (home / "run" / "state.json").exists()


@pytest.fixture(scope="module")
def beside(run: Run, directory: Path) -> Iterator[Run]:
    """A second whole system, told to take the first one's port. Its tests may end it, and start it again."""
    second = Run(directory / "beside", port=run.port).start().wait_ready()
    yield second
    second.stop()


def test_two_runs_stand_side_by_side_and_the_second_names_who_holds_its_port(run, beside):
    """A port in use is named with its process, and the next free one is taken."""
    assert f"Port {run.port} is taken by python" in beside.text()
    assert beside.table()["gateway"]["port"] > run.port
    assert requests.get(beside.url, timeout=10).status_code == 200
    assert requests.get(run.url, timeout=10).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_leaves_no_process_and_no_port_and_keeps_the_data(number, beside):
    """However the runner ends, all is gone soon after, and the next run has what people had."""
    newcomer = Person(beside.url, "Agus Wijaya")
    password = newcomer.register()
    family, ports = processes.family(beside.process.pid), [part["port"] for part in beside.table()["parts"].values()]

    os.kill(beside.process.pid, number)
    beside.process.wait(30)

    wait_gone(family)
    assert_ports_free(ports)
    beside.start().wait_ready()
    # Whom the start would make anew says nothing of what was kept; the newcomer does.
    assert balance(beside.url, newcomer.username, password) == 0
    assert balance(beside.url, "budi") == 750_000


def test_without_an_emulator_it_says_what_to_install_before_it_starts_anything(tmp_path):
    """No Cloud SDK and no Docker engine: one line for each thing that is missing, and nothing runs."""
    poor = Run(tmp_path / "poor", JAVA_HOME="/nowhere", PATH="/nowhere", DOCKER_HOST="tcp://127.0.0.1:1").start()
    assert poor.process.wait(60) == 1
    for word in ("npm", "Java", "apt-get install"):
        assert word in poor.text()
    assert not (poor.directory / "run" / "state.json").exists()
