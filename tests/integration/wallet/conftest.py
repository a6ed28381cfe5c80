"""What the tests of the wallet share: the deployed function, asked as a person."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.conftest import Person
from tests.integration.ledger.conftest import Books
from tests.tokens import Signer


@pytest.fixture(scope="module")
def books(owner: Any) -> Books:
    """The routines as the database's owner."""
    return Books(owner)


@pytest.fixture(scope="module")
def wallet_api(deployment: Callable[..., FlaskClient]) -> FlaskClient:
    """The wallet function, as deployed."""
    return deployment("wallet", "api")


@pytest.fixture(scope="module")
def ask(wallet_api: FlaskClient, signer: Signer) -> Callable[..., TestResponse]:
    """Ask as a person: `ask(person, "/v1/wallet/entries", limit=2)`; `method` and `headers` may be given."""

    def send(person: Person, path: str, *, method: str = "GET", headers: Any = None, **query: Any) -> TestResponse:
        bearer = signer.bearer(person.user_id)
        query = {name.rstrip("_"): value for name, value in query.items()}
        return wallet_api.open(path, method=method, query_string=query, headers={**bearer, **(headers or {})})

    return send


@pytest.fixture
def pair(open_wallet: Callable[..., Person]) -> tuple[Person, Person]:
    """Somebody with 100,000 rupiah, and somebody with none."""
    return open_wallet(balance=100_000, name="Dewi Lestari"), open_wallet(name="Budi Santoso")
