"""What an operator does to the books by the job's actions: prove an account, give a transfer back, look around."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.conftest import OpenWallet, Person
from tests.integration.ledger.conftest import Books

Operate = Callable[..., Any]


@pytest.fixture
def paid(books: Books, pair: tuple[Person, Person]) -> tuple[UUID, UUID]:
    """A transfer of 30,000 rupiah: its id, and the account that paid."""
    sender, payee = pair
    transfer_id = uuid4()
    books.transfer(sender, payee.number, 30_000, "", transfer_id)
    return transfer_id, books.account_id(sender)


def said(done: Any) -> str:
    """The last line of an action that was done."""
    assert done.returncode == 0, done.stderr
    return str(done.stdout.splitlines()[-1])


def test_an_account_is_proved_by_its_id(books: Books, pair: tuple[Person, Person], paid: Any, operate: Operate) -> None:
    """A sound one has no fault; a balance that somebody changed by hand is told with its version."""
    account_id = str(books.account_id(pair[1]))
    assert said(operate("verify", account_id, "0")) == "no fault"

    change = "UPDATE ledger.accounts SET balance = balance + :by WHERE user_id = :u"
    books.run(change, by=1, u=pair[1].user_id)
    found = said(operate("verify", account_id, "0"))
    books.run(change, by=-1, u=pair[1].user_id)

    assert found == "version 1: account differs from its entries"


def test_a_transfer_is_given_back_once_however_often_it_is_typed(
    books: Books, pair: tuple[Person, Person], paid: tuple[UUID, UUID], operate: Operate
) -> None:
    """The answer says what, by which id and when; again, it says the same and no money moves."""
    words = [str(paid[0]), str(paid[1]), "30000", "sent twice by our fault"]
    first = said(operate("reverse", *words))
    again = said(operate("reverse", *words))

    assert again == first
    assert re.fullmatch(rf"30000 of {paid[0]} given back by [0-9a-f-]{{36}} at \d{{4}}-\d\d-\d\dT[\d:]{{8}}Z", first)
    assert [books.balance(person) for person in pair] == [100_000, 0]
    [[kind, note]] = books.run("SELECT kind, note FROM ledger.transfers WHERE reverses_id = :i", i=paid[0])
    assert (kind, note) == ("reversal", "sent twice by our fault")


def test_a_second_reversal_of_another_amount_is_refused(
    books: Books, pair: tuple[Person, Person], paid: tuple[UUID, UUID], operate: Operate
) -> None:
    """Typed again with another amount it is not a repeat, and nothing more is given back."""
    said(operate("reverse", str(paid[0]), str(paid[1]), "10000", "a part"))
    done = operate("reverse", str(paid[0]), str(paid[1]), "20000", "the rest")
    assert done.returncode == 1
    assert done.stderr.startswith("idempotency-key-reused: ")
    assert books.balance(pair[1]) == 20_000


def test_what_has_been_spent_is_not_given_back(
    books: Books, pair: tuple[Person, Person], paid: tuple[UUID, UUID], operate: Operate, open_wallet: OpenWallet
) -> None:
    """One line, exit code 1, and nobody below zero."""
    books.transfer(pair[1], open_wallet().number, 1)
    done = operate("reverse", str(paid[0]), str(paid[1]), "30000", "")
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, "insufficient-funds")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("verify", ["100000000008", "0"]),
        ("verify", [str(uuid4()), "-1"]),
        ("reverse", [str(uuid4()), str(uuid4()), "1_000", ""]),
        ("reverse", [str(uuid4()), str(uuid4()), "1000", "x" * 141]),
        ("reverse", [str(uuid4()), str(uuid4()), "1000"]),
    ],
)
def test_a_slip_of_the_pen_changes_nothing(action: str, words: list[str], operate: Operate, books: Books) -> None:
    """An account number for an id, an amount with a sign or an underscore, a note too long, a word too few."""
    before = books.everything()
    done = operate(action, *words)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert books.everything() == before


def test_who_holds_connections_and_what_fills_the_disk_is_told(books: Books, paid: Any, operate: Operate) -> None:
    """Each login with its number, and the largest tables of the books by name: no session of the database is needed."""
    held = operate("connections")
    largest = operate("sizes")
    assert "operator" in held.stdout
    assert re.search(r"^\S+ [1-9]\d*$", held.stdout, re.MULTILINE), held.stderr
    assert re.search(r"^ledger\.accounts \d+ kB$", largest.stdout, re.MULTILINE), largest.stdout + largest.stderr
