"""wallet — what you hold, and where it went.

GET    /v1/wallet                               number, balance, status; conditional by ETag
GET    /v1/wallet/entries                       the history, newest first, filtered and paged
GET    /v1/wallet/statement                     a period with opening and closing balance; JSON figures or CSV
GET    /v1/wallet/limits                        the limits and what is left of them today
GET    /v1/wallet/recipients                    favourites and people recently paid
PUT    /v1/wallet/recipients/{account_number}   keep as a favourite
DELETE /v1/wallet/recipients/{account_number}   stop keeping it
GET    /v1/accounts/{account_number}            the name check before a payment
"""

from typing import Any

import functions_framework
import msgspec
from flask import Request, Response

import history
import statement
from shared import ledger, money
from shared.auth import Caller
from shared.errors import AccountNotFound
from shared.http import Reply, Router, if_none_match
from shared.money import AccountNumber

router = Router()


class WalletView(msgspec.Struct, frozen=True):
    """The caller's wallet as the contract states it."""

    account_number: str
    balance: int
    currency: str
    status: str
    version: int
    updated_at: Any


class NameView(msgspec.Struct, frozen=True):
    """The name behind a number."""

    account_number: str
    name: str
    is_self: bool
    first_time: bool


@router.route("GET", "/v1/wallet")
def show(request: Request, caller: Caller) -> Reply:
    """Return the wallet; the account's version, which grows with every movement, is its ETag."""
    found = ledger.wallet(caller.user_id)
    etag = f"{found.account_number}-{found.version}-{found.status}"
    headers = {"ETag": f'"{etag}"'}
    if if_none_match(request, etag):
        return Reply(status=304, headers=headers)
    view = WalletView(found.account_number, found.balance, "IDR", found.status, found.version, found.updated_at)
    return Reply(view, headers=headers)


@router.route("GET", "/v1/wallet/entries")
def list_entries(caller: Caller, query: history.Query) -> history.Page:
    """Return a page of the history."""
    return history.page(caller.user_id, query)


@router.route("GET", "/v1/wallet/statement")
def download_statement(caller: Caller, query: statement.Query) -> statement.Figures | Response:
    """Return the figures of a period, or with format=csv its lines as a stream."""
    return statement.answer(caller.user_id, query)


@router.route("GET", "/v1/wallet/limits")
def show_limits(caller: Caller) -> ledger.Limits:
    """Return the limits of the caller's tier and how much of today's is used."""
    return ledger.limits(caller.user_id)


@router.route("GET", "/v1/wallet/recipients")
def list_recipients(caller: Caller) -> dict[str, Any]:
    """Return favourites first, then the people most recently paid."""
    return {"items": ledger.recipients(caller.user_id), "next_cursor": None}


@router.route("PUT", "/v1/wallet/recipients/{account_number}", status=204)
def keep_recipient(caller: Caller, account_number: AccountNumber) -> None:
    """Keep a recipient as a favourite."""
    ledger.save_favourite(caller.user_id, account_number, keep=True)


@router.route("DELETE", "/v1/wallet/recipients/{account_number}", status=204)
def drop_recipient(caller: Caller, account_number: AccountNumber) -> None:
    """Stop keeping a recipient; a repeat changes nothing."""
    ledger.save_favourite(caller.user_id, account_number, keep=False)


@router.route("GET", "/v1/accounts/{account_number}")
def check_name(caller: Caller, account_number: AccountNumber) -> NameView:
    """Return whose number it is; a name that the caller has never paid is masked."""
    if not money.luhn_is_valid(account_number):
        raise AccountNotFound("The check digit does not fit: a digit is wrong")
    found = ledger.check_name(caller.user_id, account_number)
    whole = found.is_self or not found.first_time
    name = found.holder_name if whole else money.mask_name(found.holder_name)
    return NameView(found.account_number, name, found.is_self, found.first_time)


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the routes above."""
    return router.dispatch(request)
