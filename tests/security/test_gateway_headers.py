"""A direct call with the gateway's headers forged: functions believe signatures, not headers."""

import base64
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.people import Person


def userinfo(person: Person) -> str:
    """The header in which the gateway repeats a verified token's claims."""
    claims = {"iss": "https://local.e-wallet-lite", "aud": "e-wallet-lite", "sub": str(person.user_id)}
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()


@pytest.mark.parametrize(
    ("folder", "path"), [("identity", "/v1/me"), ("wallet", "/v1/wallet"), ("transfers", "/v1/transfers/x")]
)
def test_the_gateways_word_alone_is_nothing(
    deployment: Callable[..., FlaskClient], victim: Person, folder: str, path: str
) -> None:
    """X-Apigateway-Api-Userinfo opens nothing without a token behind it."""
    direct = deployment(folder, "api")
    for header in ("X-Apigateway-Api-Userinfo", "X-Endpoint-Api-Userinfo"):
        assert direct.get(path, headers={header: userinfo(victim)}).status_code == 401


def test_a_forged_userinfo_beside_ones_own_token_changes_nobody(
    client: FlaskClient, victim: Person, attacker: Person
) -> None:
    """Whoever the header names, the token's own subject is served."""
    headers = {"X-Apigateway-Api-Userinfo": userinfo(victim)}
    assert attacker.send("GET", "/v1/me", headers=headers).json["id"] == str(attacker.user_id)
    assert client.get("/v1/me", headers=headers).status_code == 401


def test_a_forged_forwarded_authorization_is_verified_like_any(client: FlaskClient, attacker: Person) -> None:
    """X-Forwarded-Authorization is where the gateway puts the caller's token; rubbish in it is rubbish."""
    for value in ("Bearer x.y.z", "Bearer ", "Basic YTpi", attacker.access_token):
        assert client.get("/v1/me", headers={"X-Forwarded-Authorization": value}).status_code == 401


def test_the_gateways_own_token_is_not_the_callers(client: FlaskClient, attacker: Person, victim: Person) -> None:
    """Behind the gateway Authorization is the gateway's; the forwarded one decides, whoever else is named."""
    headers = {
        "Authorization": f"Bearer {victim.access_token}",
        "X-Forwarded-Authorization": f"Bearer {attacker.access_token}",
    }
    assert client.get("/v1/me", headers=headers).json["id"] == str(attacker.user_id)


def test_headers_cannot_name_a_session_or_user(client: FlaskClient, victim: Person) -> None:
    """No other header is taken for an identity."""
    for name in ("X-User-Id", "X-Forwarded-User", "X-Goog-Authenticated-User-Id", "X-Session-Id", "Cookie"):
        assert client.get("/v1/me", headers={name: str(victim.user_id)}).status_code == 401


def test_trace_repeats_nothing(client: FlaskClient, victim: Person) -> None:
    """TRACE would send headers back to whoever can make a browser ask."""
    headers = {"Authorization": f"Bearer {victim.access_token}", "X-Mark": "gema"}
    answer = client.open("/v1/me", method="TRACE", headers=headers)
    assert answer.status_code in {404, 405}
    assert "gema" not in answer.text
