"""Google's Firestore emulator. It keeps its data in memory: `export` saves it, `start` takes the last export in."""

import json
import shutil
import urllib.request
from pathlib import Path

from emulators.java import FLAGS, jar, java
from emulators.part import Part, base_environment, launch
from emulators.ports import HOST, free_port

PACKAGE = "google-cloud-cli-firestore-emulator"
MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
# The cloud's own rules: whoever comes without a function's rights is refused here as there.
RULES = Path(__file__).resolve().parents[1] / "terraform" / "schemas" / "firestore.rules"
EXPORT = "export"
EXPORT_SECONDS = 30


def start_launch(directory: Path, port: int | None = None, *, log: Path | None = None) -> Part:
    """Start the emulator with the last export of `directory` and return before it answers."""
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    command = [java(), *FLAGS, "-Xms64m", "-Xmx256m", "-Duser.language=en", "-cp"]
    command += [str(jar("cloud-firestore-emulator", PACKAGE)), MAIN_CLASS, "start", f"--host={HOST}", f"--port={port}"]
    command.append(f"--rules={RULES}")
    saved = directory / EXPORT / f"{EXPORT}.overall_export_metadata"
    if saved.exists():
        command.append(f"--import-data={saved}")
    return launch(
        "firestore", command, directory=directory, port=port, url=f"http://{HOST}:{port}", log=log,
        environment=base_environment(), is_ready=_answers,
    )  # fmt: skip


def start(directory: Path, port: int | None = None) -> Part:
    """Start the emulator on `port`, or a free one; return when it answers at 127.0.0.1:port."""
    return start_launch(directory, port).wait_ready()


def export(part: Part, directory: Path, project: str) -> None:
    """Save every document of `project` in `directory`; the old export stays until the new one is whole."""
    database = f"projects/{project}/databases/(default)"
    new = f"{EXPORT}.new"
    shutil.rmtree(directory / new, ignore_errors=True)
    (directory / new).mkdir()
    body = {"database": database, "export_directory": str(directory.resolve() / new), "export_name": EXPORT}
    _post(part, f"/emulator/v1/projects/{project}:export", body)
    shutil.rmtree(directory / EXPORT, ignore_errors=True)
    (directory / new / EXPORT).rename(directory / EXPORT)
    (directory / new).rmdir()


def wipe(part: Part, project: str) -> None:
    """Delete every document of `project`."""
    path = f"/emulator/v1/projects/{project}/databases/(default)/documents"
    urllib.request.urlopen(urllib.request.Request(part.url + path, method="DELETE"), timeout=EXPORT_SECONDS).close()


def _post(part: Part, path: str, body: dict[str, str]) -> None:
    request = urllib.request.Request(
        part.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=EXPORT_SECONDS).close()


def _answers(part: Part) -> bool:
    # It says "Ok" at once; the first question for documents loads half of its program, which may take seconds.
    documents = f"{part.url}/v1/projects/ready/databases/(default)/documents/ready"
    question = urllib.request.Request(documents, headers={"Authorization": "Bearer owner"})
    with urllib.request.urlopen(question, timeout=1) as answer:
        return answer.status == 200
