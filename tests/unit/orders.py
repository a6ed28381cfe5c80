"""A deployment with one route of each kind, for the tests of shared/http.py."""

from typing import Annotated, Any
from uuid import UUID

import functions_framework
import msgspec
from flask import Request, Response

from shared import errors, http
from shared.money import AccountNumber

router = http.Router()


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, msgspec.Meta(ge=1)]
    note: str = ""


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    q: str | None = None


@router.route("POST", "/v1/orders", status=201, public=True)
def create(body: Order) -> dict[str, Any]:
    return {"amount": body.amount, "note": body.note}


@router.route("GET", "/v1/orders", public=True)
def find(query: Page) -> dict[str, Any]:
    return {"limit": query.limit, "q": query.q}


@router.route("GET", "/v1/orders/{id}", public=True)
def show(id: UUID) -> dict[str, Any]:
    return {"id": id}


@router.route("GET", "/v1/accounts/{account_number}", public=True)
def account(account_number: AccountNumber) -> dict[str, Any]:
    return {"account_number": account_number}


@router.route("DELETE", "/v1/orders/{id}", status=204, public=True)
def remove(id: UUID) -> http.Reply:
    return http.Reply(headers={"X-Removed": str(id)})


@router.route("POST", "/v1/keys", public=True)
def keyed(request: Request) -> dict[str, Any]:
    return {"key": http.idempotency_key(request)}


@router.route("GET", "/v1/private")
def private() -> dict[str, Any]:
    return {}


@router.route("GET", "/v1/defect", public=True)
def defect() -> dict[str, Any]:
    raise RuntimeError("the password is demo-wallet-2026")


@router.route("GET", "/v1/refusal", public=True)
def refusal() -> dict[str, Any]:
    raise errors.InsufficientFunds(balance=15_000, short_by_amount=5_000)


@router.route("GET", "/v1/file", public=True)
def file() -> Response:
    return Response("a,b\n", mimetype="text/csv")


@functions_framework.http
def api(request: Request) -> Response:
    return router.dispatch(request)
