"""The public keys while `identity` is well, away, slow or out of its mind."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emulators import secrets as local_secrets
from shared import errors, keys
from tests.waiting import until

GOOD = local_secrets.public_keys(local_secrets.generate())
KNOWN = GOOD["keys"][0]["kid"]
OUTAGES = {
    "an error": (500, b"{}"),
    "no JSON": (200, b"<html>"),
    "a list": (200, b"[]"),
    "an empty object": (200, b"{}"),
    "no key": (200, b'{"keys": []}'),
    "a number for a key": (200, b'{"keys": [7]}'),
    "a key without an id": (200, b'{"keys": [{"kty": "EC"}]}'),
    "a key that is none": (200, json.dumps({"keys": [GOOD["keys"][0] | {"x": "AAAA"}]}).encode()),
    "a key of another kind": (200, b'{"keys": [{"kid": "a", "kty": "oct", "k": "AAAA"}]}'),
}


class Identity:
    """A server of keys: answers with `status` and `body` while it is `awake`, and counts how often it was asked."""

    def __init__(self, url):
        self.url, self.awake, self.asked = url, threading.Event(), Counter()
        self.awake.set()
        self.mend()

    def mend(self):
        self.status, self.body = 200, json.dumps(GOOD).encode()

    def break_down(self, status, body):
        self.status, self.body = status, body


@pytest.fixture
def identity(monkeypatch, tmp_path):
    """The server, and a cache that has never asked it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            served.asked["times"] += 1
            served.awake.wait(30)
            self.send_response(served.status)
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, format, *args):
            pass

        def handle(self):
            with suppress(OSError):  # whoever asked has given up
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Identity(f"http://127.0.0.1:{server.server_port}/")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("JWKS_URL", served.url)
    monkeypatch.setenv("ENVIRONMENT", "local")
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS_FILE", str(tmp_path / "offset"))
    monkeypatch.setattr(keys, "_cache", keys._Cache())
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 30)
    served.forward = lambda seconds: (tmp_path / "offset").write_text(str(seconds))
    yield served
    served.awake.set()
    server.shutdown()
    server.server_close()


def test_a_key_is_fetched_once_for_many(identity):
    for _ in range(20):
        assert keys.public_key(KNOWN)
    assert identity.asked["times"] == 1


def test_a_flood_of_unknown_ids_is_no_flood_of_fetches(identity):
    for number in range(20):
        with pytest.raises(keys.UnknownKey):
            keys.public_key(f"forged-{number}")
    assert identity.asked["times"] == 1


@pytest.mark.parametrize("key_id", [None, 7, ["a"], {}])
def test_an_id_that_is_no_text_is_unknown_unasked(identity, key_id):
    with pytest.raises(keys.UnknownKey):
        keys.public_key(key_id)
    assert not identity.asked


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_never_the_callers_mistake(identity, outage):
    """Without keys, and for an id that is not among those held, it is 503: it may be a new key's."""
    identity.break_down(*outage)
    with pytest.raises(errors.Unavailable):
        keys.public_key(KNOWN)
    identity.mend()
    identity.forward(10)
    assert keys.public_key(KNOWN)
    identity.break_down(*outage)
    identity.forward(20)
    with pytest.raises(errors.Unavailable):
        keys.public_key("a-new-one")
    assert keys.public_key(KNOWN)
    identity.mend()
    identity.forward(30)
    with pytest.raises(keys.UnknownKey):
        keys.public_key("a-new-one")


def test_held_keys_are_good_while_nobody_answers_and_nobody_waits_for_each_request(identity, monkeypatch):
    """After a failed fetch the next is tried some seconds later, however many ask meanwhile."""
    assert keys.public_key(KNOWN)
    identity.awake.clear()
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 0.5)
    identity.forward(400)
    for _ in range(20):
        assert keys.public_key(KNOWN)
    assert identity.asked["times"] == 2

    identity.forward(410)
    assert keys.public_key(KNOWN)
    assert identity.asked["times"] == 3


def test_without_keys_an_outage_is_told_at_once_to_all_but_one(identity, monkeypatch):
    identity.awake.clear()
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 0.5)
    for _ in range(10):
        with pytest.raises(errors.Unavailable):
            keys.public_key(KNOWN)
    assert identity.asked["times"] == 1


def test_who_has_a_key_does_not_wait_for_its_renewal(identity):
    """One thread asks a slow identity; the others go on with what is held."""
    assert keys.public_key(KNOWN)
    identity.awake.clear()
    identity.forward(400)
    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(keys.public_key, KNOWN) for _ in range(8)]
        until(lambda: sum(one.done() for one in asking) == 7, timeout_seconds=10)
        identity.awake.set()
    assert all(one.result() for one in asking)
    assert identity.asked["times"] == 2
