"""In the cloud a push is taken only with the token of our push subscriptions: for us, from Google, of that account, now.

The keys of Google are the test's own here; what verifies with them is Google's library, as in the cloud.
"""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.oauth2 import id_token

from emulators.environment import PROJECT
from tests.integration.notifications.conftest import wrapped
from tests.pipe import transfer_posted

AUDIENCE = "https://notifications-deliver.example"
PUSHER = "push@e-wallet-lite-local.iam.gserviceaccount.com"
KEY_ID = "a-key-of-googles"


def certificate(key):
    """The certificate of a key, signed by itself, in the form in which Google publishes its own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(hours=1), now + timedelta(days=1)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def key():
    """The private key with which Google signs."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def google_publishes(key, monkeypatch):
    """Google's page of certificates, on this machine."""
    page = json.dumps({KEY_ID: certificate(key)}).encode()

    class Certificates(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Certificates)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(id_token, "_GOOGLE_OAUTH2_CERTS_URL", f"http://127.0.0.1:{server.server_port}/certs")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def deliver(deployment):
    """The deployment as it is in the cloud; it takes a token and answers with the status."""
    settings = {"ENVIRONMENT": "prod", "PUSH_AUDIENCE": AUDIENCE, "PUSH_SERVICE_ACCOUNT": PUSHER}
    client = deployment("notifications", "deliver", **settings)
    topic = f"/projects/{PROJECT}/topics/wallet-events"

    def push(token):
        body = wrapped(transfer_posted())
        return client.post(topic, json=body, headers={"Authorization": f"Bearer {token}"}).status_code

    return push


def signed(key, **changed):
    """The token that Pub/Sub sends, with some claims changed."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": "https://accounts.google.com", "aud": AUDIENCE, "sub": "1", "email": PUSHER, "email_verified": True,
        "iat": now - 5, "exp": now + 3600,
    }  # fmt: skip
    return jwt.encode(claims | changed, key, algorithm="RS256", headers={"kid": KEY_ID})


def without_signature(token):
    """A token as Cloud Run hands it on: it has verified the signature and taken it away."""
    return token.rsplit(".", 1)[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"


FORMS = pytest.mark.parametrize("form", [str, without_signature], ids=["signed", "verified by Cloud Run"])


@FORMS
def test_a_good_token_is_accepted(deliver, google_publishes, key, form):
    """A token of the push subscriptions' account, for this deployment, delivers."""
    assert deliver(form(signed(key))) == 204


@FORMS
@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://another.example"},
        {"iss": "https://accounts.example"},
        {"email": "relay-drain@e-wallet-lite-local.iam.gserviceaccount.com"},
        {"email_verified": False},
        {"iat": 1_700_000_000, "exp": 1_700_003_600},
    ],
    ids=["another audience", "another issuer", "another account", "an address not verified", "expired"],
)
def test_a_token_that_is_not_ours_is_refused(deliver, google_publishes, key, form, changed):
    """Each claim is looked at by itself: one that is wrong is enough."""
    assert deliver(form(signed(key, **changed))) == 403


def test_a_token_that_somebody_else_signed_is_refused(deliver, google_publishes):
    """Right claims under a key that Google does not publish are nobody's."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert deliver(signed(stranger)) == 403


def test_a_token_of_no_known_algorithm_is_refused(deliver, google_publishes, key):
    """`none` and a shared secret are no signatures of Google's."""
    for token in (jwt.encode({"aud": AUDIENCE}, "", algorithm="none"), jwt.encode({"aud": AUDIENCE}, "x" * 32)):
        assert deliver(token) == 403
