"""A zip is what its function needs and nothing else, and starts by itself."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulators import secrets
from emulators.environment import Stack
from tests.terraform.conftest import ROOT
from tools import package

FOLDERS = package.requirements.folders()
DEPLOYMENTS = json.loads((ROOT / "functions" / "deployments.json").read_text())
START_SECONDS = 120


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_zip_holds_the_function_at_its_root_and_what_it_imports(folder: Path, tmp_path: Path) -> None:
    """main.py and requirements.txt at the root, shared/ inside, no test, bytecode or other function."""
    path = package.package_function(folder, tmp_path)
    names = zipfile.ZipFile(path).namelist()
    assert {"main.py", "requirements.txt", "shared/__init__.py", "shared/config.py"} <= set(names)
    assert [name for name in names if name.endswith((".pyc", ".sql")) or "test" in name] == []
    assert path.stat().st_size < 1 << 20


def test_a_zip_is_named_by_its_content(tmp_path: Path) -> None:
    """The same files give the same name and the same bytes; one other byte gives another name."""
    folder = ROOT / "functions" / "transfers"
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    one, two = package.package_function(folder, first), package.package_function(folder, second)
    files = package.contents(folder)
    changed = {**files, "main.py": files["main.py"].replace(b"a", b"b", 1)}

    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()
    assert package.digest(changed) not in one.name


def test_a_function_is_not_deployed_for_another_functions_change() -> None:
    """What only payments imports is in no other zip, so a change of it redeploys payments alone."""
    holders = {folder.name for folder in FOLDERS if "shared/topups/__init__.py" in package.contents(folder)}
    assert holders == {"payments", "reconciliation"}


@contextmanager
def served(folder: Path, python: Path, name: str) -> Iterator[str]:
    """Serve an unpacked zip with its own settings and secrets, and nothing of this checkout within reach."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = ["--target", DEPLOYMENTS[name]["entry_point"], "--host", "127.0.0.1", "--port", str(port)]
    command = [str(python), "-m", "functions_framework", *target]
    told = Stack(secrets.generate(), jwks_url="https://wallet.example.id/keys").of(name)
    variables = told | {"PATH": os.environ["PATH"], "ENVIRONMENT": "prod", "PUBLIC_URL": "https://wallet.example.id"}
    with subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.PIPE) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def health(url: str) -> int:
    """Return the status of /healthz as soon as the server takes connections."""
    for _ in range(START_SECONDS * 5):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.2)
    return 0


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_zip_starts_in_an_empty_environment_and_answers(folder: Path, tmp_path: Path) -> None:
    """Installed from its own requirements.txt alone, each entry point of a zip starts and answers."""
    path = package.package_function(folder, tmp_path)
    unpacked = tmp_path / "function"
    zipfile.ZipFile(path).extractall(unpacked)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True, timeout=300)
    python = tmp_path / "venv" / "bin" / "python"
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        "requirements.txt",
    ]
    subprocess.run([python, *install], cwd=unpacked, check=True, timeout=500)

    for name, deployment in DEPLOYMENTS.items():
        if deployment["folder"] == folder.name:
            with served(unpacked, python, name) as url:
                assert health(url) == 200
