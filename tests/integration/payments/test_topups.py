"""Top-ups from request to settlement, at their owner's and their payer's side."""

import base64
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.integration.payments.people import pay_path

APPROVE = {"decision": "approve"}
DECLINE = {"decision": "decline"}


def test_a_confirmed_top_up_is_credited_once(dewi, payer_client, books, document):
    """Asked, scanned, confirmed: the money is in the wallet, and the document says who, when and why."""
    top_up = dewi.top_up(50_000)

    answer = payer_client.post(pay_path(top_up), json=APPROVE)

    assert (answer.status_code, answer.json) == (200, {"status": "settled"})
    assert dewi.status_of(top_up) == "settled"
    assert books.credits(top_up["id"]) == [50_000]
    assert dewi.balance == 50_000
    history = [(step["status"], step["by"], step["why"]) for step in document(top_up["id"])["history"]]
    assert history == [("pending", "owner", "asked"), ("paid", "payer", "approved"), ("settled", "payer", "credited")]


def test_confirming_again_answers_the_same_and_pays_once(dewi, payer_client):
    top_up = dewi.top_up(20_000)

    answers = [payer_client.post(pay_path(top_up), json=APPROVE) for _ in range(3)]

    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"status": "settled"})] * 3
    assert dewi.balance == 20_000


def test_a_request_is_answered_with_everything_that_the_page_shows(dewi):
    key = uuid4()

    answer = dewi.ask(75_000, key)

    assert answer.status_code == 201
    assert answer.json["id"] == str(key)
    assert answer.json["status"] == "pending"
    assert answer.json["amount"] == 75_000
    assert answer.json["pay_url"].startswith("http://localhost:8080/pay/")
    assert answer.json["qr_svg_url"] == f"/v1/topups/{key}/qr.svg"
    assert answer.json["created_at"].endswith("Z")


def test_the_same_key_answers_the_same(dewi, payer_client):
    """A replay repeats the first answer, even after the money came."""
    key = uuid4()
    first = dewi.ask(30_000, key)
    payer_client.post(pay_path(first.json), json=APPROVE)

    again = dewi.ask(30_000, key)

    assert (again.status_code, again.json) == (201, first.json)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert dewi.balance == 30_000


def test_the_same_key_with_another_amount_is_refused(dewi):
    key = uuid4()
    dewi.ask(30_000, key)

    answer = dewi.ask(31_000, key)

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")


def test_the_same_key_of_two_people_makes_two_top_ups(person, payer_client):
    """Each is independent of the other: an id of its own, credited to its own wallet, replayed as its own."""
    key = uuid4()
    dewi, budi = person("Dewi Lestari"), person("Budi Santoso")
    hers, his = dewi.ask(20_000, key), budi.ask(30_000, key)

    for top_up in (hers, his):
        payer_client.post(pay_path(top_up.json), json=APPROVE)

    assert hers.json["id"] == str(key) != his.json["id"]
    assert (dewi.balance, budi.balance) == (20_000, 30_000)
    assert budi.ask(30_000, key).json == his.json
    assert budi.get(f"/v1/topups/{key}").status_code == 404


def test_an_amount_outside_the_tiers_limits_is_refused(dewi):
    for amount in (1, 9_999, 10_000_001):
        answer = dewi.ask(amount)
        assert (answer.status_code, answer.json["type"]) == (422, "/problems/amount-out-of-range")
        assert (answer.json["min_amount"], answer.json["max_amount"]) == (10_000, 10_000_000)


def test_the_payer_sees_a_masked_name_and_changes_nothing(dewi, payer_client, document):
    """However a page is opened (GET, HEAD, a preview, a prefetch), nothing is paid."""
    top_up = dewi.top_up(40_000)
    before = document(top_up["id"])

    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "WhatsApp/2.23.20.0"}):
        seen = payer_client.get(pay_path(top_up), headers=headers)
        assert payer_client.head(pay_path(top_up), headers=headers).status_code == 200

    assert seen.json == {
        "payee_name": "D*** L******",
        "amount": 40_000,
        "status": "pending",
        "expires_at": top_up["expires_at"],
    }
    assert document(top_up["id"]) == before
    assert dewi.balance == 0


def test_a_declined_top_up_stays_declined(dewi, payer_client):
    top_up = dewi.top_up()

    first = payer_client.post(pay_path(top_up), json=DECLINE)
    again = payer_client.post(pay_path(top_up), json=DECLINE)
    approved = payer_client.post(pay_path(top_up), json=APPROVE)

    assert (first.status_code, first.json) == (again.status_code, again.json) == (200, {"status": "declined"})
    assert (approved.status_code, approved.json["type"]) == (409, "/problems/topup-closed")
    assert approved.json["topup_status"] == "declined"
    assert dewi.balance == 0


def test_a_cancelled_top_up_cannot_be_confirmed(dewi, payer_client):
    top_up = dewi.top_up()

    cancelled = dewi.post(f"/v1/topups/{top_up['id']}/cancel")
    again = dewi.post(f"/v1/topups/{top_up['id']}/cancel")
    approved = payer_client.post(pay_path(top_up), json=APPROVE)

    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    assert cancelled.json["reason"] == "cancelled-by-owner"
    assert again.json == cancelled.json
    assert (approved.status_code, approved.json["topup_status"]) == (409, "cancelled")
    assert dewi.balance == 0


def test_a_settled_top_up_cannot_be_cancelled(dewi, payer_client):
    top_up = dewi.top_up()
    payer_client.post(pay_path(top_up), json=APPROVE)

    answer = dewi.post(f"/v1/topups/{top_up['id']}/cancel")

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/topup-closed")
    assert answer.json["topup_status"] == "settled"


def test_time_ends_a_request(dewi, payer_client, move_clock):
    """After 15 minutes by the one clock the owner and the payer are told the same, and nothing is paid."""
    top_up = dewi.top_up()

    move_clock(15 * 60 + 1)

    assert dewi.status_of(top_up) == "expired"
    assert payer_client.get(pay_path(top_up)).json["status"] == "expired"
    answer = payer_client.post(pay_path(top_up), json=APPROVE)
    assert (answer.status_code, answer.json["topup_status"]) == (409, "expired")
    assert dewi.post(f"/v1/topups/{top_up['id']}/cancel").json["topup_status"] == "expired"
    assert dewi.balance == 0


def test_time_ends_a_request_not_a_second_too_early(dewi, payer_client, move_clock):
    top_up = dewi.top_up()

    move_clock(15 * 60 - 20)

    assert payer_client.post(pay_path(top_up), json=APPROVE).json == {"status": "settled"}


def test_nobody_sees_or_closes_what_is_not_theirs(person):
    dewi, sari = person("Dewi Lestari"), person("Sari Wulandari")
    top_up = dewi.top_up()

    for path in ("", "/qr.svg", "/qr.png", "/sheet.svg"):
        assert sari.get(f"/v1/topups/{top_up['id']}{path}").status_code == 404
    assert sari.post(f"/v1/topups/{top_up['id']}/cancel").status_code == 404
    assert sari.get("/v1/topups").json == {"items": [], "next_cursor": None}
    assert dewi.status_of(top_up) == "pending"


def test_no_owner_route_works_without_a_token(dewi):
    top_up = dewi.top_up()

    for method, path in [
        ("POST", "/v1/topups"),
        ("GET", "/v1/topups"),
        ("GET", f"/v1/topups/{top_up['id']}"),
        ("POST", f"/v1/topups/{top_up['id']}/cancel"),
        ("GET", f"/v1/topups/{top_up['id']}/qr.svg"),
    ]:
        answer = dewi.client.open(path, method=method, json={"amount": 50_000} if method == "POST" else None)
        assert (answer.status_code, answer.json["type"]) == (401, "/problems/unauthenticated")


def test_a_sixth_request_cancels_the_oldest_and_says_so(dewi):
    asked = [dewi.top_up(10_000 + number) for number in range(6)]

    oldest = dewi.get(f"/v1/topups/{asked[0]['id']}").json

    assert (oldest["status"], oldest["reason"]) == ("cancelled", "superseded")
    assert [dewi.status_of(top_up) for top_up in asked[1:]] == ["pending"] * 5


def test_a_create_that_died_before_it_cancelled_the_oldest_is_finished_by_its_repetition(dewi, owner_side):
    """The answer was lost, the sixth request stands: asked for again with its key, it is one of five that wait."""
    for _ in range(5):
        dewi.top_up(10_000)
    key = uuid4()
    with owner_side.active():
        from shared import clock, topups

        topups.create(
            key, user_id=dewi.user_id, amount=10_000, payee_name="D***", first=topups.Step("pending", "owner", "asked"),
            created_at=clock.now(),
        )  # fmt: skip

    answer = dewi.ask(10_000, key=key)

    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
    statuses = [item["status"] for item in dewi.get("/v1/topups").json["items"]]
    assert statuses == ["pending"] * 5 + ["cancelled"]


def test_the_list_pages_through_everything_newest_first(dewi):
    asked = [dewi.top_up(10_000 + number)["id"] for number in range(7)]

    seen, cursor = [], ""
    while cursor is not None:
        page = dewi.get(f"/v1/topups?limit=3{cursor and f'&cursor={cursor}'}").json
        seen += [top_up["id"] for top_up in page["items"]]
        cursor = page["next_cursor"]

    assert seen == asked[::-1]


@pytest.mark.parametrize(
    "position",
    [
        "[]",
        "{}",
        '{"created_at":"2026-11-22T10:00:00","id":"x"}',
        '{"created_at":"2026-11-22T10:00:00Z","id":"a/b"}',
        '{"created_at":"0001-01-01T00:00:00+14:00","id":"01a21fd2-8747-7411-94b9-c492cdba9d1d"}',
        "x",
    ],
)
def test_a_made_up_cursor_is_malformed(dewi, position):
    cursor = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")

    answer = dewi.get(f"/v1/topups?cursor={cursor}")

    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")


def test_a_poll_that_knows_the_answer_is_told_nothing_new(dewi, payer_client):
    """An ETag holds until something changes: the document, or the clock's verdict over it."""
    top_up = dewi.top_up()
    path = f"/v1/topups/{top_up['id']}"
    tag = dewi.get(path).headers["ETag"]

    unchanged = dewi.get(path, **{"If-None-Match": tag})
    payer_client.post(pay_path(top_up), json=APPROVE)
    changed = dewi.get(path, **{"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert (changed.status_code, changed.json["status"]) == (200, "settled")


def test_the_clock_alone_ends_a_tag(dewi, move_clock):
    path = f"/v1/topups/{dewi.top_up()['id']}"
    tag = dewi.get(path).headers["ETag"]

    move_clock(15 * 60 + 1)

    assert dewi.get(path, **{"If-None-Match": tag}).json["status"] == "expired"


def test_a_runaway_poll_is_told_when_to_come_back(dewi, owner_side, monkeypatch):
    """Twenty at once, then ten a second: the rest hear 429 and when to ask again."""
    now = [1_000.0]
    monkeypatch.setattr(owner_side.modules["throttles"], "time", SimpleNamespace(monotonic=lambda: now[0]))
    path = f"/v1/topups/{dewi.top_up()['id']}"

    at_once = [dewi.get(path) for _ in range(25)]
    now[0] += 1
    a_second_later = [dewi.get(path) for _ in range(12)]

    assert [answer.status_code for answer in at_once] == [200] * 20 + [429] * 5
    assert [answer.status_code for answer in a_second_later] == [200] * 10 + [429] * 2
    assert (at_once[-1].headers["Retry-After"], at_once[-1].json["type"]) == ("1", "/problems/too-many-requests")


def test_a_runaway_payer_is_told_when_to_come_back(person, payer_client, payer_side, books, monkeypatch):
    """A hundred decisions on one top-up at once, then ten a second; it is paid once, and another's is not slowed."""
    now = [1_000.0]
    monkeypatch.setattr(payer_side.modules["throttles"], "time", SimpleNamespace(monotonic=lambda: now[0]))
    hers, others = person("Dewi Lestari").top_up(), person("Sari Wulandari").top_up()

    def approve(top_up):
        return payer_client.post(pay_path(top_up), json={"decision": "approve"})

    at_once = [approve(hers) for _ in range(103)]
    now[0] += 1
    a_second_later = [approve(hers) for _ in range(12)]

    assert [answer.status_code for answer in at_once] == [200] * 100 + [429] * 3
    assert [answer.status_code for answer in a_second_later] == [200] * 10 + [429] * 2
    assert at_once[-1].headers["Retry-After"] == "1"
    assert approve(others).json == {"status": "settled"}
    assert books.credits(hers["id"]) == [hers["amount"]]


def test_a_runaway_owner_is_told_when_to_come_back(dewi, owner_side, monkeypatch):
    """Drawing and cancelling count with the polls: each reads the store once."""
    monkeypatch.setattr(owner_side.modules["throttles"], "time", SimpleNamespace(monotonic=lambda: 1_000.0))
    path = f"/v1/topups/{dewi.top_up()['id']}"

    drawn = [dewi.get(f"{path}/qr.svg").status_code for _ in range(21)]

    assert drawn == [200] * 20 + [429]
    for route in ("qr.png", "sheet.svg"):
        assert dewi.get(f"{path}/{route}").status_code == 429
    assert dewi.post(f"{path}/cancel").status_code == 429


def test_one_persons_haste_slows_nobody_else(person, owner_side, monkeypatch):
    monkeypatch.setattr(owner_side.modules["throttles"], "time", SimpleNamespace(monotonic=lambda: 1_000.0))
    dewi, sari = person("Dewi Lestari"), person("Sari Wulandari")
    hers, others = dewi.top_up(), sari.top_up()

    for _ in range(30):
        dewi.get(f"/v1/topups/{hers['id']}")

    assert sari.status_of(others) == "pending"
