"""Another site's page makes the browser send requests: routes that set or take the cookie refuse them."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import people
from tests.people import PASSWORD, PIN, Person, new_username, refresh

OURS = "http://localhost:8080"
FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "http://localhost.evil.example",
    "http://localhost:8080.evil.example",
    "https://wallet.example",
    "file://",
]


def test_our_own_page_refreshes(client: FlaskClient) -> None:
    """The same origin with JSON is what the web app sends."""
    person = people.register(client)
    headers = {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}
    assert refresh(client, person.refresh_token, headers=headers, json={}).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_sites_refresh_is_refused(client: FlaskClient, origin: str) -> None:
    """403 before the token is looked at: it is still good afterwards."""
    person = people.register(client)
    response = refresh(client, person.refresh_token, headers={"Origin": origin}, json={})
    assert (response.status_code, response.json["type"]) == (403, "/problems/forbidden")
    assert "Set-Cookie" not in response.headers
    [[used]] = [[refresh(client, person.refresh_token).status_code]]
    assert used == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_hides_the_origin_is_refused(client: FlaskClient, victim: Person, site: str) -> None:
    """Sec-Fetch-Site says what a missing Origin does not."""
    assert refresh(client, victim.refresh_token, headers={"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_cannot_refresh(client: FlaskClient, victim: Person, kind: str) -> None:
    """What a form may send without asking is not JSON."""
    response = refresh(client, victim.refresh_token, headers={"Origin": OURS}, data=b"", content_type=kind)
    assert response.status_code == 415


@pytest.mark.parametrize("path", ["/v1/users", "/v1/sessions"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_another_site_signs_nobody_in(client: FlaskClient, victim: Person, path: str, origin: str) -> None:
    """Login CSRF: a page cannot put its own account's cookie into the visitor's browser."""
    body = {"username": victim.username, "password": PASSWORD}
    if path == "/v1/users":
        body = {"username": new_username(), "password": PASSWORD, "pin": PIN, "full_name": "X"}
    response: TestResponse = client.post(path, json=body, headers={"Origin": origin})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("DELETE", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions"),
        ("POST", "/v1/me/closure"),
        ("PUT", "/v1/me/password"),
        ("POST", "/v1/pin/proofs"),
    ],
)
def test_the_cookie_alone_does_nothing_else(client: FlaskClient, victim: Person, method: str, path: str) -> None:
    """Every other route wants the access token, which no page of another site can read or send."""
    headers = {"Cookie": f"refresh={victim.refresh_token}"}
    assert client.open(path, method=method, headers=headers, json={}).status_code == 401


def test_a_get_refreshes_nothing(client: FlaskClient, victim: Person) -> None:
    """A link or an image is a GET."""
    headers = {"Cookie": f"refresh={victim.refresh_token}"}
    assert client.get("/v1/sessions/refresh", headers=headers).status_code == 405
