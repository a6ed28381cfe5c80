"""Package what the cloud runs: one zip per function folder, and the build folder of the jobs (migrate, operate).

    python -m tools.package          writes build/functions/*.zip, build/migrate/ and build/manifest.json

A zip holds the folder's files at its root (main.py must stand there), the modules of shared/ that
they import, and requirements.txt. It is named by its content: Terraform redeploys a function when
a file in its zip has changed, and not before. The same content always gives the same bytes: files
are sorted, and their times and rights are fixed.

A failpoint's comment (tests/faults/failpoints.py) is left out: nothing of the tests reaches the cloud.
No bytecode is shipped: it would tie a zip to one minor version of Python. The cloud's builder
compiles, and terraform/functions.tf makes it do so in a form that is still valid at run time.
"""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path

from tools import requirements

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# The first time a zip can say; any fixed one would do.
EPOCH = (1980, 1, 1, 0, 0, 0)
FAILPOINT = re.compile(rb"^ *# failpoint: .*\n", re.MULTILINE)
LEFT_OUT = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def shared_files(sources: list[Path]) -> list[Path]:
    """Return the files of shared/ that the modules `sources` import, directly or through one another."""
    seen: set[Path] = set()
    waiting = list(sources)
    while waiting:
        names = [name for name in requirements.imports(waiting.pop()) if name.startswith("shared")]
        fresh = {path for name in names for path in requirements.shared_files(name)} - seen
        seen |= fresh
        waiting += fresh
    return sorted(seen)


def own_files(folder: Path) -> list[Path]:
    """Return the files of a function's folder, data files included."""
    found = (path for path in folder.rglob("*") if path.is_file() and not LEFT_OUT & set(path.parts))
    return sorted(path for path in found if path.suffix != ".pyc")


def contents(folder: Path) -> dict[str, bytes]:
    """Return what a function's zip holds: name in the zip → bytes."""
    own = own_files(folder)
    files = {path.relative_to(folder).as_posix(): path for path in own}
    files |= {path.relative_to(ROOT).as_posix(): path for path in shared_files([p for p in own if p.suffix == ".py"])}
    return {name: without_failpoints(path.read_bytes()) for name, path in sorted(files.items())}


def without_failpoints(source: bytes) -> bytes:
    """Return a file without the comments at which tests break the code: no deployment has them."""
    return FAILPOINT.sub(b"", source)


def digest(files: dict[str, bytes]) -> str:
    """Return twelve hex digits that change with any name or byte of `files`."""
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        whole.update(f"{name}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()[:12]


def write_zip(target: Path, files: dict[str, bytes]) -> None:
    """Write `files` as a zip whose bytes depend on nothing else."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def package_function(folder: Path, target: Path) -> Path:
    """Write a function folder's zip into `target` and return its path."""
    files = contents(folder)
    path = target / f"{folder.name}-{digest(files)}.zip"
    write_zip(path, files)
    return path


def package_migrate(target: Path) -> str:
    """Write the jobs' build folder and return the digest of its content."""
    sources = [ROOT / "shared" / f"{job}.py" for job in ("migrate", "operate", "redo")]
    modules = [*sources, *shared_files(sources), *sorted((ROOT / "shared").rglob("*.sql"))]
    files = {path.relative_to(ROOT).as_posix(): without_failpoints(path.read_bytes()) for path in modules}
    files |= {path.name: path.read_bytes() for path in sorted((ROOT / "terraform" / "migrate").iterdir())}
    for name, data in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    slice_ = requirements.slice_of(target / "shared").encode()
    (target / "requirements.txt").write_bytes(slice_)
    return digest({**files, "requirements.txt": slice_})


def main() -> None:
    """Write everything anew, and the manifest that Terraform reads."""
    shutil.rmtree(BUILD, ignore_errors=True)
    (BUILD / "functions").mkdir(parents=True)
    zips = {folder.name: package_function(folder, BUILD / "functions") for folder in requirements.folders()}
    manifest = {
        "functions": {name: path.relative_to(ROOT).as_posix() for name, path in zips.items()},
        "migrate": {"folder": "build/migrate", "hash": package_migrate(BUILD / "migrate")},
    }
    (BUILD / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in zips.values():
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")
    print(f"build/migrate  {manifest['migrate']['hash']}")


if __name__ == "__main__":
    main()
