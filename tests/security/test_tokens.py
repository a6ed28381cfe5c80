"""Forged, stale, foreign and misused tokens: none opens anything, in any function."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.people import Person
from tests.security.conftest import Forger
from tests.tokens import Signer

Forge = Callable[[Forger, dict[str, Any]], str]
ACCESS = {"alg": "ES256", "typ": "at+jwt"}


def kid(forger: Forger) -> str:
    return str(forger.signer.key["kid"])


def public_pem(forger: Forger) -> bytes:
    key = jwt.PyJWK(forger.signer.key, algorithm="ES256").key.public_key()
    return bytes(key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def signed(forger: Forger, claims: dict[str, Any], kind: str = "at+jwt", **headers: Any) -> str:
    return forger.signer.sign(claims, kind, **headers)


def changed(**changes: Any) -> Forge:
    """Signed with the right key, with these claims."""

    def forge(forger: Forger, claims: dict[str, Any]) -> str:
        result = {name: value for name, value in (claims | changes).items() if value is not None}
        return signed(forger, result)

    return forge


def symmetric(forger: Forger, claims: dict[str, Any], algorithm: str, secret: bytes) -> str:
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    token = forger.join({"alg": algorithm, "typ": "at+jwt", "kid": kid(forger)}, claims, b"")
    signature = hmac.digest(secret, token.rstrip(".").encode(), digest)
    return token + base64.urlsafe_b64encode(signature).decode().rstrip("=")


def foreign(forger: Forger, claims: dict[str, Any], **headers: Any) -> str:
    """Signed with a key of the attacker's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    head = {"typ": "at+jwt", "kid": kid(forger), **headers}
    return jwt.encode(claims, key, algorithm="ES256", headers=head)


def with_own_jwk(forger: Forger, claims: dict[str, Any]) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwt.encode(claims, key, algorithm="ES256", headers={"typ": "at+jwt", "kid": kid(forger), "jwk": jwk})


def with_rsa(forger: Forger, claims: dict[str, Any]) -> str:
    key = rsa.generate_private_key(65_537, 2048)
    jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwt.encode(claims, key, algorithm="RS256", headers={"typ": "at+jwt", "kid": kid(forger), "jwk": jwk})


def unsigned(algorithm: Any) -> Forge:
    return lambda forger, claims: forger.join({"alg": algorithm, "typ": "at+jwt", "kid": kid(forger)}, claims, b"")


def tampered(forger: Forger, claims: dict[str, Any]) -> str:
    header, _, signature = signed(forger, claims).split(".")
    other = json.dumps(claims | {"sub": str(uuid4())}).encode()
    return f"{header}.{base64.urlsafe_b64encode(other).decode().rstrip('=')}.{signature}"


FORGERIES: dict[str, Forge] = {
    "no algorithm": unsigned("none"),
    "no algorithm, in capitals": unsigned("NONE"),
    "an algorithm that is no text": unsigned(None),
    "an empty signature": unsigned("ES256"),
    "a signature of zeros": lambda f, c: f.join({**ACCESS, "kid": kid(f)}, c, bytes(64)),
    "a signature without its last byte": lambda f, c: signed(f, c)[:-2],
    "HS256 with the public key as the secret": lambda f, c: symmetric(f, c, "HS256", public_pem(f)),
    "HS512 with an empty secret": lambda f, c: symmetric(f, c, "HS512", b""),
    "RS256 with a key of its own": with_rsa,
    "a key of its own under our id": foreign,
    "a key of its own in the header": with_own_jwk,
    "a key set elsewhere": lambda f, c: foreign(f, c, jku="https://evil.example/jwks.json"),
    "a certificate elsewhere": lambda f, c: foreign(f, c, x5u="https://evil.example/cert.pem"),
    "an id that is a path": lambda f, c: signed(f, c, kid="../../../../dev/null"),
    "an id that is SQL": lambda f, c: signed(f, c, kid="' UNION SELECT 'x"),
    "an id that nobody has": lambda f, c: signed(f, c, kid="unknown"),
    "an id that is a number": lambda f, c: f.join({**ACCESS, "kid": 7}, c, bytes(64)),
    "no id": lambda f, c: f.join(ACCESS, c, bytes(64)),
    "an extension that must be understood": lambda f, c: signed(f, c, crit=["b64"], b64=False),
    "the plain type": lambda f, c: signed(f, c, kind="JWT"),
    "no type": lambda f, c: signed(f, c, kind=None),  # type: ignore[arg-type]  # PyJWT writes null
    "the proofs' type": lambda f, c: signed(f, c, kind="pin-proof+jwt"),
    "another audience": changed(aud="somebody-else"),
    "the proofs' audience": changed(aud="e-wallet-lite/pin-proof"),
    "no audience": changed(aud=None),
    "another issuer": changed(iss="https://prod.e-wallet-lite"),
    "an issuer that begins like ours": changed(iss="https://local.e-wallet-lite.evil.example"),
    "no issuer": changed(iss=None),
    "expired": changed(exp=int(time.time()) - 60),
    "expired, as text": changed(exp="9999999999"),
    "expired, as a fraction": changed(exp=9999999999.5),
    "expiring never": changed(exp=None),
    "not yet valid": changed(nbf=int(time.time()) + 86_400),
    "issued tomorrow": changed(iat=int(time.time()) + 86_400),
    "issued at no time": changed(iat=None),
    "nobody": changed(sub=None),
    "a subject that is no id": changed(sub="1 OR 1=1"),
    "a subject that is a list": changed(sub=["0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70"]),
    "no session": changed(sid=None),
    "a session that is no id": changed(sid="current"),
    "no id of its own": changed(jti=None),
    "claims changed after signing": tampered,
    "two parts": lambda f, c: signed(f, c).rpartition(".")[0],
    "four parts": lambda f, c: signed(f, c) + ".x",
    "nothing": lambda *_: "",
    "rubbish": lambda *_: "🐒.🐒.🐒".encode().hex(),
    "a very long one": lambda f, c: signed(f, c | {"pad": "x" * 8_000}),
}
# One that asks identity's own keys, one that asks the published ones.
DOORS = {"identity": "/v1/me", "wallet": "/v1/wallet"}


@pytest.fixture(scope="module")
def doors(client: FlaskClient, deployment: Callable[..., FlaskClient]) -> dict[str, FlaskClient]:
    """The functions that the forged tokens are tried at."""
    return {"identity": client, "wallet": deployment("wallet", "api")}


@pytest.fixture
def claims(forger: Forger, victim: Person) -> dict[str, Any]:
    """The claims of the victim's own living session."""
    session_id = UUID(jwt.decode(victim.access_token, options={"verify_signature": False})["sid"])
    return forger.claims(victim.user_id, session_id)


@pytest.mark.parametrize("door", DOORS)
def test_the_honest_token_opens(
    doors: dict[str, FlaskClient], forger: Forger, claims: dict[str, Any], door: str
) -> None:
    """The table below tests something: the same claims, honestly signed, are let in."""
    headers = {"Authorization": f"Bearer {signed(forger, claims)}"}
    assert doors[door].get(DOORS[door], headers=headers).status_code == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_nothing(
    doors: dict[str, FlaskClient], forger: Forger, claims: dict[str, Any], door: str, forgery: str
) -> None:
    """Each is 401 with the same words, and says how to authenticate."""
    token = FORGERIES[forgery](forger, claims)
    response = doors[door].get(DOORS[door], headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json["type"]) == (401, "/problems/unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer", "bearer\t", "JWT "])
def test_only_the_bearer_scheme_is_read(client: FlaskClient, victim: Person, scheme: str) -> None:
    """A good token under another scheme is no token."""
    headers = {"Authorization": f"{scheme}{victim.access_token}"}
    assert client.get("/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("place", ["?access_token=", "?token=", "?authorization=Bearer%20"])
def test_a_token_in_the_address_is_not_read(client: FlaskClient, victim: Person, place: str) -> None:
    """Addresses end up in logs and histories."""
    assert client.get(f"/v1/me{place}{victim.access_token}").status_code == 401


def test_the_refresh_token_is_no_access_token(client: FlaskClient, victim: Person) -> None:
    """The long-lived secret opens the refresh route alone."""
    assert client.get("/v1/me", headers={"Authorization": f"Bearer {victim.refresh_token}"}).status_code == 401


@pytest.fixture(scope="module")
def transfers(deployment: Callable[..., FlaskClient]) -> FlaskClient:
    """The function that takes proofs."""
    return deployment("transfers", "api")


class TestProofs:
    """A PIN proof is good for one payment of one person, and is not an access token, nor the reverse."""

    OPERATION = "0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70"

    def pay(self, transfers: FlaskClient, sender: Person, proof: str | None, **changes: Any) -> Any:
        key = changes.pop("key", self.OPERATION)
        headers = {"Authorization": f"Bearer {sender.access_token}", "Idempotency-Key": key}
        if proof is not None:
            headers["X-Pin-Proof"] = proof
        body = {"to_account": "100000000008", "amount": 5_000} | changes
        return transfers.post("/v1/transfers", json=body, headers=headers)

    def proof(self, person: Person, **operation: Any) -> str:
        response = person.prove(**{"id": self.OPERATION} | operation)
        assert (response.status_code, response.json["expires_in"]) == (201, 120)
        return str(response.json["proof"])

    def test_is_no_access_token(self, client: FlaskClient, victim: Person) -> None:
        headers = {"Authorization": f"Bearer {self.proof(victim)}"}
        assert client.get("/v1/me", headers=headers).status_code == 401

    def test_the_honest_proof_is_taken(self, transfers: FlaskClient, victim: Person) -> None:
        """With a fitting proof the answer is about the account, which does not exist, and not about the proof."""
        assert self.pay(transfers, victim, self.proof(victim)).json["type"] == "/problems/account-not-found"

    @pytest.mark.parametrize(
        "change",
        [
            {"amount": 5_001},
            {"amount": 50_000},
            {"to_account": "100000000016"},
            {"key": "0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d71"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_fits_one_payment(self, transfers: FlaskClient, victim: Person, change: dict[str, Any]) -> None:
        response = self.pay(transfers, victim, self.proof(victim), **change)
        assert (response.status_code, response.json["type"]) == (403, "/problems/pin-proof-invalid")

    def test_fits_one_person(self, transfers: FlaskClient, victim: Person, attacker: Person) -> None:
        response = self.pay(transfers, attacker, self.proof(victim))
        assert (response.status_code, response.json["type"]) == (403, "/problems/pin-proof-invalid")

    def test_a_payment_without_one_is_refused(self, transfers: FlaskClient, victim: Person) -> None:
        for proof in (None, "", "rubbish", victim.access_token):
            assert self.pay(transfers, victim, proof).status_code == 403

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "e-wallet-lite"},
            {"iss": "https://prod.e-wallet-lite"},
            {"exp": 1},
            {"exp": None},
            {"iat": None},
            {"op": None},
            {"jti": None},
        ],
        ids=lambda change: f"{next(iter(change))} {next(iter(change.values()))}",
    )
    def test_a_proof_that_is_not_whole_is_refused(
        self, transfers: FlaskClient, signer: Signer, victim: Person, changes: dict[str, Any]
    ) -> None:
        operation = {"type": "transfer", "id": self.OPERATION, "to_account": "100000000008", "amount": 5_000}
        honest = signer.claims(victim.user_id, "e-wallet-lite/pin-proof", 120, op=operation)
        claims = {name: value for name, value in (honest | changes).items() if value is not None}
        assert self.pay(transfers, victim, signer.sign(claims, "pin-proof+jwt")).status_code == 403
        # The same proof, whole, would be taken; as an access token's type it would not.
        assert self.pay(transfers, victim, signer.sign(honest, "pin-proof+jwt")).status_code == 404
        assert self.pay(transfers, victim, signer.sign(honest, "at+jwt")).status_code == 403

    @pytest.mark.parametrize(
        "operation", [{"type": "topup"}, {"amount": 0}, {"amount": 5.0}, {"to_account": "x"}, {"more": 1}, {"id": "1"}]
    )
    def test_is_made_for_a_whole_operation_only(self, victim: Person, operation: dict[str, Any]) -> None:
        assert victim.prove(**operation).status_code == 400
