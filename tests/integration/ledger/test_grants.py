"""What each login may do: EXECUTE the routines that grant themselves to it, and nothing else."""

import re
from pathlib import Path

import pytest

from emulators.environment import logins
from tests.integration.ledger.conftest import refused

SHARED = Path(__file__).resolve().parents[3] / "shared"
ROLES = re.findall(r"'(lite_\w+)'", (SHARED / "roles.sql").read_text(encoding="utf-8"))
GRANT = re.compile(r"GRANT EXECUTE ON (?:FUNCTION|PROCEDURE) (\w+\.\w+)\s*\([^)]*\)\s*TO ([^;]+);")
OUR_SCHEMAS = "('ledger', 'outbox', 'identity', 'migration')"


def granted(role: str) -> set[str]:
    """The routines whose files open them to `role`."""
    found = set()
    for path in SHARED.glob("*/*/*.sql"):
        for routine, roles in GRANT.findall(path.read_text(encoding="utf-8")):
            if role in re.split(r",\s*", roles.strip()):
                found.add(routine)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_executes_exactly_the_routines_granted_to_it(owner, role):
    """Neither a default privilege nor a forgotten grant opens anything more."""
    rows = owner.run(
        "SELECT n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        f" WHERE n.nspname IN {OUR_SCHEMAS} AND has_function_privilege(:r, p.oid, 'EXECUTE')"
        " AND has_schema_privilege(:r, n.oid, 'USAGE')",
        r=role,
    )
    assert {row[0] for row in rows} == granted(role)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_and_writes_no_table(owner, role):
    """Not even SELECT: what a function may know comes out of a routine."""
    rows = owner.run(
        "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        f" WHERE n.nspname IN {OUR_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND has_any_column_privilege(:r, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
        " OR n.nspname IN ('ledger', 'outbox') AND c.relkind = 'S' AND has_sequence_privilege(:r, c.oid, 'USAGE, SELECT, UPDATE')",
        r=role,
    )
    assert rows == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_creates_nothing_and_is_no_superuser(owner, role):
    """A role that could create a function or an operator could put it in a definer's way."""
    rows = owner.run(
        "SELECT n.nspname::text FROM pg_namespace AS n WHERE n.nspname !~ '^pg_' AND has_schema_privilege(:r, n.oid, 'CREATE')",
        r=role,
    )
    assert rows == []
    attributes = owner.run(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolcanlogin FROM pg_roles"
        " WHERE rolname = :r",
        r=role,
    )
    assert attributes == [[False] * 6]


@pytest.mark.parametrize("role", sorted(logins()))
def test_a_login_cannot_touch_the_books(session, role):
    """Statements that would mint, move or hide money are refused by the database itself."""
    connection = session(logins()[role])
    for statement in (
        "UPDATE ledger.accounts SET balance = 1000000000",
        "INSERT INTO ledger.entries SELECT * FROM ledger.entries",
        "DELETE FROM ledger.transfers",
        "TRUNCATE ledger.entries",
        "SELECT * FROM ledger.accounts",
        "SELECT * FROM outbox.events",
        "SELECT ledger.post(gen_random_uuid(), 'topup', gen_random_uuid(), gen_random_uuid(), 1, '', NULL)",
        "SELECT outbox.append('t', 'e', 1, 'k', '{}')",
        "CREATE TABLE ledger.mine ()",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE ledger.entries DISABLE TRIGGER append_only",
    ):
        with refused("42501"):
            connection.run(statement)


def test_settings_of_a_session_come_from_its_login(session):
    """Timeouts hold for every session of a function, whoever opens it."""
    connection = session("transfers")
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "timezone")
    assert [connection.run(f"SHOW {name}")[0][0] for name in names] == ["3s", "10s", "5s", "UTC"]


def test_every_definer_has_a_fixed_search_path_and_belongs_to_the_owner(owner):
    """A SECURITY DEFINER routine without one would look names up where its caller says."""
    rows = owner.run(
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        f" WHERE n.nspname IN {OUR_SCHEMAS} AND p.prosecdef"
        " AND NOT coalesce(p.proconfig, '{}') && ARRAY['search_path=\"\"', 'search_path=']"
    )
    assert rows == []
