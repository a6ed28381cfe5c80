"""What the tests of the books share: sessions as each login, and the routines by their contract."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from emulators.postgres import Postgres
from tests.integration.conftest import OpenWallet, Person

NULLS = "NULL, NULL, NULL, NULL, NULL"


class Refusal:
    """What a routine refused with: its SQLSTATE and the members of its DETAIL."""

    code = ""
    members: dict[str, Any] = {}


@contextmanager
def refused(*codes: str) -> Iterator[Refusal]:
    """Expect a refusal with one of these SQLSTATEs."""
    refusal = Refusal()
    with pytest.raises(DatabaseError) as caught:
        yield refusal
    fields = caught.value.args[0]
    refusal.code = fields["C"]
    assert refusal.code in codes, fields
    if refusal.code.startswith("LW") and refusal.code != "LW099":
        refusal.members = json.loads(fields["D"])


class Books:
    """The routines of the ledger over one connection, and what they have written."""

    def __init__(self, connection: Connection) -> None:
        self.run = connection.run

    def transfer(self, sender: Person, number: str, amount: int, note: str = "", key: UUID | None = None) -> list[Any]:
        """ledger.transfer: [from_account, counterparty_name, balance_after, posted_at, replayed]."""
        sql = f"CALL ledger.transfer(:i, :u, :n, :a, :m, {NULLS})"
        [row] = self.run(sql, i=key or uuid4(), u=sender.user_id, n=number, a=amount, m=note)
        return list(row)

    def settle(self, user_id: UUID, amount: int, top_up: UUID | None = None) -> list[Any]:
        """ledger.settle_top_up: [top_up_id, user_id, amount, posted_at]."""
        sql = "CALL ledger.settle_top_up(:i, :u, :a, NULL, NULL, NULL, NULL)"
        [row] = self.run(sql, i=top_up or uuid4(), u=user_id, a=amount)
        return list(row)

    def reverse(self, original: UUID, debited: UUID, amount: int, note: str = "", key: UUID | None = None) -> list[Any]:
        """ledger.reverse: [id, amount, posted_at]."""
        sql = "SELECT * FROM ledger.reverse(:i, :o, :d, :a, :n)"
        [row] = self.run(sql, i=key or uuid4(), o=original, d=debited, a=amount, n=note)
        return list(row)

    def account_id(self, person: Person) -> UUID:
        """The account of a person."""
        [[found]] = self.run("SELECT id FROM ledger.accounts WHERE user_id = :u", u=person.user_id)
        return UUID(str(found))

    def balance(self, person: Person) -> int:
        """What the account of a person shows."""
        [[found]] = self.run("SELECT balance FROM ledger.accounts WHERE user_id = :u", u=person.user_id)
        return int(found)

    def everything(self) -> list[Any]:
        """All that money has written, to prove that a refusal writes nothing."""
        tables = ("ledger.accounts", "ledger.transfers", "ledger.entries", "outbox.events")
        return [
            self.run(f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {t} AS t") for t in tables
        ]


@pytest.fixture(scope="module")
def session(postgres: Postgres, database: str, secrets: dict[str, str]) -> Iterator[Callable[[str], Connection]]:
    """Open a session as the login of a deployment: `session("transfers")`."""
    opened: list[Connection] = []

    def connect(login: str) -> Connection:
        password = secrets["DATABASE_PASSWORD"]
        where = {"host": postgres.host, "port": postgres.port, "database": database}
        opened.append(Connection(login, password=password, ssl_context=False, **where))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture(scope="module")
def books(owner: Connection) -> Books:
    """The routines as the database's owner, who may call them all."""
    return Books(owner)


@pytest.fixture
def pair(open_wallet: OpenWallet) -> tuple[Person, Person]:
    """Somebody with 100,000 rupiah, and somebody with none."""
    return open_wallet(balance=100_000, name="Dewi Lestari"), open_wallet(name="Budi Santoso")
