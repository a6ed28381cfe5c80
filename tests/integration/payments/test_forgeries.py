"""What is forged is refused before any store is asked; each row is one way to forge."""

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.integration.payments.counting import counted
from tests.integration.payments.people import CALLBACK, pay_path
from tools import rotation

OTHER_KEYS = {"bank1": base64.b64encode(b"x" * 32).decode()}
UNKNOWN_KEYS = {"bank9": base64.b64encode(b"x" * 32).decode()}


def whole(body: bytes) -> bytes:
    return body


def spaced(body: bytes) -> bytes:
    """The same JSON, encoded otherwise."""
    return json.dumps(json.loads(body), indent=1).encode()


def dearer(body: bytes) -> bytes:
    return body.replace(b'"amount": 50000', b'"amount": 90000')


# name → how the signature is made from (provider, body), and which body is sent under it.
WEBHOOKS: dict[str, tuple[Callable[[Any, bytes], str | None], Callable[[bytes], bytes]]] = {
    "no signature": (lambda provider, body: None, whole),
    "an empty signature": (lambda provider, body: "", whole),
    "another key under the right id": (lambda provider, body: provider.sign(body, keys=OTHER_KEYS), whole),
    "an unknown key id": (lambda provider, body: provider.sign(body, keys=UNKNOWN_KEYS), whole),
    "a signature for another path": (lambda provider, body: provider.sign(body, path="/v1/payments/other"), whole),
    "a signature for another method": (lambda provider, body: provider.sign(body, method="PUT"), whole),
    "a signature of 301 s ago": (lambda provider, body: provider.sign(body, at=provider.now - 301), whole),
    "a signature of 360 s ahead": (lambda provider, body: provider.sign(body, at=provider.now + 360), whole),
    "a replayed signature over another report": (lambda provider, body: provider.sign(body + b" "), whole),
    "a truncated signature": (lambda provider, body: provider.sign(body)[:-1], whole),
    "a longer signature": (lambda provider, body: provider.sign(body) + "0", whole),
    "an upper-case signature": (lambda provider, body: provider.sign(body).upper(), whole),
    "a fresh time over an old signature": (
        lambda provider, body: f"t={provider.now}" + provider.sign(body, at=provider.now - 400)[12:],
        whole,
    ),
    "a truncated body": (lambda provider, body: provider.sign(body), lambda body: body[:-1]),
    "a re-encoded body": (lambda provider, body: provider.sign(body), spaced),
    "a changed amount": (lambda provider, body: provider.sign(body), dearer),
    "an empty body": (lambda provider, body: provider.sign(body), lambda body: b""),
    "no body and no signature": (lambda provider, body: None, lambda body: b""),
}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_forged_report_is_refused_unread(name, dewi, provider, payer_side):
    """401, and neither Firestore nor Postgres was asked anything."""
    signature, sent = WEBHOOKS[name]
    body = json.dumps(provider.report(dewi.top_up(50_000))).encode()

    with counted(payer_side) as asked:
        answer = provider.send_bytes(sent(body), signature(provider, body))

    assert (answer.status_code, answer.json["type"]) == (401, "/problems/signature-invalid")
    assert asked == []
    assert dewi.balance == 0


# Some seconds of the five minutes are left to a busy machine.
@pytest.mark.parametrize("seconds", [-290, 0, 290])
def test_a_signature_holds_for_five_minutes(dewi, provider, seconds):
    report = provider.report(dewi.top_up(50_000))

    assert provider.send(report, at=provider.now + seconds).status_code == 200
    assert dewi.balance == 50_000


def test_a_report_is_counted_honestly(dewi, provider, payer_side):
    """The counter that finds nothing asked above does count what a genuine report asks."""
    report = provider.report(dewi.top_up(50_000))

    with counted(payer_side) as asked:
        provider.send(report)

    assert {"get_many", "commit", "run"} <= set(asked)


def parts(token: str) -> tuple[str, bytes]:
    """Return a token's key id and content."""
    key_id, _, packed = token.partition(".")
    return key_id, base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))


def joined(key_id: str, content: bytes) -> str:
    return f"{key_id}.{base64.urlsafe_b64encode(content).decode().rstrip('=')}"


def later(token: str) -> str:
    """The token with an expiry one hour later."""
    key_id, content = parts(token)
    expiry = int.from_bytes(content[16:21]) + 3600
    return joined(key_id, content[:16] + expiry.to_bytes(5) + content[21:])


def of_another(token: str) -> str:
    """The token's expiry and HMAC under another id."""
    key_id, content = parts(token)
    return joined(key_id, uuid4().bytes + content[16:])


TOKENS: dict[str, Callable[[str], str]] = {
    "nothing but a dot": lambda token: ".",
    "a made-up word": lambda token: "AZeypHw-3o6fAZeypHw-3o6f",
    "another top-up's id": of_another,
    "a later expiry": later,
    "no HMAC": lambda token: joined(parts(token)[0], parts(token)[1][:21]),
    "an HMAC of zeros": lambda token: joined(parts(token)[0], parts(token)[1][:21] + bytes(16)),
    "a shorter HMAC": lambda token: token[:-2],
    "a longer HMAC": lambda token: token + "AA",
    "an unknown key id": lambda token: joined("p9", parts(token)[1]),
    "no key id": lambda token: token.partition(".")[2],
    "padding": lambda token: token + "==",
    "a last sign with other spare bits": lambda token: token[:-1] + chr(ord(token[-1]) + 1),
    "a line's end": lambda token: token + "%0A",
    "a sign that is not ASCII": lambda token: token[:-1] + "%C3%A9",
    "a very long token": lambda token: token * 40,
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_forged_token_is_refused_unread(name, dewi, payer_client, payer_side):
    """404 for looking, approving and declining, and neither store was asked anything."""
    genuine = pay_path(dewi.top_up(50_000))
    forged = f"/v1/pay/{TOKENS[name](genuine.removeprefix('/v1/pay/'))}"

    with counted(payer_side) as asked:
        answers = [
            payer_client.get(forged),
            *(payer_client.post(forged, json={"decision": d}) for d in ("approve", "decline")),
        ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert asked == []
    assert payer_client.get(genuine).status_code == 200


def test_every_altered_sign_of_a_token_is_noticed(dewi, payer_client, payer_side):
    path = pay_path(dewi.top_up(50_000))

    with counted(payer_side) as asked:
        for place in range(len("/v1/pay/"), len(path)):
            other = "B" if path[place] != "B" else "C"
            assert payer_client.get(path[:place] + other + path[place + 1 :]).status_code == 404

    assert asked == []


def test_a_token_never_ends_as_google_forbids(dewi):
    """A path that ends in `z` is kept by Google for itself."""
    assert all(dewi.top_up(10_000)["pay_url"][-1] in "AQgw" for _ in range(10))


def test_two_keys_verify_and_the_first_signs(payer_side, monkeypatch):
    """A key is rotated by putting the new one in front: old tokens hold until the old key is dropped."""
    new, old = (base64.b64encode(sign * 32).decode() for sign in (b"n", b"o"))
    with payer_side.active(), monkeypatch.context() as patch:
        import signatures
        from shared import clock, errors

        moment, top_up_id = clock.now(), uuid4()
        patch.setenv("PAY_TOKEN_KEYS", json.dumps({"old": old}))
        before = signatures.pay_token(top_up_id, moment)
        patch.setenv("PAY_TOKEN_KEYS", json.dumps({"new": new, "old": old}))
        after = signatures.pay_token(top_up_id, moment)
        both = [signatures.read_pay_token(token).top_up_id for token in (before, after)]
        patch.setenv("PAY_TOKEN_KEYS", json.dumps({"new": new}))
        with pytest.raises(errors.NotFound):
            signatures.read_pay_token(before)

    assert both == [top_up_id, top_up_id]
    assert after.startswith("new.")


@pytest.mark.parametrize("entry_point", ["api", "callback"])
@pytest.mark.parametrize("name", ["PAY_TOKEN_KEYS", "PROVIDER_KEYS"])
@pytest.mark.parametrize(
    "value", ["", "{", "[]", "{}", '{"p1": "c2hvcnQ="}', '{"p1": "%"}', '{"a b": "%s"}' % ("A" * 44)]
)
def test_a_bad_key_stops_the_start(load, entry_point, name, value):
    """By its name and without its value; the owner's side has no business with the provider's key."""
    if (entry_point, name) == ("api", "PROVIDER_KEYS"):
        load("payments", entry_point, **{name: value})
        return
    with pytest.raises(RuntimeError, match=name) as raised:
        load("payments", entry_point, **{name: value})
    assert not value or value not in str(raised.value)


def test_no_link_is_refused_while_its_key_changes(payer_side, secrets, monkeypatch):
    """At each step of a rotation old and new processes serve, and each reads the links that the other makes."""
    rings = [secrets["PAY_TOKEN_KEYS"]]
    for _ in range(4):
        rings.append(rotation.rotated("PAY_TOKEN_KEYS", rings[-1]))
    with payer_side.active(), monkeypatch.context() as patch:
        import signatures
        from shared import clock

        top_up_id = uuid4()
        for pair in itertools.pairwise(rings):
            for maker, reader in itertools.product(pair, repeat=2):
                patch.setenv("PAY_TOKEN_KEYS", maker)
                token = signatures.pay_token(top_up_id, clock.now())
                patch.setenv("PAY_TOKEN_KEYS", reader)
                assert signatures.read_pay_token(token).top_up_id == top_up_id


def test_an_honest_report_to_another_path_is_nothing(provider, dewi):
    body = json.dumps(provider.report(dewi.top_up(50_000))).encode()

    answer = provider.client.post(f"{CALLBACK}/", data=body, headers={"X-Signature": provider.sign(body)})

    assert answer.status_code == 404
