"""What cannot be paid is refused on the screen, and no transfer and no PIN is asked of the server."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import days
from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

HELD = 12_000_000
WHOLE = "Enter a whole number of rupiah, without minus or fraction."


@pytest.fixture(scope="module")
def payer(running: Run) -> Member:
    """Somebody with more than one transfer may move."""
    return people.join(running.url, "Dewi Lestari", HELD)


@pytest.fixture(scope="module")
def payee(running: Run) -> Member:
    """Somebody to pay."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture(scope="module")
def device(browser: Browser, payer: Member) -> Iterator[Page]:
    """The payer's phone."""
    with people.device(browser, payer) as context:
        yield context.new_page()


@pytest.fixture
def page(device: Page, payer: Member) -> Iterator[Page]:
    """The same phone; at the end nothing was asked of the server, and nothing has moved."""
    asked = people.watch_requests(device, r"/v1/(transfers|pin/proofs)$")
    before = payer.person.balance()
    yield device
    assert asked == []
    assert payer.person.balance() == before


REFUSED = {
    "0": "The amount must be at least Rp 1.",
    "-50000": WHOLE,
    "0,5": WHOLE,
    "0.5": WHOLE,
    "1e3": WHOLE,
    str(HELD + 1): "Your balance is Rp\u00a01 short. Top up first, or send less.",
    "10000001": "One transfer can be at most Rp\u00a010,000,000.",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_an_amount_that_cannot_be_sent_stays_on_its_screen(page: Page, payee: Member, typed: str) -> None:
    """The sentence says why; Enter and the button lead nowhere."""
    page.goto(f"/send?to={payee.number}")
    expect(page.get_by_role("button", name="Continue")).to_be_enabled()  # the name is checked: Enter is heard
    expect(page.get_by_text("Balance: Rp")).to_be_visible()
    expect(page.get_by_text("Left to send today")).to_be_visible()
    amount = page.get_by_label("Amount")
    amount.press_sequentially(typed)
    amount.press("Enter")
    expect(page.get_by_role("alert").filter(has_text=REFUSED[typed])).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile(r"/send\?to=\d+$"))
    expect(amount).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("typed", ["0,5", "0.5", "1.5"])
def test_a_fraction_stays_one_in_indonesian_too(page: Page, payee: Member, typed: str) -> None:
    """A dot groups thousands there, and half a rupiah never becomes five."""
    page.goto("/icon.svg")
    page.evaluate("localStorage.setItem('ewl.locale', 'id')")
    try:
        page.goto(f"/send?to={payee.number}")
        expect(page.get_by_role("button", name="Lanjut")).to_be_enabled()
        amount = page.get_by_label("Jumlah")
        amount.press_sequentially(typed)
        amount.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="bulat")).to_be_visible()
        expect(amount).to_have_value(typed)
        expect(page).to_have_url(re.compile(r"/send\?to=\d+$"))
    finally:
        page.evaluate("localStorage.setItem('ewl.locale', 'en')")


@pytest.mark.parametrize("amount", [HELD + 1, 10_000_001])
def test_an_address_with_such_an_amount_cannot_be_paid_either(page: Page, payee: Member, amount: int) -> None:
    """The review screen was opened directly, or the balance has fallen since."""
    page.goto(f"/send/review?to={payee.number}&amount={amount}")
    expect(page.get_by_text(REFUSED[str(amount)])).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_disabled()


def test_ones_own_number_is_no_recipient(page: Page, payer: Member) -> None:
    """Neither typed nor in an address."""
    page.goto("/send")
    page.get_by_label("Account number or name").press_sequentially(payer.number)
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    page.goto(f"/send?to={payer.number}&amount=1000")
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    page.goto(f"/send/review?to={payer.number}&amount=1000")
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_disabled()


def test_an_unknown_number_is_no_recipient(page: Page) -> None:
    """The server is asked for the name, and has none."""
    page.goto("/send")
    page.get_by_label("Account number or name").press_sequentially(with_check_digit("90000000001"))
    expect(page.get_by_text("No account has this number.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)


def test_a_mistyped_number_is_not_even_looked_up(page: Page, payee: Member) -> None:
    """Its check digit is wrong."""
    looked_up = people.watch_requests(page, "/v1/accounts/")
    page.goto("/send")
    swapped = payee.number[:-1] + str((int(payee.number[-1]) + 1) % 10)
    page.get_by_label("Account number or name").press_sequentially(swapped)
    expect(page.get_by_text("This number has a typo")).to_be_visible()
    assert looked_up == []


def test_what_is_left_of_a_limit_is_said_before_it_bites(running: Run, browser: Browser, payee: Member) -> None:
    """The day's limit is nearly used up: the screen says how much is left, and refuses more."""
    sari = people.join(running.url, "Sari Wulandari", 20_000_000)
    days.today(lasting=60)  # at midnight the limit starts anew
    for _ in range(2):
        people.send(sari.person, payee.person, 9_500_000)
    people.settle(sari.person, people.top_up(sari.person, 5_000_000))
    with people.device(browser, sari) as context:
        page = context.new_page()
        page.goto(f"/send?to={payee.number}")
        expect(page.get_by_text("Left to send today: Rp\u00a01,000,000 of Rp\u00a020,000,000")).to_be_visible()
        wallet.type_amount(page, 1_000_001)
        expect(page.get_by_text("You can still send Rp\u00a01,000,000 today.")).to_be_visible()


def with_check_digit(eleven: str) -> str:
    """An account number that passes the Luhn check."""
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(eleven)))
    return eleven + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
