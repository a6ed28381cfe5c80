"""The restore drill: books are kept, damaged, destroyed and brought back, and then compared entry by entry.

    python -m tools.drill [transfers]        about half a minute; exit 1 where anything is missing

On a Postgres of its own, thrown away afterwards, it does what docs/runbooks/restore.md does in the
cloud: a base backup and the archived write-ahead log stand for Cloud SQL's point-in-time recovery,
and the published events for what the warehouse knows of the time after the restored moment.

    1. people, top-ups, transfers; a base backup; more transfers; the moment is noted
    2. somebody changes balances by hand, and more transfers follow: the checks must see it
    3. the money is paused, and the server and its disk are destroyed
    4. restored to the moment, from before the pause, the books take money again: what came after is
       replayed from its events, all of it twice
    5. every entry and balance must be as if the damage had never happened
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pg8000.native import Connection

from emulators import environment, postgres
from emulators.part import base_environment
from emulators.postgres import Postgres

PEOPLE = 8
TOP_UP = 10_000_000
AMOUNT_MAX = 50_000
# Fixed, so that a drill that fails fails again.
CHANCE = random.Random(20_261_122)  # noqa: S311 - amounts of a drill

ENTRIES = "SELECT account_id, version, transfer_id, amount, balance_after FROM ledger.entries ORDER BY 1, 2"
ACCOUNTS = "SELECT id, balance, version FROM ledger.accounts ORDER BY 1"
FAULTS = "SELECT a.id, f.fault FROM ledger.accounts AS a, ledger.verify_account(a.id) AS f"
EVENTS = (
    "SELECT occurred_at::text, coalesce(payload, ledger.event_of(transfer_id, ordering_key)) FROM outbox.events"
    " WHERE event_type = 'transfer.posted' ORDER BY occurred_at, id"
)
PAUSED = "SELECT count(*) FROM ledger.tiers WHERE paused_reason IS NOT NULL"


@dataclass
class Drill:
    """One drill, in a folder of its own."""

    folder: Path
    transfers: int

    @property
    def archive(self) -> Path:
        """Where the write-ahead log is copied to, as Cloud SQL ships it to its bucket."""
        return self.folder / "archive"

    def keep_books(self) -> Postgres:
        """Start a server that archives its log, and migrate it."""
        server = postgres.start(self.folder / "first")
        with_owner = server.connect()
        for name, value in archiving(self.archive).items():
            with_owner.run(f"ALTER SYSTEM SET {name} = '{value}'")
        with_owner.close()
        server.stop()
        server = postgres.start(self.folder / "first")
        postgres.migrate(server, environment.DATABASE, environment.logins(), "drill")
        return server

    def back_up(self, server: Postgres) -> None:
        """Take a base backup, as Cloud SQL does every night."""
        command = [str(postgres.programs() / "pg_basebackup"), "--pgdata", str(self.folder / "second" / "data")]
        command += ["--host", server.host, "--port", str(server.port), "--username", server.user, "--checkpoint=fast"]
        variables = base_environment() | {"PGPASSWORD": server.password}
        subprocess.run(command, env=variables, check=True, capture_output=True, timeout=60, **as_server_user())

    def restore(self, moment: str, password: str) -> Postgres:
        """Start a new server from the backup and the archived log, as the books stood at `moment`."""
        data = self.folder / "second" / "data"
        settings = {
            "restore_command": f'cp "{self.archive}/%f" "%p"',
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
            "archive_mode": "off",
        }
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        (data / "recovery.signal").touch()
        (self.folder / "second" / "password").write_text(password)
        server = postgres.start(self.folder / "second")
        owner = server.connect(environment.DATABASE)
        while owner.run("SELECT pg_is_in_recovery()") == [[True]]:
            time.sleep(0.1)
        owner.close()
        return server


def archiving(archive: Path) -> dict[str, str]:
    """Return the settings of a server that archives every piece of its log."""
    return {"archive_mode": "on", "archive_command": f'cp "%p" "{archive}/%f"', "wal_level": "replica"}


def as_server_user() -> dict[str, Any]:
    """Return how to run a program as the user whom the server runs as (root may not)."""
    user = postgres.other_user()
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def open_wallets(books: Connection) -> list[tuple[UUID, str]]:
    """Open a wallet with money for each person; return user ids and account numbers."""
    people = []
    for position in range(PEOPLE):
        user_id = uuid4()
        [[number]] = books.run("SELECT ledger.open_account(:user, :name)", user=user_id, name=f"Person {position}")
        settle(books, uuid4(), user_id, TOP_UP)
        people.append((user_id, number))
    return people


def settle(books: Connection, top_up_id: UUID, user_id: UUID, amount: int) -> None:
    """Credit a top-up; again for the same id changes nothing."""
    sql = "CALL ledger.settle_top_up(:id, :user, :amount, NULL, NULL, NULL, NULL)"
    books.run(sql, id=top_up_id, user=user_id, amount=amount)


def pay(books: Connection, transfer_id: UUID, sender: UUID, payee: str, amount: int) -> None:
    """Make a transfer; again for the same id and arguments changes nothing."""
    sql = "CALL ledger.transfer(:id, :sender, :payee, :amount, 'arisan', NULL, NULL, NULL, NULL, NULL)"
    books.run(sql, id=transfer_id, sender=sender, payee=payee, amount=amount)


def pay_around(books: Connection, people: list[tuple[UUID, str]], count: int) -> None:
    """Make `count` transfers between chance people."""
    for _ in range(count):
        (sender, _), (_, payee) = CHANCE.sample(people, 2)
        pay(books, uuid4(), sender, payee, CHANCE.randint(1, AMOUNT_MAX))


def replay(server: Postgres, events: Path) -> bool:
    """Do again what the events say, by the very tool of the runbook, and return whether nothing was left over."""
    where = {"DATABASE_HOST": server.host, "DATABASE_PORT": str(server.port), "DATABASE_NAME": environment.DATABASE}
    login = {"DATABASE_USER": server.user, "DATABASE_PASSWORD": server.password, "DATABASE_POOL_SIZE": "1"}
    variables = base_environment() | where | login | {"ENVIRONMENT": "local", "PYTHONPATH": str(environment.ROOT)}
    command = [sys.executable, "-m", "shared.redo", str(events)]
    return not subprocess.run(command, env=variables, check=False, timeout=600).returncode


def say(step: str, **figures: object) -> None:
    """Print a step of the drill with its figures."""
    print(f"{step:<58}" + "  ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


def run(drill: Drill) -> bool:
    """Do the drill and return whether the books came back whole."""
    server = drill.keep_books()
    books = server.connect(environment.DATABASE)
    people = open_wallets(books)
    pay_around(books, people, drill.transfers)
    drill.back_up(server)
    say("A base backup is taken", transfers=drill.transfers)
    pay_around(books, people, drill.transfers)
    [[moment]] = books.run("SELECT clock_timestamp()::text")
    say("The moment is noted", moment=moment)
    expected = damage_and_go_on(books, people, drill.transfers)
    pause(books)
    events = [payload | {"occurred_at": occurred_at} for occurred_at, payload in books.run(EVENTS)]
    books.run("SELECT pg_switch_wal()")
    books.run("CHECKPOINT")
    books.close()
    destroy(server, drill.folder / "first")
    (drill.folder / "events" / "0.json").write_text("\n".join(json.dumps(event) for event in events))
    return bring_back(drill, moment, server.password, expected)


def damage_and_go_on(books: Connection, people: list[tuple[UUID, str]], count: int) -> tuple[list[Any], list[Any]]:
    """Change a balance by hand, see that the checks find it, pay on; return the books without the damage."""
    victim = books.run(ACCOUNTS)[-1][0]
    change = "UPDATE ledger.accounts SET balance = balance + :by WHERE id = :id"
    books.run(change, by=1_000_000, id=victim)
    faults = books.run(FAULTS)
    say("Somebody changes a balance by hand", faults=len(faults))
    if not faults:
        raise SystemExit("The checks did not see a balance that was changed by hand")
    books.run(change, by=-1_000_000, id=victim)
    pay_around(books, people, count)
    expected = (books.run(ENTRIES), books.run(ACCOUNTS))
    books.run(change, by=1_000_000, id=victim)
    say("Payments go on over the damage", entries=len(expected[0]))
    return expected


def pause(books: Connection) -> None:
    """Stop the money, as an operator does who has seen the damage: the last of what the lost database knows."""
    books.run("SELECT ledger.pause('the balances are wrong')")
    say("The money is paused", tiers=books.run(PAUSED)[0][0])


def destroy(server: Postgres, folder: Path) -> None:
    """Kill the server without a word and delete its disk."""
    server.part.process.kill()
    server.part.process.wait()
    shutil.rmtree(folder)
    say("Server and disk are destroyed")


def bring_back(drill: Drill, moment: str, password: str, expected: tuple[list[Any], list[Any]]) -> bool:
    """Restore, replay twice, reconcile and compare."""
    began = time.monotonic()
    server = drill.restore(moment, password)
    try:
        books = server.connect(environment.DATABASE)
        [[paused]], [[entries]] = books.run(PAUSED), books.run("SELECT count(*) FROM ledger.entries")
        say("Restored to the moment", entries=entries, paused=paused, seconds=f"{time.monotonic() - began:.1f}")
        whole = all(replay(server, drill.folder / "events") for _ in range(2))
        [[total]] = books.run("SELECT sum(amount) FROM ledger.entries")
        found = (books.run(ENTRIES), books.run(ACCOUNTS))
        faults = books.run(FAULTS)
        books.close()
    finally:
        server.stop()
    missing = len(expected[0]) - len(found[0])
    say("What came after is replayed, twice", entries=len(found[0]), missing=missing)
    say("Reconciled", sum_of_entries=total, faults=len(faults), equal=found == expected)
    return whole and not paused and found == expected and not faults and total == 0


def main() -> int:
    """Run one drill in a folder that is deleted afterwards."""
    transfers = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="e-wallet-lite-drill-", ignore_cleanup_errors=True) as name:
        drill = Drill(Path(name), transfers)
        drill.folder.chmod(0o755)
        user = as_server_user()
        for folder in (drill.archive, drill.folder / "second", drill.folder / "events"):
            folder.mkdir()
            if user:
                shutil.chown(folder, user["user"], user["group"])
        whole = run(drill)
    print("The books came back whole" if whole else "The books did NOT come back whole")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
