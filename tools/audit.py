"""Look for known vulnerabilities in what is locked, and first prove that the look works.

    python -m tools.audit       exit 0: looked, none; 1: found; 2: NOT RUN, for the control was not found

Each auditor is first given a package with a hole that has been public for years. One that calls it
clean has no data (a mirror without advisories), and one that gives no report could not ask (a network
that refuses): either way its answer about our own locks means nothing, and that is reported as not run,
never as green and never as a finding.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PYTHON_CONTROL = "jinja2==2.10\n"  # CVE-2019-10906
WEB_CONTROL = {"name": "control", "version": "1.0.0", "dependencies": {"minimist": "0.0.8"}}  # CVE-2020-7598
TIMEOUT_SECONDS = 300

# What an auditor found: package → ids; None where it gave no report.
Findings = dict[str, list[str]] | None


def report(command: list[str], folder: Path) -> Any:
    """Return the JSON that a command prints, whatever its exit code says; None where there is none."""
    done = subprocess.run(command, cwd=folder, check=False, timeout=TIMEOUT_SECONDS, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(done.stderr[-500:])
        return None


def python_findings(auditor: list[str], requirements: Path) -> Findings:
    """Return what pip-audit finds in a requirements file."""
    said = report([*auditor, str(requirements)], requirements.parent)
    if not isinstance(said, dict) or "dependencies" not in said:
        return None
    found = {one["name"]: [hole["id"] for hole in one.get("vulns", [])] for one in said["dependencies"]}
    return {name: holes for name, holes in found.items() if holes}


def web_findings(folder: Path) -> Findings:
    """Return what npm audit finds in a folder's lock, from moderate severity on."""
    said = report(["npm", "audit", "--json", "--audit-level=moderate"], folder)
    if not isinstance(said, dict) or "vulnerabilities" not in said:
        return None
    return {name: [one["severity"]] for name, one in said["vulnerabilities"].items() if one["severity"] != "low"}


def outcome(control: Findings, ours: Callable[[], list[Findings]]) -> str:
    """Return "clean", "found" or "not run"; our own locks are looked at only after the control was found."""
    if not control:
        return "not run"
    looked = ours()
    if None in looked:
        return "not run"
    for findings in looked:
        for name, holes in (findings or {}).items():
            print(f"  {name}: {', '.join(holes)}")
    return "found" if any(looked) else "clean"


def audit_python(folder: Path) -> str:
    """Audit every lock by pip-audit, installed apart from everything that it judges."""
    subprocess.run([sys.executable, "-m", "venv", folder / "auditor"], check=True, timeout=TIMEOUT_SECONDS)
    python = str(folder / "auditor" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pip-audit"], check=True, timeout=TIMEOUT_SECONDS)
    auditor = [python, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format=json", "--requirement"]
    control = folder / "control.txt"
    control.write_text(PYTHON_CONTROL, encoding="utf-8")
    return outcome(python_findings(auditor, control), lambda: [python_findings(auditor, lock) for lock in LOCKS])


def audit_web(folder: Path) -> str:
    """Audit the web app's lock by npm."""
    control = folder / "control"
    control.mkdir()
    (control / "package.json").write_text(json.dumps(WEB_CONTROL), encoding="utf-8")
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=control, check=True, timeout=TIMEOUT_SECONDS)
    return outcome(web_findings(control), lambda: [web_findings(ROOT / "web")])


def main() -> int:
    """Audit both kinds of locks and say what came of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcomes = {"python": audit_python(folder), "web": audit_web(folder)}
    for what, became in outcomes.items():
        print(f"{what}: {became.upper()}")
    return 2 if "not run" in outcomes.values() else int("found" in outcomes.values())


if __name__ == "__main__":
    sys.exit(main())
