"""Fifty sessions that want the same thing at the same moment."""

import os
from collections import Counter
from uuid import uuid4

import pytest

from tests.days import today
from tests.integration.ledger.crowd import Crowd

# `make soak` runs 200 rounds of each race; `make test` as many as show a broken lock reliably.
ROUNDS = 200 if os.environ.get("SOAK") else 6
CROWD = 50

pytestmark = pytest.mark.timeout(1_800 if os.environ.get("SOAK") else 180)


@pytest.fixture(scope="module")
def crowd(session):
    """Fifty sessions of the transfers function."""
    return Crowd(lambda: session("transfers"), CROWD)


def order(sender, payee, amount, key=None):
    return {"i": key or uuid4(), "u": sender.user_id, "n": payee.number, "a": amount, "m": ""}


def test_one_of_fifty_spends_the_balance(crowd, open_wallet, books):
    """Fifty payments of the whole balance: one goes through, the others lack the money."""
    for _ in range(ROUNDS):
        sender, payee = open_wallet(balance=700), open_wallet()
        answers = crowd.run([order(sender, payee, 700) for _ in range(CROWD)])
        told = Counter(answer if isinstance(answer, str) else "paid" for answer in answers)
        assert told == {"paid": 1, "LW002": CROWD - 1}
        assert (books.balance(sender), books.balance(payee)) == (0, 700)


def test_one_key_fifty_times_is_one_transfer(crowd, open_wallet, books):
    """All answers are the same answer, or ask to come back."""
    for _ in range(ROUNDS):
        sender, payee = open_wallet(balance=70_000), open_wallet()
        key = uuid4()
        answers = crowd.run([order(sender, payee, 700, key) for _ in range(CROWD)])
        told = [answer for answer in answers if answer != "LW007"]
        assert told, "one of them must have been let in"
        assert {tuple(answer[:4]) for answer in told} == {tuple(told[0][:4])}
        assert [answer[4] for answer in told].count(False) == 1
        assert books.balance(payee) == 700


def test_opposite_transfers_never_deadlock(crowd, open_wallet, books):
    """Two people who pay one another at once both get through, whoever is first."""
    one, other = open_wallet(balance=1_000_000), open_wallet(balance=1_000_000)
    for _ in range(ROUNDS):
        pairs = [(one, other), (other, one)] * (CROWD // 2)
        answers = crowd.run([order(sender, payee, 10) for sender, payee in pairs])
        assert not [answer for answer in answers if isinstance(answer, str)]
    assert books.balance(one) == books.balance(other) == 1_000_000


def test_circles_of_payments_never_deadlock(crowd, open_wallet, books):
    """Fifty people in a circle pay their neighbours at once."""
    people = [open_wallet(balance=100_000) for _ in range(7)]
    for _ in range(ROUNDS):
        ring = [(people[n % 7], people[(n + 1) % 7]) for n in range(CROWD)]
        answers = crowd.run([order(sender, payee, 1) for sender, payee in ring])
        assert not [answer for answer in answers if isinstance(answer, str)]
    assert sum(books.balance(person) for person in people) == 700_000


def test_the_daily_limit_is_never_passed(crowd, open_wallet, books):
    """Fifty payments of a million against a daily limit of twenty: twenty go through."""
    today(lasting=60)
    payees = [open_wallet() for _ in range(5)]
    books.run("UPDATE ledger.tiers SET balance_max = NULL WHERE name = 'standard'")
    for _ in range(ROUNDS):
        sender = open_wallet(balance=60_000_000)
        answers = crowd.run([order(sender, payees[n % 5], 1_000_000) for n in range(CROWD)])
        told = Counter(answer if isinstance(answer, str) else "paid" for answer in answers)
        assert told == {"paid": 20, "LW006": CROWD - 20}
        assert books.balance(sender) == 40_000_000
    books.run("UPDATE ledger.tiers SET balance_max = 20000000 WHERE name = 'standard'")


def test_the_payees_cap_is_never_passed(crowd, open_wallet, books):
    """Fifty people pay one whose wallet takes twenty of them."""
    senders = [open_wallet(balance=10_000_000) for _ in range(CROWD)]
    for _ in range(max(ROUNDS // 20, 2)):
        payee = open_wallet()
        answers = crowd.run([order(sender, payee, 1_000_000) for sender in senders])
        assert Counter(a if isinstance(a, str) else "paid" for a in answers) == {"paid": 20, "LW006": 30}
        assert books.balance(payee) == 20_000_000
        senders = [open_wallet(balance=10_000_000) for _ in range(CROWD)]


def test_one_reversal_wins(postgres, database, open_wallet, books):
    """Two reversals of one transfer at the same moment give back once."""
    operators = Crowd(lambda: postgres.connect(database), 2, "SELECT * FROM ledger.reverse(:k, :o, :d, 500, '')")
    for _ in range(ROUNDS):
        sender, payee = open_wallet(balance=500), open_wallet()
        key = uuid4()
        books.transfer(sender, payee.number, 500, "", key)
        debited = books.account_id(sender)
        answers = operators.run([{"k": uuid4(), "o": key, "d": debited} for _ in range(2)])
        refused = [answer for answer in answers if isinstance(answer, str)]
        assert len(refused) == 1
        assert refused[0] in {"LW007", "LW010"}
        assert (books.balance(sender), books.balance(payee)) == (500, 0)


def test_one_top_up_is_credited_once(session, open_wallet, books):
    """Ten settlements of one top-up at the same moment credit it once."""
    sql = "CALL ledger.settle_top_up(:i, :u, 900, NULL, NULL, NULL, NULL)"
    banks = Crowd(lambda: session("payments"), 10, sql)
    for _ in range(ROUNDS):
        person, top_up = open_wallet(), uuid4()
        answers = banks.run([{"i": top_up, "u": person.user_id}] * 10)
        told = [answer for answer in answers if answer != "LW007"]
        assert told
        assert all(answer == told[0] for answer in told)
        assert books.balance(person) == 900


def test_time_never_runs_against_the_version(crowd, open_wallet, books):
    """On a busy account each entry is stamped after the one before, however long its payment waited."""
    senders, payee = [open_wallet(balance=1_000) for _ in range(10)], open_wallet()
    for _ in range(ROUNDS):
        crowd.run([order(senders[n % 10], payee, 1) for n in range(CROWD)])
    backwards = books.run(
        "SELECT count(*) FROM (SELECT posted_at - lag(posted_at) OVER (ORDER BY version) AS step FROM ledger.entries"
        " WHERE account_id = :a) AS steps WHERE step < interval '0'",
        a=books.account_id(payee),
    )
    assert backwards == [[0]]
    assert books.run("SELECT * FROM ledger.verify_account(:a)", a=books.account_id(payee)) == []
