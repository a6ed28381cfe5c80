"""The gateway's own refusals, in the form of every other error of the API (RFC 9457)."""

import json
from uuid import uuid4

from aiohttp import web

from emulators.gateway.headers import date

RETRY_SECONDS = "1"


def answer(request: web.Request, status: int, slug: str, title: str, **headers: str) -> web.Response:
    """A problem of `slug`; underscores in header names stand for hyphens."""
    request_id = request.headers.get("X-Request-Id") or str(uuid4())
    body = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": "", "instance": request_id}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"X-Request-Id": request_id, "Cache-Control": "no-store", "Date": date()}
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/problem+json", headers=named
    )


def not_found(request: web.Request) -> web.Response:
    """The path is not listed."""
    return answer(request, 404, "not-found", "Not found")


def method_not_allowed(request: web.Request, allowed: list[str]) -> web.Response:
    """The path is listed, the method is not."""
    return answer(request, 405, "method-not-allowed", "Method not allowed", Allow=", ".join(allowed))


def unauthenticated(request: web.Request) -> web.Response:
    """No access token, or not a valid one."""
    return answer(request, 401, "unauthenticated", "Sign in first", WWW_Authenticate="Bearer")


def too_large(request: web.Request) -> web.Response:
    """The body is above the gateway's limit."""
    return answer(request, 413, "too-large", "The body is too large")


def malformed(request: web.Request) -> web.Response:
    """The body did not arrive whole."""
    return answer(request, 400, "malformed", "The request is malformed")


def unavailable(request: web.Request) -> web.Response:
    """The function cannot be reached: nothing has happened."""
    return answer(request, 503, "unavailable", "Temporarily unavailable", Retry_After=RETRY_SECONDS)


def outcome_unknown(request: web.Request) -> web.Response:
    """The function was asked and did not answer in time: it may have done what it was asked."""
    return answer(request, 503, "outcome-unknown", "The outcome is not known yet", Retry_After=RETRY_SECONDS)
