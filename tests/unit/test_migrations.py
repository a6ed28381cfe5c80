"""Migrations run under traffic: none takes a long exclusive lock or breaks the code that still runs.

A statement that is safe for a reason no rule can see has the line `-- safe: <reason>` above it.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = sorted((ROOT / "shared").glob("*/migrations/*.sql"))

# What each pattern would do to a table that is in use.
DANGERS = {
    r"^CREATE\s+(UNIQUE\s+)?INDEX\b": "blocks writes while it is built: build it with the table, or before (docs/runbooks/migrate.md)",
    r"\bCONCURRENTLY\b": "cannot run in the runner's transaction: docs/runbooks/migrate.md has a job for it",
    r"^DROP\s+(TABLE|SCHEMA|TYPE|DOMAIN)": "the code that still runs needs it: stop using it in one release, drop it in a later one",
    r"DROP\s+COLUMN": "the code that still runs reads it",
    r"RENAME": "the code that still runs knows the old name",
    r"ALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE": "rewrites the table under an exclusive lock",
    r"SET\s+NOT\s+NULL": "scans the table under an exclusive lock: add a CHECK NOT VALID and validate it first",
    r"ADD\s+COLUMN(?!.*\bDEFAULT\b).*NOT\s+NULL": "fails on rows that exist, and on the old code's inserts",
    r"ADD\s+COLUMN.*DEFAULT\s+\(?(clock_timestamp|gen_random_uuid|random|nextval)": "a volatile default rewrites the table",
    r"ADD\s+(CONSTRAINT\s+\w+\s+)?(CHECK|FOREIGN\s+KEY)(?!.*NOT\s+VALID)": "scans the table under a lock: add it NOT VALID, validate it later",
    r"ADD\s+(CONSTRAINT\s+\w+\s+)?(UNIQUE|PRIMARY\s+KEY)(?!.*USING\s+INDEX)": "builds an index under an exclusive lock",
    r"^(LOCK|TRUNCATE|CLUSTER|REINDEX|VACUUM\s+FULL)\b": "takes an exclusive lock",
    r"^(UPDATE|DELETE)\b": "changes every row in one transaction: do it in small steps outside of a migration",
}


def statements(text: str) -> list[tuple[str, bool]]:
    """Each statement in one line, and whether it is marked as safe; bodies between $$ stay whole."""
    found = []
    for chunk in re.split(r";\s*\n(?=(?:[^$]*\$\$[^$]*\$\$)*[^$]*\Z)", text):
        code = " ".join(re.sub(r"--.*", "", chunk).split())
        if code:
            found.append((code, bool(re.search(r"^-- safe: \S", chunk, re.MULTILINE))))
    return found


def dangers(text: str) -> list[str]:
    """What a migration would do to tables that are in use; tables that it makes itself are its own."""
    found = []
    own = set(re.findall(r"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+([\w.]+)", text, re.IGNORECASE))
    for code, safe in statements(text):
        target = re.search(
            r"(?:\bON|\bTABLE|^UPDATE|^DELETE\s+FROM|^TRUNCATE)\s+(?:ONLY\s+)?(\w+\.\w+)", code, re.IGNORECASE
        )
        if safe or (target and target[1] in own):
            continue
        found += [f"{code[:80]}: {why}" for pattern, why in DANGERS.items() if re.search(pattern, code, re.IGNORECASE)]
    return found


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_migration_is_safe_with_traffic(path):
    assert dangers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_migration_leaves_transactions_to_the_runner(path):
    """The file and the record of it are one transaction."""
    for code, _ in statements(path.read_text(encoding="utf-8")):
        assert not re.match(r"(BEGIN|COMMIT|ROLLBACK|SET\s+(?!LOCAL))\b", code, re.IGNORECASE)


@pytest.mark.parametrize("schema", sorted({path.parent.parent.name for path in MIGRATIONS}))
def test_numbers_follow_one_another(schema):
    numbers = [int(path.name[:4]) for path in MIGRATIONS if path.parent.parent.name == schema]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX a ON ledger.entries (posted_at);",
        "CREATE INDEX CONCURRENTLY a ON ledger.entries (posted_at);",
        "DROP INDEX CONCURRENTLY ledger.entries_by_time;",
        "ALTER TABLE ledger.accounts ADD COLUMN nickname text NOT NULL;",
        "ALTER TABLE ledger.accounts ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        "ALTER TABLE ledger.accounts ALTER COLUMN balance TYPE numeric;",
        "ALTER TABLE ledger.accounts ADD CONSTRAINT positive CHECK (balance > 0);",
        "ALTER TABLE ledger.accounts RENAME COLUMN number TO account_number;",
        "DROP TABLE ledger.favourites;",
        "UPDATE ledger.accounts SET tier = 'standard';",
        "LOCK TABLE ledger.accounts;",
    ],
)
def test_the_linter_sees_what_is_dangerous(statement):
    """A rule that never fires protects nobody."""
    assert dangers(statement + "\n")


@pytest.mark.parametrize(
    "statement",
    [
        "-- safe: built before by hand\nCREATE INDEX IF NOT EXISTS a ON ledger.entries (posted_at);",
        "ALTER TABLE ledger.accounts ADD COLUMN nickname text;",
        "ALTER TABLE ledger.accounts ADD COLUMN seen boolean NOT NULL DEFAULT false;",
        "ALTER TABLE ledger.accounts ADD CONSTRAINT positive CHECK (balance > 0) NOT VALID;",
        "CREATE TABLE ledger.new (a int);\nCREATE INDEX b ON ledger.new (a);",
        "-- safe: the table is empty\nCREATE INDEX a ON ledger.entries (posted_at);",
    ],
)
def test_the_linter_lets_pass_what_is_safe(statement):
    """Each dangerous change has a form that traffic does not notice."""
    assert dangers(statement + "\n") == []
