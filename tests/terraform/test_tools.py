"""Secrets are made and rotated, and traffic is moved back, through gcloud and without showing a value."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from emulators import secrets as local
from tests.terraform.conftest import ROOT
from tools import deploy, rollback, secrets

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
    newest_first = "--sort-by=~createTime" in words
    print("\\n".join([path.suffix[1:] for path in versions][::-1 if newest_first else 1][: 1 if "--limit=1" in words else None]))
    sys.exit(0 if versions or not newest_first else 1)
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


def test_a_deployment_after_a_rotation_names_the_new_version(tool: Callable[..., str], store: Path) -> None:
    """Terraform is given each secret's newest version as a number: a rotated one differs, so instances start anew."""
    assert secrets.newest("wallet-test") == {}, "an empty project has no secret yet"
    tool("fill")
    tool("rotate", "SIGNING_KEYS")
    assert secrets.newest("wallet-test") == dict.fromkeys(secrets.names(), "1") | {"SIGNING_KEYS": "2"}
    assert "--filter=state=ENABLED" in (store / "calls").read_text()


@pytest.mark.parametrize("action", ["plan", "deploy"])
def test_plan_and_deployment_give_terraform_the_versions(
    action: str, tool: Callable[..., str], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both run Terraform with the same versions, and a deployment tells a hosted job when it began."""
    tool("fill")
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(deploy, "run", lambda *words: ran.append(words))
    monkeypatch.setattr(sys, "argv", ["deploy", action])
    for name, value in {"TF_VAR_project_id": "p", "TF_VAR_domain": "w.example.id", "CI": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_OUTPUT", str(store / "outputs"))
    deploy.main()

    (given,) = [word for word in ran[-1] if word.startswith("-var=secret_versions=")]
    assert json.loads(given.split("=", 2)[2]) == dict.fromkeys(secrets.names(), "1")
    assert (store / "outputs").exists() == (action == "deploy")


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


@pytest.mark.parametrize(("since", "moved"), [("09:02:30", []), ("09:01:30", ["--to-revisions=a=100"])])
def test_what_the_deployment_did_not_change_keeps_its_revision(
    since: str, moved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A serving revision from before the deployment is the release before already: going back would lose that, too."""
    said: list[str] = []
    answers = {
        "describe": {"status": {"traffic": [{"revisionName": "b", "percent": 100}]}},
        "list": [revision("a", 1), revision("b", 2)],
    }
    monkeypatch.setattr(rollback, "ask", lambda *words: (said.extend(words), answers.get(words[1]))[1])
    rollback.go_back("transfers-api", [], datetime.fromisoformat(f"2026-11-22T{since}Z"))
    assert [word for word in said if word.startswith("--to-revisions")] == moved


def test_only_a_deployment_can_be_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is none of the map's is refused before anything is asked of Google."""
    monkeypatch.setattr(sys, "argv", ["rollback", "--project=p", "--region=r", "transfers-api; reboot"])
    with pytest.raises(SystemExit) as refused:
        rollback.main()
    assert refused.value.code == 2


def test_what_serves_is_what_has_the_traffic() -> None:
    """After a rollback the newest revision is there and serves nothing."""
    traffic = [{"revisionName": "d", "percent": 0}, {"revisionName": "b", "percent": 100}]
    assert rollback.serving({"status": {"traffic": traffic}}) == "b"
