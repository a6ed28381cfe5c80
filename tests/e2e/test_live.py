"""What happens elsewhere is seen here: within two seconds while somebody looks, and not at all while nobody does."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

MOVEMENTS = 4
SEEN_SECONDS = 2.0
HIDDEN_MS = 6_000


@pytest.fixture(scope="module")
def payer(running: Run) -> Member:
    """Who pays."""
    return people.join(running.url, "Dewi Lestari", 100_000)


@pytest.fixture(scope="module")
def payee(running: Run) -> Member:
    """Who watches."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture
def page(browser: Browser, payee: Member) -> Iterator[Page]:
    """The payee's phone, with the home screen open."""
    with people.device(browser, payee) as context:
        page = context.new_page()
        page.goto("/home")
        expect(wallet.balance(page)).to_contain_text("Rp")
        yield page


def hide(page: Page, *, hidden: bool) -> None:
    """Put the tab behind others, or bring it back; a browser without a window shows every tab it has."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'visibilityState', {configurable: true,"
        " get: () => hidden ? 'hidden' : 'visible'});"
        " Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
        " document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }",
        hidden,
    )


def see_balance(page: Page, amount: int) -> None:
    """Look many times a second: an assertion of Playwright's soon looks every half second only."""
    people.until(page, f"document.querySelector('[data-testid=balance]').textContent === 'Rp\u00a0{amount:,}'")


def test_every_visible_screen_of_every_device_follows_within_two_seconds(
    browser: Browser, page: Page, payer: Member, payee: Member
) -> None:
    """The home screen and the history of one browser, and the home screen of another."""
    history = page.context.new_page()
    history.goto("/activity")
    with people.device(browser, payee) as second:
        tablet = second.new_page()
        tablet.goto("/home")
        expect(wallet.balance(tablet)).to_contain_text("Rp")
        seconds = []
        for number in range(1, MOVEMENTS + 1):
            people.send(payer.person, payee.person, 1_000, f"Kabar {number}")
            moved = time.perf_counter()
            see_balance(page, number * 1_000)
            see_balance(tablet, number * 1_000)
            seconds.append(time.perf_counter() - moved)
            for listed in (history, page, tablet):
                expect(listed.get_by_text(f"Kabar {number}")).to_be_visible()
            page.wait_for_timeout(400 * number)  # at another moment between two looks each time
    print("seen after", [round(value, 2) for value in seconds])
    assert sorted(seconds)[MOVEMENTS // 2] <= SEEN_SECONDS


def test_a_hidden_tab_asks_for_nothing_and_catches_up_at_once(page: Page, payer: Member, payee: Member) -> None:
    """Not one request while it is hidden; the truth as soon as it is looked at again."""
    asked = people.watch_requests(page, "/v1/")
    people.until(page, lambda: len(asked) >= 2)  # a visible tab looks again and again
    hide(page, hidden=True)
    page.wait_for_timeout(1_000)  # what was on its way arrives
    asked.clear()
    people.send(payer.person, payee.person, 5_000)
    page.wait_for_timeout(HIDDEN_MS)
    assert asked == []
    total = payee.person.balance()
    hide(page, hidden=False)
    expect(wallet.balance(page)).to_have_text(f"Rp\u00a0{total:,}", timeout=5_000)


def test_an_unchanged_wallet_costs_no_body(page: Page) -> None:
    """It is asked for with the tag of the one in hand, and answered 304."""
    page.wait_for_timeout(1_000)
    with page.expect_response("**/v1/wallet") as again:
        pass
    assert again.value.status == 304
    assert again.value.request.headers["if-none-match"]


def test_a_waiting_code_is_asked_about_every_second_and_a_settled_one_no_more(page: Page, payee: Member) -> None:
    """Briskly while somebody pays, and then never again."""
    payment = people.top_up(payee.person, 20_000)
    asked = people.watch_requests(page, "/v1/topups/.+")
    page.goto(f"/topup/{payment['id']}")
    expect(page.get_by_role("link", name="Open")).to_be_visible()
    asked.clear()
    page.wait_for_timeout(3_500)
    assert len(asked) <= 6
    people.until(page, lambda: len(asked) >= 3)
    people.settle(payee.person, payment)
    expect(page.get_by_text("Top-up received")).to_be_visible(timeout=wallet.SETTLED_MS)
    page.wait_for_timeout(1_200)
    asked.clear()
    page.wait_for_timeout(2_500)
    assert asked == []
