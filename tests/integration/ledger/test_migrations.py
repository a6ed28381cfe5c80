"""Migrations: each once, never edited, one at a time, and patient with traffic."""

import shutil
import threading
from contextlib import suppress
from uuid import uuid4

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from emulators import environment
from shared import migrate, pool


@pytest.fixture
def empty(postgres, template, monkeypatch, tmp_path):
    """An empty database, and a copy of the SQL that a test may change: (connect, folder)."""
    for schema in migrate.SCHEMAS:
        shutil.copytree(migrate.ROOT / schema, tmp_path / schema)
    shutil.copy(migrate.ROOT / "roles.sql", tmp_path)
    monkeypatch.setattr(migrate, "ROOT", tmp_path)
    name = f"migrated_{uuid4().hex[:8]}"
    owner = postgres.connect()
    owner.run(f"CREATE DATABASE {name}")
    opened = []

    def connect():
        opened.append(postgres.connect(name))
        return opened[-1]

    yield connect, tmp_path
    for connection in opened:
        with suppress(InterfaceError):
            connection.close()
    owner.run(f"DROP DATABASE {name} WITH (FORCE)")
    owner.close()


def test_applies_each_migration_once(empty):
    """The first run applies all, the second nothing; routines are put in place at both."""
    connect, folder = empty
    connection = connect()
    applied = migrate.migrate(connection, environment.logins())
    written = {f"{p.parent.parent.name}/{p.name}" for p in folder.glob("*/migrations/*.sql")}
    assert set(applied) == written
    connection.run("DROP FUNCTION ledger.wallet(uuid)")
    assert migrate.migrate(connection, environment.logins()) == []
    assert connection.run("SELECT * FROM ledger.wallet(gen_random_uuid())") == []


def test_refuses_a_migration_that_was_edited_after_it_ran(empty):
    """Everything stops, with the name of the file."""
    connect, folder = empty
    connection = connect()
    migrate.migrate(connection, environment.logins())
    path = folder / "ledger/migrations/0001_accounts.sql"
    path.write_text(path.read_text() + "-- an afterthought\n")
    with pytest.raises(migrate.EditedMigration, match=r"ledger/0001_accounts\.sql"):
        migrate.migrate(connection, environment.logins())


def test_four_at_once_do_the_work_of_one(empty):
    """Deployments that start together wait for one another."""
    connect, folder = empty
    applied, failed = [], []

    def run(connection):
        try:
            applied.append(migrate.migrate(connection, environment.logins()))
        except DatabaseError as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(connect(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(map(len, applied))[:3] == [0, 0, 0]
    assert len(max(applied, key=len)) == len(list(folder.glob("*/migrations/*.sql")))


def run_once(connect):
    """Migrate over a connection of its own, as the job does: its lock falls with it."""
    connection = connect()
    try:
        return migrate.migrate(connection, environment.logins())
    finally:
        connection.close()


def test_a_failing_migration_leaves_nothing_and_can_be_mended(empty):
    """A file is one transaction with its record."""
    connect, folder = empty
    run_once(connect)
    path = folder / "ledger/migrations/9999_try.sql"
    path.write_text("CREATE TABLE ledger.half (a int); SELECT 1/0;")
    with pytest.raises(DatabaseError):
        run_once(connect)
    assert connect().run("SELECT to_regclass('ledger.half')") == [[None]]
    path.write_text("CREATE TABLE ledger.half (a int);")
    assert run_once(connect) == ["ledger/9999_try.sql"]


def test_does_not_wait_for_a_lock_behind_traffic(empty):
    """A table that is in use is not queued for: the migration gives up within seconds and runs again later."""
    connect, folder = empty
    run_once(connect)
    busy = connect()
    busy.run("BEGIN")
    busy.run("SELECT count(*) FROM ledger.accounts")
    (folder / "ledger/migrations/9999_try.sql").write_text("ALTER TABLE ledger.accounts ADD COLUMN nickname text;")
    with pytest.raises(DatabaseError) as caught:
        run_once(connect)
    assert caught.value.args[0]["C"] == "55P03"
    busy.run("COMMIT")
    assert run_once(connect) == ["ledger/9999_try.sql"]


def test_a_grant_that_a_file_no_longer_gives_is_gone(empty):
    """Rights are what the files say, not what they once said."""
    connect, folder = empty
    connection = connect()
    migrate.migrate(connection, environment.logins())
    path = folder / "ledger/routines/is_posted.sql"
    path.write_text(path.read_text().replace("GRANT EXECUTE", "-- GRANT EXECUTE"))
    migrate.migrate(connection, environment.logins())
    allowed = "SELECT has_function_privilege('lite_transfers', 'ledger.is_posted(uuid,uuid)', 'EXECUTE')"
    assert connection.run(allowed) == [[False]]


def test_a_statement_may_take_longer_than_connecting_may(postgres, monkeypatch):
    """Connecting has its limit and a migration's statement none: building an index may take long."""
    surroundings = {
        "DATABASE_HOST": postgres.host, "DATABASE_PORT": str(postgres.port), "DATABASE_NAME": "postgres",
        "DATABASE_USER": postgres.user, "DATABASE_PASSWORD": postgres.password,
    }  # fmt: skip
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_INSTANCE", raising=False)
    monkeypatch.setattr(pool, "CONNECT_TIMEOUT_SECONDS", 1.0)
    connection = pool.open_connection()
    connection.execute_simple("SELECT pg_sleep(1.5)")
    connection.close()
