"""auth — access tokens and PIN proofs, verified by public key alone.

Every function verifies the caller's token itself: the gateway's word (X-Apigateway-Api-Userinfo)
is never taken, because a direct call could forge it. Tokens are JWTs signed with ES256 by
`identity`; only their public keys are known here.
"""

from typing import Any
from uuid import UUID

import jwt
import msgspec
from werkzeug.datastructures import Headers

from shared import clock, config, keys
from shared.errors import PinProofInvalid, Unauthenticated

ACCESS_AUDIENCE = "e-wallet-lite"
ACCESS_TYPE = "at+jwt"  # RFC 9068, section 2.1
PROOF_AUDIENCE = "e-wallet-lite/pin-proof"
PROOF_TYPE = "pin-proof+jwt"
# Two machines' clocks may differ by this much before a fresh token is refused.
LEEWAY_SECONDS = 5
# Our longest token is below 1 KiB; longer ones are not worth parsing.
TOKEN_BYTES_MAX = 4096

# Times are checked below against our own clock, which a developer may move in a local run.
_UNTIMED = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


class Caller(msgspec.Struct, frozen=True):
    """Who is calling, as the access token says."""

    user_id: UUID
    session_id: UUID


class TokenInvalid(Exception):
    """A token is not one that `identity` made for this purpose, or its time is over."""


def bearer_token(headers: Headers) -> str:
    """Return the caller's bearer token, or raise Unauthenticated.

    API Gateway puts its own token into Authorization and the caller's into
    X-Forwarded-Authorization; both lead to a signature check, so neither has to be trusted.
    """
    value = headers.get("X-Forwarded-Authorization") or headers.get("Authorization") or ""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated()
    return token


def verify_access_token(token: str) -> Caller:
    """Return the caller that the access token names; raises Unauthenticated, or Unavailable without keys."""
    try:
        claims = _verify(token, audience=ACCESS_AUDIENCE, kind=ACCESS_TYPE, required=("sid",))
        return Caller(UUID(claims["sub"]), UUID(claims["sid"]))
    except (TokenInvalid, ValueError, TypeError, AttributeError) as error:
        raise Unauthenticated("The access token is not valid") from error


def require_pin_proof(headers: Headers, caller: Caller, *, operation: UUID, payee: str, amount: int) -> None:
    """Check that X-Pin-Proof was made by this caller for exactly this transfer.

    `operation` is the transfer's id, `payee` an account number, `amount` whole rupiah: the
    dynamic linking of payment services (PSD2 RTS, article 5). Raises PinProofInvalid.
    """
    expected = {"type": "transfer", "id": str(operation), "to_account": payee, "amount": amount}
    try:
        claims = _verify(headers.get("X-Pin-Proof", ""), audience=PROOF_AUDIENCE, kind=PROOF_TYPE, required=("op",))
    except TokenInvalid as error:
        raise PinProofInvalid() from error
    if claims["sub"] != str(caller.user_id) or claims["op"] != expected:
        raise PinProofInvalid("The PIN proof belongs to another operation")


def _verify(token: str, *, audience: str, kind: str, required: tuple[str, ...]) -> dict[str, Any]:
    if len(token) > TOKEN_BYTES_MAX:
        raise TokenInvalid
    options: Any = {"require": ["iss", "aud", "sub", "jti", "iat", "exp", *required], **_UNTIMED}
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != kind or header.get("alg") != "ES256":
            raise TokenInvalid
        claims: dict[str, Any] = jwt.decode(
            token,
            keys.public_key(header.get("kid")),
            algorithms=["ES256"],
            audience=audience,
            issuer=config.require("TOKEN_ISSUER"),
            options=options,
        )
    except (jwt.InvalidTokenError, keys.UnknownKey) as error:
        raise TokenInvalid from error
    _check_times(claims)
    return claims


def _check_times(claims: dict[str, Any]) -> None:
    now = clock.unix_time()
    times = [claims["iat"], claims["exp"], claims.get("nbf", 0)]
    if not all(type(value) is int for value in times):
        raise TokenInvalid
    issued, expires, not_before = times
    if expires <= now - LEEWAY_SECONDS or max(issued, not_before) > now + LEEWAY_SECONDS:
        raise TokenInvalid
