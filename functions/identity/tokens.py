"""tokens — what this deployment alone can sign: access tokens and PIN proofs; and the JWKS to check them by.

SIGNING_KEYS is a JSON list of private EC P-256 JWKs. The first signs, all are published. To rotate,
publish the new key second, wait until every cache has seen it, move it to the front, wait until the
last token of the old one has expired, and take the old one out.
"""

import json
from functools import cache
from typing import Any, Literal
from uuid import UUID, uuid4

import jwt
import msgspec
from jwt.algorithms import ECAlgorithm

from digests import SettingInvalid
from shared import auth, clock, config
from shared.money import AccountNumber, Rupiah

# A revoked session's access token is good for this long outside identity; every renewal costs a
# round trip. Ten minutes is the contract's most.
ACCESS_SECONDS = 600
# From the PIN to the transfer is one request; two minutes also cover a lost connection in between.
PROOF_SECONDS = 120
# What of a JWK may be shown; everything else of a private key is the private key.
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "kid")


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"kind": "type"}):
    """The one payment that a PIN proof is good for."""

    kind: Literal["transfer"]
    id: UUID
    to_account: AccountNumber
    amount: Rupiah


class AccessToken(msgspec.Struct, frozen=True):
    """An access token as the contract hands it out."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name, RFC 6750
    expires_in: int = ACCESS_SECONDS


def access_token(user_id: UUID, session_id: UUID) -> AccessToken:
    """Return a fresh access token of this session (RFC 9068)."""
    claims = _claims(user_id, auth.ACCESS_AUDIENCE, ACCESS_SECONDS, sid=str(session_id))
    return AccessToken(_sign(claims, auth.ACCESS_TYPE))


def pin_proof(user_id: UUID, operation: Operation) -> str:
    """Return the proof that this user's PIN was right for exactly this operation."""
    claims = _claims(user_id, auth.PROOF_AUDIENCE, PROOF_SECONDS, op=msgspec.to_builtins(operation))
    return _sign(claims, auth.PROOF_TYPE)


@cache
def public_keys() -> dict[str, list[dict[str, str]]]:
    """Return the JWKS (RFC 7517) of every key, the signing one first."""
    return {
        "keys": [
            {member: key[member] for member in _PUBLIC_MEMBERS} | {"use": "sig", "alg": "ES256"}
            for key in _private_keys()
        ]
    }


def verifying_keys() -> dict[str, Any]:
    """Return the public keys by their ids, ready to verify with."""
    return {key["kid"]: jwt.PyJWK(key, algorithm="ES256").key for key in public_keys()["keys"]}


@cache
def _private_keys() -> list[dict[str, str]]:
    try:
        keys: list[dict[str, str]] = json.loads(config.require("SIGNING_KEYS"))
        if keys and all(_is_private_p256(key) for key in keys):
            return keys
    except (ValueError, TypeError, KeyError, AttributeError, jwt.InvalidKeyError):
        pass
    raise SettingInvalid("SIGNING_KEYS is not a JSON list of private EC P-256 JWKs with ids")


def _is_private_p256(key: dict[str, str]) -> bool:
    # Building it checks that the point lies on the curve and belongs to the private number.
    ECAlgorithm(ECAlgorithm.SHA256).from_jwk(key)
    return key["crv"] == "P-256" and bool(key["d"] and key["kid"])


@cache
def _signing_key() -> Any:
    return jwt.PyJWK(_private_keys()[0], algorithm="ES256").key


def _claims(user_id: UUID, audience: str, seconds: int, **more: object) -> dict[str, object]:
    now = int(clock.unix_time())
    return {
        "iss": config.require("TOKEN_ISSUER"),
        "aud": audience,
        "sub": str(user_id),
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + seconds,
        **more,
    }


def _sign(claims: dict[str, object], kind: str) -> str:
    headers = {"typ": kind, "kid": _private_keys()[0]["kid"]}
    return jwt.encode(claims, _signing_key(), algorithm="ES256", headers=headers)
