"""keys — the public keys of `identity`, fetched from its JWKS and cached."""

import json
import threading
import urllib.request
from typing import Any

import jwt

from shared import clock, config
from shared.errors import Unavailable

# API Gateway caches a JWKS for five minutes as well: rotation publishes a key that long before it signs.
CACHE_SECONDS = 300
# An unknown key id may be a new key; a flood of forged ones must not become a flood of fetches.
REFETCH_SECONDS = 5
FETCH_TIMEOUT_SECONDS = 2
JWKS_BYTES_MAX = 64 * 1024


class UnknownKey(Exception):
    """No published key has this id."""


class _Cache:
    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.fetched_at = 0.0
        self.held = False
        self.lock = threading.Lock()


_cache = _Cache()


def public_key(key_id: object) -> Any:
    """Return the public key that the JWKS lists under `key_id`.

    Raises UnknownKey where it lists none, and Unavailable where the JWKS cannot be had: an
    outage of ours must not look like a bad token.
    """
    if not isinstance(key_id, str):
        raise UnknownKey
    if _cache.held:
        return _known(key_id)
    age = clock.unix_time() - _cache.fetched_at
    limit = CACHE_SECONDS if key_id in _cache.keys else REFETCH_SECONDS
    if not 0 <= age < limit:
        _refresh(limit)
    return _known(key_id)


def hold(public_keys: dict[str, Any]) -> None:
    """Verify by these keys for the life of this process and fetch none: `identity` would ask itself."""
    _cache.keys = public_keys
    _cache.held = True


def _known(key_id: str) -> Any:
    try:
        return _cache.keys[key_id]
    except KeyError as error:
        raise UnknownKey from error


def _refresh(limit: int) -> None:
    with _cache.lock:
        if 0 <= clock.unix_time() - _cache.fetched_at < limit:
            return
        try:
            _cache.keys = _fetch()
            _cache.fetched_at = clock.unix_time()
        except (OSError, ValueError) as error:
            # Keys that we hold stay good while identity is away.
            if not _cache.keys:
                raise Unavailable("The keys cannot be read at the moment") from error


def _fetch() -> dict[str, Any]:
    url = config.require("JWKS_URL")
    with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own setting, never a caller's
        document = json.loads(answer.read(JWKS_BYTES_MAX))
    return {entry["kid"]: jwt.PyJWK(entry, algorithm="ES256").key for entry in document["keys"]}
