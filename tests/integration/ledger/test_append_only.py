"""What has happened stays: transfers and entries are written once, and refuse to change."""

import pytest

from tests.integration.ledger.conftest import refused


@pytest.mark.parametrize("table", ["transfers", "entries"])
@pytest.mark.parametrize(
    "statement", ["UPDATE ledger.{} SET amount = amount", "DELETE FROM ledger.{}", "TRUNCATE ledger.{}"]
)
def test_refuses_a_change_by_anybody(books, pair, table, statement):
    """Even the superuser, whom no privilege binds, meets the trigger."""
    books.transfer(pair[0], pair[1].number, 1)
    before = books.everything()
    with refused("LW099"):
        books.run(statement.format(table))
    assert books.everything() == before


def test_refuses_an_owner_who_is_no_superuser(owner, books, new_database, postgres):
    """The tables' owner has no right to change them, and giving itself the right does not pass the trigger."""
    owner.run("CREATE ROLE plain_owner")
    for table in ("transfers", "entries"):
        owner.run(f"ALTER TABLE ledger.{table} OWNER TO plain_owner")
        owner.run(f"REVOKE UPDATE, DELETE, TRUNCATE ON ledger.{table} FROM plain_owner")
    owner.run("GRANT USAGE ON SCHEMA ledger TO plain_owner")
    owner.run("SET ROLE plain_owner")
    try:
        with refused("42501"):
            owner.run("UPDATE ledger.entries SET amount = amount")
        owner.run("GRANT UPDATE ON ledger.entries TO plain_owner")
        with refused("LW099"):
            owner.run("UPDATE ledger.entries SET amount = amount")
    finally:
        owner.run("RESET ROLE")
        owner.run("REASSIGN OWNED BY plain_owner TO postgres")
        owner.run("DROP OWNED BY plain_owner")
        owner.run("DROP ROLE plain_owner")


def test_the_table_refuses_a_negative_balance_of_a_person(books, pair):
    """The floor holds whatever a routine does; a settlement account has none."""
    with refused("23514"):
        books.run("UPDATE ledger.accounts SET balance = -1 WHERE number = :n", n=pair[0].number)
    books.run("UPDATE ledger.accounts SET balance = balance WHERE kind = 'settlement' AND balance < 0")


def test_the_table_refuses_a_version_twice(books, pair):
    """Two entries of one account can never claim the same place."""
    books.transfer(pair[0], pair[1].number, 1)
    with refused("23505"):
        books.run("INSERT INTO ledger.entries SELECT * FROM ledger.entries LIMIT 1")


def test_the_table_refuses_a_key_twice_for_one_account(books, pair):
    """One id names one transfer of its debited account for ever."""
    books.transfer(pair[0], pair[1].number, 1)
    with refused("23505"):
        books.run("INSERT INTO ledger.transfers SELECT * FROM ledger.transfers LIMIT 1")
