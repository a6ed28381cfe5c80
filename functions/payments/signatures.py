"""signatures — what is genuine is known before any store is asked: pay tokens and webhook signatures.

A pay token is `<key id>.<base64url of 16 bytes id, 5 bytes expiry, 16 bytes HMAC-SHA256>`. The 37
bytes end on two significant bits, so a token never ends in `z`, which Google reserves at the end
of a path. Two keys may be active: the first signs, both verify, so a key is rotated by putting
the new one in front and dropping the old one after the longest window.
"""

import base64
import binascii
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from shared import clock, config
from shared.errors import NotFound, SignatureInvalid

# 128 bits cannot be guessed online, and keep the QR at a size that any camera reads.
MAC_BYTES: Final = 16
EXPIRY_BYTES: Final = 5
KEYS_MAX: Final = 2
KEY_BYTES_MIN: Final = 32
# Longer than any token or header of ours; anything longer is not worth parsing.
TEXT_MAX: Final = 200
# The provider's clock may be this wrong, and a captured call can be repeated for this long.
SKEW: Final = timedelta(seconds=300)

# What each entry point signs or verifies with.
KEYS_OF: Final = {"api": ("PAY_TOKEN_KEYS",), "callback": ("PAY_TOKEN_KEYS", "PROVIDER_KEYS")}

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_HEADER = re.compile(r"t=([0-9]{1,12}),kid=([A-Za-z0-9_-]{1,16}),v1=([0-9a-f]{64})", re.ASCII)


class SecretInvalid(RuntimeError):
    """A secret is there and cannot be used; the message names it and never shows its value."""


class Claim(msgspec.Struct, frozen=True):
    """What a genuine pay token says."""

    top_up_id: UUID
    expires_at: datetime


def require_keys(target: str) -> None:
    """Raise ConfigMissing or SecretInvalid unless every key that the entry point `target` needs is there."""
    for name in KEYS_OF[target]:
        _keys(name)


def pay_token(top_up_id: UUID, expires_at: datetime) -> str:
    """Return the token that lets its holder see and decide this top-up."""
    key_id = next(iter(_keys("PAY_TOKEN_KEYS")))
    return _token(key_id, top_up_id, int(expires_at.timestamp()))


def read_pay_token(token: str) -> Claim:
    """Return what a token of ours says, or raise NotFound; reads nothing but the keys.

    The token is made again from what it claims and compared as a whole: an altered, truncated or
    differently encoded one is not ours.
    """
    key_id, _, packed = token[:TEXT_MAX].partition(".")
    try:
        content = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        top_up_id = UUID(bytes=content[:16])
        expiry = int.from_bytes(content[16 : 16 + EXPIRY_BYTES])
        ours = _token(key_id, top_up_id, expiry)
    except (ValueError, KeyError, binascii.Error) as error:
        raise NotFound() from error
    if not hmac.compare_digest(ours.encode(), token.encode()):
        raise NotFound()
    return Claim(top_up_id, datetime.fromtimestamp(expiry, UTC))


def check_webhook(header: str, *, method: str, path: str, body: bytes) -> None:
    """Check the provider's X-Signature over the bytes as they came; raises SignatureInvalid.

    The header is `t=<unix>,kid=<id>,v1=<hex HMAC-SHA256 of t.method.path.body>`.
    """
    parts = _HEADER.fullmatch(header[:TEXT_MAX])
    if parts is None:
        raise SignatureInvalid()
    moment, key_id, given = parts.groups()
    key = _keys("PROVIDER_KEYS").get(key_id)
    if key is None:
        raise SignatureInvalid()
    signed = b".".join([moment.encode(), method.encode(), path.encode(), body])
    if not hmac.compare_digest(hmac.digest(key, signed, "sha256").hex(), given):
        raise SignatureInvalid()
    if abs(clock.unix_time() - int(moment)) > SKEW.total_seconds():
        raise SignatureInvalid("The signature is too old or from the future")


def _token(key_id: str, top_up_id: UUID, expiry: int) -> str:
    content = top_up_id.bytes + expiry.to_bytes(EXPIRY_BYTES)
    mac = hmac.digest(_keys("PAY_TOKEN_KEYS")[key_id], b"pay." + key_id.encode() + b"." + content, "sha256")
    return f"{key_id}.{base64.urlsafe_b64encode(content + mac[:MAC_BYTES]).decode().rstrip('=')}"


def _keys(name: str) -> dict[str, bytes]:
    return _decoded_keys(name, config.require(name))


@lru_cache(maxsize=4)
def _decoded_keys(name: str, text: str) -> dict[str, bytes]:
    """Return the keys of a secret by id, the signing one first; raises SecretInvalid."""
    try:
        keys = {key_id: base64.b64decode(key) for key_id, key in msgspec.json.decode(text, type=dict[str, str]).items()}
    except (msgspec.MsgspecError, binascii.Error):
        raise SecretInvalid(f"{name} is not a JSON object of base64 by key id") from None
    if not 1 <= len(keys) <= KEYS_MAX:
        raise SecretInvalid(f"{name} holds one or two keys")
    if any(len(key) < KEY_BYTES_MIN for key in keys.values()):
        raise SecretInvalid(f"a key of {name} is shorter than {KEY_BYTES_MIN} bytes")
    if not all(_KEY_ID.fullmatch(key_id) for key_id in keys):
        raise SecretInvalid(f"a key id of {name} has other signs than letters, digits, - and _")
    return keys
