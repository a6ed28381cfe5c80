"""Giving money back: a new transfer, linked to the original, once."""

from uuid import uuid4

import pytest

from tests.integration.ledger.conftest import refused


@pytest.fixture
def paid(books, pair):
    """A transfer of 30,000 rupiah: (key, the sender's account)."""
    sender, payee = pair
    key = uuid4()
    books.transfer(sender, payee.number, 30_000, "", key)
    return key, books.account_id(sender)


def test_gives_the_money_back_by_a_new_transfer(books, pair, paid):
    """The original stays as it was; the reversal names it and has entries and an event of its own."""
    original, debited = paid
    before = books.run("SELECT * FROM ledger.transfers WHERE id = :i", i=original)
    key = uuid4()

    books.reverse(original, debited, 30_000, "salah kirim", key)

    assert [books.balance(person) for person in pair] == [100_000, 0]
    assert books.run("SELECT * FROM ledger.transfers WHERE id = :i", i=original) == before
    [[kind, reverses_id, events]] = books.run(
        "SELECT t.kind, t.reverses_id, (SELECT count(*) FROM outbox.events AS e WHERE e.event_id = t.event_id)"
        " FROM ledger.transfers AS t WHERE t.id = :i",
        i=key,
    )
    assert (kind, reverses_id, events) == ("reversal", original, 1)


def test_a_repeat_returns_the_first_outcome(books, paid):
    """The same reversal sent twice gives back once."""
    original, debited = paid
    key = uuid4()
    first = books.reverse(original, debited, 30_000, "a", key)
    before = books.everything()
    assert books.reverse(original, debited, 30_000, "a", key) == first
    assert books.everything() == before


def test_a_repeat_with_other_arguments_is_refused(books, paid):
    """LW003."""
    original, debited = paid
    key = uuid4()
    books.reverse(original, debited, 20_000, "a", key)
    with refused("LW003"):
        books.reverse(original, debited, 20_001, "a", key)


def test_reverses_once_and_never_more_than_the_original(books, paid):
    """LW010 for a second reversal, for too much, for nothing, and for the reversal of a reversal."""
    original, debited = paid
    for amount in (30_001, 0, -1):
        with refused("LW010"):
            books.reverse(original, debited, amount)
    key = uuid4()
    books.reverse(original, debited, 10_000, "", key)
    with refused("LW010"):
        books.reverse(original, debited, 10_000)
    [[credited]] = books.run("SELECT debit_account_id FROM ledger.transfers WHERE id = :i", i=key)
    with refused("LW010"):
        books.reverse(key, credited, 10_000)


def test_the_table_itself_refuses_a_second_reversal(books, paid):
    """The unique index holds even where a routine would not."""
    original, debited = paid
    books.reverse(original, debited, 1)
    with refused("23505"):
        books.run(
            "INSERT INTO ledger.transfers SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*"
            " FROM ledger.transfers AS t WHERE t.reverses_id = :i",
            i=original,
        )


def test_refuses_an_original_that_is_not_there(books, paid):
    """LW008, also for the right id under another account."""
    original, debited = paid
    with refused("LW008"):
        books.reverse(uuid4(), debited, 1)
    with refused("LW008"):
        books.reverse(original, uuid4(), 1)


def test_refuses_what_has_been_spent(books, pair, paid, open_wallet):
    """A reversal takes nobody below zero: LW002."""
    original, debited = paid
    books.transfer(pair[1], open_wallet().number, 29_999)
    with refused("LW002"):
        books.reverse(original, debited, 30_000)


def test_passes_a_frozen_account_and_not_a_closed_one(books, pair, paid):
    """Freezing stops payments, not their correction."""
    original, debited = paid
    books.run("SELECT ledger.set_account_status(:n, 'frozen')", n=pair[1].number)
    books.reverse(original, debited, 10)
    key = uuid4()
    books.run("SELECT ledger.set_account_status(:n, 'active')", n=pair[1].number)
    books.transfer(pair[1], pair[0].number, 29_990, "", key)
    books.run("SELECT ledger.close_account(:u)", u=pair[1].user_id)
    with refused("LW005"):
        books.reverse(key, books.account_id(pair[1]), 29_990)


def test_gives_a_top_up_back_to_its_bank(books, open_wallet):
    """A settled top-up can be reversed like any transfer, and then the settlement account is even again."""
    person = open_wallet()
    top_up = uuid4()
    books.settle(person.user_id, 40_000, top_up)
    [[bank]] = books.run("SELECT debit_account_id FROM ledger.transfers WHERE id = :i", i=top_up)
    books.reverse(top_up, bank, 40_000)
    assert books.balance(person) == 0


def test_says_that_the_original_is_being_reversed(books, paid, postgres, database):
    """LW007 while another session works on it."""
    original, debited = paid
    other = postgres.connect(database)
    other.run("BEGIN")
    other.run("SELECT * FROM ledger.reverse(:i, :o, :d, 1, '')", i=uuid4(), o=original, d=debited)
    with refused("LW007"):
        books.reverse(original, debited, 1)
    other.run("ROLLBACK")
    other.close()


@pytest.fixture
def other(postgres, database):
    """Another session, in a transaction that the test leaves open."""
    session = postgres.connect(database)
    session.run("BEGIN")
    yield session
    session.run("ROLLBACK")
    session.close()


def test_waits_for_nobody_who_posts_under_its_id(books, pair, paid, other):
    """The payee may choose the reversal's id for a payment of their own at this moment: LW007, and no broken key."""
    original, debited = paid
    sender, payee = pair
    key = uuid4()
    other.run("SELECT ledger.post_transfer(:i, :u, :n, 1, '')", i=key, u=payee.user_id, n=sender.number)
    books.run("SET lock_timeout = '1s'")
    try:
        with refused("LW007"):
            books.reverse(original, debited, 30_000, "", key)
    finally:
        books.run("RESET lock_timeout")


def test_a_reversals_id_is_no_key_of_a_transfer(books, pair, paid):
    """Whoever gave back what they were sent, and sends that very payment under the same id, is told of the key."""
    original, debited = paid
    sender, payee = pair
    key = uuid4()
    books.reverse(original, debited, 20_000, "a", key)
    with refused("LW003"):
        books.transfer(payee, sender.number, 20_000, "a", key)
    assert books.run("SELECT ledger.is_posted(:i, :u)", i=key, u=payee.user_id) == [[False]]
    books.transfer(payee, sender.number, 5_000, "a")
    assert books.run("SELECT ledger.is_posted(:i, :u)", i=original, u=sender.user_id) == [[True]]
