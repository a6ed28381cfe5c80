"""A running system with people who have money, and payments that are ready to be sent."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pg8000.native import Connection

from tests.load.overload.flood import Call
from tests.load.rolling.traffic import Person, open_wallets
from tests.running import Run, owner_of
from tests.tokens import Signer

PEOPLE = 100


@pytest.fixture(scope="module")
def running(directory: Path) -> Iterator[Run]:
    """The whole system, started as `make run` does, with data of its own."""
    run = Run(directory / "overload").start().wait_ready()
    yield run
    run.stop()


@pytest.fixture(scope="module")
def books(running: Run) -> Iterator[Connection]:
    """The database owner's connection."""
    with owner_of(running) as connection:
        yield connection


@pytest.fixture(scope="module")
def people(books: Connection) -> list[Person]:
    """A hundred people with a million each."""
    return open_wallets(books, PEOPLE)


@pytest.fixture(scope="module")
def tokens(running: Run) -> Signer:
    """Signs as the running system's identity does."""
    return Signer(json.loads((running.directory / "secrets.json").read_text()))


@pytest.fixture(scope="module")
def payments(people: list[Person], tokens: Signer) -> Callable[[int], deque[Call]]:
    """So many payments of one rupiah, each with a key and a proof of its own."""
    bearers = {user: tokens.access_token(user) for user, _ in people}

    def prepare(count: int) -> deque[Call]:
        found: deque[Call] = deque()
        for index in range(count):
            sender, payee = people[index % PEOPLE][0], people[(index * 7 + 1) % PEOPLE][1]
            if people[index % PEOPLE][1] == payee:
                payee = people[(index + 1) % PEOPLE][1]
            found.append(payment(tokens, bearers[sender], sender, payee))
        return found

    return prepare


def payment(tokens: Signer, bearer: str, sender: UUID, payee: str) -> Call:
    """One payment as it goes over the wire."""
    key = uuid4()
    body = json.dumps({"to_account": payee, "amount": 1, "note": ""})
    head = (
        "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {bearer}\r\nIdempotency-Key: {key}\r\n"
        f"X-Pin-Proof: {tokens.pin_proof(sender, key, payee, 1)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Call(str(key), (head + body).encode())
