"""Insecure direct object references: every route that takes an id, tried with another person's."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from flask.testing import FlaskClient
from pg8000.native import Connection

from tests import people
from tests.people import Person

ROOT = Path(__file__).resolve().parents[2]
METHODS = {"get", "post", "put", "patch", "delete"}
# Named by a number or a secret that is made to be shown to others, or by nobody.
SHARED = {"/v1/accounts/{account_number}", "/v1/wallet/recipients/{account_number}", "/v1/pay/{token}"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def is_public(operation: dict[str, Any]) -> bool:
    return operation.get("security") == []


PRIVATE = [
    (method, path, operation["x-google-backend"])
    for method, path, operation in operations()
    if not is_public(operation)
]
WITH_ID = [(method, path, backend) for method, path, backend in PRIVATE if "{" in path and path not in SHARED]


@pytest.fixture(scope="module")
def functions(deployment: Callable[..., FlaskClient], client: FlaskClient) -> Callable[[str], FlaskClient]:
    """The deployed function behind a name of openapi.yaml."""
    loaded: dict[str, FlaskClient] = {"identity-api": client}

    def find(name: str) -> FlaskClient:
        if name not in loaded:
            loaded[name] = deployment(*name.split("-", 1))
        return loaded[name]

    return find


@pytest.fixture(scope="module")
def belongings(victim: Person, functions: Callable[[str], FlaskClient], owner: Connection) -> dict[str, str]:
    """The victim's own ids, by the route that shows them, each of them alive."""
    owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=victim.user_id, a=90_000)
    payee = people.register(victim.client)
    key = str(uuid4())
    proof = victim.prove(id=key, to_account=payee.account_number, amount=5_000).json["proof"]
    headers = {"Authorization": f"Bearer {victim.access_token}", "Idempotency-Key": key}
    body = {"to_account": payee.account_number, "amount": 5_000}
    paid = functions("transfers-api").post("/v1/transfers", json=body, headers=headers | {"X-Pin-Proof": proof})
    assert paid.status_code == 201, paid.text
    headers["Idempotency-Key"] = str(uuid4())
    top_up = functions("payments-api").post("/v1/topups", json={"amount": 50_000}, headers=headers)
    assert top_up.status_code == 201, top_up.text
    session = victim.send("GET", "/v1/sessions").json["items"][0]["id"]
    return {"/v1/sessions": session, "/v1/transfers": paid.json["id"], "/v1/topups": top_up.json["id"]}


def send(functions: Callable[[str], FlaskClient], method: str, path: str, backend: str, person: Person) -> Any:
    headers = {"Authorization": f"Bearer {person.access_token}", "Idempotency-Key": str(uuid4())}
    return functions(backend).open(path, method=method, headers=headers)


def test_every_kind_of_id_is_tried() -> None:
    """A new route with an id fails here until the victim owns such a thing."""
    kinds = {re.sub(r"/\{.*", "", path) for _, path, _ in WITH_ID}
    assert kinds == {"/v1/sessions", "/v1/transfers", "/v1/topups"}


@pytest.mark.parametrize(("method", "path", "backend"), WITH_ID)
def test_another_persons_thing_is_not_there(
    functions: Callable[[str], FlaskClient],
    belongings: dict[str, str],
    victim: Person,
    attacker: Person,
    method: str,
    path: str,
    backend: str,
) -> None:
    """The attacker gets for the victim's id what they get for an id that never was: 404, word for word."""
    kind = re.sub(r"/\{.*", "", path)
    theirs, nobodys = (
        send(functions, method, re.sub(r"\{\w+\}", name, path), backend, attacker)
        for name in (belongings[kind], str(uuid4()))
    )
    assert theirs.status_code == nobodys.status_code == 404
    assert json.loads(theirs.data) | {"instance": ""} == json.loads(nobodys.data) | {"instance": ""}


@pytest.mark.parametrize(("method", "path", "backend"), [entry for entry in WITH_ID if entry[0] == "GET"])
def test_the_owner_sees_it(
    functions: Callable[[str], FlaskClient],
    belongings: dict[str, str],
    victim: Person,
    method: str,
    path: str,
    backend: str,
) -> None:
    """The attack above was on things that exist, and left them as they were."""
    kind = re.sub(r"/\{.*", "", path)
    answer = send(functions, method, re.sub(r"\{\w+\}", belongings[kind], path), backend, victim)
    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path", "backend"), PRIVATE)
def test_no_private_route_answers_without_a_token(
    functions: Callable[[str], FlaskClient], method: str, path: str, backend: str
) -> None:
    """Called directly, past the gateway, every route that is not marked public is 401 first of all."""
    address = re.sub(r"\{account_number\}", "100000000008", path)
    address = re.sub(r"\{\w+\}", str(UUID(int=7)), address)
    answer = functions(backend).open(address, method=method)
    assert (answer.status_code, answer.json["type"]) == (401, "/problems/unauthenticated")
