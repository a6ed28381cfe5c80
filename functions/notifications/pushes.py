"""pushes — a message as Pub/Sub pushes it, and the proof that it was Pub/Sub.

In the cloud the platform lets nobody but the pushing service account in (roles/run.invoker) and
takes the signature off the token that it has verified. What is left to check here, in case another
account is ever let in, is whose token it was and for whom. A service that is open to everybody
gets tokens that nobody has verified, and this check could not tell: that no function is open is
held by tests/terraform/test_rights.py. The local emulator sends no token.
"""

import base64
import binascii
import json
from functools import partial
from typing import Any

import msgspec
from flask import Request

from shared import clock, config, events
from shared.errors import Forbidden, Malformed

# What Cloud Run puts in the place of the signature of a token that it has verified.
VERIFIED = "SIGNATURE_REMOVED_BY_GOOGLE"

# Google's certificates come in milliseconds; Pub/Sub waits 30 s for our answer.
CERTIFICATES_TIMEOUT_SECONDS = 5

ISSUERS = ("https://accounts.google.com", "accounts.google.com")


class Message(msgspec.Struct, frozen=True):
    """A Pub/Sub message (PubsubMessage in the REST reference)."""

    data: str
    attributes: dict[str, str] = {}


class Push(msgspec.Struct, frozen=True):
    """The wrapper in which Pub/Sub pushes a message."""

    message: Message
    subscription: str


def event_in(push: Push) -> events.Event:
    """Return the event of a push. Raises Malformed for anything that is none."""
    try:
        data = base64.b64decode(push.message.data, validate=True)
        return events.decode(push.message.attributes.get("event_type", ""), data)
    except (binascii.Error, events.EventInvalid) as error:
        raise Malformed("The message holds no event") from error


def require_pub_sub(request: Request) -> None:
    """Raise Forbidden unless the request carries the token of our push subscriptions."""
    if config.is_local():
        return
    claims = _claims(request.headers.get("Authorization", "").removeprefix("Bearer "))
    expected = {
        "aud": config.require("PUSH_AUDIENCE"),
        "email": config.require("PUSH_SERVICE_ACCOUNT"),
        "email_verified": True,
    }
    if any(claims.get(name) != value for name, value in expected.items()):
        raise Forbidden("The token is not that of our push subscriptions")


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a token that Google signed."""
    if token.endswith(f".{VERIFIED}"):
        return _verified_claims(token)
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request as Transport
    from google.oauth2 import id_token

    try:
        fetch = partial(Transport(), timeout=CERTIFICATES_TIMEOUT_SECONDS)
        return dict(id_token.verify_oauth2_token(token, fetch))  # type: ignore[no-untyped-call]  # it has no types
    except (ValueError, GoogleAuthError) as error:
        raise Forbidden("There is no token of Google's") from error


def _verified_claims(token: str) -> dict[str, Any]:
    try:
        body = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError) as error:
        raise Forbidden("The token cannot be read") from error
    if claims.get("iss") not in ISSUERS or int(claims.get("exp", 0)) < clock.unix_time():
        raise Forbidden("The token is not valid now")
    return claims
