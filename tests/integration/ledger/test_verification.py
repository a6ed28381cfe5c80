"""verify_account proves an account from its entries, and finds every kind of damage."""

from uuid import uuid4

import pytest


def faults(books, person, after=0):
    rows = books.run("SELECT * FROM ledger.verify_account(:a, :v)", a=books.account_id(person), v=after)
    return [(version, fault) for version, fault in rows]


@pytest.fixture
def chain(books, pair):
    """An account with six entries."""
    for amount in (5, 4, 3, 2, 1):
        books.transfer(pair[0], pair[1].number, amount)
    return pair[0]


def test_finds_no_fault_in_sound_books(books, chain, pair, open_wallet):
    """Every account that only routines have touched is sound, one without entries too."""
    for person in (*pair, open_wallet()):
        assert faults(books, person) == []
    assert faults(books, chain, after=3) == []


DAMAGES = {
    "version gap": "DELETE FROM ledger.entries WHERE account_id = :a AND version = 3",
    "balance does not follow": "UPDATE ledger.entries SET amount = amount - 1 WHERE account_id = :a AND version = 3",
    "time runs backwards": "UPDATE ledger.entries SET posted_at = posted_at - interval '1 hour' WHERE account_id = :a AND version = 3",
    "no such transfer": "DELETE FROM ledger.transfers WHERE debit_account_id = :a AND debit_version = 3",
    "account differs from its entries": "UPDATE ledger.accounts SET balance = balance + 1 WHERE id = :a",
}


@pytest.mark.parametrize("fault", DAMAGES)
def test_finds_damage(books, chain, fault):
    """A superuser who switches the triggers off and changes a row is found out."""
    books.run("SET session_replication_role = replica")
    books.run(DAMAGES[fault], a=books.account_id(chain))
    books.run("RESET session_replication_role")
    assert fault in {found for _, found in faults(books, chain)}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", 999),
        ("credit_account_id", uuid4()),
        ("debit_version", 99),
        ("debit_balance_after", 1),
        ("posted_at", "2020-01-01T00:00:00Z"),
    ],
)
def test_finds_a_transfer_that_its_entry_does_not_fit(books, chain, column, value):
    """Every column that an entry repeats is compared with its transfer."""
    books.run("SET session_replication_role = replica")
    books.run(
        f"UPDATE ledger.transfers SET {column} = :v WHERE debit_account_id = :a AND debit_version = 3",
        v=value,
        a=books.account_id(chain),
    )
    books.run("RESET session_replication_role")
    assert "no such transfer" in {found for _, found in faults(books, chain)}


def test_finds_an_entry_too_many_and_one_too_few(books, chain):
    """An entry behind the last, or a last entry that is gone, disagrees with the account."""
    account = books.account_id(chain)
    books.run("SET session_replication_role = replica")
    books.run("DELETE FROM ledger.entries WHERE account_id = :a AND version = 6", a=account)
    books.run("RESET session_replication_role")
    assert "account differs from its entries" in {found for _, found in faults(books, chain)}
    assert "account differs from its entries" in {found for _, found in faults(books, chain, after=4)}


def test_finds_an_altered_version_of_the_account(books, chain):
    """The account's own version is part of the proof."""
    books.run("UPDATE ledger.accounts SET version = version + 1 WHERE id = :a", a=books.account_id(chain))
    assert [found for _, found in faults(books, chain)] == ["account differs from its entries"]
