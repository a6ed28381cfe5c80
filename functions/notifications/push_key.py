"""push_key — the key that names us to the browsers' push services (VAPID, RFC 8292)."""

from functools import cache

import msgspec

from shared import config


class PushKey(msgspec.Struct, frozen=True):
    """Both halves in base64url, and whom a push service can write to."""

    private: str
    public: str
    subject: str


@cache
def load() -> PushKey:
    """Return the key of this deployment."""
    return msgspec.json.decode(config.require("VAPID_KEY"), type=PushKey)
