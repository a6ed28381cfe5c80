"""The app as a person uses it: words on buttons, figures on screens. English, because its words are shorter."""

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from emulators.state import ROOT

SHOTS = ROOT / "build" / "screens" / "main-job"
SETTLED_MS = 15_000
WAREHOUSE_MS = 30_000
PIN = "482915"
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 800}


def device(
    browser: Browser, base_url: str, *, signed_in: bool = False, size: dict[str, int] = NARROW
) -> BrowserContext:
    """A browser with a profile of its own, in English."""
    context = browser.new_context(base_url=base_url, locale="en-GB", timezone_id="Asia/Jakarta", viewport=size)
    marks = "localStorage.setItem('ewl.locale', 'en');"
    context.add_init_script(marks + ("localStorage.setItem('ewl.session', '1');" if signed_in else ""))
    return context


def watch(page: Page) -> list[str]:
    """Collect what the page complains about: it must stay empty."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def shot(page: Page, name: str) -> Path:
    """Write the screen at both widths, and leave it at the narrow one."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.wait_for_timeout(150)  # one motion's length, so that no picture is taken in the middle of it
        page.screenshot(path=SHOTS / f"{name}-{size['width']}.png", full_page=True)
    return SHOTS / f"{name}-{NARROW['width']}.png"


def register(page: Page, full_name: str, username: str, password: str) -> str:
    """Open a wallet through the form and return its account number."""
    page.goto("/register")
    page.get_by_label("Full name").fill(full_name)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("PIN, 6 digits").fill(PIN)
    page.get_by_role("button", name="Open my wallet").click()
    page.wait_for_url("**/home")
    return account_number(page)


def account_number(page: Page) -> str:
    """The account number that the home screen shows, without its spaces."""
    shown = page.get_by_text(re.compile(r"\b\d{4} \d{4} \d{4}\b")).first
    found = re.search(r"\d{4} \d{4} \d{4}", shown.inner_text())
    assert found is not None
    return found[0].replace(" ", "")


def balance(page: Page) -> Locator:
    """The balance on the home screen."""
    return page.get_by_test_id("balance")


def type_amount(page: Page, amount: int) -> None:
    """Type an amount digit by digit, as a thumb does."""
    page.get_by_label("Amount").press_sequentially(str(amount))


def ask_for_top_up(page: Page, amount: int) -> str:
    """Ask for a code and return the address that it holds, as the page's own link shows it."""
    page.goto("/topup")
    type_amount(page, amount)
    page.get_by_role("button", name="Show the code").click()
    page.wait_for_url("**/topup/*")
    return str(page.get_by_role("link", name="Open").get_attribute("href"))


def pay(page: Page, address: str) -> None:
    """Confirm a top-up on the public page."""
    page.goto("/pay/" + address.rsplit("/", 1)[-1])
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_text("has received it")).to_be_visible(timeout=SETTLED_MS)


def to_review(page: Page, to: str, amount: int, note: str = "") -> None:
    """Walk from the account number to the review screen."""
    page.goto("/send")
    page.get_by_label("Account number or name").press_sequentially(to)
    page.get_by_role("button", name="Continue").click()
    type_amount(page, amount)
    page.get_by_label("Note, optional").fill(note)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/send/review*")


def confirm(page: Page, pin: str = PIN) -> None:
    """Press Pay on the review screen and type the PIN."""
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    type_pin(page, pin)


def type_pin(page: Page, pin: str) -> None:
    """Type a PIN into the one real input."""
    page.get_by_label("PIN, 6 digits").press_sequentially(pin)
