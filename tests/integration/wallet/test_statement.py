"""Statements: figures that add up, and a CSV file that a spreadsheet reads as text."""

import csv
import io
from datetime import timedelta

import pytest

from tests.days import lately, today

FORMULAS = ["=1+1", "+62", "-5", "@SUM(A1)", "\u00a0=1", "＝1+1"]


@pytest.fixture(scope="module")
def people(books, open_wallet):
    """Somebody with a top-up, payments both ways, and notes that look like formulas."""
    me, other = open_wallet(balance=400_000, name="Dewi"), open_wallet(balance=50_000, name='=cmd|"/c calc"!A1')
    for n, note in enumerate([*FORMULAS, 'a "quoted" note', "comma, and 100%"]):
        books.transfer(me, other.number, 1_000 + n, note)
    books.transfer(other, me.number, 20_000, "kembali")
    return me, other


def statement(ask, person, form="json", days=None):
    first, last = days or lately()
    answer = ask(person, "/v1/wallet/statement", from_=first, to=last, format=form)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer):
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_opening_plus_in_minus_out_is_closing(ask, people):
    """The figures agree with each other, with the wallet and with the number of entries."""
    figures = statement(ask, people[0]).json
    assert figures["opening_balance"] + figures["in_amount"] - figures["out_amount"] == figures["closing_balance"]
    assert figures["closing_balance"] == ask(people[0], "/v1/wallet").json["balance"]
    assert (figures["opening_balance"], figures["in_amount"], figures["count"]) == (0, 420_000, 10)


def test_a_period_before_the_first_entry_is_empty(ask, people):
    """Nothing in, nothing out, and nothing at either end."""
    day = today() - timedelta(days=30)
    figures = statement(ask, people[0], days=(day, day)).json
    assert {figures[name] for name in ("opening_balance", "in_amount", "out_amount", "closing_balance", "count")} == {0}
    assert [row["kind"] for row in rows_of(statement(ask, people[0], "csv", (day, day)))] == ["opening", "closing"]


def test_the_closing_balance_of_a_day_opens_the_next(ask, books, people):
    """Two periods side by side share the balance between them."""
    tomorrow = today(lasting=5) + timedelta(days=1)
    later = statement(ask, people[0], days=(tomorrow, tomorrow)).json
    assert later["opening_balance"] == statement(ask, people[0]).json["closing_balance"]


def test_the_file_says_the_same_as_the_figures(ask, people):
    """Signed amounts and running balances lead from the opening to the closing line."""
    figures, answer = statement(ask, people[0]).json, statement(ask, people[0], "csv")
    assert answer.mimetype == "text/csv"
    assert f"statement-{people[0].number}-" in answer.headers["Content-Disposition"]
    opening, *lines, closing = rows_of(answer)
    assert (opening["kind"], closing["kind"]) == ("opening", "closing")
    balance = int(opening["balance"])
    for line in lines:
        balance += int(line["amount"])
        assert int(line["balance"]) == balance
        assert (line["direction"] == "out") == (int(line["amount"]) < 0)
        assert line["date"] in {day.isoformat() for day in lately()}
    assert balance == int(closing["balance"]) == figures["closing_balance"]
    assert len(lines) == figures["count"]


def test_no_cell_starts_a_formula(ask, people):
    """What a person wrote is led by an apostrophe where a spreadsheet would run it, and is whole otherwise."""
    text = statement(ask, people[0], "csv").data.decode("utf-8")
    rows = rows_of(statement(ask, people[0], "csv"))
    for row in rows:
        for name in ("counterparty_name", "note"):
            assert not row[name].lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")), row
    notes = [row["note"] for row in rows]
    assert [f"'{formula}" for formula in FORMULAS] == notes[2:8]
    assert notes[8:10] == ['a "quoted" note', "comma, and 100%"]
    assert {row["counterparty_name"] for row in rows} == {"", "Top-up", """'=cmd|"/c calc"!A1"""}
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")


def test_streams_longer_statements_in_parts(books, load, open_wallet):
    """A statement of several parts has each line once, in order, and is never whole in memory."""
    me, other = open_wallet(balance=10_000), open_wallet()
    for _ in range(23):
        books.transfer(me, other.number, 1)
    wallet = load("wallet", "api")
    module = wallet.modules["statement"]
    module.LINES_PER_CALL = 5
    with wallet.active():
        query = module.Query(*lately(), "csv")
        response = module.answer(me.user_id, query)
        assert response.is_streamed
        parts = list(response.response)
    assert len(parts) == 2 + 5 + 1
    lines = "".join(parts).splitlines()[2:-1]
    assert [int(line.rsplit(",", 1)[1]) for line in lines] == list(range(10_000, 9_976, -1))


def test_an_entry_that_arrives_while_streaming_is_left_out(books, load, open_wallet):
    """The file ends where its figures end."""
    me, other = open_wallet(balance=10_000), open_wallet()
    wallet = load("wallet", "api")
    with wallet.active():
        module = wallet.modules["statement"]
        parts = iter(module.answer(me.user_id, module.Query(*lately(), "csv")).response)
        next(parts)
        books.transfer(me, other.number, 1)
        rest = "".join(parts)
    assert rest.splitlines()[-1].endswith(",10000")
    assert len(rest.splitlines()) == 3


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from_": "2026-01-01"},
        {"from_": "2026-01-02", "to": "2026-01-01"},
        {"from_": "2025-01-01", "to": "2026-01-02"},
        {"from_": "2026-01-01", "to": "2026-01-02", "format": "pdf"},
    ],
)
def test_refuses_a_period_of_another_form(ask, people, query):
    """Both days are required, in order, and at most 366 of them."""
    assert ask(people[0], "/v1/wallet/statement", **query).status_code == 400


def test_a_year_and_a_leap_day_is_the_longest(ask, people):
    """366 days pass."""
    last = today(lasting=5)
    assert statement(ask, people[0], days=(last - timedelta(days=365), last)).json["count"] == 10


def test_a_file_whose_lines_are_away_is_not_begun(ask, pair, break_routine):
    """503 before the first byte, and no file that ends in the middle."""
    break_routine("ledger/statement_lines", "57P03")
    first, last = lately()
    answer = ask(pair[0], "/v1/wallet/statement", from_=first, to=last, format="csv")
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
