"""Paying a person through the deployed function."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from pg8000.native import Connection
from werkzeug.test import TestResponse

from tests.days import today
from tests.integration.conftest import OpenWallet, Person
from tests.tokens import Signer

Pay = Callable[..., TestResponse]


def test_moves_the_money_and_tells_the_new_balance(
    pay: Pay, open_wallet: OpenWallet, balance_of: Callable[[Person], int]
) -> None:
    """A payment debits the sender, credits the payee and answers with the receipt."""
    sender, payee = open_wallet(balance=50_000), open_wallet(name="Budi Santoso")

    answer = pay(sender, payee.number, 20_000, note="Makan siang")

    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["balance_after"] == 30_000
    assert answer.json["counterparty_name"] == "Budi Santoso"
    assert answer.json["from_account"] == sender.number
    assert (balance_of(sender), balance_of(payee)) == (30_000, 20_000)


def test_moves_the_money_once(pay: Pay, open_wallet: OpenWallet, balance_of: Callable[[Person], int]) -> None:
    """Sending the same transfer twice answers twice and pays once."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    key = uuid4()

    first = pay(sender, payee.number, 20_000, key=key)
    again = pay(sender, payee.number, 20_000, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert balance_of(payee) == 20_000


def test_replays_without_a_fresh_proof(pay: Pay, open_wallet: OpenWallet) -> None:
    """A finished transfer is told again although its PIN proof has expired."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    key = uuid4()
    first = pay(sender, payee.number, 20_000, key=key)

    again = pay(sender, payee.number, 20_000, key=key, proof="expired")

    assert (again.status_code, again.json) == (201, first.json)


@pytest.mark.parametrize(("amount", "note"), [(20_001, "a"), (20_000, "b")], ids=["another amount", "another note"])
def test_refuses_a_key_that_names_another_request(pay: Pay, open_wallet: OpenWallet, amount: int, note: str) -> None:
    """The same key with other arguments is refused and moves nothing."""
    sender, payee = open_wallet(balance=90_000), open_wallet()
    key = uuid4()
    pay(sender, payee.number, 20_000, key=key, note="a")

    answer = pay(sender, payee.number, amount, key=key, note=note)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["type"] == "/problems/idempotency-key-reused"


def test_keeps_two_people_with_the_same_key_apart(
    pay: Pay, open_wallet: OpenWallet, balance_of: Callable[[Person], int]
) -> None:
    """Another user's equal key is a transfer of its own."""
    one, other, payee = open_wallet(balance=10_000), open_wallet(balance=10_000), open_wallet()
    key = uuid4()

    answers = [pay(person, payee.number, 4_000, key=key) for person in (one, other)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert "Idempotency-Replayed" not in answers[1].headers
    assert balance_of(payee) == 8_000


def test_refuses_more_than_the_balance(pay: Pay, open_wallet: OpenWallet, balance_of: Callable[[Person], int]) -> None:
    """A payment that the balance does not cover says by how much and changes nothing."""
    sender, payee = open_wallet(balance=10_000), open_wallet()

    answer = pay(sender, payee.number, 10_001)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["type"] == "/problems/insufficient-funds"
    assert (answer.json["balance"], answer.json["short_by_amount"]) == (10_000, 1)
    assert (balance_of(sender), balance_of(payee)) == (10_000, 0)


def test_refuses_paying_oneself(pay: Pay, open_wallet: OpenWallet) -> None:
    """The own number as payee is refused."""
    sender = open_wallet(balance=10_000)
    answer = pay(sender, sender.number, 1)
    assert (answer.status_code, answer.json and answer.json["type"]) == (422, "/problems/self-transfer")


def test_refuses_an_unknown_payee(pay: Pay, open_wallet: OpenWallet) -> None:
    """A number that no account has is not found."""
    answer = pay(open_wallet(balance=10_000), "100000000008", 1)
    assert (answer.status_code, answer.json and answer.json["type"]) == (404, "/problems/account-not-found")


@pytest.mark.parametrize(
    ("amount", "limit", "left"),
    [(10_000_001, "per_transfer_amount", 10_000_000), (10_000_000, "daily_out_amount", 4_000_000)],
)
def test_refuses_what_a_limit_forbids(pay: Pay, open_wallet: OpenWallet, amount: int, limit: str, left: int) -> None:
    """The limit that would be passed is named with what it still allows."""
    today(lasting=10)
    sender = open_wallet(balance=20_000_000)
    sinks = [open_wallet(), open_wallet()]
    assert pay(sender, sinks[0].number, 10_000_000).status_code == 201
    assert pay(sender, sinks[1].number, 6_000_000).status_code == 201

    answer = pay(sender, sinks[1].number, amount)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["type"] == "/problems/limit-exceeded"
    assert (answer.json["limit"], answer.json["left_amount"]) == (limit, left)


def test_hides_how_much_the_payee_holds(pay: Pay, open_wallet: OpenWallet) -> None:
    """A payee's full wallet refuses the amount without telling its balance."""
    sender, payee = open_wallet(balance=5_000_000), open_wallet(balance=19_999_999)
    answer = pay(sender, payee.number, 2)
    assert answer.status_code == 422
    assert answer.json is not None
    assert (answer.json["limit"], answer.json["left_amount"]) == ("balance_max", None)


def test_refuses_a_frozen_account(pay: Pay, open_wallet: OpenWallet, owner: Connection) -> None:
    """A frozen account neither pays nor is paid, until it is let go."""
    sender, payee = open_wallet(balance=10_000), open_wallet()
    owner.run("SELECT ledger.set_account_status(:n, 'frozen')", n=payee.number)
    refused = pay(sender, payee.number, 1)
    owner.run("SELECT ledger.set_account_status(:n, 'active')", n=payee.number)

    assert (refused.status_code, refused.json and refused.json["type"]) == (422, "/problems/account-unavailable")
    assert pay(sender, payee.number, 1).status_code == 201


def test_stops_while_paused_and_goes_on_afterwards(pay: Pay, open_wallet: OpenWallet, owner: Connection) -> None:
    """The operator's switch answers 503 with a time to come back, and blames nobody."""
    sender, payee = open_wallet(balance=10_000), open_wallet()
    owner.run("SELECT ledger.pause('drill')")
    paused = pay(sender, payee.number, 1)
    owner.run("SELECT ledger.pause(NULL)")

    assert (paused.status_code, paused.json and paused.json["type"]) == (503, "/problems/paused")
    assert paused.headers["Retry-After"] == "60"
    assert pay(sender, payee.number, 1).status_code == 201


@pytest.mark.parametrize(
    "change",
    [{"amount": 20_001}, {"to_account": "100000000008"}, {"id": str(uuid4())}, {"type": "topup"}],
    ids=["amount", "payee", "id", "type"],
)
def test_refuses_a_proof_made_for_another_operation(
    pay: Pay, open_wallet: OpenWallet, signer: Signer, change: dict[str, object], balance_of: Callable[[Person], int]
) -> None:
    """A PIN proof pays exactly the operation that it names."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    key = uuid4()
    operation = {"type": "transfer", "id": str(key), "to_account": payee.number, "amount": 20_000} | change
    proof = signer.pin_proof(sender.user_id, key, payee.number, 20_000, op=operation)

    answer = pay(sender, payee.number, 20_000, key=key, proof=proof)

    assert (answer.status_code, answer.json and answer.json["type"]) == (403, "/problems/pin-proof-invalid")
    assert balance_of(sender) == 50_000


def test_refuses_another_persons_proof(pay: Pay, open_wallet: OpenWallet, signer: Signer) -> None:
    """A proof counts only for the user who gave the PIN."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    key = uuid4()
    proof = signer.pin_proof(payee.user_id, key, payee.number, 1)
    assert pay(sender, payee.number, 1, key=key, proof=proof).status_code == 403


def test_shows_the_receipt_to_its_two_parties_alone(
    pay: Pay, open_wallet: OpenWallet, transfers_api: FlaskClient, signer: Signer
) -> None:
    """Sender and payee read the receipt from their side; to a third person it does not exist."""
    sender, payee, stranger = open_wallet(balance=50_000, name="Ani"), open_wallet(name="Budi"), open_wallet()
    key = uuid4()
    pay(sender, payee.number, 20_000, key=key)

    views = [
        transfers_api.get(f"/v1/transfers/{key}", headers=signer.bearer(person.user_id))
        for person in (sender, payee, stranger)
    ]

    assert [view.status_code for view in views] == [200, 200, 404]
    assert [
        (view.json["direction"], view.json["counterparty_name"], view.json["balance_after"])
        for view in views[:2]
        if view.json
    ] == [
        ("out", "Budi", 30_000),
        ("in", "Ani", 20_000),
    ]


@pytest.mark.parametrize("amount", [0, -1, -50_000, 1.5, "1000", True, None, 10**16])
def test_refuses_an_amount_that_is_no_positive_whole_number(pay: Pay, open_wallet: OpenWallet, amount: object) -> None:
    """Only a positive integer is an amount."""
    sender, payee = open_wallet(balance=50_000), open_wallet()
    answer = pay(sender, payee.number, amount)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json and answer.json["type"]) == (400, "/problems/malformed")


def test_needs_a_token_and_a_key(transfers_api: FlaskClient, open_wallet: OpenWallet, signer: Signer) -> None:
    """Without an access token nothing is read; without a key nothing is tried."""
    person = open_wallet(balance=10)
    body = {"to_account": person.number, "amount": 1}
    assert transfers_api.post("/v1/transfers", json=body).status_code == 401
    keyless = transfers_api.post("/v1/transfers", json=body, headers=signer.bearer(person.user_id))
    assert (keyless.status_code, keyless.json and keyless.json["type"]) == (400, "/problems/idempotency-key-invalid")
