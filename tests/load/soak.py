"""A million random transfers on sixteen connections, then every invariant: `python -m tests.load.soak`.

Two hundred accounts, eight of them in every second payment; amounts such that at least a fifth of
the payments are refused for lack of money. SOAK_TRANSFERS= asks for another number.
"""

import multiprocessing
import os
import random
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from emulators import environment, postgres
from emulators.postgres import Postgres
from tests.integration.ledger.crowd import TRANSFER
from tests.load.machine import machine
from tests.load.report import Section, write
from tests.load.stage import PASSWORD
from tests.simulation.books import INVARIANTS

TRANSFERS = int(os.environ.get("SOAK_TRANSFERS", "1000000"))
PROCESSES, CONNECTIONS = 4, 4
ACCOUNTS, HOT = 200, 8
START_AMOUNT = 1_000
# A row has changed while a refusal was being judged: nothing has happened, and shared/db.py asks again too.
AGAIN = "40001"
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "jit": "off"}

Person = tuple[Any, str]


def people(owner: Connection) -> list[Person]:
    """Open the accounts; limits would hide what is to be seen, so that their tier has none."""
    owner.run("INSERT INTO ledger.tiers (name) VALUES ('soak')")
    found = []
    for _ in range(ACCOUNTS):
        user = uuid4()
        [[number]] = owner.run("SELECT ledger.open_account(:u, 'Someone')", u=user)
        owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=user, a=START_AMOUNT)
        found.append((user, number))
    owner.run("UPDATE ledger.accounts SET tier = 'soak' WHERE kind = 'user'")
    return found


def pay(where: dict[str, Any], crowd: list[Person], count: int, seed: int, told: Counter[str]) -> None:
    """Send so many payments from one connection, and count what each was told."""
    connection = Connection("transfers", password=PASSWORD, ssl_context=False, **where)
    order, chance, last = connection.prepare(TRANSFER), random.Random(seed), None
    for _ in range(count):
        hot = chance.random() < 0.5
        payer, payee = chance.sample(crowd[:HOT] if hot and chance.random() < 0.5 else crowd, 2)
        payee = chance.choice(crowd[:HOT]) if hot else payee
        if last and chance.random() < 0.02:
            arguments = last  # the same request again
        else:
            arguments = {"i": uuid4(), "u": payer[0], "n": payee[1], "a": chance.randint(1, START_AMOUNT), "m": ""}
        last = arguments
        while (answer := ask(order, arguments)) == AGAIN:
            told[answer] += 1
        told[answer] += 1
    connection.close()


def ask(order: Any, arguments: dict[str, Any]) -> str:
    """Send one payment; what it was told."""
    try:
        [row] = order.run(**arguments)
        return "replayed" if row[4] else "paid"
    except DatabaseError as error:
        return str(error.args[0]["C"])


def worker(where: dict[str, Any], crowd: list[Person], seed: int, results: Any) -> None:
    """Four connections of one process."""
    told: Counter[str] = Counter()
    share = TRANSFERS // (PROCESSES * CONNECTIONS)
    threads = [
        threading.Thread(target=pay, args=(where, crowd, share, seed * CONNECTIONS + n, told))
        for n in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(told)


def run(server: Postgres, crowd: list[Person]) -> tuple[Counter[str], float]:
    """Everything at once; what was told, and how long it took."""
    where = {"host": server.host, "port": server.port, "database": "soak"}
    results: Any = multiprocessing.Queue()
    began = time.perf_counter()
    workers = [multiprocessing.Process(target=worker, args=(where, crowd, n, results)) for n in range(PROCESSES)]
    for process in workers:
        process.start()
    told: Counter[str] = sum((results.get() for _ in workers), Counter())
    for process in workers:
        process.join()
    return told, time.perf_counter() - began


def check(owner: Connection, told: Counter[str]) -> list[list[str]]:
    """Every invariant, and that the books hold exactly what was told."""
    owner.run("SET jit = off")
    broken = {name: owner.run(sql) for name, sql in INVARIANTS.items()}
    assert not any(broken.values()), {name: rows[:5] for name, rows in broken.items() if rows}
    [[posted]] = owner.run("SELECT count(*) FROM ledger.transfers WHERE kind = 'transfer'")
    assert posted == told["paid"], (posted, told)
    assert told["LW002"] >= TRANSFERS / 5, told
    assert told[AGAIN] <= TRANSFERS / 1000, told
    assert set(told) <= {"paid", "replayed", "LW002", "LW004", AGAIN}, told
    return [[name, "holds"] for name in broken]


def main() -> None:
    """Pay, check, and write the figures."""
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="soak-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        server = postgres.start(Path(name) / "postgres")
        setup = server.connect()
        for setting, value in SETTINGS.items():
            setup.run(f"ALTER SYSTEM SET {setting} = '{value}'")
        setup.close()
        server.stop()
        server = postgres.start(Path(name) / "postgres")
        try:
            postgres.migrate(server, "soak", environment.logins(), PASSWORD)
            owner = server.connect("soak")
            told, seconds = run(server, people(owner))
            rows = [[what, f"{count:,}"] for what, count in told.most_common()]
            rows += [
                ["per second, from Python on the same machine", f"{TRANSFERS / seconds:,.0f}"],
                *check(owner, told),
            ]
        finally:
            server.stop()
    print(*(" | ".join(row) for row in rows), sep="\n")
    title = f"Soak: {TRANSFERS:,} transfers on {PROCESSES * CONNECTIONS} connections"
    write([Section("soak", title, rows, began, "python -m tests.load.soak", ("What", "Figure"))], machine())


if __name__ == "__main__":
    main()
