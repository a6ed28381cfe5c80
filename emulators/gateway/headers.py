"""What a function receives from the gateway, and what a caller gets back."""

import time
from collections.abc import Iterable
from email.utils import formatdate

import jwt
from multidict import CIMultiDict, CIMultiDictProxy

from shared import clock

# RFC 9110, section 7.6.1: these belong to one connection and are never passed on.
HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
USERINFO = "X-Apigateway-Api-Userinfo"
FORWARDED_AUTHORIZATION = "X-Forwarded-Authorization"
TOKEN_SECONDS = 3600


def to_function(
    headers: CIMultiDictProxy[str], *, peer: str, scheme: str, audience: str, userinfo: str | None
) -> CIMultiDict[str]:
    """The headers of a caller as a function gets them.

    Authorization is replaced by the gateway's own identity, and the caller's moves to
    X-Forwarded-Authorization. `userinfo` is what the token's check found. As with Google's,
    a caller without Authorization can send X-Forwarded-Authorization itself, and on public
    operations the userinfo header too: functions must not believe either.
    """
    passed = _end_to_end(headers, {"host", "content-length", "expect"})
    if "Authorization" in headers:
        passed[FORWARDED_AUTHORIZATION] = headers["Authorization"]
    if userinfo is not None:
        passed[USERINFO] = userinfo
    passed["Authorization"] = f"Bearer {_identity_token(audience)}"
    passed["X-Forwarded-For"] = ", ".join([*headers.getall("X-Forwarded-For", []), peer])
    passed["X-Forwarded-Proto"] = scheme
    passed["X-Forwarded-Host"] = headers.get("Host", "")
    return passed


def to_caller(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers of a function's answer as the caller gets them."""
    return _end_to_end(headers, {"server", "date", "content-length"})


def date() -> str:
    """The product's time as an answer's Date: a client that counts down to a moment of ours counts by this clock."""
    return formatdate(clock.unix_time(), usegmt=True)


def _end_to_end(headers: CIMultiDictProxy[str], besides: Iterable[str]) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    dropped = HOP_BY_HOP | named | set(besides)
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _identity_token(audience: str) -> str:
    """A token in the form of the gateway's service account; locally nobody checks it."""
    claims = {"iss": "https://accounts.google.com", "aud": audience, "email": "gateway@local.iam.gserviceaccount.com"}
    return jwt.encode(claims | {"exp": int(time.time()) + TOKEN_SECONDS}, "the local gateway signs for nobody!")
