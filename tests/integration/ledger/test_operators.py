"""What an operator does to the books by the job's actions: prove an account, give a transfer back, look around."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from emulators.environment import OPERATOR
from shared import operate as operators
from shared.ledger import chains, proving
from shared.pool import pool
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


@pytest.fixture
def asked(environment: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int | None]]]:
    """Operate in this process, two entries a statement; the stretch (after, until) that each statement reads."""
    environment("transfers-api")
    monkeypatch.setenv("DATABASE_USER", OPERATOR)
    monkeypatch.setattr(chains, "ENTRIES_MAX", 2)
    monkeypatch.setattr(operators, "STRETCHES_TOLD", 2)
    statements: list[tuple[int, int | None]] = []
    verify = proving.verify_stretches

    def noted(stretches: list[proving.Stretch]) -> list[proving.Fault]:
        [stretch] = stretches
        statements.append((stretch.after, stretch.until))
        return verify(stretches)

    monkeypatch.setattr(proving, "verify_stretches", noted)
    yield statements
    pool.cache_clear()


@pytest.fixture
def busy(books: Books, pair: tuple[Person, Person]) -> UUID:
    """An account with seven entries."""
    for amount in range(1, 8):
        books.transfer(pair[0], pair[1].number, amount)
    return books.account_id(pair[1])


def test_an_account_is_proved_a_stretch_at_a_time(busy: UUID, asked: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """However long it is, a statement reads a stretch of it; on the way it says up to where it is proved."""
    assert operators.operate("verify", str(busy), "0") == "no fault"
    assert asked == [(0, 2), (2, 4), (4, 6), (6, None)]
    [told] = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "count" in line]
    assert (told["action"], told["count"], told["finding"]) == ("verify", 4, "no fault")

    asked.clear()
    assert operators.operate("verify", str(busy), "4") == "no fault"
    assert asked == [(4, 6), (6, None)]


@pytest.mark.parametrize("version", [1, 3, 6])
def test_a_fault_of_any_stretch_is_named(
    version: int, books: Books, busy: UUID, asked: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first stretch's fault is told on the way already, and at the end; the last one's is not lost."""
    change = "UPDATE ledger.entries SET posted_at = posted_at + :by * interval '1 hour' WHERE account_id = :a AND version = :v"
    books.run("SET session_replication_role = replica")
    books.run(change, by=1, a=busy, v=version)
    books.run("RESET session_replication_role")

    expected = [f"version {version}: no such transfer", f"version {version + 1}: time runs backwards"]
    found = operators.operate("verify", str(busy), "0").splitlines()
    assert sorted(found) == expected
    [told] = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "count" in line]
    assert sorted(told["finding"].split("; ")) == (expected if version < 4 else ["no fault"])


def test_a_long_account_below_zero_is_told_once(
    books: Books, pair: tuple[Person, Person], busy: UUID, asked: Any
) -> None:
    """It is its balance that is below zero, not each stretch of its entries."""
    books.run("ALTER TABLE ledger.accounts DROP CONSTRAINT no_overdraft")
    books.run("UPDATE ledger.accounts SET balance = balance - 1000 WHERE id = :a", a=busy)
    try:
        found = operators.operate("verify", str(busy), "0").splitlines()
    finally:
        books.run("UPDATE ledger.accounts SET balance = balance + 1000 WHERE id = :a", a=busy)
        books.run("ALTER TABLE ledger.accounts ADD CONSTRAINT no_overdraft CHECK (balance >= floor)")
    assert sorted(found) == ["version 7: account differs from its entries", "version 7: below zero"]


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
        ("verify", [str(uuid4()), "0"]),
        ("reverse", [str(uuid4()), str(uuid4()), "1_000", ""]),
        ("reverse", [str(uuid4()), str(uuid4()), "1000", "x" * 141]),
        ("reverse", [str(uuid4()), str(uuid4()), "1000"]),
        ("replay-event", [str(uuid4())]),
        ("replay-event", ["ffffffff-ffff-7fff-bfff-ffffffffffff"]),
    ],
)
def test_a_slip_of_the_pen_changes_nothing(action: str, words: list[str], operate: Operate, books: Books) -> None:
    """A number for an id, nobody's id, an amount with a sign or an underscore, a note too long, a word too few, an id of no time."""
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


# Months of other people's movements, as ledger.post and the relay would have left them.
HISTORY = """
SET session_replication_role = replica;
INSERT INTO ledger.transfers
SELECT gen_random_uuid(), md5('d')::uuid, md5('c')::uuid, 'transfer', 1, '', n, n, 1, 1,
       now() - n * interval '5 minutes', gen_random_uuid(), NULL
FROM generate_series(20000, 1, -1) AS n;
INSERT INTO outbox.published (event_id, topic, event_type, occurred_at)
SELECT event_id, 'wallet-events', 'transfer.posted', posted_at FROM ledger.transfers;
RESET session_replication_role;
"""
READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
    WHERE relid IN ('ledger.transfers'::regclass, 'outbox.published'::regclass)
"""


def rows_read(books: Books) -> int:
    """How many rows of the books and of the record of the published have been read so far."""
    books.run("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
    return int(books.run(READ)[0][0])


def test_one_event_is_published_again_without_a_look_at_all_the_others(
    books: Books, pair: tuple[Person, Person], paid: tuple[UUID, UUID], operate: Operate
) -> None:
    """A transfer's and a notice's, by ids that tell when they were minted; what nobody knows is not found."""
    books.run("DELETE FROM outbox.events")
    books.run("SELECT outbox.append('wallet-notices', 'security.noticed', 1, 'k', '{}')")
    [[notice]] = books.run("SELECT event_id FROM outbox.events")
    books.run("SELECT outbox.acknowledge(ARRAY[(SELECT id FROM outbox.events)])")
    [[event]] = books.run("SELECT event_id FROM ledger.transfers WHERE id = :i", i=paid[0])
    for statement in HISTORY.strip().split(";"):
        books.run(statement)
    books.run("VACUUM ANALYZE ledger.transfers, outbox.published")
    before = rows_read(books)

    assert [said(operate("replay-event", str(wanted))) for wanted in (event, notice)] == ["1", "1"]
    read = rows_read(books) - before
    assert books.run("SELECT event_id FROM outbox.events ORDER BY id") == [[event], [notice]]
    assert said(operate("replay-event", str(event))) == "0", "it waits already"
    assert said(operate("replay-event", "019a0000-0000-7000-8000-000000000000")) == "0"
    assert read < 10_000
