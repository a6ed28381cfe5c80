"""Break the code on purpose, one small change at a time, and see the named test fail.

    python -m tools.mutants             every mutant of tests/mutants/*.toml
    python -m tools.mutants ledger      those of one file, or whose name holds the word

A mutant is a table [[mutant]] with `name`, `file`, `find` (must stand there exactly once), `replace`
and `killed_by`, a pytest node id. The tree is copied and the copy is broken; nothing here changes.
All named tests must pass on the copy before it is broken: a test that always fails kills nothing.
A mutant of web/src is seen by tests/e2e: the copy's app is built anew, because its sources differ.
"""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A mutant may make a test wait for what never comes; the slowest honest one takes under two minutes.
TIMEOUT_SECONDS = 240
WORKERS = max(1, (os.cpu_count() or 2) // 2)
TESTS_FAILED = 1  # pytest's exit code where it ran tests and some failed


@dataclass(frozen=True)
class Mutant:
    """One change that a test must notice."""

    name: str
    file: str
    find: str
    replace: str
    killed_by: str
    origin: str


def mutants() -> list[Mutant]:
    """Every mutant of tests/mutants/*.toml."""
    found = []
    for path in sorted((ROOT / "tests/mutants").glob("*.toml")):
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            known = {key: value for key, value in table.items() if key != "why"}
            found.append(Mutant(**known, origin=path.stem))
    return found


def copy_tree(directory: Path) -> Path:
    """A copy of the tracked and the new files, with the installed tools linked in."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, directory / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for installed in (".local", "web/node_modules"):
        (directory / installed).symlink_to(ROOT / installed)
    return directory


def run_tests(directory: Path, *nodes: str) -> tuple[int, str]:
    """Pytest's exit code and output for these tests of the copy in `directory`."""
    # `-m ""`: a test that is named runs, though it is among the long ones.
    options = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "-m", ""]
    command = [sys.executable, "-m", "pytest", *options, *nodes]
    limit = TIMEOUT_SECONDS * max(1, len(nodes) // 4)
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, check=False, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return TESTS_FAILED, "1 failed: it never ended"
    return done.returncode, done.stdout + done.stderr


def verdict(mutant: Mutant, directory: Path) -> str:
    """`killed`, or why the mutant lives; the copy is whole again afterwards."""
    path = directory / mutant.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(mutant.find) != 1:
        return f"stale: `find` stands {whole.count(mutant.find)} times in {mutant.file}"
    path.write_text(whole.replace(mutant.find, mutant.replace), encoding="utf-8")
    try:
        code, output = run_tests(directory, mutant.killed_by)
    finally:
        path.write_text(whole, encoding="utf-8")
    if code == TESTS_FAILED and " failed" in output:
        return "killed"
    return f"alive (pytest says {code}):\n{output[-1500:]}"


def judge(chosen: list[Mutant]) -> dict[str, str]:
    """The verdict on each mutant, several at a time, each on a copy of its own."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(WORKERS):
            (Path(name) / str(number)).mkdir()
            copies.put(copy_tree(Path(name) / str(number)))
        Path(name).chmod(0o755)  # PostgreSQL runs as another user and must get through

        def one(mutant: Mutant) -> tuple[str, str]:
            directory = copies.get()
            try:
                answer = verdict(mutant, directory)
            finally:
                copies.put(directory)
            print(f"{'✓' if answer == 'killed' else '✗'} {mutant.origin}: {mutant.name}", flush=True)
            return mutant.name, answer

        first = copies.get()
        code, output = run_tests(first, *sorted({mutant.killed_by for mutant in chosen}))
        copies.put(first)
        if code:
            return {"the tests themselves, unbroken": output[-3000:]}
        with ThreadPoolExecutor(WORKERS) as pool:
            return dict(pool.map(one, chosen))


def main(*words: str) -> int:
    """Judge the chosen mutants; print n/n, and 1 where one lives."""
    every = mutants()
    origins = {mutant.origin for mutant in every}
    chosen = [m for m in every if not words or any(w == m.origin or (w not in origins and w in m.name) for w in words)]
    answers = judge(chosen)
    alive = {name: answer for name, answer in answers.items() if answer != "killed"}
    for name, answer in alive.items():
        print(f"\n{name}: {answer}")
    print(f"{len(answers) - len(alive)}/{len(chosen)}")
    return 1 if alive or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
