"""Secrets are made and rotated, and traffic is moved back, through gcloud and without showing a value."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emulators import secrets as local
from tests.terraform.conftest import ROOT
from tools import rollback, secrets

# Stands in for gcloud: keeps versions in files, answers as Secret Manager does, and writes down how it was called.
GCLOUD = """#!{python}
import json, pathlib, sys
store = pathlib.Path("{store}")
words = sys.argv[1:]
with (store / "calls").open("a") as calls:
    calls.write(" ".join(words) + "\\n")
group, verb = words[1], words[2]
name = next((word.partition("=")[2] for word in words if word.startswith("--secret=")), words[3])
versions = sorted(store.glob(name + ".*"), key=lambda path: int(path.suffix[1:]))
if verb == "list":
    print("\\n".join(path.name for path in versions))
elif verb == "add":
    (store / f"{{name}}.{{len(versions) + 1}}").write_text(sys.stdin.read())
else:
    print(versions[-1].read_text(), end="")
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Secret Manager of files, reached through a gcloud on the path."""
    program = tmp_path / "bin" / "gcloud"
    program.parent.mkdir()
    program.write_text(GCLOUD.format(python=sys.executable, store=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.fixture
def tool(store: Path) -> Callable[..., str]:
    """Run `python -m tools.secrets` and return what it prints."""

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "tools.secrets", *words, "--project=wallet-test"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout

    assert store.exists()
    return run


def test_filling_makes_each_secret_once_and_shows_none(tool: Callable[..., str], store: Path) -> None:
    """Every secret of the map gets a first value; filling again leaves them alone; no value is printed or passed."""
    said = tool("fill", "--contact=on-call@example.id")
    again = tool("fill")
    values = {path.stem: path.read_text() for path in store.glob("*.1")}

    assert values.keys() == set(secrets.names())
    assert list(store.glob("*.2")) == []
    assert json.loads(values["VAPID_KEY"])["subject"] == "mailto:on-call@example.id"
    assert "none was empty" in again
    shown = said + again + (store / "calls").read_text()
    assert [name for name, value in values.items() if value in shown or json.loads(value) is None] == []


def test_rotating_a_signing_key_publishes_before_it_signs(tool: Callable[..., str], store: Path) -> None:
    """The new key is added behind, then changes places, then the old one goes: nobody meets an unknown key."""
    tool("fill")
    for step in ("rotate", "rotate", "retire"):
        tool(step, "SIGNING_KEYS")
    rings = [json.loads((store / f"SIGNING_KEYS.{version}").read_text()) for version in (1, 2, 3, 4)]
    old, new = rings[0][0]["kid"], rings[1][1]["kid"]

    assert [[key["kid"] for key in ring] for ring in rings] == [[old], [old, new], [new, old], [new]]


@pytest.mark.parametrize("name", ["PASSWORD_PEPPERS", "PIN_PEPPERS"])
def test_a_new_pepper_is_known_before_it_is_used(name: str) -> None:
    """The first of the ring is used: a new one stands behind it, then comes first; old ones stay until retired."""
    rings = [local.MAKERS[name]()]
    for _ in range(4):
        rings.append(secrets.rotated(name, rings[-1]))
    assert [list(json.loads(ring)) for ring in rings] == [
        ["1"],
        ["1", "2"],
        ["2", "1"],
        ["2", "1", "3"],
        ["3", "2", "1"],
    ]
    assert json.loads(rings[-1])["1"] == json.loads(rings[0])["1"]
    assert list(json.loads(secrets.retired(name, rings[-1]))) == ["3", "2"]


def test_pay_token_keys_are_at_most_two_and_known_before_they_sign() -> None:
    """The first of the ring signs; the one before it falls out when the next is made."""
    ring = local.MAKERS["PAY_TOKEN_KEYS"]()
    for expected in (["p1", "p2"], ["p2", "p1"], ["p2", "p3"], ["p3", "p2"]):
        ring = secrets.rotated("PAY_TOKEN_KEYS", ring)
        assert list(json.loads(ring)) == expected


def test_a_providers_new_key_is_there_at_once() -> None:
    """We only verify with it, so one step does: the provider begins to sign with it when told."""
    ring = secrets.rotated("PROVIDER_KEYS", local.MAKERS["PROVIDER_KEYS"]())
    assert list(json.loads(ring)) == ["bank2", "bank1"]


@pytest.mark.parametrize("name", sorted(local.MAKERS.keys() - {"DATABASE_PASSWORD"}))
def test_the_last_key_cannot_be_retired(name: str) -> None:
    """A secret with one key keeps it."""
    with pytest.raises(ValueError, match="one key"):
        secrets.retired(name, local.MAKERS[name]())


def test_every_secret_can_be_made() -> None:
    """Each secret of the map has a maker, which the local run uses as well."""
    assert set(secrets.names()) <= local.MAKERS.keys()


def revision(name: str, minute: int, ready: str = "True") -> dict[str, object]:
    """A revision as `gcloud run revisions list` shows it."""
    metadata = {"name": name, "creationTimestamp": f"2026-11-22T09:{minute:02}:00Z"}
    return {"metadata": metadata, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


def test_traffic_goes_back_to_the_last_revision_that_was_ready() -> None:
    """A revision that never became ready is passed over, and the oldest has nothing to go back to."""
    revisions = [revision("a", 1), revision("b", 2), revision("c", 3, ready="False"), revision("d", 4)]
    assert rollback.previous(revisions, "d") == "b"
    assert rollback.previous(revisions, "b") == "a"
    assert rollback.previous(revisions, "a") is None


def test_what_serves_is_what_has_the_traffic() -> None:
    """After a rollback the newest revision is there and serves nothing."""
    traffic = [{"revisionName": "d", "percent": 0}, {"revisionName": "b", "percent": 100}]
    assert rollback.serving({"status": {"traffic": traffic}}) == "b"
