"""How a top-up can end without money: expired, cancelled, declined; and how the next one starts."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

AMOUNT = 123_000
# A code is good for fifteen minutes.
PAST_EXPIRY_SECONDS = 15 * 60 + 30


@pytest.fixture(scope="module")
def owner(running: Run) -> Member:
    """Whose wallet is to be topped up."""
    return people.join(running.url, "Dewi Lestari")


@pytest.fixture
def page(browser: Browser, owner: Member) -> Iterator[Page]:
    """The owner's phone with a code on its screen; at the end nothing has moved."""
    with people.device(browser, owner) as context:
        page = context.new_page()
        wallet.ask_for_top_up(page, AMOUNT)
        yield page
    assert owner.person.balance() == 0


@pytest.fixture
def payer(running: Run, browser: Browser, page: Page) -> Iterator[Page]:
    """A stranger's phone with the payer page of the code open."""
    address = str(page.get_by_role("link", name="Open").get_attribute("href"))
    with wallet.device(browser, running.url) as context:
        phone = context.new_page()
        phone.goto("/pay/" + address.rsplit("/", 1)[-1])
        expect(phone.get_by_role("button", name="Pay Rp\u00a0123,000")).to_be_visible()
        yield phone


@pytest.fixture
def later(running: Run) -> Iterator[None]:
    """At the end the clock is right again."""
    yield
    move_clock(running, 0)


def move_clock(running: Run, seconds: int) -> None:
    """Turn the product's clock, as the developer's console does."""
    requests.post(f"{running.url}/__dev/api/clock", json={"seconds": seconds}, timeout=5).raise_for_status()


def make_a_new_one(page: Page) -> None:
    """Take the offer of a new code: the same amount stands there, and a tap shows another code."""
    ended = page.url
    page.get_by_role("link", name="Make a new one").click()
    expect(page.get_by_label("Amount")).to_have_value("123,000")
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_text(re.compile("Valid for 1[45]:"))).to_be_visible()
    assert page.url != ended
    page.get_by_role("button", name="Cancel this top-up").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


def refused_to(payer: Page, words: str) -> None:
    """Whoever pays now is told why not."""
    payer.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(payer.get_by_role("heading", name=words)).to_be_visible()


def test_a_cancelled_code_cannot_be_paid(page: Page, payer: Page) -> None:
    """The payer who had it open already is told, and charged nothing."""
    expect(page.get_by_text(re.compile("Valid for 1[45]:"))).to_be_visible()
    page.get_by_role("button", name="Cancel this top-up").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    refused_to(payer, "Cancelled")
    make_a_new_one(page)


def test_a_declined_code_is_told_to_its_owner(page: Page, payer: Page) -> None:
    """The owner's screen follows by itself."""
    payer.get_by_role("button", name="Decline").click()
    expect(payer.get_by_role("heading", name="Declined")).to_be_visible()
    expect(page.get_by_role("heading", name="The payer declined")).to_be_visible(timeout=wallet.SETTLED_MS)
    make_a_new_one(page)


@pytest.mark.usefixtures("later")
def test_an_expired_code_says_so_on_both_screens(running: Run, page: Page, payer: Page) -> None:
    """Nobody reloads anything; whoever pays too late is charged nothing."""
    move_clock(running, PAST_EXPIRY_SECONDS)
    expect(page.get_by_role("heading", name="The code has expired")).to_be_visible(timeout=wallet.SETTLED_MS)
    refused_to(payer, "The code has expired")
    move_clock(running, 0)
    make_a_new_one(page)


def test_a_code_survives_a_reload_and_waits_in_the_list(page: Page) -> None:
    """The same code, from its own address and from the top-up screen."""
    address = page.get_by_role("link", name="Open").get_attribute("href")
    page.reload()
    expect(page.get_by_role("link", name="Open")).to_have_attribute("href", str(address))
    code = page.url
    page.goto("/topup")
    page.get_by_role("link", name="Rp\u00a0123,000").first.click()
    expect(page).to_have_url(code)
    page.get_by_role("button", name="Cancel this top-up").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


def test_a_lost_answer_is_asked_for_again_and_makes_one_code(page: Page, owner: Member) -> None:
    """The request arrived and its answer did not: the next tap shows the code that was made."""
    page.goto("/topup")
    wallet.type_amount(page, 77_000)
    lost: list[Route] = []

    def lose_the_first(route: Route) -> None:
        if lost or route.request.method != "POST":
            return route.continue_()
        lost.append(route)
        route.fetch()
        return route.abort()

    page.route("**/v1/topups", lose_the_first)
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_text("We could not be reached.")).to_be_visible()
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_text(re.compile("Valid for 1[45]:"))).to_be_visible()
    made = owner.person.ask("GET", "/v1/topups", 200)["items"]
    assert [item["amount"] for item in made].count(77_000) == 1
