"""Look for flaws in our own code with semgrep, bandit and detect-secrets, and first prove that they look.

    python -m tools.scan        exit 0: every rule was seen to fire, and nothing else was found

Each run scans, beside the code, samples that must be found (tools/scan_rules.yaml holds those of our
own rules): a scanner that passes them over is broken, and its "none" means nothing. A finding is
answered by a `noqa` of ruff's rule of the same number, which has its reason beside it, or stands in
tools/scan_known.toml with one.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".local/scan-venv/bin"
CACHE = ROOT / ".local/scan.json"
RULES = ROOT / "tools/scan_rules.yaml"
KNOWN = ROOT / "tools/scan_known.toml"
FOLDERS = ("functions", "shared", "tools", "emulators")
TIMEOUT_SECONDS = 300
# Hashes, pictures and drawings: nothing that a person wrote.
UNWRITTEN = (".png", ".svg", ".mjpeg", ".woff2", ".ico", "-lock.json")
# Put together here, so that this file holds none of what it looks for.
PLANTED = {
    "bandit": "import pickle\nimport sys\n\nprint(pickle.load(sys.stdin.buffer))\n",
    "secrets": 'AWS = "AKIA' + 'QWERTYUIOPASDFGH"\n',
}


class ScannerFailed(RuntimeError):
    """A scanner could not look at all."""


@dataclass(frozen=True)
class Finding:
    """One thing that a scanner does not like. `answer` is ruff's rule of the same meaning, if any."""

    rule: str
    path: str
    line: int
    answer: str = ""

    def text(self) -> str:
        """The line that it stands in."""
        lines = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        return lines[self.line - 1] if self.line <= len(lines) else ""


def rules() -> list[dict[str, Any]]:
    """Our own rules."""
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["rules"]
    return found


def plant(folder: Path) -> set[tuple[str, str]]:
    """Write the samples, and return what must be found of them: (rule, file)."""
    wanted = set()
    for rule in rules():
        for kind in ("bad", "good"):
            for number, text in enumerate(rule["metadata"][kind]):
                sample = folder / f"{kind}_{rule['id']}_{number}.py"
                sample.write_text(text + "\n", encoding="utf-8")
                wanted |= {(rule["id"], str(sample))} if kind == "bad" else set()
    (folder / "bandit.py").write_text(PLANTED["bandit"], encoding="utf-8")
    return wanted | {("B301", str(folder / "bandit.py")), ("secret", str(folder / "secrets.py"))}


def semgrep(folder: Path) -> list[Finding]:
    """What our own rules find."""
    options = ["--metrics=off", "--disable-version-check", "--quiet", "--json", "--config", str(RULES)]
    document = _run("semgrep", "scan", *options, *FOLDERS, str(folder))
    if document["errors"]:
        raise ScannerFailed(f"semgrep: {document['errors'][0]}")
    ours = {rule["id"]: rule["metadata"] for rule in rules()}
    found = [(r["check_id"].rpartition(".")[2], r["path"], r["start"]["line"]) for r in document["results"]]
    return [
        Finding(rule, path, line, ours[rule].get("answer", ""))
        for rule, path, line in found
        if path.startswith((str(folder), *ours[rule]["where"])) and path not in ours[rule].get("but", ())
    ]


def bandit(folder: Path) -> list[Finding]:
    """What bandit finds; ruff has its rules under the same numbers."""
    # Passwords in the text (B105 to B107) are looked for by detect-secrets, which knows them from words.
    options = ["--quiet", "--format", "json", "--skip", "B105,B106,B107", "--recursive"]
    document = _run("bandit", *options, *FOLDERS, str(folder / "bandit.py"))
    found = [Finding(r["test_id"], r["filename"].removeprefix("./"), r["line_number"]) for r in document["results"]]
    return [Finding(one.rule, one.path, one.line, f"S{one.rule[1:]}") for one in found]


def secrets(folder: Path) -> list[Finding]:
    """What looks like a secret in a file of the repository that was not looked at before."""
    files = [name for name in _tracked() if not name.endswith(UNWRITTEN) and (ROOT / name).is_file()]
    # Hashes: of packages, and of what is known.
    files = [name for name in files if not name.startswith("requirements/") and name != "tools/scan_known.toml"]
    seen = set(json.loads(CACHE.read_text()) if CACHE.exists() else [])
    marks = {name: _mark(name) for name in files}
    fresh = [name for name in files if marks[name] not in seen]
    planted = "build/planted.py"  # detect-secrets looks at nothing outside the folder that it runs in
    (ROOT / planted).parent.mkdir(exist_ok=True)
    (ROOT / planted).write_text(PLANTED["secrets"], encoding="utf-8")
    document = _run("detect-secrets", "-c", "2", "scan", "--no-verify", "--all-files", *fresh, planted)
    known = {digest for entry in tomllib.loads(KNOWN.read_text())["known"] for digest in entry["secrets"]}
    found = [
        Finding("secret", path if path != planted else str(folder / "secrets.py"), one["line_number"])
        for path, several in document["results"].items()
        for one in several
        if one["hashed_secret"] not in known
    ]
    clean = {mark for name, mark in marks.items() if name not in {one.path for one in found}}
    CACHE.write_text(json.dumps(sorted(clean)))
    return found


def _tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if listed.returncode == 0:
        return listed.stdout.splitlines()
    # An unpacked archive has no index, and nothing in it that was not tracked.
    beside = {".local", ".git", "node_modules", "build", "dist", "__pycache__"}
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not beside & set(path.relative_to(ROOT).parts)]


def _mark(name: str) -> str:
    """What a file's verdict depends on: its content and what is known."""
    return hashlib.sha256(KNOWN.read_bytes() + (ROOT / name).read_bytes()).hexdigest()


def _run(program: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [PROGRAMS / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )
    try:
        document: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise ScannerFailed(f"{program}: {done.stderr[-2000:]}") from error
    return document


def is_answered(finding: Finding) -> bool:
    """Whether the code says at that place, or ruff's settings for that folder, why it is right."""
    if not finding.answer:
        return False
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    folder = finding.path.partition("/")[0]
    everywhere = {*settings["ignore"], *settings["per-file-ignores"].get(f"{folder}/**", []), *OF_BANDIT_ALONE}
    return finding.answer in everywhere or (f"noqa: {finding.answer}" in finding.text())


# ruff keeps these two for its preview: importing subprocess is no flaw, and what is started without a
# shell is judged at the call (S603).
OF_BANDIT_ALONE = {"S404", "S606"}
SCANNERS: tuple[Callable[[Path], list[Finding]], ...] = (semgrep, bandit, secrets)


def scan() -> tuple[list[str], list[Finding]]:
    """The samples that were passed over, and the findings that nobody has answered."""
    with tempfile.TemporaryDirectory(prefix="scan-") as name, ThreadPoolExecutor(len(SCANNERS)) as pool:
        folder = Path(name)
        wanted = plant(folder)
        found = [one for several in pool.map(lambda scanner: scanner(folder), SCANNERS) for one in several]
        in_samples = {(one.rule, one.path) for one in found if one.path.startswith(name)}
        wrong = [f"{rule} is not found in {path}" for rule, path in sorted(wanted - in_samples)]
        wrong += [f"{rule} is found in {path}" for rule, path in sorted(in_samples) if "/good_" in path]
    return wrong, [one for one in found if not one.path.startswith(name) and not is_answered(one)]


def main() -> int:
    """Scan, and print what was found."""
    wrong, found = scan()
    for line in wrong:
        print(f"A scanner does not see what it must: {line}")
    for one in found:
        print(f"{one.path}:{one.line}: {one.rule}")
    if not wrong and not found:
        print(
            f"{len(rules())} rules of our own, bandit and detect-secrets: each was seen to fire, and nothing was found."
        )
    return 1 if wrong or found else 0


if __name__ == "__main__":
    sys.exit(main())
