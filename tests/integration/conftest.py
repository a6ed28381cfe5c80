"""What the tests of money share: wallets with a balance, and people who call."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection
from werkzeug.test import TestResponse

from emulators.environment import OPERATOR, PROJECT, ROOT, Stack
from emulators.part import Part, base_environment
from emulators.postgres import Postgres
from tests.faults.calls import Calls
from tests.tokens import Signer

OpenWallet = Callable[..., "Person"]
Break = Callable[[str, str], None]


class Person(NamedTuple):
    """A user with a wallet."""

    user_id: UUID
    number: str


@pytest.fixture(scope="module")
def owner(postgres: Postgres, database: str) -> Any:
    """The database owner's connection: for setting the scene and for looking behind the routines."""
    connection = postgres.connect(database)
    yield connection
    connection.close()


@pytest.fixture
def break_routine(owner: Connection) -> Iterator[Break]:
    """Let a routine fail: `break_routine("identity/settle_attempts", "57P01")`; it is whole again afterwards."""
    broken: list[Path] = []

    def replace(name: str, sqlstate: str) -> None:
        schema, _, routine = name.partition("/")
        file = ROOT / "shared" / schema / "routines" / f"{routine}.sql"
        broken.append(file)
        head = file.read_text(encoding="utf-8").partition("\nLANGUAGE ")[0]
        fault = f"BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '{sqlstate}'; END"
        owner.run(f"{head} LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$ {fault} $$")

    yield replace
    for file in broken:
        owner.execute_simple(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def open_wallet(owner: Connection) -> OpenWallet:
    """Open a wallet, with a balance that a real top-up brings: `open_wallet(balance=50_000, name="Dewi")`."""

    def create(balance: int = 0, name: str = "Dewi Lestari") -> Person:
        user_id = uuid4()
        [[number]] = owner.run("SELECT ledger.open_account(:u, :n)", u=user_id, n=name)
        if balance:
            owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=user_id, a=balance)
        return Person(user_id, number)

    return create


@pytest.fixture(scope="module")
def transfers_api(deployment: Callable[..., FlaskClient]) -> FlaskClient:
    """The transfers function, as deployed."""
    return deployment("transfers", "api")


@pytest.fixture(scope="module")
def pay(transfers_api: FlaskClient, signer: Signer) -> Callable[..., TestResponse]:
    """Send a transfer with a proof that fits it: `pay(sender, payee_number, 20_000, key=…, note=…)`."""

    def send(sender: Person, to_account: str, amount: int, *, key: UUID | None = None, **more: Any) -> TestResponse:
        key = key or uuid4()
        proof = more.pop("proof", None) or signer.pin_proof(sender.user_id, key, to_account, amount)
        headers = {**signer.bearer(sender.user_id), "Idempotency-Key": str(key), "X-Pin-Proof": proof}
        headers |= more.pop("headers", {})
        body = {"to_account": to_account, "amount": amount, **more}
        return transfers_api.post("/v1/transfers", json=body, headers=headers)

    return send


@pytest.fixture(scope="module")
def balance_of(owner: Connection) -> Callable[[Person], int]:
    """The balance that the books show for a person."""

    def read(person: Person) -> int:
        [[balance]] = owner.run("SELECT balance FROM ledger.accounts WHERE user_id = :u", u=person.user_id)
        return int(balance)

    return read


@pytest.fixture
def calls(firestore: Part) -> Iterator[Calls]:
    """A proxy that fails single calls of Firestore, for deployments with FIRESTORE_EMULATOR_HOST=calls.address."""
    proxy = Calls(f"127.0.0.1:{firestore.port}")
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def dice() -> random.Random:
    """Chance with a seed, so that a failing run can be repeated."""
    return random.Random(20_261_122)


@pytest.fixture(scope="module")
def operate(database_stack: Stack) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Type an action of the operators' job: `operate("sign-out", number)`, with more variables by keyword."""

    def typed(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        database = {
            "DATABASE_HOST": database_stack.database_host,
            "DATABASE_PORT": str(database_stack.database_port),
            "DATABASE_NAME": database_stack.database_name,
            "DATABASE_USER": OPERATOR,
            "DATABASE_PASSWORD": database_stack.secrets["DATABASE_PASSWORD"],
            "DATABASE_POOL_SIZE": "1",
        }
        ours = {"ENVIRONMENT": "local", "GOOGLE_CLOUD_PROJECT": PROJECT, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "shared.operate", *words],
            env=base_environment() | ours | database | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return typed
