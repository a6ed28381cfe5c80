"""Install and build the web app, each only when what it is made from has changed."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from emulators.part import base_environment
from emulators.state import ROOT

WEB = ROOT / "web"
NEXT = ROOT / "build" / "web-next"
STAMPS = ROOT / ".local" / "stamps"
# Beside what was built, and not with the tools: copies of the tree may share those, each with a build of its own.
BUILT = ROOT / "build" / "web.stamp"
INSTALLED = STAMPS / "web-install"
INSTALL_INPUTS = ("package.json", "package-lock.json", ".npmrc")
BUILD_INPUTS = ("src", "public", "scripts", "vite", "index.html", "package.json", "package-lock.json")
BUILD_INPUTS += ("vite.config.ts", "lingui.config.ts", "tsconfig.json", "../openapi.yaml")
# `npm run generate` writes these from openapi.yaml: they are output, not input.
GENERATED = ("api-types.ts", "openapi.generated.json")
INSTALL_SECONDS = 600
BUILD_SECONDS = 180
EXCERPT_LINES = 12


class WebBuildFailed(RuntimeError):
    """npm did not succeed; the message ends with what it said."""


def build() -> None:
    """Make web/dist from the sources where it is missing or old. Two runs of one checkout take turns."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install()
        digest = _digest(BUILD_INPUTS)
        if _stamped(BUILT, digest) and (WEB / "dist" / "index.html").exists():
            return
        _build()
        BUILT.write_text(digest)


def _build() -> None:
    """Build beside web/dist and put the result in its place: a run that serves the old one never meets a hole."""
    shutil.rmtree(NEXT, ignore_errors=True)
    _npm(["run", "build", "--", "--outDir", os.path.relpath(NEXT, WEB), "--emptyOutDir"], BUILD_SECONDS)
    old = NEXT.with_name("web-old")
    shutil.rmtree(old, ignore_errors=True)
    if (WEB / "dist").exists():
        (WEB / "dist").rename(old)
    NEXT.rename(WEB / "dist")
    shutil.rmtree(old, ignore_errors=True)


def install() -> None:
    """Install the locked packages of web/ where they changed."""
    digest = _digest(INSTALL_INPUTS)
    if not _stamped(INSTALLED, digest) or not (WEB / "node_modules").exists():
        _npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], INSTALL_SECONDS)
        INSTALLED.write_text(digest)


def _stamped(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def _digest(inputs: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in inputs:
        for file in _files(WEB / name):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    path = path.resolve()
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.name not in GENERATED)


def _npm(arguments: list[str], timeout_seconds: int) -> None:
    npm = shutil.which("npm", path=os.environ.get("PATH", os.defpath))
    if npm is None:
        raise WebBuildFailed("npm was not found. Type: apt-get install nodejs npm")
    done = subprocess.run(
        [npm, *arguments], cwd=WEB, env=base_environment() | {"CI": "true"}, stdin=subprocess.DEVNULL,
        check=False, capture_output=True, text=True, timeout=timeout_seconds,
    )  # fmt: skip
    if done.returncode != 0:
        raise WebBuildFailed(f"npm {' '.join(arguments)} failed:\n{_excerpt(done.stdout + done.stderr)}")


def _excerpt(text: str) -> str:
    """The first and the last lines of what npm said: the cause stands in one of them, usage in between."""
    lines = text.splitlines()
    if len(lines) <= 2 * EXCERPT_LINES:
        return text
    return "\n".join([*lines[:EXCERPT_LINES], "…", *lines[-EXCERPT_LINES:]])


if __name__ == "__main__":
    build()
