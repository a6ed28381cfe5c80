"""The developer's console at /__dev: each of its buttons does what it says, clicked in a browser."""

import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from emulators.console.switches import HELD_SECONDS
from tests.e2e import people
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

SHOWN_MS = 15_000
HELD = 100_000
# What is left to be seen of a database that is held for 0.4 s at a time.
SLOW_SECONDS = 0.15


@pytest.fixture(scope="module")
def pair(running: Run) -> tuple[Member, Member]:
    """Two people; the first has money."""
    return people.join(running.url, "Dewi Lestari", HELD), people.join(running.url, "Budi Santoso")


@pytest.fixture
def console(browser: Browser, running: Run) -> Iterator[Page]:
    """The console, with everything put right again at the end."""
    page = browser.new_page(base_url=running.url, viewport={"width": 1280, "height": 900})
    page.goto("/__dev")
    yield page
    page.get_by_role("button", name="All off").click()
    page.get_by_role("button", name="Real time").click()
    expect(page.locator("#clock")).to_have_text("is right", timeout=SHOWN_MS)
    page.close()


def part(console: Page, name: str) -> Locator:
    """The row of one part."""
    return console.locator("#parts tr").filter(has=console.get_by_role("cell", name=name, exact=True))


def clock_of(running: Run) -> float:
    """By how much the product's clock is ahead, as an answer's Date tells it."""
    answer = requests.get(f"{running.url}/v1/wallet", timeout=5)
    return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


def test_it_shows_every_part_and_that_the_books_agree(console: Page, running: Run) -> None:
    """Health of each part, and Σ = 0."""
    expect(part(console, "wallet-api")).to_contain_text("ms", timeout=SHOWN_MS)
    expect(console.locator("#parts tr")).to_have_count(len(running.pids()), timeout=SHOWN_MS)
    expect(console.locator("#parts .bad")).to_have_count(0, timeout=SHOWN_MS)
    expect(console.locator("#books-line")).to_contain_text("Σ entries = 0", timeout=SHOWN_MS)
    expect(console.locator("#books-line")).to_have_class("good")


def test_a_transfer_is_followed_from_its_request_to_the_warehouse(console: Page, pair: tuple[Member, Member]) -> None:
    """The request log and the event stream go on by themselves."""
    answers: list[requests.Response] = []
    pair[0].person.http.hooks["response"].append(lambda answer, **_: answers.append(answer))
    people.send(pair[0].person, pair[1].person, 13_579)
    request = console.locator("#requests tr").filter(has_text=answers[-1].headers["X-Request-Id"])
    expect(request).to_contain_text("POST /v1/transfers")
    expect(request).to_contain_text("201")
    moved = console.locator("#stream tr").filter(has_text="13.579").first
    expect(moved).to_contain_text("transfer", timeout=SHOWN_MS)
    expect(moved.locator("td").nth(4)).to_have_text("yes", timeout=SHOWN_MS)
    expect(moved.locator("td").nth(5)).to_have_text("yes", timeout=SHOWN_MS)


@pytest.mark.parametrize(
    ("event", "status"), [("paid", "settled"), ("declined", "declined"), ("wrong-amount", "review")]
)
def test_the_bank_reports_on_a_top_up(console: Page, pair: tuple[Member, Member], event: str, status: str) -> None:
    """Each button of the bank simulator reaches the wallet by the provider's webhook."""
    waiting = people.top_up(pair[0].person, 25_000)
    console.get_by_label("Top-up").fill(waiting["id"])
    console.get_by_role("button", name=f"topup.{event}", exact=True).click()
    expect(console.locator("#said")).to_contain_text(re.compile(r"\d{3}"), timeout=SHOWN_MS)
    assert pair[0].person.ask("GET", f"/v1/topups/{waiting['id']}", 200)["status"] == status


def test_a_forged_report_is_refused(console: Page, pair: tuple[Member, Member]) -> None:
    """A signature that is not the bank's moves nothing."""
    waiting = people.top_up(pair[0].person, 25_000)
    console.get_by_label("Top-up").fill(waiting["id"])
    console.get_by_role("button", name="topup.forged", exact=True).click()
    expect(console.locator("#said")).to_contain_text("401", timeout=SHOWN_MS)
    assert pair[0].person.ask("GET", f"/v1/topups/{waiting['id']}", 200)["status"] == "pending"


def test_the_clock_moves_by_an_hour_and_by_a_day(console: Page, running: Run) -> None:
    """Every function follows it, and it can be put right again."""
    for button, seconds in (("+1 hour", 3_600), ("Next day", 90_000)):
        console.get_by_role("button", name=button).click()
        expect(console.locator("#clock")).to_contain_text(f"{seconds:,}".replace(",", "."), timeout=SHOWN_MS)
        assert abs(clock_of(running) - seconds) < 5
    console.get_by_role("button", name="Real time").click()
    expect(console.locator("#clock")).to_have_text("is right", timeout=SHOWN_MS)
    assert abs(clock_of(running)) < 5


def test_the_next_transfers_answer_is_dropped_and_the_money_moves_once(
    console: Page, pair: tuple[Member, Member]
) -> None:
    """The caller hears nothing; asking again tells the truth."""
    before = pair[0].person.balance()
    console.get_by_role("button", name="Drop the next transfer's answer").click()
    expect(console.locator("#failures")).to_contain_text("1 answer to drop", timeout=SHOWN_MS)
    with pytest.raises(requests.ConnectionError):
        people.send(pair[0].person, pair[1].person, 1_000)
    expect(console.locator("#failures")).to_have_text("none", timeout=SHOWN_MS)
    assert pair[0].person.balance() == before - 1_000


def test_the_database_is_slowed_down_and_let_go(console: Page, pair: tuple[Member, Member]) -> None:
    """A transfer waits for the locks that the switch holds, and passes."""
    console.get_by_role("button", name="Slow the database").click()
    expect(console.locator("#failures")).to_contain_text("slow database", timeout=SHOWN_MS)
    times = []
    # Between two holds a payment or two pass: longer than several of them, one waits.
    ends = time.monotonic() + 4 * HELD_SECONDS
    while time.monotonic() < ends:
        began = time.monotonic()
        people.send(pair[0].person, pair[1].person, 100)
        times.append(time.monotonic() - began)
    assert max(times) > SLOW_SECONDS
    console.get_by_role("button", name="All off").click()
    expect(console.locator("#failures")).to_have_text("none", timeout=SHOWN_MS)


def test_a_part_is_paused_and_goes_on_where_it_stood(console: Page) -> None:
    """Only that part is missed."""
    row = part(console, "analytics-api")
    row.get_by_role("button", name="pause").click()
    console.locator("h1").click()  # a table whose button has the focus stands still
    try:
        expect(row).to_contain_text("no answer", timeout=SHOWN_MS)
        expect(part(console, "wallet-api")).to_contain_text("ms")
    finally:
        row.get_by_role("button", name="resume").click()
        console.locator("h1").click()
    expect(row).to_contain_text("ms", timeout=SHOWN_MS)


@pytest.mark.parametrize("job", ["Repair now", "Nightly check now"])
def test_a_scheduled_job_runs_now(console: Page, job: str) -> None:
    """And says what it has done."""
    console.get_by_role("button", name=job).click()
    expect(console.locator("#said")).to_contain_text("promises", timeout=SHOWN_MS)


def test_the_relay_is_asked_for_now(console: Page, running: Run) -> None:
    """It drains for most of a minute: meanwhile the page says that the scheduler's job is at work."""
    with console.expect_request("**/__dev/api/jobs/*") as asked:
        console.get_by_role("button", name="Relay now").click()
    expect(console.locator("#said")).to_contain_text("at work", timeout=SHOWN_MS)
    jobs = requests.get(running.table()["parts"]["scheduler"]["url"], timeout=5).json()
    job = asked.value.url.rsplit("/", 1)[-1]
    assert (asked.value.method, job in jobs, job) == ("POST", True, "relay-drain-drain")
