"""Each type of notification has a switch of its own; security notices have none that works."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.events import SecurityNotice
from tests.pipe import transfer_posted

SETTINGS = "/v1/notifications/settings"


def switches(answer):
    return {switch["type"]: switch["enabled"] for switch in answer.json["types"]}


def test_everything_is_on_at_first(api, person):
    """Nine types, all on; four of them can be muted."""
    answer = api.get(SETTINGS, headers=person[1])

    assert set(switches(answer).values()) == {True}
    assert sorted(switch["type"] for switch in answer.json["types"] if switch["can_mute"]) == [
        "topup.settled", "transfer.received", "transfer.reversed", "transfer.sent",
    ]  # fmt: skip


def test_a_muted_type_stands_in_the_inbox_and_is_never_unread(api, push, person):
    """Muting says "do not call me", not "do not tell me": the inbox stays complete."""
    user_id, signed_in = person
    changed = api.put(SETTINGS, json={"muted": ["transfer.received"]}, headers=signed_in)
    assert switches(changed)["transfer.received"] is False

    push(transfer_posted(credit_user_id=user_id))
    push(transfer_posted(debit_user_id=user_id))

    inbox = api.get("/v1/notifications", headers=signed_in).json
    assert {item["type"]: item["read"] for item in inbox["items"]} == {
        "transfer.received": True,
        "transfer.sent": False,
    }
    assert inbox["unread_count"] == 1
    assert switches(api.put(SETTINGS, json={"muted": []}, headers=signed_in))["transfer.received"] is True


@pytest.mark.parametrize("muted", [["pin.locked"], ["transfer.sent", "session.started"], ["weather.changed"]])
def test_security_notices_cannot_be_muted(api, push, person, muted):
    """The request is refused whole, and the notice arrives."""
    user_id, signed_in = person

    assert api.put(SETTINGS, json={"muted": muted}, headers=signed_in).status_code == 400

    now = datetime.now(UTC)
    push(SecurityNotice(event_id=uuid4(), occurred_at=now, user_id=user_id, notice="pin_locked"))
    assert api.get("/v1/notifications", headers=signed_in).json["unread_count"] == 1
    assert set(switches(api.get(SETTINGS, headers=signed_in)).values()) == {True}


def test_reading_and_muting_do_not_undo_one_another(api, push, person):
    """Both stand in one document, and each leaves the other's half as it is."""
    user_id, signed_in = person
    push(transfer_posted(credit_user_id=user_id))
    (item,) = api.get("/v1/notifications", headers=signed_in).json["items"]

    api.put(SETTINGS, json={"muted": ["topup.settled"]}, headers=signed_in)
    api.post("/v1/notifications/read", json={"up_to": item["created_at"]}, headers=signed_in)

    assert api.get("/v1/notifications", headers=signed_in).json["unread_count"] == 0
    assert switches(api.get(SETTINGS, headers=signed_in))["topup.settled"] is False


def test_the_text_names_whom_one_deals_with(api, push, owner, open_wallet, signer):
    """The event has no names; the inbox adds that of a counterparty from the ledger, for the two of them alone."""
    dewi, budi = open_wallet(balance=50_000), open_wallet(name="Budi Santoso")
    transfer = "CALL ledger.transfer(:i, :u, :n, 20000, '', NULL, NULL, NULL, NULL, NULL)"
    transfer_id = uuid4()
    owner.run(transfer, i=transfer_id, u=dewi.user_id, n=budi.number)
    find = "SELECT debit_account_id, credit_account_id FROM ledger.transfers WHERE id = :i"
    [[debit, credit]] = owner.run(find, i=transfer_id)
    push(
        transfer_posted(
            transfer_id=transfer_id,
            amount=20_000,
            debit_account_id=debit,
            credit_account_id=credit,
            debit_user_id=dewi.user_id,
            credit_user_id=budi.user_id,
        )
    )

    (item,) = api.get("/v1/notifications", headers=signer.bearer(dewi.user_id)).json["items"]

    assert item["text"]["id"] == "Anda mengirim Rp\u00a020.000 kepada Budi Santoso."
    assert item["text"]["en"] == "You sent Rp\u00a020,000 to Budi Santoso."
    assert item["data"]["counterparty"] == {"account_number": budi.number, "name": "Budi Santoso"}


def test_a_change_that_loses_every_race_is_asked_for_again(load, person):
    """Where other devices always write first the answer says to come back, and is no fault of ours."""
    deployment = load("notifications", "api")
    deployment.modules["settings"].ATTEMPTS_MAX = 0

    answer = deployment.app.test_client().put("/v1/notifications/settings", json={"muted": []}, headers=person[1])

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
