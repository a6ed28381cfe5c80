"""The migration runs as it will in the cloud: as a member of a role that may create roles, and no superuser."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pg8000.native import Connection
from pg8000.native import DatabaseError as NativeError

from emulators.environment import deployments
from emulators.postgres import Postgres
from tests.terraform.conftest import ROOT

# Cloud SQL's own role for what a customer's administrator may do, and an IAM login that is its member.
ADMINISTRATORS = "cloudsqlsuperuser"
MIGRATE = "migrate@wallet-test.iam"
OPERATE = "operate@wallet-test.iam"
PASSWORD = "cloud"


def logins() -> dict[str, list[str]]:
    """Return what Terraform passes: each role with the logins of its deployments."""
    roles: dict[str, list[str]] = {"lite_operator": [OPERATE]}
    for name, deployment in deployments().items():
        if deployment["database_role"]:
            roles.setdefault(deployment["database_role"], []).append(f"{name}@wallet-test.iam")
    return roles


@pytest.fixture(scope="module")
def cloud(postgres: Postgres) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """A database like a new one of Cloud SQL, and a way to run one of our jobs on it as one of its logins."""
    owner = postgres.connect()
    owner.run(f"CREATE ROLE {ADMINISTRATORS} CREATEROLE CREATEDB NOLOGIN")
    names = [MIGRATE, *(login for group in logins().values() for login in group)]
    for login in names:
        owner.run(f"CREATE ROLE \"{login}\" LOGIN PASSWORD '{PASSWORD}'")
    owner.run(f'GRANT {ADMINISTRATORS} TO "{MIGRATE}"')
    owner.run(f"CREATE DATABASE cloud OWNER {ADMINISTRATORS}")
    # The server is shared with other modules, whose superuser has made the group roles there. In the
    # cloud the migration makes them itself, and administers what it has made.
    for role in logins():
        if owner.run("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role):
            owner.run(f"GRANT {role} TO {ADMINISTRATORS} WITH ADMIN OPTION")

    def run(module: str, login: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_HOST": postgres.host,
            "DATABASE_PORT": str(postgres.port),
            "DATABASE_NAME": "cloud",
            "DATABASE_USER": login,
            "DATABASE_PASSWORD": PASSWORD,
            "DATABASE_POOL_SIZE": "1",
            **variables,
        }
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    yield run
    owner.run("DROP DATABASE cloud WITH (FORCE)")
    owner.close()


@pytest.fixture(scope="module")
def migrated(cloud: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The cloud's database after the migration job, run twice: the second finds nothing to do."""
    variables = {"DATABASE_SET_ROLE": ADMINISTRATORS, "DATABASE_LOGINS": json.dumps(logins())}
    first = cloud("shared.migrate", MIGRATE, **variables)
    again = cloud("shared.migrate", MIGRATE, **variables)
    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stderr
    assert "Nothing new" in again.stdout
    return cloud


def connection(postgres: Postgres, login: str) -> Connection:
    """Connect to the cloud's database as one of its logins."""
    return Connection(
        login, host=postgres.host, port=postgres.port, database="cloud", password=PASSWORD, ssl_context=False
    )


@pytest.mark.usefixtures("migrated")
def test_a_deployments_login_may_do_what_its_role_may_and_no_more(postgres: Postgres) -> None:
    """The transfers' login calls its routine, reads no table, and makes nothing."""
    books = connection(postgres, "transfers-api@wallet-test.iam")
    books.run("CALL ledger.flush()")
    for forbidden in ("SELECT * FROM ledger.accounts", "SELECT ledger.pause('x')", "CREATE TABLE t (x int)"):
        with pytest.raises(NativeError, match="42501"):
            books.run(forbidden)
    books.close()


@pytest.mark.usefixtures("migrated")
def test_both_deployments_of_payments_are_admitted(postgres: Postgres) -> None:
    """Two service accounts share a role, and each has it."""
    for login in logins()["lite_payments"]:
        books = connection(postgres, login)
        assert books.run("SELECT pg_has_role('lite_payments', 'MEMBER')") == [[True]]
        books.close()
    assert len(logins()["lite_payments"]) == 2


@pytest.mark.usefixtures("migrated")
def test_a_login_has_the_timeouts_of_every_login(postgres: Postgres) -> None:
    """What the migration sets holds for logins that it may not alter: by the database, then."""
    books = connection(postgres, "wallet-api@wallet-test.iam")
    assert books.run("SHOW statement_timeout") == [["10s"]]
    assert books.run("SHOW lock_timeout") == [["3s"]]
    books.close()


@pytest.mark.usefixtures("migrated")
def test_no_routine_is_open_to_everyone(postgres: Postgres) -> None:
    """One that the next migration makes, too, is closed to PUBLIC until its file opens it."""
    migration = connection(postgres, MIGRATE)
    migration.run(f"SET ROLE {ADMINISTRATORS}")
    migration.run("CREATE FUNCTION ledger.newborn() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
    open_ = migration.run(
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('ledger', 'outbox', 'identity') AND p.prosecdef"
        " AND has_function_privilege('public', p.oid, 'EXECUTE')"
    )
    migration.run("DROP FUNCTION ledger.newborn()")
    migration.close()
    assert open_ == []


def test_the_operators_job_pauses_the_money_and_lets_it_go(
    migrated: Callable[..., subprocess.CompletedProcess[str]], postgres: Postgres
) -> None:
    """Pause and resume are one row; looking changes nothing; an unknown action does nothing and says what there is."""
    owner = postgres.connect("cloud")
    reasons = "SELECT DISTINCT paused_reason FROM ledger.tiers"

    assert migrated("shared.operate", OPERATE, "pause", "wrong balances").returncode == 0
    assert owner.run(reasons) == [["wrong balances"]]
    assert migrated("shared.operate", OPERATE, "resume").returncode == 0
    assert owner.run(reasons) == [[None]]
    assert migrated("shared.operate", OPERATE, "backlog").stdout.splitlines()[-1] == "0 0.0 0"
    unknown = migrated("shared.operate", OPERATE, "drop")
    owner.close()
    assert unknown.returncode != 0
    assert "pause, resume, backlog" in unknown.stderr


def test_what_a_restored_copy_has_lost_is_made_again_by_the_migrations_login(
    migrated: Callable[..., subprocess.CompletedProcess[str]], postgres: Postgres, tmp_path: Path
) -> None:
    """It may post, look up whose an account is and prove the books, as a member of their owner; an operator may not."""
    owner = postgres.connect("cloud")
    user_id = uuid4()
    owner.run("SELECT ledger.open_account(:u, 'Dewi')", u=user_id)
    accounts = "SELECT kind, id::text FROM ledger.accounts WHERE user_id = :u OR kind = 'settlement'"
    sides = dict(owner.run(accounts, u=user_id))
    owner.close()
    event = {"occurred_at": "2026-11-22 09:41:00 UTC", "transfer_id": str(uuid4()), "kind": "topup", "amount": "50000"}
    event |= {"debit_account_id": sides["settlement"], "credit_account_id": sides["user"]}
    (tmp_path / "events.json").write_text(json.dumps(event))

    done = migrated("shared.redo", MIGRATE, str(tmp_path))
    assert done.stdout == "1 of 1 events are in the books; 0 faults\n", done.stderr
    assert "42501" in migrated("shared.redo", OPERATE, str(tmp_path)).stderr


def test_an_index_on_a_big_table_is_built_as_the_page_says(
    migrated: Callable[..., subprocess.CompletedProcess[str]], postgres: Postgres
) -> None:
    """The page's lines run as the migration's login, twice as well as once, and its migration finds the index there."""
    page = (ROOT / "docs" / "runbooks" / "migrate.md").read_text()
    (lines,) = re.findall(r"^BUILD='\n(.+?)^'$", page, re.MULTILINE | re.DOTALL)
    (migration,) = re.findall(r"^```sql\n(.+?)^```$", page, re.MULTILINE | re.DOTALL)
    (index,) = re.findall(r"CREATE INDEX IF NOT EXISTS (\w+)", migration)
    for _ in range(2):
        done = migrated("timeit", MIGRATE, "-n1", "-r1", lines)  # runs them once, as the job's `-c` does
        assert done.returncode == 0, done.stderr
    owner = postgres.connect("cloud")
    state = f"SELECT oid, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = '{index}'"
    built = owner.run(state)
    assert [valid for _, valid in built] == [True]
    migrator = connection(postgres, MIGRATE)
    migrator.run(migration)
    assert owner.run(state) == built
    migrator.run(f"DROP INDEX ledger.{index}")
    migrator.close()
    owner.close()


def test_an_operators_login_is_no_migrator(migrated: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The job that pauses cannot change the schema."""
    done = migrated("shared.migrate", OPERATE, DATABASE_LOGINS=json.dumps(logins()))
    assert done.returncode != 0
    assert "42501" in done.stderr
