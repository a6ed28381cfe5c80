"""The search for known vulnerabilities says "clean" only where it was seen to find one."""

import json
import os
from pathlib import Path

import pytest

from tools import audit

HOLE = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "CVE-2019-10906"}]}
SOUND = {"name": "flask", "version": "3.1.2", "vulns": []}


@pytest.mark.parametrize(
    ("control", "ours", "said"),
    [
        ({"jinja2": ["CVE"]}, [{}, {}], "clean"),
        ({"jinja2": ["CVE"]}, [{}, {"flask": ["CVE"]}], "found"),
        ({}, [{}], "not run"),
        (None, [{}], "not run"),
        ({"jinja2": ["CVE"]}, [{}, None], "not run"),
    ],
    ids=["clean", "found", "no data", "no answer to the control", "no answer to a lock"],
)
def test_a_look_counts_only_after_its_control_was_found(control, ours, said) -> None:
    """An auditor without data or without a network is not run: neither green nor a finding."""
    assert audit.outcome(control, lambda: ours) == said


def test_our_own_locks_are_not_looked_at_without_a_control() -> None:
    """What an auditor without data says of them is not even asked."""
    assert audit.outcome({}, lambda: pytest.fail("asked")) == "not run"


def program(folder: Path, name: str, text: str, code: int) -> None:
    """Put a program that prints `text` onto the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "code", "findings"),
    [
        (json.dumps({"dependencies": [HOLE, SOUND], "fixes": []}), 1, {"jinja2": ["CVE-2019-10906"]}),
        (json.dumps({"dependencies": [SOUND], "fixes": []}), 0, {}),
        ("ConnectionError: no advisories here", 1, None),
    ],
    ids=["a hole", "none", "an error"],
)
def test_pip_audit_is_believed_by_its_report_and_not_by_its_exit_code(tmp_path, text, code, findings) -> None:
    """It ends with 1 for a hole and for an error alike."""
    program(tmp_path, "auditor", text, code)
    assert audit.python_findings([str(tmp_path / "auditor")], tmp_path / "lock.txt") == findings


@pytest.mark.parametrize(
    ("said", "findings"),
    [
        ({"vulnerabilities": {"minimist": {"severity": "critical"}}}, {"minimist": ["critical"]}),
        ({"vulnerabilities": {"minimist": {"severity": "low"}}}, {}),
        ({"vulnerabilities": {}}, {}),
        ({"message": "405 Method Not Allowed", "error": {"summary": "", "detail": ""}}, None),
    ],
    ids=["a hole", "a small hole", "none", "a registry without advisories"],
)
def test_npm_audit_is_believed_by_its_report(tmp_path, monkeypatch, said, findings) -> None:
    """A registry that refuses the question is no finding."""
    program(tmp_path, "npm", json.dumps(said), 1)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert audit.web_findings(tmp_path) == findings


def test_every_lock_is_looked_at() -> None:
    """A new lock is audited without anybody's remembering it."""
    assert {path.name for path in audit.LOCKS} == {path.name for path in (audit.ROOT / "requirements").glob("*.txt")}
    assert len(audit.LOCKS) >= 4
