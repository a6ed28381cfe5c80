"""A small inhabited world behind the contract: every deployment in one process, people, and what they have made."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from werkzeug.test import Client

from tests.contract.openapi import Operation, operations
from tests.deployment import Deployment
from tests.tokens import Signer

PASSWORD = "quiet-river-2026"
PIN = "482915"


@cache
def patterns() -> list[tuple[re.Pattern[str], Operation]]:
    """Each operation with the pattern of its path; literal segments are tried before parameters."""
    found = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path).replace(".", r"\.")), one) for one in operations()]
    return sorted(found, key=lambda pair: pair[1].path.count("{"))


class Gateway:
    """A WSGI application that hands each request to the deployment that the contract names for its path."""

    def __init__(self) -> None:
        self.deployments: dict[str, Deployment] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        backend = next((one.backend for pattern, one in patterns() if pattern.fullmatch(path)), "wallet-api")
        deployment = self.deployments[backend]
        with deployment.active():
            return list(deployment.app.wsgi_app(environ, start_response))


@dataclass
class Person:
    """Somebody who is signed in."""

    username: str
    user_id: str
    account_number: str
    token: str
    topups: list[str] = field(default_factory=list)
    transfers: list[str] = field(default_factory=list)
    pay_tokens: list[str] = field(default_factory=list)


class World:
    """Two people at a time, with money and history; a new first one when something befell the old."""

    def __init__(self, gateway: Gateway, signer: Signer) -> None:
        self.client = Client(gateway)
        self.signer = signer
        self.random = random.Random(2026)
        self.friend = self.register()
        self.person = self.settle_in(self.register())

    def send(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Any:
        """Send one request and return its answer; anything but success is an error of the test."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": f"Bearer {token}"} if token else {}
        given["X-Forwarded-For"] = self.address()
        answer = self.client.open(path, method=method, json=body, headers=given)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.json

    def address(self) -> str:
        """An address that no throttle has met."""
        return ".".join(str(self.random.randrange(1, 255)) for _ in range(4))

    def register(self) -> Person:
        """Register somebody."""
        username = f"u{uuid4().hex[:20]}"
        body = {"username": username, "password": PASSWORD, "pin": PIN, "full_name": "Dewi Lestari"}
        found = self.send("POST", "/v1/users", body)
        return Person(username, found["user"]["id"], found["account_number"], found["access_token"])

    def settle_in(self, person: Person) -> Person:
        """Give somebody money, a waiting top-up, and a payment to the friend."""
        paid, _waiting = (self.top_up(person) for _ in range(2))
        self.send("POST", f"/v1/pay/{paid}", {"decision": "approve"})
        key = str(uuid4())
        body = {"to_account": self.friend.account_number, "amount": 1_000, "note": "Makan siang"}
        proof = self.proof(person, key, body)
        self.send("POST", "/v1/transfers", body, token=person.token, Idempotency_Key=key, X_Pin_Proof=proof)
        person.transfers.append(key)
        return person

    def top_up(self, person: Person) -> str:
        """Make a top-up and return the token of its QR."""
        key = str(uuid4())
        made = self.send("POST", "/v1/topups", {"amount": 50_000}, token=person.token, Idempotency_Key=key)
        person.topups.append(made["id"])
        person.pay_tokens.append(made["pay_url"].rsplit("/", 1)[1])
        return person.pay_tokens[-1]

    def proof(self, person: Person, key: str, body: dict[str, Any]) -> str:
        """A PIN proof for a transfer, as identity would sign it."""
        return self.signer.pin_proof(UUID(person.user_id), UUID(key), body["to_account"], body["amount"])

    def renew(self) -> None:
        """Somebody new takes the place of a person who is signed out, locked or throttled."""
        self.person = self.settle_in(self.register())
