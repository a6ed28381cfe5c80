"""The local gateway does to a request what Google's does, and nothing that openapi.yaml does not say."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import yaml

from emulators import secrets as local_secrets
from emulators.console.app import Console
from emulators.environment import TOKEN_ISSUER
from emulators.gateway import forward
from emulators.gateway.app import Gateway, application
from emulators.gateway.forward import BODY_BYTES_MAX
from emulators.gateway.site import Site
from emulators.ports import free_port
from emulators.state import ROOT, State
from tests.serving import served
from tests.waiting import until

# As long as no test waits for it; the one that does has another.
DEADLINE_SECONDS = 30.0
HOLD_SECONDS = 20.0
SITE = {
    "routes": ["/", "/login", "/tx/*"],
    "security_headers": {"Content-Security-Policy": "default-src 'self'", "Strict-Transport-Security": "max-age=1"},
    "cache_control": {"/assets/*": "immutable", "*": "no-cache"},
}


class Function(BaseHTTPRequestHandler):
    """A function that answers what it was asked; the header X-Test makes it misbehave."""

    protocol_version = "HTTP/1.1"
    resets: dict[str, int] = {}
    holding, let_go = threading.Event(), threading.Event()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        behaviour, _, value = self.headers.get("X-Test", "").partition(" ")
        getattr(self, f"behave_{behaviour}", self.behave)(body, value)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def behave(self, body: bytes, value: str) -> None:
        headers = {name.lower(): content for name, content in self.headers.items()}
        seen = {"method": self.command, "path": self.path, "headers": headers, "body": body.decode("latin-1")}
        self.reply(json.dumps(seen).encode())

    def behave_hold(self, body: bytes, value: str) -> None:
        """Answer when the test lets go."""
        self.holding.set()
        self.let_go.wait(HOLD_SECONDS)
        self.behave(body, "")

    def behave_reset(self, body: bytes, value: str) -> None:
        """Cut the connection as often as the header says, counted for each request id; then answer with its status."""
        times, _, status = value.partition(" ")
        key = self.headers["X-Request-Id"]
        self.resets[key] = self.resets.get(key, 0) + 1
        if self.resets[key] > int(times):
            return self.reply(json.dumps({"attempts": self.resets[key]}).encode(), int(status or 200))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()
        self.close_connection = True
        return None

    def behave_stream(self, body: bytes, value: str) -> None:
        """Send one piece at once and the rest when the test lets go, or never."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.wfile.flush()
        self.let_go.wait(HOLD_SECONDS)
        if value == "broken":
            self.connection.close()
        else:
            self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")
        self.close_connection = True

    def behave_vanish(self, body: bytes, value: str) -> None:
        """Hear a request, and be away before it is answered."""
        self.server.shutdown()
        self.server.server_close()
        self.behave_reset(body, "1")

    def reply(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Keep-Alive", "timeout=5")
        self.send_header("X-Of-The-Function", "kept")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


def document(folder: Path, deadline: float) -> Path:
    """openapi.yaml with a deadline of the test's choice."""
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    for backend in contract["x-google-api-management"]["backends"].values():
        backend["deadline"] = deadline
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(contract))
    return path


def build(folder: Path) -> Site:
    """A site of four files."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the app</title>")
    (folder / "assets" / "app-1a2b.js").write_text("plain")
    (folder / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(b"gzip")
    return Site(folder, SITE)


@pytest.fixture(scope="module")
def function() -> Iterator[str]:
    """Where the function listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Function)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def start(tmp_path_factory, function) -> Iterator[Callable[..., str]]:
    """Start a gateway with a JWKS, a function and a deadline of the test's choice and return its address."""
    with ExitStack() as running:

        def start_one(jwks_url: str, address: str = function, deadline: float = DEADLINE_SECONDS) -> str:
            home = tmp_path_factory.mktemp("gateway")
            path = document(home, deadline)
            names = yaml.safe_load(path.read_text())["x-google-api-management"]["backends"]
            pages = build(home / "dist")
            gateway = Gateway(path, dict.fromkeys(names, address), jwks_url, TOKEN_ISSUER, pages)
            return running.enter_context(served(application(gateway, Console(State(home), pages))))

        yield start_one


@pytest.fixture(scope="module")
def gateway(start, jwks_url) -> str:
    """The address of a gateway in good order."""
    return start(jwks_url)


@pytest.fixture
def held() -> Iterator[type[Function]]:
    """The function, whose answers to `X-Test: hold` and the ends of its streams wait for `let_go`."""
    Function.holding.clear()
    Function.let_go.clear()
    yield Function
    Function.let_go.set()


@pytest.fixture
def bearer(signer) -> dict[str, str]:
    """A signed-in caller's header."""
    return signer.bearer(uuid4())


def publish(secrets: dict[str, str], first: Callable[[], object] = lambda: None) -> ThreadingHTTPServer:
    """Publish the public keys of `secrets`; `first` is done before each answer."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(local_secrets.public_keys(secrets)).encode())

        def log_message(self, *args: object) -> None:
            pass

    publisher = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=publisher.serve_forever, daemon=True).start()
    return publisher


@contextmanager
def begun(gateway: str, headers: dict[str, str]) -> Iterator[Iterator[bytes]]:
    """Ask, and wait for the answer's first piece; what comes after it."""
    with requests.get(f"{gateway}/v1/wallet", headers=headers, stream=True, timeout=5) as answer:
        pieces = answer.iter_content(None)
        assert next(pieces) == b"first"
        yield pieces


def problem(answer: requests.Response) -> str:
    """The slug of a problem, whose form is checked."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["instance"] == answer.headers["X-Request-Id"]
    return document["type"].removeprefix("/problems/")


class TestRouting:
    def test_an_unlisted_path_is_not_found(self, gateway, bearer):
        for path in ("/v1/nothing", "/v1", "/v1/", "/v1/wallet/", "/v1//wallet", "/v1/wallet/entries/1", "/healthz"):
            answer = requests.get(gateway + path, headers=bearer, timeout=5)
            assert (path, answer.status_code) == (path, 404)
            assert problem(answer) == "not-found"

    def test_an_unlisted_method_is_refused_with_those_allowed(self, gateway, bearer):
        for method, path, allowed in [
            ("DELETE", "/v1/wallet", "GET"),
            ("PUT", "/v1/transfers", "POST"),
            ("GET", "/v1/topups/x/cancel", "POST"),
            ("OPTIONS", "/v1/wallet", "GET"),
        ]:
            answer = requests.request(method, gateway + path, headers=bearer, timeout=5)
            assert answer.status_code == 405
            assert answer.headers["Allow"] == allowed
            assert problem(answer) == "method-not-allowed"

    def test_a_literal_segment_beats_a_parameter(self, gateway, bearer):
        answer = requests.delete(f"{gateway}/v1/sessions/current", headers=bearer, timeout=5)
        assert answer.json()["path"] == "/v1/sessions/current"

    def test_path_and_query_arrive_as_they_were_written(self, gateway, bearer):
        raw = "/v1/accounts/1234%2F56?q=a%20b&q=%E2%82%AC"
        answer = requests.get(gateway + raw, headers=bearer, timeout=5)
        assert answer.json()["path"] == raw


class TestHeaders:
    def test_the_callers_token_moves_and_the_gateways_own_takes_its_place(self, gateway, bearer):
        seen = requests.get(f"{gateway}/v1/wallet", headers=bearer, timeout=5).json()["headers"]
        assert seen["x-forwarded-authorization"] == bearer["Authorization"]
        assert seen["authorization"] not in ("", bearer["Authorization"])

    def test_the_verified_claims_arrive_whatever_the_caller_claims(self, gateway, signer):
        user = uuid4()
        forged = {"X-Apigateway-Api-Userinfo": "Zm9yZ2Vk"}
        seen = requests.get(f"{gateway}/v1/wallet", headers=signer.bearer(user) | forged, timeout=5).json()["headers"]
        claims = json.loads(base64.urlsafe_b64decode(seen["x-apigateway-api-userinfo"] + "=="))
        assert claims["sub"] == str(user)

    def test_a_caller_without_a_token_can_inject_one_as_with_googles(self, gateway):
        """The functions must not believe these headers: here as in the cloud they can be written by anybody."""
        forged = {"X-Forwarded-Authorization": "Bearer forged", "X-Apigateway-Api-Userinfo": "Zm9yZ2Vk"}
        seen = requests.post(f"{gateway}/v1/sessions", json={}, headers=forged, timeout=5).json()["headers"]
        assert seen["x-forwarded-authorization"] == "Bearer forged"
        assert seen["authorization"].startswith("Bearer ey")

    def test_a_callers_token_beats_an_injected_one(self, gateway, bearer):
        forged = {"X-Forwarded-Authorization": "Bearer forged"}
        seen = requests.get(f"{gateway}/v1/wallet", headers=bearer | forged, timeout=5).json()["headers"]
        assert seen["x-forwarded-authorization"] == bearer["Authorization"]

    def test_headers_of_one_connection_stay_there(self, gateway, bearer):
        more = {"Connection": "keep-alive, X-Mine", "X-Mine": "1", "TE": "trailers", "X-Yours": "2"}
        answer = requests.get(f"{gateway}/v1/wallet", headers=bearer | more, timeout=5)
        seen = answer.json()["headers"]
        assert "x-mine" not in seen
        assert "te" not in seen
        assert seen["x-yours"] == "2"
        assert "Keep-Alive" not in answer.headers
        assert answer.headers["X-Of-The-Function"] == "kept"

    def test_the_callers_address_is_added_to_what_he_sent(self, gateway, bearer):
        sent = {"X-Forwarded-For": "203.0.113.9"}
        seen = requests.get(f"{gateway}/v1/wallet", headers=bearer | sent, timeout=5).json()["headers"]
        assert seen["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
        assert seen["x-forwarded-proto"] == "http"


class TestTokens:
    def refused(self, gateway: str, token: str) -> None:
        answer = requests.get(f"{gateway}/v1/wallet", headers={"Authorization": token}, timeout=5)
        assert (answer.status_code, problem(answer)) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_no_private_operation_works_without_a_token(self, gateway):
        contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
        for path, item in contract["paths"].items():
            for method in set(item) & {"get", "post", "put", "patch", "delete"}:
                answer = requests.request(method, gateway + path.replace("{", "").replace("}", ""), timeout=5)
                is_public = item[method].get("security") == []
                assert (path, method, answer.status_code) == (path, method, 200 if is_public else 401)

    def test_tokens_of_the_wrong_kind_are_refused(self, gateway, signer):
        user = uuid4()
        good = signer.claims(user, "e-wallet-lite", 900, sid=str(uuid4()))
        header, payload, signature = signer.access_token(user).split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
        for token in (
            "",
            "Bearer",
            "Bearer x",
            f"Basic {signer.access_token(user)}",
            f"Bearer {none}.{payload}.",
            f"Bearer {header}.{payload}.{signature[:-4]}AAAA",
            "Bearer " + signer.sign(good | {"aud": "e-wallet-lite/pin-proof"}, "at+jwt"),
            "Bearer " + signer.sign(good | {"iss": "https://elsewhere.example"}, "at+jwt"),
            "Bearer " + signer.sign(good | {"exp": int(time.time()) - 120}, "at+jwt"),
            "Bearer " + signer.sign(good, "at+jwt", kid="unknown"),
        ):
            self.refused(gateway, token)

    def test_a_token_in_the_address_is_no_token(self, gateway, signer):
        token = signer.access_token(uuid4())
        assert requests.get(f"{gateway}/v1/wallet?access_token={token}", timeout=5).status_code == 401

    def test_keys_are_kept_while_their_publisher_is_away(self, start, secrets, bearer):
        publisher = publish(secrets)
        address = start(f"http://127.0.0.1:{publisher.server_port}/")
        assert requests.get(f"{address}/v1/wallet", headers=bearer, timeout=5).status_code == 200
        publisher.shutdown()
        publisher.server_close()
        assert requests.get(f"{address}/v1/wallet", headers=bearer, timeout=5).status_code == 200

    def test_without_any_key_it_says_to_come_back(self, start, bearer):
        answer = requests.get(start(f"http://127.0.0.1:{free_port()}/") + "/v1/wallet", headers=bearer, timeout=5)
        assert (answer.status_code, problem(answer)) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"


class TestProtection:
    @pytest.mark.parametrize(
        "path",
        ["/v1/wallet", "/v1/nothing", "/.well-known/jwks.json", "/", "/nowhere", "/__dev/"],
    )
    def test_every_answer_has_the_sites_headers(self, gateway, bearer, path):
        """Answers of functions, refusals of the gateway's own, pages and the console alike."""
        for headers in ({}, bearer):
            answer = requests.get(gateway + path, headers=headers, timeout=5)
            assert answer.headers["Content-Security-Policy"] == SITE["security_headers"]["Content-Security-Policy"]


class TestTheDoor:
    """One request at a time may be under way."""

    @pytest.fixture
    def narrow(self, start, jwks_url, monkeypatch) -> str:
        """A gateway whose functions have one place each."""
        monkeypatch.setattr(forward, "IN_FLIGHT_PER_PLACE", 1 / 8)  # of the eight that a function works on at once
        return start(jwks_url)

    @pytest.fixture
    def taken(self, narrow, bearer, held) -> Iterator[threading.Event]:
        """The one place is taken until the test lets go."""
        slow = {"headers": bearer | {"X-Test": "hold"}, "timeout": 30}
        asking = threading.Thread(target=requests.get, args=(narrow + "/v1/wallet",), kwargs=slow)
        asking.start()
        assert held.holding.wait(5)
        yield held.let_go
        held.let_go.set()
        asking.join()

    def test_who_finds_no_place_in_time_is_refused_before_the_token_is_looked_at(self, narrow, taken, monkeypatch):
        """503 with Retry-After, which costs the gateway less than a signature's check."""
        monkeypatch.setattr(forward, "DOOR_SECONDS", 0.05)
        answer = requests.get(narrow + "/v1/wallet", timeout=5)
        assert (answer.status_code, problem(answer), answer.headers["Retry-After"]) == (503, "unavailable", "1")

    def test_who_waits_gets_the_place_that_becomes_free(self, narrow, taken, bearer, monkeypatch):
        monkeypatch.setattr(forward, "DOOR_SECONDS", 5 * forward.DOOR_SECONDS)
        threading.Timer(0.3, taken.set).start()
        assert requests.get(narrow + "/v1/wallet", headers=bearer, timeout=10).status_code == 200

    def test_the_more_wait_the_longer_each_does(self, narrow, taken, monkeypatch):
        """So a flood of many connections is not refused, and does not come again, at the rate of their number."""
        monkeypatch.setattr(forward, "DOOR_SECONDS", 0.05)
        monkeypatch.setattr(forward, "REFUSALS_PER_SECOND_MAX", 2)
        threading.Timer(1.0, taken.set).start()
        with ThreadPoolExecutor(8) as crowd:
            answers = list(crowd.map(lambda _: requests.get(narrow + "/v1/wallet", timeout=10), range(8)))
        # Past the door, where the token is looked at: a place was free after one second, and the eighth waits for four.
        assert 401 in {answer.status_code for answer in answers}

    def test_keys_that_come_through_the_same_door_are_read_before_a_place_is_taken(
        self, start, narrow, secrets, bearer
    ):
        """As in a local run: identity's own keys are read through the gateway, with a place of identity's."""
        publisher = publish(
            secrets, lambda: requests.get(address + "/.well-known/jwks.json", timeout=5).raise_for_status()
        )
        address = start(f"http://127.0.0.1:{publisher.server_port}/")
        assert requests.get(address + "/v1/me", headers=bearer, timeout=5).status_code == 200
        publisher.shutdown()
        publisher.server_close()

    def test_a_refused_caller_leaves_no_place_taken(self, narrow, bearer):
        for _ in range(3):
            assert requests.get(narrow + "/v1/wallet", timeout=5).status_code == 401
        assert requests.get(narrow + "/v1/wallet", headers=bearer, timeout=5).status_code == 200


class TestForwarding:
    def test_a_body_above_the_limit_is_refused(self, gateway):
        answer = requests.post(f"{gateway}/v1/sessions", data=b"x" * (BODY_BYTES_MAX + 1), timeout=10)
        assert (answer.status_code, problem(answer)) == (413, "too-large")

    def test_a_body_without_a_length_is_counted_as_well(self, gateway):
        pieces = (b"x" * 65_536 for _ in range(BODY_BYTES_MAX // 65_536 + 1))
        answer = requests.post(f"{gateway}/v1/sessions", data=pieces, timeout=10)
        assert (answer.status_code, problem(answer)) == (413, "too-large")

    def test_a_body_at_the_limit_arrives_whole(self, gateway):
        answer = requests.post(f"{gateway}/v1/sessions", data=b"x" * BODY_BYTES_MAX, timeout=10)
        assert len(answer.json()["body"]) == BODY_BYTES_MAX

    @pytest.mark.parametrize(("method", "slug"), [("GET", "unavailable"), ("POST", "outcome-unknown")])
    def test_the_deadline_ends_the_wait_and_says_what_is_known(self, start, jwks_url, held, bearer, method, slug):
        path = "/v1/wallet" if method == "GET" else "/v1/transfers"
        address = start(jwks_url, deadline=0.5)
        answer = requests.request(method, address + path, headers=bearer | {"X-Test": "hold"}, timeout=10)
        assert (answer.status_code, problem(answer)) == (503, slug)
        assert answer.headers["Retry-After"] == "1"

    def test_a_reset_is_retried_once_even_for_a_post(self, gateway, bearer):
        """As Google's does: this is why every POST that moves money carries an idempotency key."""
        once = bearer | {"X-Test": "reset 1", "X-Request-Id": str(uuid4())}
        assert requests.post(f"{gateway}/v1/transfers", headers=once, timeout=5).json() == {"attempts": 2}
        twice = bearer | {"X-Test": "reset 2", "X-Request-Id": str(uuid4())}
        answer = requests.post(f"{gateway}/v1/transfers", headers=twice, timeout=5)
        assert (answer.status_code, problem(answer)) == (503, "outcome-unknown")

    def test_a_request_that_was_heard_is_not_said_to_have_done_nothing(self, gateway, start, jwks_url, bearer):
        """The first try was cut after it was heard; what the second meets says nothing about the first."""
        busy = bearer | {"X-Test": "reset 1 503", "X-Request-Id": str(uuid4())}
        answer = requests.post(f"{gateway}/v1/transfers", headers=busy, timeout=5)
        assert (answer.status_code, problem(answer)) == (503, "outcome-unknown")
        mortal = ThreadingHTTPServer(("127.0.0.1", 0), Function)
        threading.Thread(target=mortal.serve_forever, daemon=True).start()
        gone = bearer | {"X-Test": "vanish", "X-Request-Id": str(uuid4())}
        address = start(jwks_url, f"http://127.0.0.1:{mortal.server_port}")
        answer = requests.post(f"{address}/v1/transfers", headers=gone, timeout=5)
        assert (answer.status_code, problem(answer)) == (503, "outcome-unknown")

    def test_a_function_that_is_away_is_said_to_be_unavailable(self, start, jwks_url, bearer):
        address = start(jwks_url, f"http://127.0.0.1:{free_port()}")
        answer = requests.post(f"{address}/v1/transfers", json={}, headers=bearer, timeout=5)
        assert (answer.status_code, problem(answer)) == (503, "unavailable")

    def test_an_answer_is_passed_on_while_it_is_made(self, gateway, bearer, held):
        with begun(gateway, bearer | {"X-Test": "stream"}) as rest:
            held.let_go.set()
            assert next(rest) == b"last"

    def test_half_an_answer_never_looks_whole(self, gateway, bearer, held):
        with begun(gateway, bearer | {"X-Test": "stream broken"}) as rest:
            held.let_go.set()
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                next(rest)


class TestSite:
    def test_the_apps_own_paths_are_its_page(self, gateway):
        for path in ("/", "/login", "/tx/1", "/tx/1/2"):
            answer = requests.get(gateway + path, timeout=5)
            assert (answer.status_code, answer.text) == (200, "<title>the app</title>")
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
            assert "Strict-Transport-Security" not in answer.headers

    def test_a_person_at_a_wrong_address_sees_the_app_say_so(self, gateway):
        asked = {"Accept": "text/html,*/*;q=0.8"}
        for _ in range(2):  # whoever loads it again brings the tag of what they were shown
            answer = requests.get(f"{gateway}/no-such-page", headers=asked, timeout=5)
            assert (answer.status_code, answer.text) == (404, "<title>the app</title>")
            asked["If-None-Match"] = answer.headers["ETag"]
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"

    def test_other_paths_are_not_found_under_the_same_headers(self, gateway):
        for path in ("/tx", "/admin", "/index.htm", "/assets", "/assets/app-1a2b.js.br", "/%2e%2e/openapi.yaml"):
            answer = requests.get(gateway + path, timeout=5)
            assert (path, answer.status_code) == (path, 404)
            assert answer.headers["Content-Security-Policy"] == "default-src 'self'"

    def test_a_page_is_read_only(self, gateway):
        answer = requests.post(f"{gateway}/login", timeout=5)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")

    @pytest.mark.parametrize(
        ("accepted", "encoding", "content"),
        [
            ("br, gzip", "br", b"brotli"),
            ("gzip", "gzip", b"gzip"),
            ("identity", None, b"plain"),
            ("br;q=0, gzip", "gzip", b"gzip"),
        ],
    )
    def test_a_hashed_file_is_kept_for_ever_and_sent_compressed(self, gateway, accepted, encoding, content):
        headers = {"Accept-Encoding": accepted}
        with requests.get(f"{gateway}/assets/app-1a2b.js", headers=headers, stream=True, timeout=5) as answer:
            assert answer.raw.read(decode_content=False) == content
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Cache-Control"] == "immutable"
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Vary"] == "Accept-Encoding"

    def test_what_the_browser_has_is_not_sent_again(self, gateway):
        etag = requests.get(f"{gateway}/", timeout=5).headers["ETag"]
        again = requests.get(f"{gateway}/", headers={"If-None-Match": etag}, timeout=5)
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/v1/wallet", "/v1/nothing"])
def test_an_answer_is_dated_by_the_products_clock(path, gateway, bearer, tmp_path, monkeypatch):
    """A clock that was moved on the console moves every countdown on every screen with it."""
    offset = tmp_path / "clock"
    offset.write_text("86400")
    monkeypatch.setenv("ENVIRONMENT", "local")
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS_FILE", str(offset))
    answer = requests.get(f"{gateway}{path}", headers=bearer, timeout=5)
    assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time() - 86_400) < 5


class TestConsole:
    def test_the_page_is_served_under_the_sites_own_headers(self, gateway):
        answer = requests.get(f"{gateway}/__dev", timeout=5)
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"

    @pytest.mark.parametrize(
        "headers", [{"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
    )
    def test_other_sites_and_names_are_refused(self, gateway, headers):
        assert requests.get(f"{gateway}/__dev/api/switches", headers=headers, timeout=5).status_code == 403

    def test_the_requests_are_listed_with_their_operations(self, gateway, bearer):
        path, other = f"/v1/transfers/{uuid4()}", f"/v1/topups/{uuid4()}"

        def listed(path: str, since: int = 0) -> list[dict[str, object]]:
            lines = requests.get(f"{gateway}/__dev/api/requests?since={since}", timeout=5).json()
            return [line for line in lines if line["path"] == path]

        for asked in (path, other):
            requests.get(gateway + asked, headers=bearer, timeout=5)
            until(lambda asked=asked: listed(asked) != [])
        [line] = listed(path)
        assert (line["method"], line["operation"], line["status"]) == ("GET", "getTransfer", 200)
        assert (listed(path, line["number"]), len(listed(other, line["number"]))) == ([], 1)

    def test_a_dropped_answer_reaches_the_function_and_not_the_caller(self, gateway, bearer):
        requests.post(f"{gateway}/__dev/api/switches", json={"drop_answers": 1}, timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{gateway}/v1/transfers", json={}, headers=bearer, timeout=5)
        assert requests.post(f"{gateway}/v1/transfers", json={}, headers=bearer, timeout=5).status_code == 200
