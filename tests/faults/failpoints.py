"""failpoints — named points of the deployed code at which a test may kill it, hold it, or cut its connection.

In the sources a point is a comment, `# failpoint: transfers.before_answer`, and nothing else: a
process that is started as it is deployed runs past it without a single instruction, and
tools/package leaves these comments out of the zips. Only where a test puts tests/faults/site on
PYTHONPATH and names a directory in FAILPOINTS does `install` turn the comments into calls of `reach`.

A point is armed by a file of its name in that directory, whose text says what happens there, once:
`kill` (the whole instance, as kill -9 does), `drop` (a cut connection) or `sleep <seconds>`. The file
is taken away by a rename, so of any number of threads and processes one fires it.
"""

import os
import re
import signal
import time
from collections import Counter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = (f"{ROOT / 'functions'}{os.sep}", f"{ROOT / 'shared'}{os.sep}")
MARKER = re.compile(r"^( *)# failpoint: ([a-z_.]+)$", re.MULTILINE)
FIRED = "fired"
CALL = "__import__('tests.faults.failpoints', fromlist=['reach']).reach"


def transform(source: str) -> str:
    """Return `source` with each marker turned into a call on the same line."""
    return MARKER.sub(rf"\1{CALL}('\2')", source)


def points() -> dict[str, Path]:
    """Every point of the deployed code: its name → the file it stands in."""
    found: dict[str, Path] = {}
    for folder in DEPLOYED:
        for path in sorted(Path(folder).rglob("*.py")):
            for _, name in MARKER.findall(path.read_text(encoding="utf-8")):
                assert name not in found, f"{name} stands twice"
                found[name] = path
    return found


def install() -> None:
    """Load the deployed code with its points from now on, armed by the files of the directory FAILPOINTS."""
    load = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
        # Never through a .pyc: what is compiled here must not be what a deployment finds later.
        path = str(loader.get_filename(fullname))
        if not os.path.realpath(path).startswith(DEPLOYED):
            return load(loader, fullname)
        return compile(transform(loader.get_data(path).decode()), path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def reach(name: str) -> None:
    """Do what the file of this point says, if there is one: K_SERVICE@point first, then the bare point."""
    directory = Path(os.environ["FAILPOINTS"])
    for armed in (f"{os.environ.get('K_SERVICE', '')}@{name}", name):
        taken = directory / FIRED / f"{armed} {os.getpid()} {time.monotonic_ns()}"
        try:
            (directory / armed).rename(taken)
        except OSError:
            continue
        _fire(taken.read_text())
        return


def _fire(action: str) -> None:
    verb, _, value = action.partition(" ")
    if verb == "kill":
        # The group: a server's parent would start a new worker at once, which a lost machine does not do.
        os.killpg(os.getpgid(0), signal.SIGKILL)
    elif verb == "drop":
        raise ConnectionResetError("failpoint")
    else:
        assert verb == "sleep", action
        time.sleep(float(value))


class Board:
    """The test's side: arm and disarm points, and count what has fired."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / FIRED).mkdir(parents=True, exist_ok=True)
        for folder in (directory, directory / FIRED):
            folder.chmod(0o777)

    @property
    def environment(self) -> dict[str, str]:
        """What a process must be started with to have points."""
        path = os.pathsep.join([str(Path(__file__).parent / "site"), str(ROOT)])
        return {"PYTHONPATH": path, "FAILPOINTS": str(self.directory)}

    def arm(self, name: str, action: str, *, service: str = "") -> Path:
        """Let the next arrival at `name` (in `service` alone, where one is named) do `action`; return its file."""
        path = self.directory / (f"{service}@{name}" if service else name)
        draft = self.directory / FIRED / ".draft"
        draft.write_text(action)
        draft.rename(path)
        return path

    def disarm(self) -> None:
        """Take back everything that has not fired."""
        for path in self.directory.iterdir():
            if path.is_file():
                path.unlink(missing_ok=True)

    def fired(self, action: str = "") -> Counter[str]:
        """How often each point has fired, of the actions that begin with `action`."""
        found: Counter[str] = Counter()
        for path in (self.directory / FIRED).iterdir():
            if path.name != ".draft" and path.read_text().startswith(action):
                found[path.name.split(" ")[0].split("@")[-1]] += 1
        return found
