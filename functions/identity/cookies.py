"""cookies — the refresh token's cookie, and who may send it.

On https it is __Host-refresh: Secure, HttpOnly, SameSite=Strict, this host alone. Browsers take
neither the prefix nor Secure on plain http (a phone on the same network in a local run): there it
is called `refresh` and keeps HttpOnly, SameSite=Strict and no Domain.
"""

import re
from datetime import datetime

from flask import Request
from werkzeug.http import dump_cookie

from shared import clock, config
from shared.errors import Forbidden, UnsupportedMediaType

# The public address of a local run names this machine for phones; its own browser says localhost.
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?\Z")


def read_refresh(request: Request) -> str:
    """Return the refresh token that the request's cookie holds, or ''."""
    return request.cookies.get(_name(), "")


def write_refresh(token: str, *, keep_until: datetime | None) -> dict[str, str]:
    """Return the Set-Cookie header for `token`; without `keep_until` it ends with the browser."""
    age = None if keep_until is None else max(round((keep_until - clock.now()).total_seconds()), 0)
    return _header(token, age)


def clear_refresh() -> dict[str, str]:
    """Return the Set-Cookie header that takes the cookie away."""
    return _header("", 0)


def require_own_origin(request: Request) -> None:
    """Refuse a request that another site's page makes a browser send (CSRF, OWASP ASVS 5.0 3.5.1).

    Browsers put Origin on every POST, and pages cannot change it. A browser's request must also
    be JSON, which no form can send and no page may send to another origin unasked. Who sends no
    Origin is no browser: it holds no cookie that another person put there. Raises Forbidden, or
    UnsupportedMediaType.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            raise Forbidden("This request came from another site")
        return
    if not _is_ours(origin):
        raise Forbidden("This request came from another site")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()


def _is_ours(origin: str) -> bool:
    return origin == config.require("PUBLIC_URL") or (config.is_local() and _LOOPBACK.match(origin) is not None)


def _is_secure() -> bool:
    return config.require("PUBLIC_URL").startswith("https://")


def _name() -> str:
    return "__Host-refresh" if _is_secure() else "refresh"


def _header(value: str, age: int | None) -> dict[str, str]:
    cookie = dump_cookie(
        _name(),
        value,
        max_age=age,
        sync_expires=False,  # Max-Age says it all, and does not depend on the browser's clock
        path="/",
        secure=_is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return {"Set-Cookie": cookie}
