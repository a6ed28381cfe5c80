"""keys — the public keys of `identity`, fetched from its JWKS and cached."""

import json
import threading
import urllib.request
from http.client import HTTPException
from typing import Any

import jwt

from shared import clock, config, log
from shared.errors import Unavailable

# API Gateway caches a JWKS for five minutes as well: rotation publishes a key that long before it signs.
CACHE_SECONDS = 300
# An unknown key id may be a new key; a flood of forged ones must not become a flood of fetches.
REFETCH_SECONDS = 5
FETCH_TIMEOUT_SECONDS = 2
JWKS_BYTES_MAX = 64 * 1024
# Nobody answers, or what answers is no JWKS of ours: another form, a missing member, a key that is none.
_FAILURES = (OSError, HTTPException, ValueError, TypeError, LookupError, AttributeError, jwt.PyJWTError)


class UnknownKey(Exception):
    """No published key has this id."""


class _Cache:
    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.fetched_at = 0.0
        self.tried_at = 0.0
        self.failed = False
        self.held = False
        self.lock = threading.Lock()


_cache = _Cache()


def public_key(key_id: object) -> Any:
    """Return the public key that the JWKS lists under `key_id`.

    Raises UnknownKey where it lists none, and Unavailable where that cannot be told because the
    JWKS cannot be had: an outage of ours must not look like a bad token.
    """
    if not isinstance(key_id, str):
        raise UnknownKey
    if not _cache.held:
        limit = CACHE_SECONDS if key_id in _cache.keys else REFETCH_SECONDS
        if not _is_within(_cache.fetched_at, limit):
            _refresh(limit, wait=key_id not in _cache.keys)
    return _known(key_id)


def hold(public_keys: dict[str, Any]) -> None:
    """Verify by these keys for the life of this process and fetch none: `identity` would ask itself."""
    _cache.keys = public_keys
    _cache.held = True


def _known(key_id: str) -> Any:
    # Keys that we hold stay good while identity is away; one that we lack may be a new one.
    key = _cache.keys.get(key_id)
    if key is None and _cache.failed:
        raise Unavailable("The keys cannot be read at the moment")
    if key is None:
        raise UnknownKey
    return key


def _is_within(moment: float, seconds: int) -> bool:
    return 0 <= clock.unix_time() - moment < seconds


def _refresh(limit: int, *, wait: bool) -> None:
    """Fetch the keys, unless another thread has just done so or tried; does not `wait` for one that is at it."""
    if not _cache.lock.acquire(blocking=wait):
        return
    try:
        # A failure is remembered as a success is: while identity is away, nobody waits for every request.
        if not _is_within(_cache.fetched_at, limit) and not _is_within(_cache.tried_at, REFETCH_SECONDS):
            _try()
    finally:
        _cache.lock.release()


def _try() -> None:
    try:
        _cache.keys = _fetch()
        _cache.fetched_at, _cache.failed = clock.unix_time(), False
    except _FAILURES as error:
        _cache.failed = True
        log.write("WARNING", "The public keys cannot be read", error_type=type(error).__name__)
    # Counted from its end, which may come seconds after its beginning.
    _cache.tried_at = clock.unix_time()


def _fetch() -> dict[str, Any]:
    url = config.require("JWKS_URL")
    with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own setting, never a caller's
        document = json.loads(answer.read(JWKS_BYTES_MAX))
    found = {entry["kid"]: jwt.PyJWK(entry, algorithm="ES256").key for entry in document["keys"]}
    if not found:
        raise ValueError("A JWKS of ours lists a key")
    return found
