"""The schema changes under people who pay, and code of the first release stands beside today's."""

import io
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from emulators import environment
from emulators import postgres as postgres_server
from emulators import secrets as local_secrets
from emulators.part import base_environment, kill_group
from emulators.ports import free_port
from shared import migrate
from tests.load.over_http import _wait, published_keys
from tests.load.rolling.traffic import Traffic, check_books, open_wallets
from tests.tokens import Signer

ROOT = Path(__file__).resolve().parents[3]
# The first release: its migrations are what every later database has behind it.
FIRST_RELEASE = "2724129aabf406da6ae2d7ab1fe7dee2070fe73b"
CLIENTS = 4
STEP_SECONDS = 2.0
SERVED = {"transfers-api": "transfers", "wallet-api": "wallet"}

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def released(directory: Path) -> Path:
    """The files of the first release."""
    wanted = ["functions", "shared", "emulators"]
    command = ["git", "-C", str(ROOT), "archive", "--format=zip", FIRST_RELEASE, *wanted]
    made = subprocess.run(command, capture_output=True, check=False)
    assert made.returncode == 0, f"this clone lacks the history of the first release: {made.stderr.decode()}"
    folder = directory / "released"
    zipfile.ZipFile(io.BytesIO(made.stdout)).extractall(folder)
    return folder


@contextmanager
def code(tree: Path, variables: dict[str, dict[str, str]]) -> Iterator[dict[str, str]]:
    """The functions of a tree, each in the framework's server: deployment → address."""
    addresses, processes = {}, []
    try:
        for name, folder in SERVED.items():
            port = free_port()
            source = tree / "functions" / folder / "main.py"
            command = [sys.executable, "-m", "functions_framework", "--source", str(source), "--target", "api"]
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(port)], cwd=tree, start_new_session=True,
                env=base_environment() | {"PYTHONPATH": str(tree)} | variables[name],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            processes.append(process)
            addresses[name] = f"http://127.0.0.1:{port}"
        for address in addresses.values():
            _wait(int(address.rpartition(":")[2]))
        yield addresses
    finally:
        for process in processes:
            kill_group(process.pid)
            process.wait()


def steps(released: Path, folder: Path) -> Iterator[Path]:
    """The released schema with one more of today's migrations each time, and at last today's whole."""
    shutil.copytree(released / "shared", folder)
    for schema in migrate.SCHEMAS:
        known = {path.name for path in (folder / schema / "migrations").glob("*.sql")}
        for path in sorted((ROOT / "shared" / schema / "migrations").glob("*.sql")):
            if path.name in known:
                assert path.read_text() == (folder / schema / "migrations" / path.name).read_text(), (
                    f"{path} was edited"
                )
                continue
            shutil.copy(path, folder / schema / "migrations")
            yield folder
    yield ROOT / "shared"


def test_each_migration_and_old_code_beside_new(released, postgres, secrets, monkeypatch, tmp_path):
    """From the first release's schema to today's under its own code; then both codes on today's schema."""
    made = secrets | {"DATABASE_PASSWORD": "rolling-password"}
    signer = Signer(made)
    monkeypatch.setattr(migrate, "ROOT", released / "shared")
    postgres_server.migrate(postgres, "rolling", environment.logins(), made["DATABASE_PASSWORD"])
    owner = postgres.connect("rolling")
    with ExitStack() as stack:
        keys = stack.enter_context(published_keys(local_secrets.public_keys(made)))
        described = environment.Stack(made, jwks_url=keys)
        described.database_port, described.database_name = postgres.port, "rolling"
        variables = {name: described.of(name) for name in SERVED}
        old = stack.enter_context(code(released, variables))
        traffic = Traffic(lambda name: old[name], open_wallets(owner, 30), signer, has_topups=False)
        with traffic.running(CLIENTS):
            time.sleep(STEP_SECONDS)
            applied = _migrate(postgres, released, tmp_path / "shared", monkeypatch)
            new = stack.enter_context(code(ROOT, variables))
            both = {name: cycle([old[name], new[name]]) for name in SERVED}
            traffic.address = lambda name: next(both[name])
            time.sleep(2 * STEP_SECONDS)
    print(f"applied under traffic: {applied};", dict(traffic.counted))
    assert traffic.failures == []
    assert len(traffic.paid) > 50
    check_books(owner, traffic)
    owner.close()


def _migrate(postgres, released, folder, monkeypatch) -> list[str]:
    """Apply each migration that came after the release, while traffic runs."""
    applied = []
    for tree in steps(released, folder):
        monkeypatch.setattr(migrate, "ROOT", tree)
        connection = postgres.connect("rolling")
        applied += migrate.migrate(connection, environment.logins())
        connection.close()
        time.sleep(STEP_SECONDS)
    return applied
