"""A body for each operation that takes one, of the right form and about the person's own things."""

from typing import Any
from uuid import uuid4

from tests.contract.openapi import Operation
from tests.contract.world import PASSWORD, PIN, Person, World

# Keys of a browser's subscription, of the right length and of nobody's.
P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"


def body_of(operation: Operation, world: World, person: Person) -> dict[str, Any] | None:
    """What `person` could honestly send, or None where nothing is sent."""
    if operation.body is None:
        return None
    order = {"to_account": world.friend.account_number, "amount": 1_000}
    bodies: dict[str, dict[str, Any]] = {
        "createUser": {"username": f"u{uuid4().hex[:20]}", "password": PASSWORD, "pin": PIN, "full_name": "Eka"},
        "createSession": {"username": person.username, "password": PASSWORD},
        "changeMe": {"full_name": "Eka"},
        "closeMe": {"pin": "917364"},
        "changePassword": {"current_password": "falsch-falsch", "new_password": "gunung-tinggi-7"},
        "changePin": {"current_pin": "917364", "new_pin": "739154"},
        "createPinProof": {"pin": PIN, "operation": {"type": "transfer", "id": str(uuid4()), **order}},
        "createTransfer": order | {"note": "kopi"},
        "createTopUp": {"amount": 50_000},
        "decidePayment": {"decision": "decline"},
        "receiveProviderEvent": {
            "event_id": str(uuid4()), "topup_id": person.topups[-1], "amount": 50_000, "currency": "IDR",
            "status": "paid", "paid_at": "2026-11-22T00:00:00Z",
        },
        "markRead": {"up_to": "2026-11-22T00:00:00Z"},
        "changeNotificationSettings": {"muted": []},
        "subscribePush": {
            "endpoint": "https://fcm.googleapis.com/fcm/send/eka", "keys": {"p256dh": P256DH, "auth": "A" * 22},
        },
    }  # fmt: skip
    return bodies[operation.id]
