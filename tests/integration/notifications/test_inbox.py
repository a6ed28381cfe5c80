"""The inbox holds one notification per person and event, however often the event arrives."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.events import SecurityNotice
from tests.deployment import ROOT
from tests.pipe import transfer_posted


def test_tells_both_sides_of_a_transfer(api, push, signer):
    """The payer reads what was sent, the payee what was received, each with their own balance."""
    event = transfer_posted(amount=20_000)

    assert push(event).status_code == 204

    (sent,) = api.get("/v1/notifications", headers=signer.bearer(event.debit_user_id)).json["items"]
    (received,) = api.get("/v1/notifications", headers=signer.bearer(event.credit_user_id)).json["items"]
    assert (sent["type"], received["type"]) == ("transfer.sent", "transfer.received")
    assert sent["data"]["balance_after"] == event.debit_balance_after
    assert received["data"]["balance_after"] == event.credit_balance_after
    assert received["text"] == {"id": "Anda menerima Rp\u00a020.000.", "en": "You received Rp\u00a020,000."}
    assert received["id"] == str(event.event_id)


def test_an_event_that_arrives_again_changes_nothing(api, push, person):
    """Ten deliveries of one event are one notification, which stays as it was first written."""
    user_id, signed_in = person
    event = transfer_posted(credit_user_id=user_id)

    push(event)
    first = api.get("/v1/notifications", headers=signed_in).json
    assert [push(event).status_code for _ in range(9)] == [204] * 9

    assert api.get("/v1/notifications", headers=signed_in).json == first
    assert first["unread_count"] == 1


def test_a_top_up_tells_the_owner_alone(api, push, person):
    """The side of a top-up that is no person is told nothing."""
    user_id, signed_in = person
    push(transfer_posted(kind="topup", debit_user_id=None, credit_user_id=user_id))

    (item,) = api.get("/v1/notifications", headers=signed_in).json["items"]

    assert item["type"] == "topup.settled"


def test_a_security_notice_arrives_the_same_way(api, push, person):
    """A new device is told in both languages, by the device's name."""
    user_id, signed_in = person
    data = {"device": "Chrome on Android"}
    push(
        SecurityNotice(
            event_id=user_id, occurred_at=datetime.now(UTC), user_id=user_id, notice="session_started", data=data
        )
    )

    (item,) = api.get("/v1/notifications", headers=signed_in).json["items"]

    assert item["type"] == "session.started"
    assert "Chrome on Android" in item["text"]["id"]
    assert "Chrome on Android" in item["text"]["en"]


def test_a_device_without_a_name_is_told_in_both_languages(api, push, person):
    """What identity calls a browser that does not say what it is reads as a sentence of the language."""
    user_id, signed_in = person
    places = (ROOT / "functions/identity/places.py").read_text(encoding="utf-8")
    data = {"device": re.findall(r'^UNKNOWN = "(.+)"', places, re.MULTILINE)[0]}
    push(
        SecurityNotice(
            event_id=user_id, occurred_at=datetime.now(UTC), user_id=user_id, notice="session_started", data=data
        )
    )

    (item,) = api.get("/v1/notifications", headers=signed_in).json["items"]

    assert "di perangkat baru: perangkat tidak dikenal. Bukan Anda?" in item["text"]["id"]
    assert "on a new device: an unknown device. Not you?" in item["text"]["en"]
    assert item["data"]["device"] == data["device"]


def test_reading_marks_what_came_up_to_then(api, push, person):
    """Reading up to the second of three leaves one unread; the mark never moves back."""
    user_id, signed_in = person
    for _ in range(3):
        push(transfer_posted(credit_user_id=user_id))
    newest, second, oldest = api.get("/v1/notifications", headers=signed_in).json["items"]

    answer = api.post("/v1/notifications/read", headers=signed_in, json={"up_to": second["created_at"]})
    again = api.post("/v1/notifications/read", headers=signed_in, json={"up_to": oldest["created_at"]})

    assert answer.json == again.json == {"unread_count": 1}
    listed = api.get("/v1/notifications", headers=signed_in).json
    assert [item["read"] for item in listed["items"]] == [False, True, True]
    assert listed["items"][0]["id"] == newest["id"]


def test_a_mark_in_the_future_reads_only_what_is_there(api, push, person):
    """What arrives after reading is unread, whatever moment the client named."""
    user_id, signed_in = person
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    api.post("/v1/notifications/read", headers=signed_in, json={"up_to": tomorrow})

    push(transfer_posted(credit_user_id=user_id))

    assert api.get("/v1/notifications", headers=signed_in).json["unread_count"] == 1


def test_pages_are_stable_while_new_items_come(api, push, person):
    """Walking the pages shows each item once, also when one arrives on the way."""
    user_id, signed_in = person
    for _ in range(5):
        push(transfer_posted(credit_user_id=user_id))
    whole = [item["id"] for item in api.get("/v1/notifications", headers=signed_in).json["items"]]

    first = api.get("/v1/notifications?limit=2", headers=signed_in).json
    push(transfer_posted(credit_user_id=user_id))
    walked = list(first["items"])
    cursor = first["next_cursor"]
    while cursor:
        page = api.get(f"/v1/notifications?limit=2&cursor={cursor}", headers=signed_in).json
        walked += page["items"]
        cursor = page["next_cursor"]

    assert [item["id"] for item in walked] == whole


def test_nobody_reads_another_persons_inbox(api, push, person):
    """A person's inbox is empty until something concerns them."""
    push(transfer_posted())

    assert api.get("/v1/notifications", headers=person[1]).json == {"items": [], "next_cursor": None, "unread_count": 0}
    assert api.get("/v1/notifications").status_code == 401


def test_a_message_that_is_no_event_is_refused(push, deployment):
    """Pub/Sub is told 400, delivers it again and at last sets it aside."""
    client = deployment("notifications", "deliver")
    message = {"data": "e30=", "attributes": {"event_type": "transfer.posted"}}

    answer = client.post("/projects/p/topics/wallet-events", json={"message": message, "subscription": "s"})

    assert answer.status_code == 400


def test_in_the_cloud_only_pub_sub_may_push(deployment):
    """Without the token of our push subscriptions nothing is delivered."""
    settings = {"ENVIRONMENT": "prod", "PUSH_AUDIENCE": "https://deliver", "PUSH_SERVICE_ACCOUNT": "push@p.iam"}
    client = deployment("notifications", "deliver", **settings)
    body = {"message": {"data": "e30="}, "subscription": "s"}

    for headers in (
        {},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer a.e30.SIGNATURE_REMOVED_BY_GOOGLE"},
    ):
        assert client.post("/projects/p/topics/t", json=body, headers=headers).status_code == 403


def test_a_closed_account_is_forgotten(api, push, person):
    """When somebody closes their account, their inbox and settings go; nobody else's do."""
    user_id, signed_in = person
    event = transfer_posted(credit_user_id=user_id)
    push(event)
    api.put("/v1/notifications/settings", json={"muted": ["transfer.sent"]}, headers=signed_in)

    closed = SecurityNotice(
        event_id=uuid4(), occurred_at=datetime.now(UTC), user_id=user_id, notice="account_closed", data={}
    )
    assert [push(closed).status_code, push(closed).status_code] == [204, 204]
    assert push(event).status_code == 204, "an event that comes again, as a replay brings it"
    assert push(transfer_posted(debit_user_id=user_id)).status_code == 204, "one that the closing overtook"

    assert api.get("/v1/notifications", headers=signed_in).json["items"] == []
    settings = api.get("/v1/notifications/settings", headers=signed_in).json
    assert all(switch["enabled"] for switch in settings["types"])


# As the cursors that we make name an item.
ID = "019ab2f0-0000-7000-8000-000000000001.019ab2f0-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("created_at", "last"),
    [
        ("2026-11-22T08:00:00Z", ""),
        ("2026-11-22T08:00:00Z", "a/b"),
        ("2026-11-22T08:00:00", ID),
        ("0001-01-01T00:00:00+14:00", ID),
        ("9999-12-31T23:59:59-14:00", ID),
    ],
)
def test_a_cursor_that_we_did_not_make_is_malformed(api, person, created_at, last):
    """Whatever a client puts together is refused as a cursor, and never a fault of ours."""
    made_up = base64.urlsafe_b64encode(json.dumps({"created_at": created_at, "id": last}).encode()).decode()

    assert api.get(f"/v1/notifications?cursor={made_up}", headers=person[1]).status_code == 400
