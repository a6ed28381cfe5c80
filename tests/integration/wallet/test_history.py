"""The history: newest first, page by page, filtered by what people look for."""

import base64
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture(scope="module")
def people(open_wallet):
    """The one whose history is read, and two others."""
    return (
        open_wallet(balance=500_000, name="Dewi Lestari"),
        open_wallet(name="Budi Santoso"),
        open_wallet(balance=9_000, name="Sari 100%"),
    )


@pytest.fixture(scope="module")
def history(ask, books, people):
    """Twelve entries of three kinds, and a way to ask for them."""
    me, budi, sari = people
    for n in range(1, 9):
        books.transfer(me, budi.number, n * 100, f"kopi {n}")
    books.transfer(sari, me.number, 5_000, "patungan_makan")
    books.transfer(me, sari.number, 1_000, "50% bayar")
    [[original, debited]] = books.run(
        "SELECT id, debit_account_id FROM ledger.transfers WHERE note = 'kopi 8' AND debit_account_id = :a",
        a=books.account_id(me),
    )
    books.reverse(original, debited, 800, "salah kirim")

    def read(**query):
        answer = ask(me, "/v1/wallet/entries", **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    return read


def test_lists_newest_first_with_every_field(history, people):
    """An entry tells which way, how much, with whom, why, and what was left."""
    items = history()["items"]
    assert len(items) == 12
    assert set(items[0]) == {
        "id", "transfer_id", "kind", "direction", "amount", "balance_after", "counterparty", "note", "posted_at",
    }  # fmt: skip
    assert items[0]["kind"] == "reversal"
    assert items[0]["direction"] == "in"
    assert items[0]["counterparty"] == {"account_number": people[1].number, "name": "Budi Santoso"}
    assert items[-1]["kind"] == "topup"
    assert items[-1]["counterparty"] is None
    times = [item["posted_at"] for item in items]
    assert times == sorted(times, reverse=True)
    assert all(time.endswith("Z") for time in times)


def test_the_running_balance_follows(history):
    """Each balance is the one before, plus or minus the amount."""
    balance = 0
    for item in reversed(history()["items"]):
        balance += item["amount"] if item["direction"] == "in" else -item["amount"]
        assert item["balance_after"] == balance


@pytest.mark.parametrize("limit", [1, 5, 11, 12, 100])
def test_pages_hold_every_entry_once(history, limit):
    """Whatever the page's size, walking the cursors gives the whole."""
    whole = [item["id"] for item in history(limit=100)["items"]]
    found, cursor = [], None
    while True:
        page = history(limit=limit, **({"cursor": cursor} if cursor else {}))
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole


def test_a_cursor_is_stable_under_new_entries(ask, books, open_wallet):
    """An entry that arrives while somebody reads neither repeats nor hides another."""
    me, other = open_wallet(balance=1_000), open_wallet()
    for n in range(1, 5):
        books.transfer(me, other.number, n)
    first = ask(me, "/v1/wallet/entries", limit=2).json
    books.transfer(me, other.number, 9)
    second = ask(me, "/v1/wallet/entries", limit=100, cursor=first["next_cursor"]).json
    assert [item["amount"] for item in first["items"] + second["items"]] == [4, 3, 2, 1, 1_000]


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({"direction": "in"}, [800, 5_000, 500_000]),
        ({"kind": "topup"}, [500_000]),
        ({"kind": "reversal"}, [800]),
        ({"kind": "transfer", "direction": "in"}, [5_000]),
        ({"q": "KOPI 3"}, [300]),
        ({"q": "sari"}, [1_000, 5_000]),
        ({"q": "50%"}, [1_000]),
        ({"q": "n_m"}, [5_000]),
        ({"q": "k%p"}, []),
        ({"q": "\\"}, []),
        ({"q": "sari", "direction": "out"}, [1_000]),
    ],
)
def test_filters(history, query, amounts):
    """Direction, kind and text narrow the list; text is taken as it is written."""
    assert [item["amount"] for item in history(**query)["items"]] == amounts


def test_finds_by_account_number(history, people):
    """The counterparty's number is text to search for, in part too."""
    found = history(q=people[1].number[2:10], limit=100)["items"]
    assert {item["counterparty"]["account_number"] for item in found} == {people[1].number}


def test_filters_by_days_of_jakarta(history):
    """`from` and `to` are whole days, both inclusive."""
    today = datetime.now(JAKARTA).date()
    assert len(history(from_=today - timedelta(days=1), to=today)["items"]) == 12
    assert history(to=today - timedelta(days=1))["items"] == []
    assert history(from_=today + timedelta(days=1))["items"] == []


@pytest.mark.parametrize("version", [-1, 0, 2**63, 99_999_999_999_999_999_999])
def test_a_cursor_that_no_version_can_have_is_malformed(ask, people, version):
    """A cursor is a version of the account: what the database cannot hold is refused before it is asked."""
    cursor = base64.urlsafe_b64encode(str(version).encode()).decode().rstrip("=")
    answer = ask(people[0], "/v1/wallet/entries", cursor=cursor)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": "???"}, {"cursor": "bm90"}, {"direction": "up"}, {"kind": "fee"},
        {"from_": "2026-13-01"}, {"from_": "2026-02-02", "to": "2026-02-01"}, {"from_": "2020-01-01", "to": "2026-01-01"},
        {"q": ""}, {"q": "x" * 101}, {"user_id": "x"},
    ],
)  # fmt: skip
def test_refuses_a_query_of_another_form(ask, people, query):
    """Ranges above 366 days, pages above 100 and unknown parameters are malformed."""
    answer = ask(people[0], "/v1/wallet/entries", **query)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")


def test_payments_of_two_people_under_one_key_are_two_entries(ask, books, open_wallet):
    """A key is unique to its sender alone; what the payee sees of two has two ids, and each its own for ever."""
    payee, key = open_wallet(), uuid4()
    for sender in (open_wallet(balance=100), open_wallet(balance=100)):
        books.transfer(sender, payee.number, 100, key=key)
    items = ask(payee, "/v1/wallet/entries").json["items"]
    assert [item["transfer_id"] for item in items] == [str(key)] * 2
    assert len({item["id"] for item in items}) == 2
    assert ask(payee, "/v1/wallet/entries").json["items"] == items


def test_a_date_is_found_without_walking_the_history(books, open_wallet):
    """version_at finds the entry before any time by halving, to the microsecond."""
    me, other = open_wallet(balance=1_000), open_wallet()
    for _ in range(30):
        books.transfer(me, other.number, 1)
    account = books.account_id(me)
    for version, posted_at in books.run(
        "SELECT version, posted_at FROM ledger.entries WHERE account_id = :a", a=account
    ):
        assert books.run("SELECT ledger.version_at(:a, :t)", a=account, t=posted_at) == [[version - 1]]
        later = posted_at + timedelta(microseconds=1)
        assert books.run("SELECT ledger.version_at(:a, :t)", a=account, t=later) == [[version]]
