"""The transfers function without its database: the same parsing and checks, and a constant answer."""

from datetime import UTC, datetime

import functions_framework
import msgspec
from flask import Request, Response

from shared import auth
from shared.auth import Caller
from shared.http import Reply, Router, idempotency_key
from shared.money import AccountNumber, Note, Rupiah

router = Router()
POSTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class NewTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender asks for."""

    to_account: AccountNumber
    amount: Rupiah
    note: Note = ""


@router.route("POST", "/v1/transfers", status=201)
def create(request: Request, caller: Caller, body: NewTransfer) -> Reply:
    """Check everything that is checked before the money moves, and answer."""
    key = idempotency_key(request)
    auth.require_pin_proof(request.headers, caller, operation=key, payee=body.to_account, amount=body.amount)
    answer = {
        "id": key, "kind": "transfer", "amount": body.amount, "from_account": "100000000001", "to_account": body.to_account,
        "counterparty_name": "Someone", "note": body.note, "balance_after": 1, "posted_at": POSTED_AT,
    }  # fmt: skip
    return Reply(answer)


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the route above."""
    return router.dispatch(request)
