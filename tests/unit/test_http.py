"""The one path of a request, without a store behind it."""

import io
import json
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from shared import errors, http

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """The routes above, served by the framework that serves them in the cloud."""
    app = functions_framework.create_app("api", str(Path(__file__).parent / "orders.py"))
    return app.test_client()


def problem(answer: Any) -> str:
    """The slug of a problem, after checking that the answer is a whole one."""
    assert answer.content_type == "application/problem+json"
    document = json.loads(answer.data)
    assert document["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "instance"} <= document.keys()
    assert document["instance"] == answer.headers["X-Request-Id"]
    return document["type"].removeprefix("/problems/")


def test_answers_with_the_status_of_the_route(client):
    answer = client.post("/v1/orders", data=b'{"amount": 5}', headers=JSON)
    assert (answer.status_code, answer.json) == (201, {"amount": 5, "note": ""})
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_answer_without_a_body_has_no_content_type(client):
    answer = client.delete("/v1/orders/0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["X-Removed"]


def test_a_response_of_the_handlers_own_passes(client):
    assert client.get("/v1/file").content_type.startswith("text/csv")


def test_health_touches_nothing(client):
    assert client.get("/healthz").json == {"status": "ok"}


CONTENT_TYPES = {
    "none": None,
    "a form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=x",
    "text": "text/plain",
    "almost": "application/jsonp",
    "problem": "application/problem+json",
    "a list": "application/json, text/plain",
}


@pytest.mark.parametrize("content_type", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
def test_refuses_another_content_type(client, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/v1/orders", data=b'{"amount": 5}', headers=headers)
    assert answer.status_code == 415
    assert problem(answer) == "unsupported-media-type"


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_takes_json_however_it_is_spelled(client, content_type):
    assert client.post("/v1/orders", data=b'{"amount": 5}', headers={"Content-Type": content_type}).status_code == 201


def test_takes_a_body_of_16_kib_and_refuses_one_byte_more(client):
    def body(size: int) -> bytes:
        return b'{"amount": 5}' + b" " * (size - 13)

    assert client.post("/v1/orders", data=body(16 * 1024), headers=JSON).status_code == 201
    answer = client.post("/v1/orders", data=body(16 * 1024 + 1), headers=JSON)
    assert answer.status_code == 413
    assert problem(answer) == "too-large"


def test_refuses_a_large_body_that_does_not_say_its_length(client):
    answer = client.post(
        "/v1/orders",
        input_stream=io.BytesIO(b" " * 20_000),
        headers=JSON | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


QUERIES = {
    "too small": "limit=0",
    "too large": "limit=101",
    "negative": "limit=-1",
    "a fraction": "limit=1.5",
    "words": "limit=ten",
    "empty": "limit=",
    "a space": "limit=%2010",
    "an underscore": "limit=1_0",
    "full-width digits": "limit=%EF%BC%91",
    "twice": "limit=1&limit=2",
    "unknown": "page=2",
    "NUL": "q=%00",
    "NUL inside": "q=a%00b",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_refuses_a_query_that_is(client, query):
    answer = client.get(f"/v1/orders?{query}")
    assert answer.status_code == 400
    assert problem(answer) == "malformed"


def test_reads_a_query(client):
    assert client.get("/v1/orders?limit=7&q=makan%20siang").json == {"limit": 7, "q": "makan siang"}
    assert client.get("/v1/orders?q=%ff").json["q"] == "%FF"  # what is no text stays as it was written


PATHS = {
    "not a UUID": "/v1/orders/1",
    "a UUID in braces": "/v1/orders/%7B0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70%7D",
    "NUL": "/v1/orders/%00",
    "11 digits": "/v1/accounts/57617467642",
    "13 digits": "/v1/accounts/5761746764281",
    "a first 0": "/v1/accounts/057617467642",
    "a line feed after it": "/v1/accounts/576174676428%0A",
    "full-width digits": "/v1/accounts/%EF%BC%95%EF%BC%97" + "6174676428",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_refuses_a_path_variable_that_is(client, path):
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert problem(answer) in ("malformed", "not-found")


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/orders/", "//v1/orders", "/v1//orders", "/robots.txt", "/v1/Orders", "/v2/orders"]
)
def test_a_path_that_is_not_listed_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert problem(answer) == "not-found"


def test_a_method_that_is_not_listed_is_named(client):
    answer = client.put("/v1/orders", data=b"{}", headers=JSON)
    assert answer.status_code == 405
    assert problem(answer) == "method-not-allowed"
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic ZGV3aQ==", "Bearer x", "Bearer a.b.c"])
def test_a_route_needs_a_token_unless_it_is_public(client, authorization, monkeypatch):
    monkeypatch.setenv("JWKS_URL", "http://127.0.0.1:9/none")
    answer = client.get("/v1/private", headers={"Authorization": authorization} if authorization else {})
    assert answer.status_code == 401
    assert problem(answer) == "unauthenticated"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_refusal_carries_its_members(client):
    answer = client.get("/v1/refusal")
    assert answer.status_code == 422
    assert problem(answer) == "insufficient-funds"
    assert (answer.json["balance"], answer.json["short_by_amount"]) == (15_000, 5_000)


def test_a_defect_is_told_without_its_words(client, capsys):
    answer = client.get("/v1/defect")
    assert answer.status_code == 500
    assert problem(answer) == "internal"
    assert b"demo-wallet" not in answer.data
    assert "demo-wallet" not in capsys.readouterr().out


def test_the_request_id_is_echoed_or_made(client):
    assert client.get("/healthz", headers={"X-Request-Id": "abc-12345"}).headers["X-Request-Id"] == "abc-12345"
    first, second = (client.get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("given", ["x", "a" * 200, "<script>", "a b c d e f g", "ünïcödé-123"])
def test_a_request_id_that_could_harm_a_log_is_replaced(client, given):
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given


def test_one_line_of_the_log_per_request(client, capsys):
    client.get("/v1/refusal", headers={"X-Request-Id": "log-line-1"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 1
    assert (lines[0]["request_id"], lines[0]["problem"]) == ("log-line-1", "insufficient-funds")


KEYS = {
    "none": None,
    "empty": "",
    "words": "abc",
    "braces": "{0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70}",
    "a urn": "urn:uuid:0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70",
    "no hyphens": "0197b2a47c3e7d1a9f523b8c6a1e4d70",
    "hyphens elsewhere": "0197b2a47c3e-7d1a-9f52-3b8c-6a1e4d70",
    "too long": "0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70a",
    "two": "0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70, 0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d71",
    "full-width digits": "０197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_refuses_an_idempotency_key_that_is(client, key):
    answer = client.post("/v1/keys", headers={} if key is None else {"Idempotency-Key": key})
    assert answer.status_code == 400
    assert problem(answer) == "idempotency-key-invalid"


def test_an_idempotency_key_may_be_written_in_capitals(client):
    key = "0197B2A4-7C3E-7D1A-9F52-3B8C6A1E4D70"
    assert client.post("/v1/keys", headers={"Idempotency-Key": key}).json == {"key": key.lower()}


class TestCursors:
    def test_come_back_as_they_went(self):
        assert http.decode_cursor(http.encode_cursor([7, "2026-11-22"]), tuple[int, str]) == (7, "2026-11-22")

    @pytest.mark.parametrize(
        "cursor", ["", "!", "é", "AAAA", "WzEuNV0", "W10", "eyJhIjoxfQ", "Wzck", "=" * 8, "A" * 10_000]
    )
    def test_refuse_what_is_not_ours(self, cursor):
        with pytest.raises(errors.Malformed):
            http.decode_cursor(cursor, tuple[int])
