"""Every operation of the contract × everybody who might call it: no token, a wrong one, a stranger, the platform."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from tests.contract.openapi import Operation, operations
from tests.contract.world import Person, World
from tests.security.bodies import body_of

PRIVATE = [operation for operation in operations() if not operation.is_public]
# Made to be shown to others: the name check, and favourites by number.
BY_NUMBER = {"getAccount", "addRecipient", "removeRecipient"}


def unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def userinfo(person: Person) -> str:
    return base64.urlsafe_b64encode(json.dumps({"sub": person.user_id}).encode()).decode()


def platform_token(person: Person) -> str:
    """An ID token in the form of the gateway's, the scheduler's or Pub/Sub's account, about the victim."""
    claims = {"iss": "https://accounts.google.com", "aud": "e-wallet-lite", "sub": person.user_id, "exp": 9_999_999_999}
    return jwt.encode(claims | {"email": "scheduler@project.iam"}, "anything that is long enough, and not ours")


# What each sends in the victim's name; none of it is the victim's access token.
IMPOSTORS: dict[str, Callable[[World, Person], dict[str, str]]] = {
    "nobody": lambda world, victim: {},
    "a password in Basic": lambda world, victim: {"Authorization": "Basic ZGV3aTpkZW1v"},
    "a token of no signature": lambda world, victim: {"Authorization": f"Bearer {unsigned({'sub': victim.user_id})}"},
    "the victim's PIN proof": lambda world, victim: {
        "Authorization": f"Bearer {world.signer.pin_proof(UUID(victim.user_id), uuid4(), '100000000008', 1)}"
    },
    "the victim's token of yesterday": lambda world, victim: {
        "Authorization": f"Bearer {world.signer.access_token(UUID(victim.user_id), exp=1_700_000_000)}"
    },
    "the victim's token for somewhere else": lambda world, victim: {
        "Authorization": f"Bearer {world.signer.access_token(UUID(victim.user_id), aud='elsewhere')}"
    },
    "an account of the platform": lambda world, victim: {"Authorization": f"Bearer {platform_token(victim)}"},
    "the platform as the caller": lambda world, victim: {
        "X-Forwarded-Authorization": f"Bearer {platform_token(victim)}"
    },
    "the gateway's word for the victim": lambda world, victim: {"X-Apigateway-Api-Userinfo": userinfo(victim)},
    "the victim's token in a cookie": lambda world, victim: {"Cookie": f"access_token={victim.token}"},
}


@dataclass
class Asked:
    """An answer, and the text of everything in it."""

    status: int
    text: str


def path_of(operation: Operation, owner: Person) -> str:
    """The operation's path about the owner's own things."""
    things = owner.transfers if operation.path.startswith("/v1/transfers") else owner.topups
    named = {"id": things[-1], "account_number": owner.account_number, "token": owner.pay_tokens[-1]}
    if operation.path.startswith("/v1/sessions/{"):
        named["id"] = str(uuid4())  # those of others are tried in test_foreign_ids.py, by their real ids
    return operation.path.format(**named)


def ask(world: World, operation: Operation, owner: Person, headers: dict[str, str], caller: Person) -> Asked:
    """Send the operation about `owner`'s things with `headers`, with a body that would be taken."""
    given = {"X-Forwarded-For": world.address(), "Idempotency-Key": str(uuid4())} | headers
    body = body_of(operation, world, caller)
    answer = world.client.open(path_of(operation, owner), method=operation.method, json=body, headers=given)
    return Asked(answer.status_code, answer.text)


@pytest.mark.parametrize("operation", PRIVATE, ids=lambda operation: operation.id)
@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_without_the_victims_own_access_token_there_is_401(world, operation, impostor):
    """Whatever else is sent in the victim's name, and whatever the body says."""
    victim = world.person
    answer = ask(world, operation, victim, IMPOSTORS[impostor](world, victim), victim)
    assert answer.status == 401, (operation.id, answer.text)
    assert json.loads(answer.text)["type"] == "/problems/unauthenticated"


@pytest.fixture(scope="module")
def stranger(world: World) -> Person:
    """Somebody else with an account, signed in, and a spendthrift of requests."""
    return world.settle_in(world.register())


@pytest.fixture(scope="module")
def belongings(world: World) -> list[str]:
    """What is the victim's alone and may stand in no answer to a stranger."""
    victim = world.person
    return [victim.user_id, victim.username, *victim.transfers, *victim.topups[:-1], *victim.pay_tokens]


# Each ends what the others need, and is tried on the stranger's own account elsewhere.
ENDING = {"signOut", "revokeOtherSessions", "closeMe"}


@pytest.mark.parametrize("operation", [one for one in PRIVATE if one.id not in ENDING], ids=lambda one: one.id)
def test_a_stranger_gets_nothing_of_the_victims(world, stranger, belongings, operation):
    """With a token of their own: 404 for the victim's things, else an answer about themselves alone."""
    headers = {"Authorization": f"Bearer {stranger.token}"}
    if operation.id == "createTransfer":
        headers["X-Pin-Proof"] = world.signer.pin_proof(
            UUID(world.person.user_id), uuid4(), world.friend.account_number, 1_000
        )
    answer = ask(world, operation, world.person, headers, stranger)
    assert answer.status < 500 or "/problems/unavailable" in answer.text  # no warehouse stands behind this world
    if "{" in operation.path and operation.id not in BY_NUMBER:
        assert answer.status == 404, answer.text
    text = answer.text.replace(world.person.topups[-1], "") if answer.status == 404 else answer.text
    assert not [mark for mark in belongings if mark in text]


# Each registration is a new one: there are no two answers to compare.
PUBLIC = [one for one in operations() if one.is_public and one.id != "createUser"]


@pytest.mark.parametrize("operation", PUBLIC, ids=lambda one: one.id)
def test_a_public_operation_says_no_more_to_a_token(world, stranger, operation):
    """Nobody's token opens anything there: the status is the same with one and without."""
    with_token = ask(world, operation, stranger, {"Authorization": f"Bearer {world.person.token}"}, stranger)
    without = ask(world, operation, stranger, {}, stranger)
    assert with_token.status == without.status
    assert world.person.user_id not in with_token.text
    assert world.person.username not in with_token.text


def test_after_all_of_it_the_victim_has_what_they_had(world):
    """Money, name and history are untouched; the last top-up still waits."""
    victim = world.person
    wallet = world.send("GET", "/v1/wallet", token=victim.token)
    assert wallet["balance"] == 49_000
    assert world.send("GET", "/v1/me", token=victim.token)["full_name"] == "Dewi Lestari"
    assert world.send("GET", f"/v1/topups/{victim.topups[-1]}", token=victim.token)["status"] == "pending"
