"""digests — passwords and PINs at rest: bcrypt over a peppered HMAC.

    <pepper version>:<bcrypt of base64(HMAC-SHA384(pepper, domain ‖ owner ‖ secret))>

The pepper lives outside the database: a stolen table alone cannot be searched, not even for six
digits. The HMAC takes secrets of any length into bcrypt's 72 bytes; its domain keeps a PIN's
digest from ever being a password's, and its owner keeps one user's digest from being another's.
Peppers and costs may be raised at any time: a digest is renewed at the next success.
"""

import base64
import hashlib
import hmac
import json
from functools import cache
from uuid import UUID

import bcrypt
import msgspec

import turnstile
from shared import config

# bcrypt of cost 16 takes 4 s: more would be a way to stop the service by a typing error.
COST_MAX = 16
# In a local run the suites may hash at bcrypt's lowest cost; elsewhere the floor is the floor.
LOCAL_COST_MIN = 4
PEPPER_BYTES_MIN = 32
# Any well-formed salt and hash: nothing hashes to it that anybody could find.
_NOBODY = "." * 22 + "." * 31


class Recipe(msgspec.Struct, frozen=True):
    """How one kind of secret is hashed."""

    domain: bytes
    peppers_variable: str
    cost_variable: str
    cost_floor: int


# A password is hashed at 12 (234 ms); a PIN at 10 (59 ms), for it is asked at every payment and
# its strength is the pepper and the lock after five tries, not the hash.
PASSWORD = Recipe(b"e-wallet-lite/password/1", "PASSWORD_PEPPERS", "PASSWORD_COST", 12)
PIN = Recipe(b"e-wallet-lite/pin/1", "PIN_PEPPERS", "PIN_COST", 10)


class SettingInvalid(RuntimeError):
    """A setting is there and cannot be used; the message names it and never shows its value."""


def make(recipe: Recipe, owner: UUID, secret: str) -> str:
    """Return the digest of `secret` for the user `owner`, with the pepper in use at today's cost.

    Raises Unavailable where too many hashes are waiting.
    """
    version = _version_in_use(recipe)
    with turnstile.passage():
        hashed = bcrypt.hashpw(_peppered(recipe, version, owner, secret), bcrypt.gensalt(cost(recipe)))
    return f"{version}:{hashed.decode('ascii')}"


def matches(recipe: Recipe, owner: UUID, secret: str, digest: str | None) -> bool:
    """Return whether `digest` was made from `secret` for `owner`; never for None, which takes as long.

    Raises Unavailable where too many hashes are waiting.
    """
    version, _, hashed = (digest or _dummy(recipe)).partition(":")
    with turnstile.passage():
        found = bcrypt.checkpw(_peppered(recipe, int(version), owner, secret), hashed.encode("ascii"))
        if not found:
            _spend_the_rest(_cost_of(hashed), cost(recipe))
    return found and digest is not None


def is_outdated(recipe: Recipe, digest: str) -> bool:
    """Return whether `digest` was made with another pepper than the one in use or at a lower cost than today's."""
    version, _, hashed = digest.partition(":")
    return int(version) != _version_in_use(recipe) or _cost_of(hashed) < cost(recipe)


def require_settings() -> None:
    """Raise ConfigMissing or SettingInvalid unless every pepper and cost is there and strong enough."""
    for recipe in (PASSWORD, PIN):
        peppers(recipe)
        cost(recipe)


@cache
def peppers(recipe: Recipe) -> dict[int, bytes]:
    """Return the peppers by version, the one in use first; raises ConfigMissing or SettingInvalid by its variable."""
    try:
        given = json.loads(config.require(recipe.peppers_variable))
        found = {int(version): base64.b64decode(pepper, validate=True) for version, pepper in given.items()}
    except (ValueError, AttributeError, TypeError):
        raise SettingInvalid(f"{recipe.peppers_variable} is not a JSON object of base64 by version") from None
    if not found or min(map(len, found.values())) < PEPPER_BYTES_MIN:
        raise SettingInvalid(f"{recipe.peppers_variable} needs a pepper of at least {PEPPER_BYTES_MIN} bytes")
    return found


@cache
def cost(recipe: Recipe) -> int:
    """Return the bcrypt cost of new digests: the recipe's floor, or what its variable raises it to."""
    chosen = int(config.optional(recipe.cost_variable) or recipe.cost_floor)
    lowest = LOCAL_COST_MIN if config.is_local() else recipe.cost_floor
    if not lowest <= chosen <= COST_MAX:
        raise SettingInvalid(f"{recipe.cost_variable} must lie between {lowest} and {COST_MAX}")
    return chosen


def _version_in_use(recipe: Recipe) -> int:
    """The first: one that stands behind it is known before it is used, so that no instance meets a stranger."""
    return next(iter(peppers(recipe)))


def _peppered(recipe: Recipe, version: int, owner: UUID, secret: str) -> bytes:
    message = b"\0".join((recipe.domain, owner.bytes, secret.encode("utf-8")))
    # Base64, because bcrypt stops at a zero byte; 48 bytes become 64, below its limit of 72.
    return base64.b64encode(hmac.digest(peppers(recipe)[version], message, hashlib.sha384))


def _dummy(recipe: Recipe) -> str:
    return f"{_version_in_use(recipe)}:$2b${cost(recipe):02d}${_NOBODY}"


def _cost_of(hashed: str) -> int:
    return int(hashed.split("$")[2])


def _spend_the_rest(spent: int, today: int) -> None:
    """Take as long for a digest of an older, lower cost as for a user who does not exist.

    2^spent + 2^spent + 2^(spent+1) + … + 2^(today-1) rounds are 2^today.
    """
    for step in range(spent, today):
        bcrypt.checkpw(b"", f"$2b${step:02d}${_NOBODY}".encode("ascii"))
