"""migrate — bring the database to the state that this checkout describes.

    python -m shared.migrate        reads DATABASE_* and DATABASE_LOGINS from the environment

DATABASE_SET_ROLE, where it is set, names the role to act as: in the cloud our login is a member of
the one that may create roles, and attributes are not inherited.

One session-wide advisory lock; then, schema by schema: each new file of migrations/ once, in its
own transaction, its hash kept (a file that was edited after it ran stops everything); then every
file of routines/, again at each run, for they are CREATE OR REPLACE. The roles and
their timeouts come first, from shared/roles.sql. Old code keeps working throughout: migrations
only add, and routines keep their signatures while a deployment still calls them.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pg8000.core import CoreConnection
from pg8000.exceptions import DatabaseError
from pg8000.native import identifier, literal

from shared import config

ROOT = Path(__file__).parent
SCHEMAS = ("outbox", "ledger", "identity")
# Any constant serves, as long as every migration of this product takes the same.
LOCK_ID = 7_362_001
# A migration that cannot have its lock at once lets traffic pass and is run again.
LOCK_TIMEOUT_MS = 3_000

INSUFFICIENT_PRIVILEGE = "42501"

# Written here and nowhere else: what every login of a function gets (milliseconds).
# The statement's bound lies below ANSWER_TIMEOUT_SECONDS of the pool, the lock's below that.
LOGIN_SETTINGS = {
    "timezone": "UTC",
    "lock_timeout": "3000",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "5000",
    "default_transaction_isolation": "read committed",
    "synchronous_commit": "on",
    # Our statements are few, small and prepared: a generic plan each, and never a compiler.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


class EditedMigration(RuntimeError):
    """A migration that has run was edited afterwards; write a new one instead."""


def migrate(connection: CoreConnection, logins: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Apply everything over `connection` (an owner's) and return the names of the new migrations.

    `logins` maps each group role (lite_transfers …) to the login, or logins, of the deployments
    that have it: their service accounts' IAM users in the cloud, a local user otherwise. The
    logins must exist.
    """
    # After a failure the lock falls with the connection, whose transaction is broken anyway.
    connection.execute_simple(f"SELECT pg_advisory_lock({LOCK_ID})")
    # Building an index may take long; only waiting for a lock may not.
    connection.execute_simple(f"SET lock_timeout = {LOCK_TIMEOUT_MS}; SET statement_timeout = 0")
    connection.execute_simple((ROOT / "roles.sql").read_text(encoding="utf-8"))
    applied = [name for schema in SCHEMAS for name in _migrate_schema(connection, schema)]
    _admit(connection, logins)
    connection.execute_simple(f"SELECT pg_advisory_unlock({LOCK_ID})")
    return applied


def _migrate_schema(connection: CoreConnection, schema: str) -> list[str]:
    folder = ROOT / schema
    known = dict(connection.execute_simple("SELECT name, sha256 FROM migration.applied").rows)
    applied = []
    for path in sorted((folder / "migrations").glob("*.sql")):
        name = f"{schema}/{path.name}"
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if name not in known:
            _apply(connection, name, text, digest)
            applied.append(name)
        elif known[name] != digest:
            raise EditedMigration(f"{name} has run before and was edited since: restore it, and write a new file")
    _replace(connection, schema, sorted((folder / "routines").glob("*.sql")))
    return applied


def _apply(connection: CoreConnection, name: str, text: str, digest: str) -> None:
    record = f"INSERT INTO migration.applied (name, sha256) VALUES ({literal(name)}, {literal(digest)});"  # noqa: S608 - quoted literals
    connection.execute_simple(f"BEGIN; {text}\n; {record} COMMIT;")


def _replace(connection: CoreConnection, schema: str, paths: list[Path]) -> None:
    roles = connection.execute_simple("SELECT rolname FROM pg_roles WHERE rolname LIKE 'lite\\_%'").rows
    everybody = ", ".join(["PUBLIC", *(identifier(role) for (role,) in roles)])
    # What the files grant is all that is granted: a right that a file no longer gives is gone.
    closed = f"REVOKE ALL ON ALL ROUTINES IN SCHEMA {identifier(schema)} FROM {everybody};"
    texts = [path.read_text(encoding="utf-8") for path in paths]
    # Routines may name one another in any order; their bodies are checked when they are called.
    begin = f"BEGIN; SET LOCAL check_function_bodies = off; {closed}\n"
    connection.execute_simple(begin + "\n".join(texts) + "\nCOMMIT;")


def _admit(connection: CoreConnection, logins: Mapping[str, str | Sequence[str]]) -> None:
    for role, names in logins.items():
        for login in [names] if isinstance(names, str) else names:
            connection.execute_simple(f"GRANT {identifier(role)} TO {identifier(login)}")
            _configure(connection, f"ROLE {identifier(login)}")


def _configure(connection: CoreConnection, what: str) -> None:
    try:
        for name, value in LOGIN_SETTINGS.items():
            connection.execute_simple(f"ALTER {what} SET {name} = {literal(value)}")
    except DatabaseError as error:
        # Since Postgres 16 a role may be altered by those who administer it alone, and the cloud's
        # logins belong to its own superuser: there, the settings are the database's.
        if error.args[0].get("C") != INSUFFICIENT_PRIVILEGE or what.startswith("DATABASE"):
            raise
        [[database]] = connection.execute_simple("SELECT current_database()").rows
        _configure(connection, f"DATABASE {identifier(database)}")


def main() -> int:
    """Migrate the database that the environment names; prints what was applied."""
    from shared.pool import open_connection

    connection = open_connection()
    if role := config.optional("DATABASE_SET_ROLE"):
        connection.execute_simple(f"SET ROLE {identifier(role)}")
    applied = migrate(connection, json.loads(config.require("DATABASE_LOGINS")))
    print("\n".join(applied) if applied else "Nothing new: the database is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
