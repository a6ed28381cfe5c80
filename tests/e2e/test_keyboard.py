"""Sending and topping up with the keyboard alone: the focus is always somewhere, and always seen."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

HELD = 200_000
STOPS_MAX = 40
FOCUS_SECONDS = 5
# What has the focus: its words, and what a sighted person sees of it.
FOCUS = """() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    const ringed = [element, element.closest(':has(> input)'), element.parentElement, element.closest('label')]
    const seen = ringed.some(around => {
        const style = around && getComputedStyle(around)
        return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    })
    const box = (element.matches('.sr-only') ? element.closest('label') : element).getBoundingClientRect()
    const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    const label = element.labels?.[0]?.innerText
    return { words: element.getAttribute('aria-label') || label || element.innerText || element.title || '', seen, inside }
}"""


@pytest.fixture(scope="module")
def payer(running: Run) -> Member:
    """Who sits at the keyboard."""
    return people.join(running.url, "Dewi Lestari", HELD)


@pytest.fixture(scope="module")
def device(browser: Browser, payer: Member) -> Iterator[Page]:
    """Her desk; there is no mouse."""
    with people.device(browser, payer, viewport=wallet.WIDE) as context:
        yield context.new_page()


@pytest.fixture
def page(device: Page) -> Page:
    """The home screen of it."""
    device.goto("/home")
    expect(wallet.balance(device)).to_contain_text("Rp\u00a0")
    return device


def focus(page: Page) -> str:
    """The words of what has the focus; fails where nothing gets it."""
    ends = time.monotonic() + FOCUS_SECONDS
    while (found := page.evaluate(FOCUS)) is None:
        assert time.monotonic() < ends, "nothing has the focus"
        page.wait_for_timeout(50)
    return " ".join(str(found["words"]).split())


def expect_focus_on(page: Page, words: str) -> None:
    """Wait until what has the focus holds `words`: an address changes a moment before its screen stands."""
    seen = ""
    ends = time.monotonic() + FOCUS_SECONDS
    while words not in seen:
        assert time.monotonic() < ends, f"the focus is on {seen!r}, never on {words!r}"
        seen = focus(page)


def tab_to(page: Page, words: str, key: str = "Tab") -> None:
    """Press Tab until what has the focus begins with `words`; every stop on the way is on the screen and ringed."""
    passed = []
    for _ in range(STOPS_MAX):
        page.keyboard.press(key)
        found = page.evaluate(FOCUS)
        if found is None:  # the browser's own bar, once around
            continue
        assert found["seen"], f"no ring around {found['words']!r}"
        assert found["inside"], f"{found['words']!r} is off the screen"
        passed.append(" ".join(found["words"].split()))
        if re.match(words, passed[-1]):
            return
    raise AssertionError(f"no {words!r} among {passed}")


def test_a_transfer_is_sent_with_the_keyboard_alone(running: Run, page: Page, payer: Member) -> None:
    """Escape leaves the PIN and gives the focus back; Enter sends; the receipt is where the focus is then."""
    payee = people.join(running.url, "Budi Santoso")
    tab_to(page, "Send$")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/send$"))
    expect_focus_on(page, "Send to whom?")
    tab_to(page, "Account number or name")
    page.keyboard.type(payee.number)
    expect(page.get_by_text("B*** S******")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.type("25000")
    tab_to(page, "Note, optional")
    page.keyboard.type("Kopi")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/send/review"))
    expect_focus_on(page, "Check and pay")
    tab_to(page, "Pay Rp")
    page.keyboard.press("Enter")
    expect(page.get_by_label("PIN, 6 digits")).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focus(page).startswith("Pay Rp")
    page.keyboard.press("Space")
    expect(page.get_by_label("PIN, 6 digits")).to_be_focused()
    page.keyboard.type("739154")
    expect(page.get_by_text("Wrong PIN. 4 attempts left.")).to_be_visible()
    expect(page.get_by_label("PIN, 6 digits")).to_be_focused()
    page.keyboard.type(wallet.PIN)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
    assert focus(page)
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/home$"))
    expect_focus_on(page, "Hello")
    assert (payer.person.balance(), payee.person.balance()) == (HELD - 25_000, 25_000)


def test_the_focus_stays_in_the_sheet_while_it_is_open(page: Page, payer: Member) -> None:
    """Tab goes around inside; what lies behind is out of reach."""
    page.goto("/account")
    expect(page.get_by_role("button", name="Change password")).to_be_visible()
    tab_to(page, "Change password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        outside = page.evaluate("document.activeElement !== document.body && !document.activeElement.closest('dialog')")
        assert not outside
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focus(page).startswith("Change password")


def expect_code(page: Page) -> None:
    """The screen of a code stands, and the focus is where it begins."""
    expect(page.get_by_role("button", name="Cancel this top-up")).to_be_visible()
    expect_focus_on(page, "Top up")


def test_a_top_up_is_made_paid_and_cancelled_with_the_keyboard_alone(page: Page, payer: Member) -> None:
    """The button that vanishes when the code is cancelled or paid does not take the focus with it."""
    before = payer.person.balance()
    tab_to(page, "Top up$")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter an amount.")).to_be_visible()
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.type("60000")
    page.keyboard.press("Enter")
    expect_code(page)
    tab_to(page, "Cancel this top-up")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    assert focus(page)
    tab_to(page, "Make a new one")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount")).to_have_value("60,000")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.press("Enter")
    expect_code(page)
    tab_to(page, "Cancel this top-up")
    [waiting] = [item for item in payer.person.ask("GET", "/v1/topups", 200)["items"] if item["status"] == "pending"]
    people.settle(payer.person, waiting)
    expect(page.get_by_role("heading", name="Top-up received")).to_be_visible(timeout=wallet.SETTLED_MS)
    assert focus(page)
    tab_to(page, "See the receipt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Successful")).to_be_visible()
    assert payer.person.balance() == before + 60_000


def test_arrows_move_through_a_choice(page: Page) -> None:
    """One stop for the whole group, arrows inside it."""
    page.goto("/insights")
    expect(page.get_by_role("radio", name="30 days")).to_be_attached()
    tab_to(page, "30 days")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("range=week"))
    assert focus(page) == "7 days"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("range=quarter"))
    assert focus(page) == "13 weeks"


def test_the_first_stop_skips_to_the_content(page: Page) -> None:
    """Nobody walks through the tabs on every screen."""
    tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
