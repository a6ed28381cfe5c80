"""A BigQuery emulator from a Python package, in an environment of its own (it pins what the functions use).

It needs DuckDB's spatial extension, which the package `duckdb-extension-spatial` carries:
it is installed from that file into a HOME of the emulator's own, so nothing is downloaded.
"""

import os
import subprocess
import urllib.request
from pathlib import Path

from emulators.part import Part, base_environment, launch
from emulators.ports import HOST, free_port

ROOT = Path(__file__).resolve().parents[1]
PYTHON = Path(os.environ.get("BIGQUERY_PYTHON", ROOT / ".local" / "bigquery-venv" / "bin" / "python"))
INSTALL = """
import duckdb, duckdb_extension_spatial, pathlib
folder = pathlib.Path(duckdb_extension_spatial.__file__).parent
file = next(folder.glob("extensions/*/spatial.duckdb_extension"))
connection = duckdb.connect()
connection.execute(f"INSTALL '{file}'")
connection.execute("LOAD spatial")
"""


class BigQueryMissing(RuntimeError):
    """The emulator's environment is not there; the message says how to make it."""


def start_launch(
    directory: Path, port: int | None = None, *, project: str = "e-wallet-lite-local", log: Path | None = None
) -> Part:
    """Start the emulator with the data of `directory` and return before it answers."""
    port = port or free_port()
    home = directory / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = base_environment() | {"HOME": str(home), "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    _install_extension(home, environment)
    command = words(str(PYTHON), HOST, port, free_port(), project, directory / "data")
    return launch(
        "bigquery", command, directory=directory, port=port, url=f"http://{HOST}:{port}", log=log,
        environment=environment, is_ready=lambda part: _answers(part, project),
    )  # fmt: skip


def words(python: str, host: str, port: int, grpc_port: int, project: str, data: Path) -> list[str]:
    """The command that serves the emulator, for a process and for a container alike."""
    command = [python, "-m", "bqemulator", "start", "--rest-host", host, "--rest-port", str(port)]
    command += ["--grpc-host", host, "--grpc-port", str(grpc_port), "--project", project, "--log-level", "warning"]
    return [*command, "--persistent", "--data-dir", str(data)]


def start(directory: Path, port: int | None = None, *, project: str = "e-wallet-lite-local") -> Part:
    """Start the emulator on `port`, or a free one; return when it answers. `BIGQUERY_EMULATOR_HOST` is its url."""
    return start_launch(directory, port, project=project).wait_ready()


def _install_extension(home: Path, environment: dict[str, str]) -> None:
    if not PYTHON.exists():
        raise BigQueryMissing(f"{PYTHON} is missing. Type: make install")
    if not list(home.glob(".duckdb/**/spatial.duckdb_extension")):
        subprocess.run([PYTHON, "-c", INSTALL], env=environment, check=True, capture_output=True, timeout=120)


def _answers(part: Part, project: str) -> bool:
    with urllib.request.urlopen(f"{part.url}/bigquery/v2/projects/{project}/datasets", timeout=2) as answer:
        return answer.status == 200
