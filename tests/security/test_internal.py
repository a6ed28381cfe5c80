"""What only the platform calls (the relay, the deliveries, the reconciliation) is nobody else's to call.

In the cloud IAM is the wall: each such deployment has one invoker, the account of its trigger
(tests/terraform/test_rights.py). Here: no path leads to them through the gateway, and the one that
takes messages refuses whoever has no token of our push subscriptions.
"""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.environment import deployments
from emulators.gateway.routes import NoSuchMethod, NoSuchPath, Routes
from tests.contract.openapi import METHODS, document, operations
from tests.security.test_matrix import platform_token

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = sorted(name for name, one in deployments().items() if one["trigger"] in {"schedule", "push"})
PATHS = [
    "/", "", "//", "/healthz", "/v1", "/v1/", "/v1//", "/v1/relay-drain", "/v1/reconciliation-check",
    "/v1/notifications-deliver", "/projects/p/topics/wallet-events", "/v1/projects/p/topics/wallet-events",
    "/v1/../projects/p/topics/wallet-events", "/v1/%2e%2e/projects/p/topics/t", "/v1/notifications/../..", "/_ah/push",
]  # fmt: skip


def test_the_internal_deployments_are_these() -> None:
    """A new one fails here until it is thought of."""
    assert INTERNAL == ["notifications-deliver", "reconciliation-check", "relay-drain"]


def test_no_operation_leads_to_them() -> None:
    """Neither the contract nor its list of backends names one."""
    assert not {operation.backend for operation in operations()} & set(INTERNAL)
    assert not document()["x-google-api-management"]["backends"].keys() & set(INTERNAL)


@pytest.fixture(scope="module")
def routes() -> Routes:
    """What the gateway makes of the contract."""
    return Routes(yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("method", "path"), [*itertools.product([*METHODS, "head", "options"], PATHS)])
def test_the_gateway_knows_no_such_path(method: str, path: str, routes: Routes) -> None:
    with pytest.raises((NoSuchPath, NoSuchMethod)):
        routes.find(method.upper(), path)


TOKENS = {
    "nothing": lambda world: {},
    "a person's token": lambda world: {"Authorization": f"Bearer {world.person.token}"},
    "a forged account of the platform": lambda world: {"Authorization": f"Bearer {platform_token(world.person)}"},
    "a token without a signature": lambda world: {"Authorization": "Bearer e30.e30.SIGNATURE_REMOVED_BY_GOOGLE"},
    "the gateway's word": lambda world: {"X-Apigateway-Api-Userinfo": "e30"},
}


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("topic", ["wallet-events", "wallet-notices"])
def test_deliveries_are_taken_from_pub_sub_alone(world, load, token: str, topic: str) -> None:
    """403, whatever the message says, and nothing is delivered."""
    settings = {"ENVIRONMENT": "prod", "PUSH_AUDIENCE": "https://deliver.test", "PUSH_SERVICE_ACCOUNT": "push@p.iam"}
    deliver = load("notifications", "deliver", **settings).app.test_client()
    message: dict[str, Any] = {"message": {"data": "e30=", "attributes": {}}, "subscription": "s"}
    answer = deliver.post(f"/projects/p/topics/{topic}", json=message, headers=TOKENS[token](world))
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/forbidden")
