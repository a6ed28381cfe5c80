"""The whole server is killed under load, again and again: what was told must still be true."""

import os
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from emulators import environment, postgres
from emulators.postgres import Postgres
from tests import processes
from tests.integration.ledger.crowd import TRANSFER
from tests.waiting import until

SOAK = bool(os.environ.get("SOAK"))
KILLS = 20 if SOAK else 3
CLIENTS = 12
# Few people keep one another busy, many leave each other idle: the books hold their locks differently.
FEW, MANY = 6, 600
BROKEN = (DatabaseError, InterfaceError, OSError, ValueError, TypeError)

pytestmark = pytest.mark.timeout(900)


class Cluster:
    """A durable server of its own, with people who pay one another until it is killed."""

    def __init__(self, directory: Path, password: str) -> None:
        self.directory = directory
        self.server: Postgres = postgres.start(directory, durable=True)
        postgres.migrate(self.server, "wallet", environment.logins(), password)
        books = self.server.connect("wallet")
        self.people = [uuid4() for _ in range(MANY)]
        self.numbers = [books.run("SELECT ledger.open_account(:u, 'Someone')", u=user)[0][0] for user in self.people]
        for user in self.people:
            books.run("CALL ledger.settle_top_up(:t, :u, 10000000, NULL, NULL, NULL, NULL)", t=uuid4(), u=user)
        books.close()
        self.told: list[UUID] = []
        self.claimed: list[UUID] = []

    def load(self, seconds: float, people: int) -> None:
        """Let the clients pay and a relay claim for a while, and kill every process of the server meanwhile."""
        # The relay's own flushes would cover for idle payers that forget theirs.
        relays = [self._claim] if people == FEW else []
        jobs: list[Callable[[], None]] = [*[partial(self._pay, people)] * CLIENTS, *relays]
        threads = [threading.Thread(target=job) for job in jobs]
        for thread in threads:
            thread.start()
        until(lambda: bool(self.told) and (bool(self.claimed) or not relays))
        time.sleep(seconds)
        self.kill()
        for thread in threads:
            thread.join()

    def kill(self) -> None:
        """SIGKILL the postmaster and all of its children at one moment, as a power cut would."""
        family = processes.family(self.server.part.process.pid)
        processes.kill_at_once(family)
        self.server.part.process.wait()
        psutil.wait_procs(family, timeout=5)

    def restart(self) -> Connection:
        """Start again on the same files, through crash recovery."""
        (self.directory / "data" / "postmaster.pid").unlink(missing_ok=True)
        self.server = postgres.start(self.directory, durable=True)
        return self.server.connect("wallet")

    def _pay(self, people: int) -> None:
        chance = random.Random()
        try:
            connection = self.server.connect("wallet")
            order = connection.prepare(TRANSFER)
            while True:
                sender, payee = chance.sample(range(people), 2)
                key = uuid4()
                order.run(i=key, u=self.people[sender], n=self.numbers[payee], a=1, m="")
                self.told.append(key)
        except BROKEN:
            return

    def _claim(self) -> None:
        try:
            connection = self.server.connect("wallet")
            while True:
                rows = connection.run("SELECT payload FROM outbox.claim_traced(200, '1 hour')")
                self.claimed += [UUID(_transfer_id(payload)) for (payload,) in rows]
        except BROKEN:
            return


def _transfer_id(payload: Any) -> str:
    import json

    return str(json.loads(payload)["transfer_id"])


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory, directory: Path, secrets: dict[str, str]) -> Any:
    """A server of this test's own, gone afterwards."""
    cluster = Cluster(directory / f"mortal-{uuid4().hex[:6]}", secrets["DATABASE_PASSWORD"])
    yield cluster
    cluster.server.stop()


def lost(books: Connection, keys: list[UUID]) -> set[UUID]:
    """Those of `keys` that name no transfer."""
    rows = books.run("SELECT id FROM ledger.transfers WHERE id = ANY(CAST(:k AS uuid[]))", k=[str(key) for key in keys])
    return set(keys) - {UUID(str(row[0])) for row in rows}


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(cluster):
    """Each transfer that was answered is there, each event that was claimed has its transfer, and the books agree."""
    told = claimed = 0
    for turn in range(KILLS):
        cluster.told.clear()
        cluster.claimed.clear()
        cluster.load(random.uniform(0.8, 1.6), MANY if turn % 2 else FEW)
        books = cluster.restart()
        assert lost(books, cluster.told) == set()
        assert lost(books, cluster.claimed) == set()
        unsound = "SELECT a.id, f.fault FROM ledger.accounts AS a, LATERAL ledger.verify_account(a.id) AS f"
        assert books.run(unsound) == []
        assert books.run("SELECT sum(balance) FROM ledger.accounts") == [[0]]
        books.close()
        told, claimed = told + len(cluster.told), claimed + len(cluster.claimed)
    print(f"{KILLS} kills: {told} answered transfers and {claimed} claimed events, none lost")
