"""transfers — move money between two wallets.

POST /v1/transfers        needs an access token, an Idempotency-Key and a PIN proof
GET  /v1/transfers/{id}   the receipt, for either party
"""

from uuid import UUID

import functions_framework
import msgspec
from flask import Request, Response

from shared import auth, ledger
from shared.auth import Caller
from shared.errors import PinProofInvalid
from shared.http import Reply, Router, idempotency_key
from shared.money import AccountNumber, Note, Rupiah

router = Router()


class NewTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender asks for."""

    to_account: AccountNumber
    amount: Rupiah
    note: Note = ""


@router.route("POST", "/v1/transfers", status=201)
def create(request: Request, caller: Caller, body: NewTransfer) -> Reply:
    """Pay `to_account`, once per key for ever; a repeat gets the first answer without a new proof."""
    transfer_id = idempotency_key(request)
    try:
        auth.require_pin_proof(
            request.headers, caller, operation=transfer_id, payee=body.to_account, amount=body.amount
        )
    except PinProofInvalid:
        if not ledger.is_posted(transfer_id, sender=caller.user_id):
            raise
    # failpoint: transfers.proof_checked
    transfer, replayed = ledger.transfer(
        transfer_id, sender=caller.user_id, payee=body.to_account, amount=body.amount, note=body.note
    )
    # failpoint: transfers.before_answer
    return Reply(transfer, headers={"Idempotency-Replayed": "true"} if replayed else {})


@router.route("GET", "/v1/transfers/{id}")
def show(caller: Caller, id: UUID) -> ledger.Receipt:
    """Return the receipt; to everybody but the two parties the transfer does not exist."""
    return ledger.receipt(caller.user_id, id)


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the routes above."""
    return router.dispatch(request)
