"""sessions — where somebody is signed in, and the refresh tokens that keep it so.

A refresh token is 256 random bits, kept as a SHA-256, used once. Its successor is HMAC(token, seed):
whoever still holds the token and asks again within 15 seconds (a lost answer, two tabs) gets the
very same successor from the stored seed; the database alone, or an old token alone, yields none.
"""

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import datetime
from functools import reduce
from uuid import UUID

import msgspec

from shared import clock, db
from shared.auth import Caller
from shared.errors import OutcomeUnknown, Unauthenticated, Unavailable

_ROTATE = "SELECT * FROM identity.rotate_refresh_token($1, $2, $3, $4)"
_LIST = "SELECT * FROM identity.list_sessions($1, $2, $3)"
_REVOKE = "SELECT identity.revoke_session($1, $2, $3, $4)"
_END_BY_TOKEN = "SELECT identity.end_session_of($1, $2)"  # noqa: S105 - a statement
_REVOKE_OTHERS = "SELECT identity.revoke_other_sessions($1, $2, $3)"

_TOKEN_BYTES = 32
_TOKEN_CHARACTERS = 43


class Session(msgspec.Struct, frozen=True):
    """One place where the caller is signed in."""

    id: UUID
    device: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class Renewed(msgspec.Struct, frozen=True):
    """A session after its refresh token was changed; `keep_until` is None when the browser decides."""

    user_id: UUID
    session_id: UUID
    token: str
    keep_until: datetime | None


def mint_token() -> tuple[str, bytes]:
    """Return a new refresh token and the digest to keep."""
    token = _text(secrets.token_bytes(_TOKEN_BYTES))
    return token, digest(token)


def digest(token: str) -> bytes:
    """Return what the database keeps of `token`."""
    return hashlib.sha256(token.encode("ascii")).digest()


def renew(token: str) -> Renewed:
    """Change a refresh token for its successor; raises Unauthenticated where it is good for nothing.

    A token that was used before revokes its whole session (see identity.rotate_refresh_token).
    """
    if not _is_token(token):
        raise Unauthenticated()
    seed = secrets.token_bytes(_TOKEN_BYTES)
    row = db.call(_ROTATE, digest(token), digest(_successor(token, seed)), seed, clock.now())[0]
    outcome, user_id, session_id, remember, expires_at, seeds = row
    if outcome not in {"rotated", "repeated"}:
        raise Unauthenticated("The session has ended")
    return Renewed(user_id, session_id, reduce(_successor, seeds, token), expires_at if remember else None)


def end_by_token(token: str) -> None:
    """End the session of a refresh token that a browser still holds when somebody signs in with it anew.

    Where the database is away just now the old session waits for its own end: the new one is open.
    """
    if _is_token(token):
        with suppress(Unavailable, OutcomeUnknown):
            db.call_once(_END_BY_TOKEN, digest(token), clock.now())


def of(caller: Caller) -> list[Session]:
    """Return where the caller is signed in, last seen first."""
    return [Session(*row) for row in db.call(_LIST, caller.user_id, caller.session_id, clock.now())]


def revoke(caller: Caller, session_id: UUID) -> None:
    """Sign out one of the caller's sessions; raises NotFound where it is not theirs."""
    db.call_once(_REVOKE, caller.user_id, caller.session_id, session_id, clock.now())


def revoke_others(caller: Caller) -> None:
    """Sign the caller out everywhere but here."""
    db.call_once(_REVOKE_OTHERS, caller.user_id, caller.session_id, clock.now())


def _is_token(text: str) -> bool:
    return len(text) == _TOKEN_CHARACTERS and text.isascii()


def _successor(token: str, seed: bytes) -> str:
    return _text(hmac.digest(token.encode("ascii"), seed, hashlib.sha256))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")
