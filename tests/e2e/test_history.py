"""The history: pages, days and balances that add up; filters in the address; insights and statements that agree."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from shared.clock import JAKARTA
from tests import days
from tests.e2e import books, people, wallet
from tests.e2e.people import Member, rupiah
from tests.running import Run

# Longer than this file takes on a busy machine: no midnight may fall between its history and the last look at it.
ONE_DAY_SECONDS = 120

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180 + ONE_DAY_SECONDS)]

PER_DAY = 17
SENT = [1_000 + 37 * number for number in range(40)]
RECEIVED = [2_500, 4_750, 11]
TOPPED_UP = 900_000


@pytest.fixture(scope="module")
def today() -> date:
    """The day of all of this."""
    return days.today(lasting=ONE_DAY_SECONDS)


@pytest.fixture(scope="module")
def budi(running: Run) -> Member:
    """Who is paid often."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture(scope="module")
def dewi(running: Run, budi: Member, today: date) -> Member:
    """Somebody with a longer history than one page, over three days."""
    dewi = people.join(running.url, "Dewi Lestari", TOPPED_UP)
    books.pay_many(running, dewi.number, budi.number, SENT, "Bakso")
    books.pay_many(running, budi.number, dewi.number, RECEIVED, "Kembalian")
    books.spread_over_days(running, dewi.number, PER_DAY)
    return dewi


@pytest.fixture(scope="module")
def entries(dewi: Member) -> list[dict[str, Any]]:
    """The same history as the API tells it, newest first."""
    items: list[dict[str, Any]] = dewi.person.ask("GET", "/v1/wallet/entries?limit=100", 200)["items"]
    assert len(items) == len(SENT) + len(RECEIVED) + 1
    return items


@pytest.fixture(scope="module")
def page(browser: Browser, dewi: Member) -> Iterator[Page]:
    """Her phone."""
    with people.device(browser, dewi) as context:
        yield context.new_page()


def rows(page: Page) -> Locator:
    """The movements on the screen."""
    return page.locator("main section a[href^='/tx/']")


def signed(entry: dict[str, Any]) -> int:
    """The amount, negative where it left."""
    return int(entry["amount"]) if entry["direction"] == "in" else -int(entry["amount"])


def read_days(page: Page) -> list[tuple[int, list[tuple[int, int]]]]:
    """Each day's total, and its movements with the balance after each."""
    days = []
    for day in page.locator("main section").all():
        head = day.locator("div").first.inner_text()
        lines = [row.locator("> span").last.inner_text().split("\n") for row in rows_of(day)]
        days.append((rupiah(head), [(rupiah(line[0]), rupiah(line[-1])) for line in lines]))
    return days


def rows_of(day: Locator) -> list[Locator]:
    """The movements of one day."""
    return day.locator("a[href^='/tx/']").all()


def load_all(page: Page, count: int) -> None:
    """Scroll as far as there is something to load."""
    for _ in range(20):
        if rows(page).count() >= count:
            break
        page.mouse.wheel(0, 5_000)
        page.wait_for_timeout(100)
    expect(rows(page)).to_have_count(count)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def search_of(page: Page) -> dict[str, str]:
    """The filter as the address has it."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_scrolling_loads_page_after_page_and_every_figure_adds_up(page: Page, entries: list[dict[str, Any]]) -> None:
    """Running balances follow from one another, and each day's total is the sum of its lines."""
    asked = people.watch_requests(page, "/v1/wallet/entries$")
    page.goto("/activity")
    expect(rows(page).first).to_be_visible()
    assert rows(page).count() < len(entries)
    load_all(page, len(entries))
    assert sum("cursor=" in request for request in asked) == 1, asked
    days = read_days(page)
    assert [len(lines) for _, lines in days] == [PER_DAY, PER_DAY, len(entries) - 2 * PER_DAY]
    assert [total for total, _ in days] == [sum(amount for amount, _ in lines) for _, lines in days]
    lines = [line for _, day in days for line in day]
    assert lines == [(signed(entry), entry["balance_after"]) for entry in entries]
    assert all(after - amount == before for (amount, after), (_, before) in pairwise(lines))
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()


def test_a_page_that_fails_waits_for_a_tap(page: Page, entries: list[dict[str, Any]]) -> None:
    """The end of the list stays in sight: it must not be asked for as fast as it fails."""
    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route(re.compile("/v1/wallet/entries.*cursor="), fail)
    page.goto("/activity")
    expect(rows(page).first).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    tries = len(asked)
    page.wait_for_timeout(2_000)
    assert (tries, len(asked)) == (3, 3), "once, and the two tries of every question"
    page.unroute(re.compile("/v1/wallet/entries.*cursor="))
    again.click()
    load_all(page, len(entries))


def test_what_is_searched_for_stands_in_the_address(page: Page) -> None:
    """Typed words go there, survive a reload, and leave with the link that clears them."""
    page.goto("/activity")
    page.get_by_role("searchbox").press_sequentially("Kembalian")
    expect(page).to_have_url(re.compile(r"\?q=Kembalian$"))
    expect(rows(page)).to_have_count(len(RECEIVED))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("Kembalian")
    expect(rows(page)).to_have_count(len(RECEIVED))
    page.get_by_role("searchbox").fill("tidak ada yang begini")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(rows(page).first).to_be_visible()
    page.wait_for_timeout(600)  # twice the pause after which a field asks for its words
    assert search_of(page) == {}


def test_a_search_begins_anew_from_the_tab(page: Page) -> None:
    """The tab leads to everything; Back leads to what was searched for."""
    page.goto("/activity?q=Kembalian")
    expect(rows(page)).to_have_count(len(RECEIVED))
    page.get_by_role("navigation").get_by_role("link", name="Activity").click()
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_text("Bakso 40")).to_be_visible()
    page.wait_for_timeout(600)
    assert search_of(page) == {}
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("Kembalian")
    expect(rows(page)).to_have_count(len(RECEIVED))


def test_chips_filter_by_direction_and_kind_in_the_address(page: Page) -> None:
    """They combine, and are pressed when the address says so."""
    page.goto("/activity")
    page.get_by_role("button", name="Money in").click()
    expect(rows(page)).to_have_count(len(RECEIVED) + 1)
    assert search_of(page) == {"direction": "in"}
    page.get_by_role("button", name="Transfers").click()
    expect(rows(page)).to_have_count(len(RECEIVED))
    assert search_of(page) == {"direction": "in", "kind": "transfer"}
    page.goto("/activity?kind=topup")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("button", name="Top-ups")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")
    assert search_of(page) == {}


def test_a_range_of_days_stands_in_the_address(page: Page, today: date) -> None:
    """From the sheet and back; what is no range is refused in our own words, at its field."""
    yesterday = str(today - timedelta(days=1))
    page.goto("/activity")
    people.open_sheet(page, "Dates")
    sheet = page.get_by_role("dialog", name="Range of days")
    sheet.get_by_label("From").fill(str(today))
    sheet.get_by_label("To", exact=True).fill(yesterday)
    sheet.get_by_role("button", name="Show").click()
    expect(sheet.get_by_label("From")).to_have_accessible_description("The first day must not be after the last.")
    expect(sheet.get_by_label("From")).to_be_focused()
    sheet.get_by_label("To", exact=True).fill(str(today + timedelta(days=1)))
    sheet.get_by_role("button", name="Show").click()
    expect(sheet.get_by_label("To", exact=True)).to_have_accessible_description("This day is yet to come.")
    sheet.get_by_label("To", exact=True).fill(yesterday)
    sheet.get_by_label("From").fill(yesterday)
    sheet.get_by_role("button", name="Show").click()
    expect(rows(page)).to_have_count(PER_DAY)
    assert search_of(page) == {"from": yesterday, "to": yesterday}
    page.reload()
    expect(rows(page)).to_have_count(PER_DAY)
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()


def test_a_statement_on_screen_and_as_a_file_adds_up(page: Page, entries: list[dict[str, Any]], today: date) -> None:
    """Opening + in − out = closing, on the screen as in the file, of a part of the history too."""
    yesterday = today - timedelta(days=1)
    for first, last in ((today - timedelta(days=2), today), (yesterday, yesterday)):
        page.goto(f"/statements?from={first}&to={last}")
        lines = lines_of(entries, first, last)
        opening, money_in, money_out, closing = figures(page)
        assert opening + money_in + money_out == closing
        assert money_in == sum(signed(line) for line in lines if line["direction"] == "in")
        assert money_out == sum(signed(line) for line in lines if line["direction"] == "out")
        assert (opening, closing) == (lines[-1]["balance_after"] - signed(lines[-1]), lines[0]["balance_after"])
        expect(page.get_by_text(f"{len(lines)} lines in the file.")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Download as CSV").click()
        assert saved.value.suggested_filename == f"e-wallet-{first}-{last}.csv"
        text = saved.value.path().read_text(encoding="utf-8-sig")
        cells = [row for row in csv.reader(text.splitlines()) if row]
        for line in lines:
            assert any({str(line["amount"]), str(line["balance_after"])} <= bare(row) for row in cells), line
        assert {str(opening), str(closing)} <= set.union(*map(bare, cells))


def bare(row: list[str]) -> set[str]:
    """The cells without signs."""
    return {cell.lstrip("+-\u2212") for cell in row}


def lines_of(entries: list[dict[str, Any]], first: Any, last: Any) -> list[dict[str, Any]]:
    """The movements of these days."""
    day = lambda entry: datetime.fromisoformat(entry["posted_at"]).astimezone(JAKARTA).date()  # noqa: E731
    return [entry for entry in entries if first <= day(entry) <= last]


def figures(page: Page) -> list[int]:
    """The statement's four figures, in their order."""
    found = []
    for name in ("Opening balance", "Money in", "Money out", "Closing balance"):
        line = page.locator("main div", has=page.get_by_text(name, exact=True)).filter(has_text="Rp\u00a0").last
        found.append(rupiah(line.inner_text()))
    return found


@pytest.fixture(scope="module")
def sari(running: Run, budi: Member) -> Member:
    """Somebody whose movements are all in the warehouse, untouched."""
    sari = people.join(running.url, "Sari Wulandari", 300_000)
    books.pay_many(running, sari.number, budi.number, [12_345, 6_789], "Kopi")
    books.pay_many(running, budi.number, sari.number, [1_111], "Teh")

    def arrived() -> bool:
        totals = people.insights(sari.person)
        return (totals.get("in_count"), totals.get("out_count")) == (2, 2)

    running.wait_for("sums in the warehouse", arrived, 60)
    return sari


def test_the_insights_are_the_history_to_the_rupiah(browser: Browser, sari: Member, budi: Member) -> None:
    """In, out and net; a tap on a figure or on a person leads to exactly those movements."""
    with people.device(browser, sari) as context:
        page = context.new_page()
        page.goto("/insights")
        expect(page.get_by_text("+Rp\u00a0301,111").first).to_be_visible(timeout=wallet.SETTLED_MS)
        expect(page.get_by_text("\u2212Rp\u00a019,134").first).to_be_visible()
        expect(page.get_by_text("+Rp\u00a0281,977").first).to_be_visible()
        assert sari.person.balance() == 281_977
        for link, wanted in (("Money in", [1_111, 300_000]), ("Money out", [-6_789, -12_345])):
            page.locator("main").get_by_role("link", name=re.compile(f"^{link}")).click()
            expect(rows(page)).to_have_count(len(wanted))
            assert {"direction", "from", "to"} == set(search_of(page))
            assert [amount for _, lines in read_days(page) for amount, _ in lines] == wanted
            page.go_back()
        page.get_by_role("link", name=re.compile("Budi Santoso")).click()
        expect(rows(page)).to_have_count(3)
        assert search_of(page)["q"] == budi.number
        assert sum(amount for _, lines in read_days(page) for amount, _ in lines) == 1_111 - 19_134


def test_the_table_behind_the_chart_has_the_same_sums(browser: Browser, sari: Member) -> None:
    """Every bar stands in it; the columns add up to the totals above."""
    with people.device(browser, sari) as context:
        page = context.new_page()
        page.goto("/insights?range=week")
        page.get_by_text("Show as a table").click()
        lines = page.get_by_role("table", name="Money in and out over time").locator("tbody tr").all()
        sums = [sum(rupiah(line.locator("td").nth(at).inner_text()) for line in lines) for at in (0, 1)]
        assert (len(lines), sums) == (7, [301_111, 19_134])
