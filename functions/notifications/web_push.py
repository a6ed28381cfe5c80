"""web_push — notices to installed apps: encrypted to the device (RFC 8291), signed by us (RFC 8292).

The library is imported with the first device to write to: it costs more than all else here.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

import push_key
import subscriptions
from messages import sentence
from shared import log
from shared.firestore import Document

# Several devices of one person must fit into the 30 s that Pub/Sub waits.
TIMEOUT_SECONDS = 2.5

# A device that has been off for a day need not be told of yesterday: the inbox tells.
KEPT_SECONDS = 86_400

# The push service says that the subscription is no more (RFC 8030, 7.3).
GONE = (404, 410)


def send(user_id: UUID, event_id: UUID, kind: str, data: Mapping[str, Any]) -> None:
    """Send a notice to each device of a person. A device that cannot be reached is passed over."""
    for device in subscriptions.of(user_id):
        fields = device.fields
        # Only what a locked screen may show: the sentence, and where a tap leads.
        payload = {
            "id": str(event_id),
            "type": kind,
            "text": sentence(kind, data, fields["language"]),
            "transfer_id": data.get("transfer_id"),
        }
        status = _post(device, msgspec.json.encode(payload).decode())
        if status in GONE:
            subscriptions.forget(device.id)


def _post(device: Document, payload: str) -> int | None:
    """Send one message and return the push service's status, or None where it did not answer."""
    from pywebpush import WebPushException, webpush  # type: ignore[import-untyped]  # it ships no types
    from requests import RequestException, Session

    class NoRedirects(Session):
        """Goes to the address that was checked, and nowhere else."""

        def post(self, url: Any, **options: Any) -> Any:  # type: ignore[override]  # we pass on what we are given
            return super().post(url, allow_redirects=False, **options)

    key = push_key.load()
    try:
        answer = webpush(
            {"endpoint": device.fields["endpoint"], "keys": device.fields["keys"]},
            payload,
            vapid_private_key=key.private,
            vapid_claims={"sub": key.subject},
            ttl=KEPT_SECONDS,
            timeout=TIMEOUT_SECONDS,
            requests_session=NoRedirects(),
        )
    except WebPushException as error:
        status = error.response.status_code if error.response is not None else None
    except (RequestException, ValueError) as error:  # a key that is none is a ValueError of the cipher
        log.write("WARNING", "A device could not be reached", error_type=type(error).__name__)
        return None
    else:
        status = answer.status_code
    log.write("INFO", "A device was told", status=status)
    return int(status) if status is not None else None
