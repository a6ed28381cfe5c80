"""Rotating the signing key by command: no request fails at any step, and the old key dies at the end."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from tests import people
from tests.deployment import Deployment
from tests.people import Person
from tests.security.conftest import Forger
from tools import secrets as rotation

# The verifiers' cache, and the life of an access token: what the runbook waits for between steps.
CACHE_SECONDS = 300
TOKEN_SECONDS = 600


class Published:
    """A JWKS address whose content changes, as when a new revision of identity takes over."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = {"keys": []}
        self.fetches = 0
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.fetches += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(published.document).encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/.well-known/jwks.json"


@pytest.fixture
def published() -> Iterator[Published]:
    """The address that the other functions read keys from."""
    server = Published()
    yield server
    server.server.shutdown()


class Rotation:
    """Identity's revisions, a verifier with its cache, and the time between."""

    def __init__(self, load: Callable[..., Deployment], published: Published, clock: Path, keys: str) -> None:
        self.load, self.published, self.clock, self.keys, self.seconds = load, published, clock, keys, 0
        self.revision = self.start()
        self.wallet = load(
            "wallet", "api", JWKS_URL=published.url, CLOCK_OFFSET_SECONDS_FILE=str(clock)
        ).app.test_client()

    def start(self) -> FlaskClient:
        """A new revision of identity with today's keys; it takes over the JWKS."""
        deployed = self.load(
            "identity", "api", SIGNING_KEYS=self.keys, CLOCK_OFFSET_SECONDS_FILE=str(self.clock), **people.FAST
        )
        client = deployed.app.test_client(use_cookies=False)
        self.published.document = client.get("/.well-known/jwks.json").json
        return client

    def wait(self, seconds: int) -> None:
        """Let time pass for everybody."""
        self.seconds += seconds
        self.clock.write_text(str(self.seconds))

    def opens(self, person: Person, *identities: FlaskClient) -> bool:
        """Whether the token is good at the verifier and at these revisions of identity."""
        headers = {"Authorization": f"Bearer {person.access_token}"}
        answers = [self.wallet.get("/v1/wallet", headers=headers)]
        answers += [client.get("/v1/me", headers=headers) for client in identities]
        return all(answer.status_code == 200 for answer in answers)


@pytest.fixture
def world(load: Callable[..., Deployment], published: Published, secrets: dict[str, str], tmp_path: Path) -> Rotation:
    """A system that has run for a while with one key."""
    return Rotation(load, published, tmp_path / "clock", secrets["SIGNING_KEYS"])


def kid(person: Person) -> str:
    return str(jwt.get_unverified_header(person.access_token)["kid"])


def test_no_request_fails_while_the_key_changes(world: Rotation) -> None:
    """Publish, sign, retire: old and new revisions side by side, caches as old as they may be."""
    before = people.register(world.revision)
    assert world.opens(before, world.revision)

    # Publish: the new key stands second. Instances of both revisions sign with the old one.
    old, world.keys = world.revision, rotation.rotated("SIGNING_KEYS", world.keys)
    new = world.start()
    both = [people.register(old), people.register(new)]
    assert kid(both[0]) == kid(both[1]) == kid(before)
    assert all(world.opens(person, old, new) for person in [before, *both])

    # Sign: after the caches have seen it, the keys change places, again with both revisions alive.
    world.wait(CACHE_SECONDS)
    old, world.keys = new, rotation.rotated("SIGNING_KEYS", world.keys)
    new = world.start()
    both = [people.register(old), people.register(new)]
    assert kid(both[0]) == kid(before) != kid(both[1])
    assert all(world.opens(person, old, new) for person in [before, *both])

    # Retire: when the last token of the old key has expired, it is taken out.
    world.wait(TOKEN_SECONDS)
    old, world.keys = new, rotation.retired("SIGNING_KEYS", world.keys)
    new = world.start()
    after = [people.register(old), people.register(new)]
    assert all(world.opens(person, old, new) for person in after)
    assert len(world.published.document["keys"]) == 1


def test_a_retired_key_opens_nothing(world: Rotation) -> None:
    """A token of the old key, fresh as it may be, is worth nothing once the key is out and the caches know."""
    thief = world.revision
    for change in (rotation.rotated, rotation.rotated, rotation.retired):
        world.keys = change("SIGNING_KEYS", world.keys)
    new = world.start()
    world.wait(CACHE_SECONDS)
    stolen = people.register(thief)
    headers = {"Authorization": f"Bearer {stolen.access_token}"}
    assert new.get("/v1/me", headers=headers).status_code == 401
    assert world.wallet.get("/v1/wallet", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["PASSWORD_PEPPERS", "PIN_PEPPERS"])
def test_no_secret_is_refused_while_its_pepper_changes(
    load: Callable[..., Deployment], secrets: dict[str, str], name: str
) -> None:
    """At each step both revisions serve, and each reads the digests that the other has renewed a moment ago."""
    ring = secrets[name]
    old = load("identity", "api", **people.FAST).app.test_client(use_cookies=False)
    person = people.register(old)
    for _ in range(2):
        ring = rotation.rotated(name, ring)
        new = load("identity", "api", **{name: ring}, **people.FAST).app.test_client(use_cookies=False)
        for client in (new, old, new, old):
            person.client = client
            person.access_token = people.sign_in(person).access_token
            assert person.prove().status_code == 201
        old = new


def test_nothing_private_is_published(world: Rotation) -> None:
    """The JWKS has the members of public keys and nothing else, and may be cached as long as it is."""
    world.keys = rotation.rotated("SIGNING_KEYS", world.keys)
    response = world.start().get("/.well-known/jwks.json")
    assert response.headers["Cache-Control"] == f"public, max-age={CACHE_SECONDS}"
    for key in response.json["keys"]:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["alg"], key["use"]) == ("ES256", "sig")


def test_forged_ids_cause_no_flood_of_fetches(world: Rotation, forger: Forger) -> None:
    """A hundred tokens with unknown key ids make a look at the JWKS every five seconds, not a hundred."""
    person = people.register(world.revision)
    assert world.opens(person)
    world.wait(60)
    before, started = world.published.fetches, time.monotonic()
    for number in range(100):
        token = forger.join({"alg": "ES256", "typ": "at+jwt", "kid": f"unknown-{number}"}, {}, bytes(64))
        assert world.wallet.get("/v1/wallet", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert world.published.fetches - before <= 1 + (time.monotonic() - started) // 5
    assert world.opens(person)
