"""What tests share: real parts, started once per session and only when a test asks for them.

`postgres`, `firestore`, `pubsub` and `bigquery` are servers of this session; `database` is a
migrated database of the test module's own; `deployment` loads a function's file against them.
"""

import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import bcrypt
import pytest
from flask.testing import FlaskClient
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from emulators import bigquery as bigquery_emulator
from emulators import environment as environments
from emulators import firestore as firestore_emulator
from emulators import postgres as postgres_server
from emulators import pubsub as pubsub_emulator
from emulators import secrets as local_secrets
from emulators.environment import Stack
from emulators.part import Part
from emulators.postgres import Postgres
from tests.deployment import Deployment
from tests.tokens import Signer

TEMPLATE = "wallet_template"

# Generated cases take as long as they take, and are the same at each run; `make soak` goes other ways each time.
settings.register_profile("ours", deadline=None, derandomize=not os.environ.get("SOAK"), print_blob=True)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A directory of this session that another user may enter (PostgreSQL does not run as root)."""
    with tempfile.TemporaryDirectory(prefix="e-wallet-lite-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def secrets() -> dict[str, str]:
    """Fresh secrets, as Secret Manager would give them."""
    return local_secrets.generate()


@pytest.fixture(scope="session")
def signer(secrets: dict[str, str]) -> Signer:
    """Signs tokens with the key whose public half the session's JWKS shows."""
    return Signer(secrets)


@pytest.fixture(scope="session")
def jwks_url(secrets: dict[str, str]) -> Iterator[str]:
    """A server that publishes the public keys, as `identity` does."""
    document = json.dumps(local_secrets.public_keys(secrets)).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    server.shutdown()


@pytest.fixture(scope="session")
def postgres(directory: Path) -> Iterator[Postgres]:
    """A server of this session, without fsync: durability has tests that start their own."""
    server = postgres_server.start(directory / "postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(postgres: Postgres, secrets: dict[str, str]) -> str:
    """The name of a database with every migration, routine, view and grant in it, to be copied."""
    postgres_server.migrate(postgres, TEMPLATE, environments.logins(), secrets["DATABASE_PASSWORD"])
    return TEMPLATE


@pytest.fixture(scope="session")
def new_database(postgres: Postgres, template: str) -> Callable[[], str]:
    """Make one more migrated database, about 0.1 s, and return its name."""

    def create() -> str:
        name = f"wallet_{uuid4().hex[:12]}"
        connection = postgres.connect()
        connection.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        connection.close()
        return name

    return create


@pytest.fixture(scope="module")
def database(postgres: Postgres, new_database: Callable[[], str]) -> Iterator[str]:
    """The name of a migrated database of this test module's own."""
    name = new_database()
    yield name
    connection = postgres.connect()
    connection.run(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@pytest.fixture(scope="session")
def firestore(directory: Path) -> Iterator[Part]:
    """Google's Firestore emulator; FIRESTORE_EMULATOR_HOST names it."""
    part = firestore_emulator.start(directory / "firestore")
    os.environ |= {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{part.port}", "FIRESTORE_DATABASE": "(default)"}
    os.environ["GOOGLE_CLOUD_PROJECT"] = environments.PROJECT
    yield part
    part.stop()


@pytest.fixture(scope="session")
def pubsub(directory: Path) -> Iterator[Part]:
    """Google's Pub/Sub emulator, empty; PUBSUB_EMULATOR_HOST names it."""
    part = pubsub_emulator.start(directory / "pubsub")
    os.environ |= {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{part.port}", "GOOGLE_CLOUD_PROJECT": environments.PROJECT}
    yield part
    part.stop()


@pytest.fixture(scope="session")
def bigquery(directory: Path) -> Iterator[Part]:
    """The BigQuery emulator, empty; BIGQUERY_EMULATOR_HOST names it."""
    part = bigquery_emulator.start(directory / "bigquery", project=environments.PROJECT)
    os.environ |= {"BIGQUERY_EMULATOR_HOST": part.url, "BIGQUERY_DATASET": environments.DATASET}
    os.environ |= {"GOOGLE_CLOUD_PROJECT": environments.PROJECT, "BIGQUERY_LOCATION": "asia-southeast2"}
    yield part
    part.stop()


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, secrets: dict[str, str], jwks_url: str) -> Stack:
    """Where the parts of this module's stack are; `deployment` starts what a deployment needs."""
    return Stack(secrets, jwks_url=jwks_url)


@pytest.fixture(scope="module")
def database_stack(stack: Stack, postgres: Postgres, database: str) -> Stack:
    """`stack` with the module's database in it."""
    stack.database_port, stack.database_name = postgres.port, database
    return stack


@pytest.fixture(scope="module")
def load(request: pytest.FixtureRequest, stack: Stack) -> Callable[..., Deployment]:
    """Load a deployment: `load("transfers", "api")`; starts what functions/deployments.json says it uses."""

    def load_deployment(folder: str, entry_point: str, **more: str) -> Deployment:
        name = f"{folder}-{entry_point}"
        described = environments.deployments()[name]
        if described["database_role"]:
            request.getfixturevalue("database_stack")
        for service in described["google"]:
            part = request.getfixturevalue(service)
            setattr(stack, service, part.url if service == "bigquery" else f"127.0.0.1:{part.port}")
        return Deployment(folder, entry_point, stack.of(name) | more)

    return load_deployment


@pytest.fixture(scope="module")
def deployment(load: Callable[..., Deployment]) -> Callable[..., FlaskClient]:
    """The test client of a deployment: `deployment("transfers", "api")`, with more variables by keyword."""

    def client(folder: str, entry_point: str, **more: str) -> FlaskClient:
        return load(folder, entry_point, **more).app.test_client()

    return client


@pytest.fixture
def bcrypt_rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rounds of each check of a secret from now on: bcrypt's work, whatever the machine does beside it."""
    rounds: list[int] = []
    honest = bcrypt.checkpw

    def counted(secret: bytes, hashed: bytes) -> bool:
        rounds.append(2 ** int(hashed.split(b"$")[2]))
        return honest(secret, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return rounds


@pytest.fixture(scope="module")
def environment(database_stack: Stack) -> Iterator[Callable[[str], None]]:
    """Put a deployment's variables into this process, for tests that import `shared` themselves.

    `environment("transfers-api")` makes `shared.db` connect as `transfers` to the module's database.
    """
    before = dict(os.environ)

    def use(name: str) -> None:
        os.environ.update(database_stack.of(name))
        if "shared.pool" in sys.modules:
            sys.modules["shared.pool"].pool.cache_clear()

    yield use
    os.environ.clear()
    os.environ.update(before)
    if "shared.pool" in sys.modules:
        sys.modules["shared.pool"].pool.cache_clear()
