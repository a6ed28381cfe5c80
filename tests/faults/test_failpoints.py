"""Failpoints break a started function where its code says so, once; and no deployment has them."""

import os
import subprocess
import sys
import time
import zipfile
from importlib.machinery import SourceFileLoader

import pytest
import requests

from emulators.part import base_environment, launch
from emulators.parts import functions
from emulators.ports import free_port
from tests.faults import failpoints
from tests.faults.failpoints import MARKER, ROOT, Board, transform
from tools import package

BACK_SECONDS = 60


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path / "points")


@pytest.fixture(scope="module")
def wallet(database_stack, directory):
    """Start the wallet's deployment, with a board's failpoints or without; ended afterwards."""
    started = []

    def start(board=None):
        port = free_port()
        [part] = [part for part in functions() if part.name == "wallet-api"]
        environment = base_environment() | database_stack.of("wallet-api") | {"PYTHONPATH": str(ROOT)}
        started.append(
            launch(
                "wallet-api", part.filled(sys.executable, "127.0.0.1", port), directory=ROOT, port=port,
                url=f"http://127.0.0.1:{port}", log=directory / f"wallet-{port}.log",
                environment=environment | (board.environment if board else {}),
                is_ready=lambda made: requests.get(f"{made.url}/healthz", timeout=2).ok,
            )
        )  # fmt: skip
        return started[-1].wait_ready()

    yield start
    for part in started:
        part.stop()


def look(part, signer, seconds=20):
    """Ask for a wallet that nobody has: one statement, and a 404."""
    from uuid import uuid4

    return requests.get(f"{part.url}/v1/wallet", headers=signer.bearer(uuid4()), timeout=seconds)


def test_each_point_happens_once_and_does_what_its_file_says(wallet, board, signer):
    """A sleep holds the request, a dropped connection is met as one, a kill ends the whole instance."""
    part = wallet(board)
    began = time.monotonic()
    board.arm("db.before_statement", "sleep 1.5")
    assert look(part, signer).status_code == 404
    assert time.monotonic() - began >= 1.5

    board.arm("db.before_statement", "drop")
    assert look(part, signer).status_code == 404, "what reads is asked again over a new connection"
    board.arm("db.after_statement", "drop", service="wallet-api")
    assert look(part, signer).status_code == 404

    board.arm("db.before_statement", "kill", service="transfers-api")
    assert look(part, signer).status_code == 404, "armed for another function"
    board.arm("db.before_statement", "kill", service="wallet-api")
    with pytest.raises(requests.ConnectionError):
        look(part, signer)
    assert part.process.wait(BACK_SECONDS) == -9
    assert board.fired() == {"db.before_statement": 3, "db.after_statement": 1}
    assert board.fired("kill") == {"db.before_statement": 1}


def test_what_is_disarmed_does_not_happen(wallet, board, signer):
    """A test takes back what nobody reached, and life goes on."""
    part = wallet(board)
    board.arm("db.before_statement", "kill")
    board.disarm()
    assert look(part, signer).status_code == 404
    assert board.fired() == {}


def test_a_function_that_is_started_as_it_is_deployed_has_no_points(wallet, board, signer):
    """The same code without the tests' folder on its path: the comments are comments."""
    part = wallet()
    board.arm("db.before_statement", "kill")
    assert look(part, signer).status_code == 404
    assert part.alive
    assert (board.directory / "db.before_statement").exists()


def test_nothing_but_the_points_changes():
    """Each file has its lines where they were, and compiles; a line that only speaks of a failpoint is none."""
    found = failpoints.points()
    assert len(found) >= 25
    for path in set(found.values()):
        source = path.read_text()
        changed = transform(source)
        assert changed.count("\n") == source.count("\n")
        assert len(MARKER.findall(changed)) == 0
        compile(changed, str(path), "exec")
    assert transform("x = '# failpoint: a.b'\n") == "x = '# failpoint: a.b'\n"


def test_this_process_is_as_it_is_deployed():
    """The hook lives in processes that a test starts for it, never in the tests' own."""
    assert SourceFileLoader.get_code.__qualname__ == "SourceLoader.get_code"
    quiet = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "faults" / "site")}
    quiet.pop("FAILPOINTS", None)
    command = [sys.executable, "-c", "import sys; print([name for name in sys.modules if 'failpoints' in name])"]
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", package.requirements.folders(), ids=lambda folder: folder.name)
def test_no_zip_has_a_failpoint(folder, tmp_path):
    """Not one file of any zip says the word, though the sources do."""
    archive = zipfile.ZipFile(package.package_function(folder, tmp_path))
    assert [name for name in archive.namelist() if b"failpoint" in archive.read(name)] == []
    assert any("failpoint" in path.read_text() for path in package.shared_files([folder / "main.py"]))


def test_the_jobs_have_no_failpoint(tmp_path):
    """Neither has the build folder of migrate and operate."""
    package.package_migrate(tmp_path)
    assert [path for path in tmp_path.rglob("*.py") if "failpoint" in path.read_text()] == []
