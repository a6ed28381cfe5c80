"""Run mypy --strict over shared/ and over each function's folder, as functions-framework sees it.

Every folder has a main.py and may have modules of the same name as another's, so each is checked
in a run of its own with that folder on the path and a cache of its own.

    python -m tools.typecheck [shared] [transfers] …      all of them where none is named
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def targets(names: list[str]) -> list[Path]:
    """Return the folders that hold a name of `names`, or all that are to be checked."""
    functions = sorted(main.parent for main in (ROOT / "functions").glob("*/main.py"))
    return [folder for folder in [ROOT / "shared", *functions] if not names or folder.name in names]


def check(folder: Path) -> tuple[int, str]:
    """Return mypy's exit code and words for one folder."""
    environment = os.environ | {"MYPYPATH": f"{ROOT}:{folder}"} if folder.name != "shared" else dict(os.environ)
    cache = ROOT / ".mypy_cache" / folder.name
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), str(folder)]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def main() -> int:
    """Check the folders, two at a time, and print what mypy says of each."""
    folders = targets(sys.argv[1:])
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(check, folders))
    for folder, (_, words) in zip(folders, results, strict=True):
        print(f"{folder.relative_to(ROOT)}: {words}", end="")
    return max(code for code, _ in results)


if __name__ == "__main__":
    sys.exit(main())
