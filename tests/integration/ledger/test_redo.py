"""What a restored database has lost is made again from its events: once, in order, and told where it cannot be."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pg8000.native import Connection

from emulators.environment import ROOT
from emulators.part import base_environment
from emulators.postgres import Postgres
from tests.integration.conftest import Person
from tests.integration.ledger.conftest import Books

Redo = Callable[[list[dict[str, Any]]], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def redo(postgres: Postgres, database: str, tmp_path: Path) -> Redo:
    """Run `python -m shared.redo` as the books' owner on events, split over two files in the wrong order."""

    def run(events: list[dict[str, Any]]) -> "subprocess.CompletedProcess[str]":
        for name, some in (("0.json", events[1:]), ("1.json", events[:1])):
            (tmp_path / name).write_text("\n".join(json.dumps(event) for event in some))
        login = {"DATABASE_USER": postgres.user, "DATABASE_PASSWORD": postgres.password, "DATABASE_POOL_SIZE": "1"}
        where = {"DATABASE_HOST": postgres.host, "DATABASE_PORT": str(postgres.port), "DATABASE_NAME": database}
        ours = {"ENVIRONMENT": "local", "PYTHONPATH": os.fspath(ROOT)}
        command = [sys.executable, "-m", "shared.redo", str(tmp_path)]
        variables = base_environment() | login | where | ours
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture
def told(books: Books) -> Callable[..., dict[str, Any]]:
    """An event as the warehouse exports it: numbers are texts."""
    count = 0

    def event(kind: str, debited: UUID, credited: UUID, amount: int, transfer_id: UUID | None = None) -> dict[str, Any]:
        nonlocal count
        count += 1
        named = {"transfer_id": str(transfer_id or uuid4()), "kind": kind, "amount": str(amount)}
        sides = {"debit_account_id": str(debited), "credit_account_id": str(credited)}
        return {"occurred_at": f"2026-11-22 09:41:{count:02} UTC"} | named | sides

    return event


@pytest.fixture
def bank(books: Books) -> UUID:
    """The account that top-ups are taken from."""
    [[found]] = books.run("SELECT id FROM ledger.accounts WHERE kind = 'settlement' LIMIT 1")
    return UUID(str(found))


def test_what_is_lost_comes_back_once_and_in_order(
    books: Books, pair: tuple[Person, Person], bank: UUID, told: Any, redo: Redo
) -> None:
    """A top-up and what was paid from it; what the books know, with its note, changes nothing; nor does a second run."""
    dewi, budi = (books.account_id(person) for person in pair)
    known = uuid4()
    books.transfer(pair[0], pair[1].number, 1_000, "arisan", known)
    events = [
        told("topup", bank, budi, 50_000),
        told("transfer", budi, dewi, 51_000),
        told("transfer", dewi, budi, 1_000, known),
    ]

    first, again = redo(events), redo(events)

    assert first.stdout == again.stdout == "3 of 3 events are in the books; 0 faults\n", first.stderr + again.stderr
    assert [books.balance(person) for person in pair] == [150_000, 0]


def test_what_cannot_be_made_again_is_named_for_a_person(
    books: Books, pair: tuple[Person, Person], told: Any, redo: Redo
) -> None:
    """An account from after the moment, a reversal, and money that is not there; the rest goes in; exit code 1."""
    dewi, budi = (books.account_id(person) for person in pair)
    events = [
        told("transfer", dewi, uuid4(), 1_000),
        told("reversal", dewi, budi, 1_000),
        told("transfer", budi, dewi, 999_999),
        told("transfer", dewi, budi, 2_000),
    ]
    done = redo(events)

    ids = [event["transfer_id"] for event in events]
    assert done.stdout.splitlines() == [
        f"left: {ids[0]}: an account was opened after the moment",
        f"left: {ids[1]}: a reversal",
        f"left: {ids[2]}: insufficient-funds",
        "1 of 4 events are in the books; 0 faults",
    ]
    assert done.returncode == 1
    assert books.balance(pair[1]) == 2_000


def test_a_fault_of_the_restored_books_is_told(books: Books, pair: tuple[Person, Person], redo: Redo) -> None:
    """A moment after the first wrong entry shows: the proof names the account."""
    change = "UPDATE ledger.accounts SET balance = balance + :by WHERE user_id = :u"
    books.run(change, by=1, u=pair[0].user_id)
    done = redo([])
    books.run(change, by=-1, u=pair[0].user_id)
    assert done.returncode == 1
    assert f"wrong: account {books.account_id(pair[0])}, version 1: account differs from its entries" in done.stdout


def test_a_paused_database_takes_nothing(
    books: Books, pair: tuple[Person, Person], told: Any, redo: Redo, owner: Connection
) -> None:
    """A copy from after the pause is paused as well: the run stops and says so, instead of leaving every event out."""
    owner.run("SELECT ledger.pause('drill')")
    done = redo([told("transfer", *(books.account_id(person) for person in pair), 1_000)])
    owner.run("SELECT ledger.pause(NULL)")
    assert done.returncode == 1
    assert "Paused" in done.stderr
    assert books.balance(pair[1]) == 0
