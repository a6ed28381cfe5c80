"""The history: newest first, page by page, filtered by what people look for."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.days import lately


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
    first, last = lately()
    assert len(history(from_=first, to=last)["items"]) == 12
    assert history(to=first - timedelta(days=1))["items"] == []
    assert history(from_=last + timedelta(days=1))["items"] == []


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


LONG = 45_000
# Entries as ledger.post would have left them, from the second on: one who pays another a rupiah each time.
FILL = """
WITH made AS (SELECT gen_random_uuid() AS id, v FROM generate_series(2, :last) AS v), booked AS (
    INSERT INTO ledger.transfers SELECT id, :me, :other, 'transfer', 1, 'lunch', v, v, 0, 0, now(), id, NULL FROM made
), counted AS (UPDATE ledger.accounts SET version = :last WHERE id = :me)
INSERT INTO ledger.entries SELECT :me, v, id, :other, -1, 0, now() FROM made
"""


@pytest.fixture(scope="module")
def long_history(books, open_wallet):
    """Somebody whose first entry, a top-up, lies 45,000 entries back, and the account that was paid since."""
    me, other = open_wallet(balance=1_000), open_wallet(name="Budi Santoso")
    books.run(FILL, me=books.account_id(me), other=books.account_id(other), last=LONG)
    return me, books.account_id(other)


def test_a_search_that_finds_little_answers_in_steps(ask, long_history):
    """No page looks at more than 20,000 entries; one that found nothing says where the next goes on."""
    me, _ = long_history
    pages, more = [], {}
    while not pages or more:
        page = ask(me, "/v1/wallet/entries", kind="topup", **more).json
        pages.append([item["amount"] for item in page["items"]])
        more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert pages == [[], [], [1_000]]


def test_a_search_that_fills_its_page_goes_on_behind_it(ask, long_history):
    """Each entry once, although far more are left to look at."""
    me, _ = long_history
    first = ask(me, "/v1/wallet/entries", q="lunch", limit=100).json
    second = ask(me, "/v1/wallet/entries", q="lunch", limit=100, cursor=first["next_cursor"]).json
    assert len({item["id"] for item in first["items"] + second["items"]}) == 200


def test_names_are_told_of_those_met_lately(books, long_history):
    """Among the last 20,000 entries: asking for a hundred names is one look at them, not a hundred at everything."""
    me, other = long_history
    [[bank]] = books.run(
        "SELECT counterparty_id FROM ledger.entries WHERE account_id = :a AND version = 1", a=books.account_id(me)
    )
    found = books.run("SELECT account_id FROM ledger.names_of(:u, :a)", u=me.user_id, a=[bank, other, me.user_id])
    assert found == [[other]]


def test_a_function_of_the_release_before_reads_on(books, history, people):
    """Its routine is still there, and gives the same entries."""
    items = history()["items"]
    nulls = "NULL, NULL, NULL, NULL, NULL, NULL"
    found = books.run(f"SELECT id, amount FROM ledger.list_entries(:u, {nulls}, 101)", u=people[0].user_id)
    assert [[str(entry), amount] for entry, amount in found] == [[item["id"], item["amount"]] for item in items]


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
