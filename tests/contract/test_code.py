"""openapi.yaml and the code: the same routes, the same bodies, the same answers."""

import inspect
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from emulators.environment import Stack, deployments
from tests.contract.openapi import Operation, document, operations, properties
from tests.deployment import Deployment

SERVED = sorted(document()["x-google-api-management"]["backends"])
EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)


@pytest.fixture(scope="session")
def routes(secrets: dict[str, str]) -> Callable[[str], dict[tuple[str, str], Any]]:
    """The routes of a deployment, as it registers them when it starts; no store is needed for that."""
    stack = Stack(secrets, database_port=1, firestore="127.0.0.1:1", bigquery="http://127.0.0.1:1")

    @cache
    def load(name: str) -> dict[tuple[str, str], Any]:
        described = deployments()[name]
        loaded = Deployment(described["folder"], described["entry_point"], stack.of(name))
        main = loaded.modules["main"]
        routers = [value for value in vars(main).values() if type(value).__name__ == "Router"]
        answering = [one for one in routers if len(routers) == 1 or _belongs(name, one, main)]
        registered = {(method, route.path): route for one in answering for method, route in one.routes}
        registered.pop(("GET", "/healthz"), None)  # for the platform alone; the gateway does not list it
        return registered

    return load


def _belongs(name: str, router: Any, main: Any) -> bool:
    """Whether the entry point of a folder with two of them dispatches to this router."""
    entry_point = inspect.unwrap(getattr(main, deployments()[name]["entry_point"]))
    names = entry_point.__code__.co_names
    return any(getattr(main, one, None) is router for one in names)


@pytest.mark.parametrize("name", SERVED)
def test_a_deployment_serves_the_routes_that_the_gateway_sends_it(routes, name):
    listed = {(operation.method, operation.path) for operation in operations() if operation.backend == name}
    assert listed == set(routes(name))


@EVERY
def test_what_is_public_in_the_contract_is_public_in_the_code(routes, operation):
    """The refresh route has no access token either: its cookie is checked by its handler."""
    assert route_of(routes, operation).public == operation.is_public


@EVERY
def test_the_status_of_success_is_the_routes(routes, operation):
    route = route_of(routes, operation)
    [stated] = [status for status in operation.responses if 200 <= status < 300]
    returned = typing.get_type_hints(route.handler).get("return")
    if getattr(returned, "__name__", "") != "Reply":
        assert route.status == stated


@EVERY
def test_a_body_is_the_struct_that_the_handler_takes(routes, operation):
    struct = route_of(routes, operation).parameters.get("body")
    if operation.id == "receiveProviderEvent":
        pytest.skip("the signature is checked over the raw bytes before they are decoded")
    assert (struct is None) == (operation.body is None)
    if struct is not None:
        fields = msgspec.structs.fields(struct)
        stated, required = properties(operation.body)
        assert {field.encode_name for field in fields} == stated
        assert {field.encode_name for field in fields if field.required} == required


@EVERY
def test_a_query_is_the_struct_that_the_handler_takes(routes, operation):
    struct = route_of(routes, operation).parameters.get("query")
    stated = {one["name"]: one.get("required", False) for one in operation.parameters if one["in"] == "query"}
    taken = {field.encode_name: field.required for field in msgspec.structs.fields(struct)} if struct else {}
    assert taken == stated


@EVERY
def test_an_answer_is_the_struct_that_the_handler_returns(routes, operation):
    """Answers that carry headers are held to the contract when they are sent; see test_answers.py."""
    returned = typing.get_type_hints(route_of(routes, operation).handler).get("return")
    for struct in typing.get_args(returned) or [returned]:
        if isinstance(struct, type) and issubclass(struct, msgspec.Struct) and struct.__name__ != "Reply":
            stated, required = properties(operation.success)
            assert {field.encode_name for field in msgspec.structs.fields(struct)} == stated == required


def route_of(routes: Callable[[str], dict[tuple[str, str], Any]], operation: Operation) -> Any:
    return routes(operation.backend)[(operation.method, operation.path)]
