"""The provider's webhook: believed as far as it is signed and agrees, and no further."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.payments.people import pay_path


def later(moment: str, seconds: int) -> str:
    """Return the time `seconds` after an RFC 3339 time."""
    return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def alerts(capsys, message="a provider contradicts us"):
    """The lines that an alert hangs on: severity, reason and top-up of each."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(line["severity"], line["reason"], line["topup_id"]) for line in lines if line["message"] == message]


def test_a_report_credits_once_however_often_it_comes(dewi, provider, books, document):
    top_up = dewi.top_up(50_000)
    report = provider.report(top_up)

    answers = [provider.send(report) for _ in range(3)]

    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"status": "settled"})] * 3
    assert books.credits(top_up["id"]) == [50_000]
    history = document(top_up["id"])["history"]
    assert [(step["status"], step["by"]) for step in history[1:]] == [
        ("paid", f"provider:{report['event_id']}"),
        ("settled", "provider"),
    ]


def test_a_report_after_the_payer_confirmed_credits_nothing_more(dewi, provider, payer_client, books, capsys):
    """It is of the payment that the payer confirmed, and nothing to be alarmed about."""
    top_up = dewi.top_up(50_000)
    payer_client.post(pay_path(top_up), json={"decision": "approve"})

    answer = provider.send(provider.report(top_up))

    assert (answer.status_code, answer.json) == (200, {"status": "settled"})
    assert books.credits(top_up["id"]) == [50_000]
    assert alerts(capsys) == []


@pytest.mark.parametrize("difference", [{"amount": 50_001}, {"amount": 49_999}, {"currency": "USD"}])
def test_what_does_not_agree_goes_to_review(dewi, provider, books, difference, capsys):
    """Another amount or currency is never credited: a person is alerted, and the repeat hears the same."""
    top_up = dewi.top_up(50_000)
    report = provider.report(top_up, **difference)

    first, again = provider.send(report), provider.send(report)

    for answer in (first, again):
        assert (answer.status_code, answer.json["type"]) == (422, "/problems/payment-mismatch")
        assert answer.json["topup_status"] == "review"
    assert books.credits(top_up["id"]) == []
    assert alerts(capsys, "top-up under review") == [("ERROR", "amount-mismatch", top_up["id"])]


def test_a_mismatch_takes_no_settled_money_back(dewi, provider, books, capsys):
    """It is an alert, once: its repetition says nothing new."""
    top_up = dewi.top_up(50_000)
    provider.send(provider.report(top_up))
    report = provider.report(top_up, amount=60_000)

    answer, _ = provider.send(report), provider.send(report)

    assert (answer.status_code, answer.json["topup_status"]) == (422, "settled")
    assert books.credits(top_up["id"]) == [50_000]
    assert alerts(capsys) == [("ERROR", "mismatch-after-settlement", top_up["id"])]


def test_a_second_payment_is_an_alert(dewi, provider, books, capsys):
    """Two events that each report the money: the wallet is credited once, and somebody has to give the rest back."""
    top_up = dewi.top_up(50_000)
    provider.send(provider.report(top_up))

    answer = provider.send(provider.report(top_up))

    assert (answer.status_code, answer.json) == (200, {"status": "settled"})
    assert books.credits(top_up["id"]) == [50_000]
    assert alerts(capsys) == [("ERROR", "paid-twice", top_up["id"])]


def test_late_news_of_timely_money_is_credited(dewi, provider, move_clock):
    """The payer paid within the window, the provider says so an hour later."""
    top_up = dewi.top_up(50_000)
    move_clock(3600)

    answer = provider.send(provider.report(top_up, paid_at=later(top_up["expires_at"], -1)))

    assert (answer.status_code, answer.json) == (200, {"status": "settled"})
    assert dewi.balance == 50_000


@pytest.mark.parametrize("seconds", [1, 86_400])
def test_money_after_the_window_goes_to_review(dewi, provider, move_clock, seconds):
    top_up = dewi.top_up(50_000)
    move_clock(3600)

    answer = provider.send(provider.report(top_up, paid_at=later(top_up["expires_at"], seconds)))

    assert (answer.status_code, answer.json) == (200, {"status": "review"})
    assert dewi.balance == 0


def test_money_for_a_cancelled_request_goes_to_review(dewi, provider):
    top_up = dewi.top_up(50_000)
    dewi.post(f"/v1/topups/{top_up['id']}/cancel")

    answer = provider.send(provider.report(top_up))

    assert (answer.status_code, answer.json) == (200, {"status": "review"})
    assert dewi.get(f"/v1/topups/{top_up['id']}").json["reason"] == "paid-when-cancelled"
    assert dewi.balance == 0


def test_a_declined_payment_closes_the_request(dewi, provider, payer_client):
    top_up = dewi.top_up(50_000)

    answer = provider.send(provider.report(top_up, status="declined"))

    assert (answer.status_code, answer.json) == (200, {"status": "declined"})
    assert payer_client.post(pay_path(top_up), json={"decision": "approve"}).status_code == 409
    assert dewi.balance == 0


def test_a_decline_after_the_money_is_contradicted(dewi, provider):
    top_up = dewi.top_up(50_000)
    provider.send(provider.report(top_up))

    answer = provider.send(provider.report(top_up, status="declined"))

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/topup-closed")
    assert dewi.balance == 50_000


def test_an_event_id_says_one_thing(dewi, provider, capsys):
    """The same event id with other contents is refused, and nothing is credited by it."""
    first, second = dewi.top_up(20_000), dewi.top_up(30_000)
    report = provider.report(first)
    provider.send(report)

    answer = provider.send(provider.report(second, event_id=report["event_id"]))

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert dewi.balance == 20_000
    assert dewi.status_of(second) == "pending"
    assert alerts(capsys) == [("ERROR", "event-id-reused", second["id"])]


def test_an_event_id_may_hold_any_sign_of_its_alphabet(dewi, provider):
    for event_id in (".", "..", "__x__", "a:b.c-d_e", "x" * 100):
        answer = provider.send(provider.report(dewi.top_up(), event_id=f"{event_id}"))
        assert answer.status_code == 200, answer.text


def test_a_report_on_nothing_is_an_alert_and_a_404(provider, dewi, capsys):
    unknown = str(uuid4())
    answer = provider.send(provider.report(dewi.top_up(), topup_id=unknown))

    assert answer.status_code == 404
    assert alerts(capsys) == [("ERROR", "unknown-topup", unknown)]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 50_000.0},
        {"amount": "50000"},
        {"amount": 0},
        {"status": "settled"},
        {"extra": 1},
        {"paid_at": "yesterday"},
        {"paid_at": "2026-11-22T10:00:00"},
        {"event_id": ""},
        {"topup_id": "1"},
    ],
)
def test_a_report_of_another_form_is_malformed(dewi, provider, change):
    answer = provider.send(provider.report(dewi.top_up(50_000), **change))

    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")
