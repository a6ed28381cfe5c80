"""A device that asked for notices gets each once, encrypted for it alone; the inbox never depends on it."""

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.events import SecurityNotice
from tests.pipe import transfer_posted

AUTH = b"sixteen bytes!!!"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class PushService:
    """A push service on this machine: keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.sent = []
        self.status = 201
        service = self

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.sent.append((self.path, self.headers, body))
                self.send_response(service.status)
                if service.status == 307:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def noticed(user_id, notice, **more) -> SecurityNotice:
    """A security notice of this moment."""
    return SecurityNotice(
        **{"event_id": uuid4(), "occurred_at": datetime.now(UTC), **more}, user_id=user_id, notice=notice
    )


def session_of(signed_in) -> str:
    """The session that an access token names."""
    return jwt.decode(signed_in["Authorization"].split()[1], options={"verify_signature": False})["sid"]


@pytest.fixture
def service():
    made = PushService()
    yield made
    made.server.shutdown()


@pytest.fixture
def device(service, api, signer):
    """A person whose device has subscribed: (user id, headers, private key)."""
    user_id, key = uuid4(), ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    body = {"endpoint": f"{service.url}/device", "keys": {"p256dh": encoded(point), "auth": encoded(AUTH)}}
    signed_in = signer.bearer(user_id)
    assert api.put("/v1/notifications/push", json={**body, "language": "en"}, headers=signed_in).status_code == 204
    return user_id, signed_in, key


def test_a_device_is_told_once(api, push, service, device):
    """Two deliveries of an event send one message, which only the device can read and only we can have signed."""
    user_id, signed_in, key = device
    event = transfer_posted(credit_user_id=user_id, amount=20_000)

    push(event)
    push(event)

    ((path, headers, body),) = service.sent
    told = json.loads(http_ece.decrypt(body, private_key=key, auth_secret=AUTH, version="aes128gcm"))
    assert path == "/device"
    assert told["text"] == "You received Rp\u00a020,000."
    assert told["transfer_id"] == str(event.transfer_id)
    public = api.get("/v1/notifications/push", headers=signed_in).json["public_key"]
    scheme, _, parameters = headers["Authorization"].partition(" ")
    values = dict(part.strip().split("=", 1) for part in parameters.split(","))
    assert (scheme, values["k"]) == ("vapid", public)
    point = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(values["t"], sender, algorithms=["ES256"], audience=service.url)
    assert claims["sub"].startswith("mailto:")


def test_a_device_that_is_gone_is_forgotten(push, service, device):
    """When the push service says 410, nothing is sent there again."""
    user_id, _, _ = device
    service.status = 410

    assert push(transfer_posted(credit_user_id=user_id)).status_code == 204
    assert push(transfer_posted(credit_user_id=user_id)).status_code == 204

    assert len(service.sent) == 1


def test_a_push_service_that_fails_holds_nothing_up(api, push, service, device):
    """The inbox has the notification, Pub/Sub hears a success, and nobody follows a redirect."""
    user_id, signed_in, _ = device
    for status in (500, 307):
        service.status = status
        assert push(transfer_posted(credit_user_id=user_id)).status_code == 204
    service.server.shutdown()
    service.server.server_close()
    assert push(transfer_posted(credit_user_id=user_id)).status_code == 204

    assert api.get("/v1/notifications", headers=signed_in).json["unread_count"] == 3
    assert [path for path, _, _ in service.sent] == ["/device", "/device"]


def test_signing_out_a_device_ends_its_notices(api, push, service, device):
    """After DELETE nothing is sent there; a second DELETE changes nothing."""
    user_id, signed_in, _ = device
    for _ in range(2):
        assert api.delete("/v1/notifications/push", headers=signed_in).status_code == 204

    push(transfer_posted(credit_user_id=user_id))

    assert service.sent == []


@pytest.mark.parametrize("notice", ["password_changed", "pin_changed"])
def test_a_changed_secret_ends_the_notices_of_every_device(push, service, device, notice):
    """The devices hear of the change as their last notice; who is still signed in subscribes anew."""
    user_id, _, _ = device
    push(noticed(user_id, notice))

    push(transfer_posted(credit_user_id=user_id))

    assert len(service.sent) == 1


def test_a_change_that_is_told_again_leaves_the_devices_that_asked_since(push, service, device):
    """The event of a change from before the subscription, delivered late, ends nothing."""
    user_id, _, _ = device
    push(noticed(user_id, "password_changed", occurred_at=datetime.now(UTC) - timedelta(minutes=1)))

    push(transfer_posted(credit_user_id=user_id))

    assert len(service.sent) == 2


def test_a_session_that_ended_ends_the_notices_of_its_device(api, push, service, device):
    """Its device is sent nothing from then on, and nobody is told: not the device, not the inbox."""
    user_id, signed_in, _ = device
    ended = noticed(user_id, "session_ended", data={"session_id": session_of(signed_in)})

    assert [push(ended).status_code, push(ended).status_code] == [204, 204]
    push(transfer_posted(credit_user_id=user_id))

    assert service.sent == []
    (item,) = api.get("/v1/notifications", headers=signed_in).json["items"]
    assert item["type"] == "transfer.received"


def test_another_session_of_the_person_goes_on_being_told(push, service, device):
    """The end of one session is no reason to forget the device of another."""
    user_id, _, _ = device
    push(noticed(user_id, "session_ended", data={"session_id": str(uuid4())}))

    push(transfer_posted(credit_user_id=user_id))

    assert len(service.sent) == 1


def test_a_session_that_ended_cannot_subscribe_with_the_token_that_it_has_left(api, push, service, device):
    """The access token of a revoked device, good for minutes, brings no notices back; a DELETE between helps it not."""
    user_id, signed_in, _ = device
    push(noticed(user_id, "session_ended", data={"session_id": session_of(signed_in)}))
    body = {"endpoint": f"{service.url}/device", "keys": {"p256dh": "BA", "auth": "BA"}}

    assert api.delete("/v1/notifications/push", headers=signed_in).status_code == 204
    assert api.put("/v1/notifications/push", json=body, headers=signed_in).status_code == 401
    push(transfer_posted(credit_user_id=user_id))

    assert service.sent == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://169.254.169.254/",
        "file:///etc/passwd",
        "https://notify.windows.com.evil.example/",
        "https://fcm.googleapis.com:99999/",
        "https://[x/",
    ],
)
def test_only_the_browsers_push_services_can_be_named(api, signer, endpoint):
    """An address elsewhere is refused: nobody makes us send requests to a machine of their choice."""
    body = {"endpoint": endpoint, "keys": {"p256dh": "BA", "auth": "BA"}}

    assert api.put("/v1/notifications/push", json=body, headers=signer.bearer(uuid4())).status_code == 400


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
     "https://web.push.apple.com/x", "https://wns2-sg2p.notify.windows.com/w/?token=x"],
)  # fmt: skip
def test_the_browsers_push_services_are_accepted(api, signer, endpoint):
    """Those of Chrome, Firefox, Safari and Edge."""
    body = {"endpoint": endpoint, "keys": {"p256dh": "BA", "auth": "BA"}}

    assert api.put("/v1/notifications/push", json=body, headers=signer.bearer(uuid4())).status_code == 204


def test_only_whom_a_device_belongs_to_is_told(push, service, device):
    """What concerns other people is not sent here."""
    push(transfer_posted())

    assert service.sent == []
