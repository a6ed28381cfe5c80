"""Slice requirements/functions.txt into one requirements.txt per function.

A function installs what it imports, itself or through the modules of shared/ that it imports,
and what those libraries need: the lock's own `# via` notes say which. Less to install is less to
load, to patch and to trust.

    python -m tools.requirements            write functions/*/requirements.txt
    python -m tools.requirements --check    write nothing; exit 1 where one is stale or a lock is not in order
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "functions.txt"
HEADER = (
    "# Made by tools/requirements.py from requirements/functions.txt: what this folder imports, and what that needs.\n"
)

# The distributions behind an import, longest match first. PyJWT loads cryptography on its own,
# by name, when a key is an elliptic curve's.
DISTRIBUTIONS = {
    "bcrypt": {"bcrypt"},
    "cryptography": {"cryptography"},
    "flask": {"flask"},
    "functions_framework": {"functions-framework"},
    "google.api_core": {"google-api-core"},
    "google.auth": {"google-auth"},
    "google.auth.transport.requests": {"google-auth", "requests"},
    "google.cloud.bigquery": {"google-cloud-bigquery"},
    "google.cloud.firestore": {"google-cloud-firestore"},
    "google.cloud.firestore_v1": {"google-cloud-firestore"},
    "google.cloud.pubsub": {"google-cloud-pubsub"},
    "google.cloud.pubsub_v1": {"google-cloud-pubsub"},
    "google.cloud.sql.connector": {"cloud-sql-python-connector"},
    "google.oauth2": {"google-auth", "requests"},
    "google.protobuf": {"protobuf"},
    "google.pubsub_v1": {"google-cloud-pubsub"},
    "grpc": {"grpcio"},
    "jwt": {"pyjwt", "cryptography"},
    "msgspec": {"msgspec"},
    "opentelemetry": {"opentelemetry-api", "opentelemetry-sdk"},
    "opentelemetry.exporter.otlp.proto.http": {"opentelemetry-exporter-otlp-proto-http"},
    "pg8000": {"pg8000"},
    "pywebpush": {"pywebpush"},
    "qrcode": {"qrcode"},
    "requests": {"requests"},
    "werkzeug": {"werkzeug"},
}


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def shared_files(name: str) -> list[Path]:
    """Return the files of shared/ that importing `name` (such as `shared.ledger.transfer`) runs."""
    found = []
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        stem = ROOT.joinpath(*parts[:length])
        found += [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]
    return found


def reached(folder: Path) -> set[str]:
    """Return every name that the folder's modules import, through shared/ as well."""
    names: set[str] = set()
    waiting = sorted(folder.glob("*.py"))
    seen = set(waiting)
    while waiting:
        for name in imports(waiting.pop()):
            names.add(name)
            fresh = set(shared_files(name)) - seen if name.startswith("shared") else set()
            seen |= fresh
            waiting += fresh
    return names


def distributions(folder: Path) -> set[str]:
    """Return the distributions that a function's folder imports; raises KeyError for one that is not known here."""
    own = {path.stem for path in folder.glob("*.py")}
    found = {"functions-framework"}
    for name in reached(folder):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or top == "shared" or top in own:
            continue
        found |= DISTRIBUTIONS[next(known for known in prefixes(name) if known in DISTRIBUTIONS)]
    return found


def prefixes(name: str) -> Iterator[str]:
    """Yield `a.b.c`, `a.b`, `a`; then raise KeyError, for what nobody has placed yet."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])
    raise KeyError(f"{name}: say in tools/requirements.py which distribution it is of")


def blocks(lock: Path) -> dict[str, str]:
    """Return the lock's entries by distribution: the pin, its hashes, and who wants it."""
    found = {}
    for block in re.split(r"\n(?=[a-z])", lock.read_text(encoding="utf-8").strip()):
        if name := re.match(r"[a-z0-9._-]+", block):
            found[name[0]] = block
    return found


def wanted_by(block: str) -> set[str]:
    """Return the names in an entry's `# via` notes."""
    return set(re.findall(r"^    #(?: via)? +([a-z0-9][a-z0-9._-]*)$", block, re.MULTILINE))


def slice_of(folder: Path) -> str:
    """Return the text of a function's requirements.txt."""
    entries = blocks(LOCK)
    wanted = distributions(folder)
    grown = True
    while grown:
        more = {name for name, block in entries.items() if wanted_by(block) & wanted} - wanted
        grown = bool(more)
        wanted |= more
    return HEADER + "".join(without_notes(entries[name]) for name in sorted(wanted))


def without_notes(block: str) -> str:
    """Return a lock's entry without its `# via` lines."""
    return "".join(f"{line}\n" for line in block.splitlines() if not line.lstrip().startswith("#"))


def folders() -> list[Path]:
    """Return the functions' folders."""
    return sorted(main.parent for main in (ROOT / "functions").glob("*/main.py"))


def stale() -> list[str]:
    """Return the functions whose requirements.txt is missing or is not what it would be made as."""
    wrong = []
    for folder in folders():
        path = folder / "requirements.txt"
        if not path.exists() or path.read_text(encoding="utf-8") != slice_of(folder):
            wrong.append(f"{path.relative_to(ROOT)} is stale: run `make requirements`")
    return wrong


def asked(source: Path) -> set[str]:
    """Return the distributions that an .in file names."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return {found[0] for line in lines if (found := re.match(r"[a-z0-9][a-z0-9._-]*", line.strip().lower()))}


def disorder(lock: Path) -> list[str]:
    """Return what is wrong with a lock: an address, a pin without hashes, or not what its .in file asks for."""
    text = lock.read_text(encoding="utf-8")
    entries = blocks(lock)
    wrong = [f"{lock.name} holds an address" for _ in re.finditer(r"://|--[a-z-]*index|--find-links", text)][:1]
    wrong += [
        f"{lock.name}: {name} is not pinned with hashes"
        for name, block in entries.items()
        if not re.match(rf"{re.escape(name)}==\S+", block) or "--hash=sha256:" not in block
    ]
    source = lock.with_suffix(".in")
    noted = f"-r requirements/{source.name}"
    direct = {name for name, block in entries.items() if noted in block}
    wrong += [f"{source.name} and {lock.name} differ: {name}" for name in sorted(direct ^ asked(source))]
    return wrong


def main() -> int:
    """Write the slices, or check them."""
    if "--check" in sys.argv[1:]:
        wrong = stale() + [line for lock in sorted(LOCK.parent.glob("*.txt")) for line in disorder(lock)]
        print("\n".join(wrong) or "requirements are in order")
        return 1 if wrong else 0
    for folder in folders():
        (folder / "requirements.txt").write_text(slice_of(folder), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
