"""payments — top up by QR: two deployments of one folder.

`api`, for the wallet's owner; each route needs an access token:

POST /v1/topups                  ask for money; needs an Idempotency-Key
GET  /v1/topups                  the caller's top-ups, newest first
GET  /v1/topups/{id}             one of them, with an ETag; settles what was left half done
POST /v1/topups/{id}/cancel      close it before anybody pays
GET  /v1/topups/{id}/qr.svg      the QR that holds pay_url
GET  /v1/topups/{id}/qr.png      the same as pixels
GET  /v1/topups/{id}/sheet.svg   the same on a page to print

`callback`, for payer and provider; public, and nothing is read for a forged request:

GET  /v1/pay/{token}             what the payer is asked; changes nothing
POST /v1/pay/{token}             the payer's decision
POST /v1/payments/callback       the provider's webhook, signed
"""

from typing import Annotated, Any
from uuid import UUID

import functions_framework
import msgspec
from flask import Request, Response
from msgspec import Meta

import codes
import confirmations
import intents
import signatures
import webhooks
from shared import config, errors, strict_json
from shared.auth import Caller
from shared.http import Reply, Router, idempotency_key, if_none_match, raw_body
from shared.money import Rupiah
from shared.topups import settlement
from throttles import Throttle

router = Router()
public_router = Router()
# An instance that lacks a key stops here, by its name, and not at somebody's payment. The framework
# says which of the two deployments this is.
signatures.require_keys(config.require("FUNCTION_TARGET"))

# The web app asks once a second while a QR is shown; ten devices at once are more than anybody has.
POLLS = Throttle(per_second=10, burst=20)
# A page is opened once by a payer and a few times by previews; more is somebody else's loop.
LOOKS = Throttle(per_second=10, burst=50)
# A thumb presses once, a nervous one a few times, and an answer that was lost is asked for again.
DECISIONS = Throttle(per_second=10, burst=100)
# A person asks for a QR, looks, and asks again; each costs a document for 90 days.
REQUESTS = Throttle(per_second=5, burst=20)


class NewTopUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much the caller wants to receive."""

    amount: Rupiah


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of the list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=200)] | None = None


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the payer pressed."""

    decision: confirmations.Decision


@router.route("POST", "/v1/topups", status=201)
def create(request: Request, caller: Caller, body: NewTopUp) -> Reply:
    """Ask for money: the first time a new top-up, with the same key the same answer."""
    key = idempotency_key(request)
    REQUESTS.admit(caller.user_id)
    top_up, replayed = intents.request(key, user_id=caller.user_id, amount=body.amount)
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Reply(intents.first_view(top_up), headers=headers)


@router.route("GET", "/v1/topups")
def listing(caller: Caller, query: Page) -> dict[str, Any]:
    """List the caller's top-ups."""
    POLLS.admit((caller.user_id, "list"))
    return intents.page(caller.user_id, limit=query.limit, cursor=query.cursor)


@router.route("GET", "/v1/topups/{id}")
def show(request: Request, caller: Caller, id: UUID) -> Reply:
    """Show one top-up with one read of the store, and go on with a settlement that a crash left."""
    POLLS.admit((caller.user_id, id))
    # failpoint: payments.before_poll
    top_up = settlement.finish(intents.own(id, caller.user_id), by="poll")
    headers = {"ETag": f'"{intents.etag(top_up)}"'}
    if if_none_match(request, intents.etag(top_up)):
        return Reply(status=304, headers=headers)
    return Reply(intents.view(top_up), headers=headers)


@router.route("POST", "/v1/topups/{id}/cancel")
def cancel(caller: Caller, id: UUID) -> intents.View:
    """Close a top-up before anybody pays."""
    POLLS.admit((caller.user_id, id))
    return intents.view(intents.cancel(intents.own(id, caller.user_id)))


@router.route("GET", "/v1/topups/{id}/qr.svg")
def qr_svg(caller: Caller, id: UUID) -> Response:
    """Draw the QR as SVG."""
    POLLS.admit((caller.user_id, id))
    return Response(codes.svg(intents.pay_url(intents.own(id, caller.user_id))), mimetype="image/svg+xml")


@router.route("GET", "/v1/topups/{id}/qr.png")
def qr_png(caller: Caller, id: UUID) -> Response:
    """Draw the QR as PNG."""
    POLLS.admit((caller.user_id, id))
    return Response(codes.png(intents.pay_url(intents.own(id, caller.user_id))), mimetype="image/png")


@router.route("GET", "/v1/topups/{id}/sheet.svg")
def sheet_svg(caller: Caller, id: UUID) -> Response:
    """Draw the QR on a page to print."""
    POLLS.admit((caller.user_id, id))
    top_up = intents.own(id, caller.user_id)
    return Response(codes.sheet(top_up, intents.pay_url(top_up)), mimetype="image/svg+xml")


@public_router.route("GET", "/v1/pay/{token}", public=True)
def show_offer(token: str) -> confirmations.Offer:
    """Tell the payer who is paid and how much."""
    top_up_id = signatures.read_pay_token(token).top_up_id
    LOOKS.admit(top_up_id)
    return confirmations.offer(top_up_id)


@public_router.route("POST", "/v1/pay/{token}", public=True)
def decide(token: str, body: Decision) -> dict[str, str]:
    """Take the payer's decision."""
    top_up_id = signatures.read_pay_token(token).top_up_id
    DECISIONS.admit(top_up_id)
    return {"status": confirmations.decide(top_up_id, body.decision)}


@public_router.route("POST", "/v1/payments/callback", public=True)
def receive(request: Request) -> dict[str, str]:
    """Take the provider's report: the signature is checked over the raw bytes before they mean anything."""
    body = raw_body(request)
    signature = request.headers.get("X-Signature", "")
    signatures.check_webhook(signature, method=request.method, path=request.path, body=body)
    if request.mimetype != "application/json":
        raise errors.UnsupportedMediaType()
    return {"status": webhooks.receive(strict_json.decode(body, webhooks.Report))}


@functions_framework.http
def api(request: Request) -> Response:
    """Answer the wallet's owner."""
    return router.dispatch(request)


@functions_framework.http
def callback(request: Request) -> Response:
    """Answer payer and provider."""
    return public_router.dispatch(request)
