"""The summary adds up the caller's movements, day by Jakarta day, each event once."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from shared.clock import JAKARTA
from tests.days import today
from tests.pipe import transfer_posted


@pytest.fixture(autouse=True)
def one_day() -> date:
    """No midnight falls between what a test lands and what it asks."""
    return today(lasting=30)


def at(days_ago: int, hour: int = 12) -> datetime:
    """An hour of a day in Jakarta, in UTC."""
    day = datetime.now(JAKARTA).replace(hour=hour, minute=30, second=0, microsecond=0) - timedelta(days=days_ago)
    return day.astimezone(UTC)


@pytest.fixture
def person(signer):
    """A new user id and the header that signs them in."""
    user_id = uuid4()
    return user_id, signer.bearer(user_id)


def test_adds_up_each_event_once(api, person, land, one_day):
    """Two copies of an event count as one; what is received and what is sent stand apart."""
    user_id, signed_in = person
    land([transfer_posted(credit_user_id=user_id, amount=70_000, occurred_at=at(0, 1))], copies=3)
    land([transfer_posted(debit_user_id=user_id, amount=20_000, occurred_at=at(1))], copies=2)
    land([transfer_posted(amount=99)])

    answer = api.get("/v1/analytics/summary", headers=signed_in)

    assert answer.status_code == 200, answer.text
    assert answer.json["totals"] == {
        "in_amount": 70_000, "out_amount": 20_000, "net_amount": 50_000, "in_count": 1, "out_count": 1,
    }  # fmt: skip
    assert answer.json["by_kind"] == [
        {"kind": "transfer", "direction": "in", "total_amount": 70_000, "count": 1},
        {"kind": "transfer", "direction": "out", "total_amount": 20_000, "count": 1},
    ]
    assert len(answer.json["series"]) == 30
    assert answer.json["series"][-2:] == [
        {"start": str(one_day - timedelta(days=1)), "in_amount": 0, "out_amount": 20_000},
        {"start": str(one_day), "in_amount": 70_000, "out_amount": 0},
    ]
    assert answer.json["as_of"].endswith("Z")


def test_closed_days_add_up_to_the_same(deployment, api, person, land, close_days):
    """Closing the days moves where the sums come from, and changes none of them."""
    user_id, signed_in = person
    line = [transfer_posted(credit_user_id=user_id, amount=1 + n, occurred_at=at(n, n % 24)) for n in range(40)]
    land(line, copies=2)
    before = api.get("/v1/analytics/summary?bucket=week", headers=signed_in).json

    close_days()
    # A fresh instance, which has not looked yet up to which day is closed.
    after = deployment("analytics", "api").get("/v1/analytics/summary?bucket=week", headers=signed_in).json

    assert after == before
    assert after["totals"]["in_amount"] == sum(1 + n for n in range(30))
    assert after["totals"]["in_count"] == 30


def test_closing_a_day_again_changes_nothing(deployment, person, land, close_days):
    """The last seven closed days are done over every night: replaced, never added to."""
    user_id, signed_in = person
    land([transfer_posted(credit_user_id=user_id, amount=1000 + n, occurred_at=at(n)) for n in range(2, 9)])
    close_days()
    once = deployment("analytics", "api").get("/v1/analytics/summary", headers=signed_in).json

    close_days()
    twice = deployment("analytics", "api").get("/v1/analytics/summary", headers=signed_in).json

    assert twice == once
    assert once["totals"]["in_count"] == 7


def test_nobody_sees_another_persons_sums(api, person, land):
    """A person without movements gets zeros, whoever else moved money."""
    land([transfer_posted()])

    answer = api.get("/v1/analytics/summary", headers=person[1])

    assert answer.json["totals"]["in_count"] == answer.json["totals"]["out_count"] == 0


@pytest.mark.parametrize(
    "query",
    ["from=2026-02-02&to=2026-02-01", "from=2025-01-01&to=2026-02-01", "from=yesterday", "bucket=year", "user_id=x"],
)
def test_refuses_a_range_that_is_none(api, person, query):
    """Days out of order, a range above 366 days and unknown parameters are malformed."""
    answer = api.get(f"/v1/analytics/summary?{query}", headers=person[1])

    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/malformed"


def test_says_304_while_nothing_changed(api, person, land):
    """The tag of an answer names its figures; other people's events are no change of them."""
    user_id, signed_in = person
    first = api.get("/v1/analytics/summary", headers=signed_in)
    land([transfer_posted()])

    again = api.get("/v1/analytics/summary", headers=signed_in | {"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""

    land([transfer_posted(credit_user_id=user_id)])
    later = api.get("/v1/analytics/summary", headers=signed_in | {"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]


def test_streams_every_entry_as_csv(api, person, land):
    """The file holds all entries of the range, more than one page, in order, each once."""
    user_id, signed_in = person
    line = [transfer_posted(credit_user_id=user_id, amount=1 + n, occurred_at=at(0, 1)) for n in range(2500)]
    land(line, copies=2)

    answer = api.get("/v1/analytics/export.csv", headers=signed_in)

    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    rows = answer.text.split("\r\n")
    assert rows[0].startswith("date,time,kind,direction,amount")
    assert {row.rsplit(",", 1)[1] for row in rows[1:] if row} == {str(event.event_id) for event in line}
    assert len(rows) == 2502
