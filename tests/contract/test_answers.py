"""Generated requests, right and wrong, against every deployment: each answer is one that the contract states.

`make test` sends 5,000 of them, `make soak` 100,000.
"""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from emulators.environment import DATASET, PROJECT
from emulators.provision import bigquery_client, make_warehouse
from shared import errors
from tests.contract.openapi import Operation, document, operations
from tests.contract.world import PASSWORD, PIN, Gateway, World

CASES = 5_000
SOAK_CASES = 100_000
STATUSES = {problem.slug: problem.status for problem in errors.Problem.__subclasses__()}
# A person in one of these states has no more to say.
SPENT = {"unauthenticated", "pin-locked", "too-many-attempts", "too-many-requests"}

gateway = Gateway()
schema = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig())
schema.app = gateway
EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)


@pytest.fixture(scope="module")
def world(load: Any, signer: Any) -> Iterator[World]:
    """The deployments behind the gateway, their warehouse, and people who use them."""
    cheap = {"PASSWORD_COST": "4", "PIN_COST": "4"}
    for name in document()["x-google-api-management"]["backends"]:
        more = cheap if name == "identity-api" else {}
        gateway.deployments[name] = load(*name.split("-"), **more)
    with closing(bigquery_client(PROJECT)) as warehouse:
        warehouse.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
        make_warehouse(warehouse, DATASET)
        yield World(gateway, signer)


@EVERY
def test_every_answer_is_one_that_the_contract_states(operation: Operation, world: World) -> None:
    send_cases(operation, world, CASES // len(operations()) + 1, derandomize=True)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@EVERY
def test_every_answer_of_a_great_many_is_one_that_the_contract_states(operation: Operation, world: World) -> None:
    send_cases(operation, world, SOAK_CASES // len(operations()) + 1, derandomize=False)


def send_cases(operation: Operation, world: World, count: int, *, derandomize: bool) -> None:
    """Send `count` generated cases of an operation, right and wrong ones, each with its answer held to the contract.

    They are the same at each run where they are not left to chance, `derandomize`.
    """
    stated = schema[operation.path][operation.method]
    right, wrong = (stated.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @settings(max_examples=count, derandomize=derandomize, suppress_health_check=list(HealthCheck), database=None)
    @given(case=st.one_of(right, wrong))
    def send(case: Case) -> None:
        examine(case, world)

    send()


def examine(case: Case, world: World) -> None:
    """Send one case, half of them with what is known in this world, and hold the answer to the contract."""
    chance = random.Random(repr((case.path_parameters, case.query, case.headers, case.body)))
    if chance.random() < 0.5:
        season(case, chance, world)
    headers = {"X-Forwarded-For": world.address()}
    if chance.random() < 0.95 or "Authorization" not in (case.headers or {}):
        headers["Authorization"] = f"Bearer {world.person.token}"
    answer = case.call(headers=headers)
    spent = hold_to_contract(case, answer)
    if spent:
        world.renew()


def hold_to_contract(case: Case, answer: Response) -> bool:
    """Check the answer; return whether it says that the person's day is over."""
    assert answer.headers["x-request-id"], "no request id"
    if answer.status_code == 405:
        assert case.method not in {one.method for one in operations() if one.path == case.path}
        assert_problem(answer)
        return False
    if any("\n" in unquote(str(value)) for value in (case.path_parameters or {}).values()):
        # The framework routes no path with a line feed in it: there is nothing, whatever the operation.
        assert assert_problem(answer) == "not-found"
        return False
    checks = [
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        response_headers_conformance,
    ]
    case.validate_response(answer, checks=checks)
    spent = answer.status_code >= 400 and assert_problem(answer) in SPENT
    return spent and case.path != "/v1/sessions/refresh"  # its cookie is nobody's


def assert_problem(answer: Response) -> str:
    """The slug of a whole problem with the status of its kind; a 5xx is no refusal but a defect, typed or not."""
    stated = json.loads(answer.content)
    slug = str(stated["type"]).removeprefix("/problems/")
    assert STATUSES[slug] == stated["status"] == answer.status_code
    assert stated["instance"] == answer.headers["x-request-id"][0]
    assert answer.status_code < 500, f"{slug}: every part is up, so nothing may be wrong with us"
    return slug


def season(case: Case, chance: random.Random, world: World) -> None:
    """Put what exists in this world into a case, so that it reaches behind the first refusal."""
    person, friend = world.person, world.friend
    known = {
        "id": [*person.topups, *person.transfers],
        "account_number": [friend.account_number, person.account_number],
        "token": person.pay_tokens,
    }
    path = case.path_parameters or {}
    path.update({name: chance.choice(known[name]) for name in path})
    if isinstance(case.body, dict):
        season_body(case.body, chance, world)
        if case.headers and "Idempotency-Key" in case.headers:
            season_headers(case, chance, world)


def season_body(body: dict[str, Any], chance: random.Random, world: World) -> None:
    person, friend = world.person, world.friend
    known = {
        "to_account": [friend.account_number, person.account_number],
        "amount": [1, 10_000, 50_000, 20_000_001],
        "username": [person.username],
        "password": [PASSWORD],
        "current_password": [PASSWORD],
        "pin": [PIN],
        "current_pin": [PIN],
    }
    body.update({name: chance.choice(known[name]) for name in body if name in known})
    for inner in body.values():
        if isinstance(inner, dict):
            season_body(inner, chance, world)


def season_headers(case: Case, chance: random.Random, world: World) -> None:
    key = chance.choice([str(uuid4()), *world.person.transfers, *world.person.topups])
    case.headers["Idempotency-Key"] = key
    if {"to_account", "amount"} <= case.body.keys():
        case.headers["X-Pin-Proof"] = world.proof(world.person, key, case.body)
