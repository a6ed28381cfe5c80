"""Look for known vulnerabilities in what is locked, and first prove that the look works.

    python -m tools.audit       exit 0: looked, none; 1: found; 2: NOT RUN, for the control was not found

Each auditor is first given a package with a hole that has been public for years. One that calls it
clean has no data (a mirror without advisories, a network that answers nothing), and its "none" means
nothing: that is reported as not run, never as green.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ("functions.txt", "dev.txt", "bigquery.txt", "postgres.txt")
PYTHON_CONTROL = "jinja2==2.10\n"  # CVE-2019-10906
WEB_CONTROL = {"name": "control", "version": "1.0.0", "dependencies": {"minimist": "0.0.8"}}  # CVE-2020-7598
TIMEOUT_SECONDS = 300


def exits_clean(command: list[str], folder: Path) -> bool:
    """Return whether a command found nothing; what it says goes to the screen."""
    return subprocess.run(command, cwd=folder, check=False, timeout=TIMEOUT_SECONDS).returncode == 0


def python_auditor(folder: Path) -> list[str]:
    """Install pip-audit apart from everything that it judges, and return its command."""
    subprocess.run([sys.executable, "-m", "venv", folder / "auditor"], check=True, timeout=TIMEOUT_SECONDS)
    python = str(folder / "auditor" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pip-audit"], check=True, timeout=TIMEOUT_SECONDS)
    return [python, "-m", "pip_audit", "--no-deps", "--disable-pip", "--requirement"]


def audit_python(folder: Path) -> str:
    """Return "clean", "found" or "not run" for the Python locks."""
    auditor = python_auditor(folder)
    control = folder / "control.txt"
    control.write_text(PYTHON_CONTROL, encoding="utf-8")
    if exits_clean([*auditor, str(control)], folder):
        return "not run"
    clean = [exits_clean([*auditor, str(ROOT / "requirements" / lock)], folder) for lock in PYTHON_LOCKS]
    return "clean" if all(clean) else "found"


def audit_web(folder: Path) -> str:
    """Return "clean", "found" or "not run" for the web app's lock."""
    control = folder / "control"
    control.mkdir()
    (control / "package.json").write_text(json.dumps(WEB_CONTROL), encoding="utf-8")
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=control, check=True, timeout=TIMEOUT_SECONDS)
    if exits_clean(["npm", "audit"], control):
        return "not run"
    return "clean" if exits_clean(["npm", "audit", "--audit-level=moderate"], ROOT / "web") else "found"


def main() -> int:
    """Audit both locks and say what came of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcomes = {"python": audit_python(folder), "web": audit_web(folder)}
    for what, outcome in outcomes.items():
        print(f"{what}: {outcome.upper()}")
    return 2 if "not run" in outcomes.values() else int("found" in outcomes.values())


if __name__ == "__main__":
    sys.exit(main())
