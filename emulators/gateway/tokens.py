"""The access token's check, as API Gateway makes it: signature, issuer, audience, time."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import jwt

from shared import clock

CACHE_SECONDS = 300  # Google's: a new key is published this long before it signs
CLOCK_SKEW_SECONDS = 60  # Envoy's allowance
FETCH_SECONDS = 5
REFETCH_SECONDS = 5  # while nobody answers, this long passes between two tries


class TokenInvalid(Exception):
    """The request carries no valid access token."""


class KeysUnavailable(Exception):
    """The published keys cannot be read, and none are cached."""


class Tokens:
    """Verifies bearer tokens against the JWKS at `url`, cached for five minutes."""

    def __init__(self, url: str, issuer: str, authentication: Mapping[str, Any], client: aiohttp.ClientSession) -> None:
        self.url = url
        self.issuer = issuer
        self.audiences: list[str] = authentication["audiences"]
        self.locations: list[dict[str, str]] = authentication["jwtLocations"]
        self.client = client
        self._keys: dict[str, Any] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    async def refresh(self) -> None:
        """Fetch the keys where they are too old; those that are held stay good while nobody answers.

        Asked for before a request has a place: the fetch needs one itself, where identity's keys are read.
        """
        now = clock.unix_time()
        if abs(now - self._fetched_at) <= CACHE_SECONDS:
            return
        if self._keys and abs(now - self._tried_at) <= REFETCH_SECONDS:
            return
        self._tried_at = now
        with suppress(aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            await self._fetch()

    def payload(self, headers: Mapping[str, str]) -> str:
        """The verified claims as base64url JSON, for X-Apigateway-Api-Userinfo.

        Raises TokenInvalid, or KeysUnavailable.
        """
        token = self._token(headers)
        if not self._keys:
            raise KeysUnavailable
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token, key, algorithms=["ES256"], audience=self.audiences, issuer=self.issuer,
                options={"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
        except (jwt.InvalidTokenError, KeyError) as error:
            raise TokenInvalid from error
        # By the product's clock, which the developer's console may move.
        if not isinstance(claims["exp"], int) or claims["exp"] + CLOCK_SKEW_SECONDS < clock.unix_time():
            raise TokenInvalid
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    def _token(self, headers: Mapping[str, str]) -> str:
        for location in self.locations:
            value = headers.get(location["header"], "")
            prefix = location.get("valuePrefix", "")
            if value.startswith(prefix) and len(value) > len(prefix):
                return value.removeprefix(prefix)
        raise TokenInvalid

    async def _fetch(self) -> None:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with self.client.get(self.url, timeout=timeout) as answer:
            answer.raise_for_status()
            document = await answer.json()
        self._keys = {entry["kid"]: jwt.PyJWK(entry, algorithm="ES256").key for entry in document["keys"]}
        self._fetched_at = clock.unix_time()
