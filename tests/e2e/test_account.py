"""The account: devices that are sent away, and a name, a password and a PIN that change everywhere."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run
from tools.demo import PIN

pytestmark = pytest.mark.e2e

HELD = 50_000
NEW_PIN = "607381"


@pytest.fixture
def member(running: Run) -> Member:
    """Somebody with an account of their own to change."""
    return people.join(running.url, "Dewi Lestari", HELD)


@pytest.fixture
def page(browser: Browser, member: Member) -> Iterator[Page]:
    """Their phone."""
    with people.device(browser, member) as context:
        yield context.new_page()


@pytest.fixture
def other(browser: Browser, member: Member, page: Page) -> Iterator[Page]:
    """Their tablet, signed in later than the phone."""
    with people.device(browser, member) as context:
        tablet = context.new_page()
        tablet.goto("/home")
        expect(wallet.balance(tablet)).to_contain_text("50,000")
        yield tablet


def signed_out(page: Page) -> None:
    """The next thing that needs the server leads to the door, and back to where one was after it."""
    page.reload()
    page.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)
    assert page.evaluate("localStorage.getItem('ewl.last-wallet')") is None


def open_sheet(page: Page, button: str) -> None:
    """Open one of the account's forms."""
    page.goto("/account")
    people.open_sheet(page, button)


def test_a_device_that_was_sent_away_pays_nothing_more(running: Run, page: Page, other: Page, member: Member) -> None:
    """It is at the PIN when the other device signs it out: it ends at the door, and nothing has moved."""
    payee = people.join(running.url, "Budi Santoso")
    wallet.to_review(other, payee.number, 10_000)
    page.goto("/account/sessions")
    expect(page.get_by_text("This device")).to_have_count(1)
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(2)  # the tablet, and registering
    page.get_by_role("button", name="Sign out all other devices").click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    wallet.confirm(other)
    other.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)
    page.goto("/home")
    expect(wallet.balance(page)).to_contain_text("50,000")


def test_one_device_among_others_is_signed_out(page: Page, other: Page) -> None:
    """The one whose button it is, and no other."""
    page.goto("/account/sessions")
    expect(page.get_by_text("This device")).to_have_count(1)
    for left in (1, 0):
        page.get_by_role("button", name="Sign out", exact=True).first.click()
        expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(left)
    signed_out(other)
    page.reload()
    expect(page.get_by_text("This device")).to_have_count(1)


def test_signing_out_ends_every_tab_of_the_browser(page: Page) -> None:
    """The other tab does not keep showing somebody's money."""
    page.goto("/account")
    second = page.context.new_page()
    second.goto("/home")
    expect(wallet.balance(second)).to_contain_text("50,000")
    page.get_by_role("button", name="Sign out", exact=True).click()
    for tab in (page, second):
        tab.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)
        expect(tab.get_by_text("50,000")).to_have_count(0)


def test_a_sign_out_that_nobody_hears_is_told_when_somebody_does(page: Page, other: Page) -> None:
    """Without a connection it holds here at once; with one the server ends the session and takes the cookie back."""
    page.goto("/account")
    leave = page.get_by_role("button", name="Sign out", exact=True)
    expect(leave).to_be_visible()
    page.context.set_offline(True)
    leave.click()
    page.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)
    expect(page.get_by_text("Signed out here, but we could not be reached.")).to_be_visible()
    assert "refresh" in held(page)
    with page.expect_response("**/v1/sessions/current"):
        page.context.set_offline(False)
    expect_told(page)
    other.goto("/account/sessions")
    expect(other.get_by_text("This device")).to_have_count(1)
    expect(other.get_by_role("button", name="Sign out", exact=True)).to_have_count(1)  # registering; the phone is gone


def test_a_sign_out_that_we_did_not_hear_is_told_at_the_next_start(page: Page) -> None:
    """We were away, not the connection: opening the app once more is enough."""
    page.goto("/account")
    page.route("**/v1/sessions/current", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)
    page.unroute_all()
    with page.expect_response("**/v1/sessions/current"):
        page.reload()
    expect_told(page)


def held(page: Page) -> set[str]:
    """The names of the cookies that the browser holds."""
    return {cookie.get("name", "") for cookie in page.context.cookies()}


def expect_told(page: Page) -> None:
    """The server has taken its cookie back, and nothing is owed any more."""
    people.until(page, "localStorage.getItem('ewl.sign-out') === null")
    assert "refresh" not in held(page)


def test_a_new_name_is_seen_by_its_owner_and_by_payers(running: Run, page: Page, member: Member) -> None:
    """The same name on the home screen and in the name check."""
    open_sheet(page, "Change name")
    page.get_by_label("Full name").fill("Melati Kusuma")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your name was changed.")).to_be_visible()
    expect(page.get_by_text("Melati Kusuma")).to_be_visible()
    page.goto("/home")
    expect(page.get_by_role("heading", name="Hello, Melati")).to_be_visible()
    payer = people.join(running.url, "Budi Santoso")
    checked = payer.person.ask("GET", f"/v1/accounts/{member.number}", 200)
    assert checked["name"] == "M***** K*****"


def test_a_new_password_sends_the_other_devices_away(page: Page, other: Page, member: Member) -> None:
    """A wrong old one is told; the new one opens the door and the old one does not."""
    open_sheet(page, "Change password")
    page.get_by_label("Current password").fill("not the password")
    page.get_by_label("New password").fill("kucing biru di atap")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That is not your current password.")).to_be_visible()
    page.get_by_label("Current password").fill(member.password)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your password was changed; other devices were signed out.")).to_be_visible()
    signed_out(other)
    page.reload()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    for password, heading in ((member.password, "wrong"), ("kucing biru di atap", None)):
        other.get_by_label("Username").fill(member.person.username)
        other.get_by_label("Password", exact=True).fill(password)
        other.get_by_role("button", name="Sign in").click()
        if heading:
            expect(other.get_by_text("The username or the password is wrong.")).to_be_visible()
    other.wait_for_url("**/home")


def test_a_new_pin_pays_and_the_old_one_does_not(running: Run, page: Page, member: Member) -> None:
    """One that is easy to guess is refused; a forgotten one is replaced by the password."""
    payee = people.join(running.url, "Budi Santoso")
    open_sheet(page, "Change or reset PIN")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Current PIN", exact=True).last.fill(PIN)
    sheet.get_by_label("New PIN, 6 digits").fill("123456")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_text("That is too easy to guess. Choose another.")).to_be_visible()
    sheet.get_by_text("Password", exact=True).first.click()
    sheet.get_by_role("textbox", name="Password").fill(member.password)
    sheet.get_by_label("New PIN, 6 digits").fill(NEW_PIN)
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your PIN was changed; other devices were signed out.")).to_be_visible()
    wallet.to_review(page, payee.number, 10_000)
    wallet.confirm(page, PIN)
    expect(page.get_by_text("Wrong PIN. 4 attempts left.")).to_be_visible()
    wallet.type_pin(page, NEW_PIN)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
    assert payee.person.balance() == 10_000


def test_a_session_ends_at_the_door_and_returns_to_where_it_was(page: Page, member: Member) -> None:
    """Whoever signs in again finds the page that they were on."""
    page.goto("/activity?direction=in")
    expect(page.get_by_text("+Rp\u00a050,000").first).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    page.wait_for_url(re.compile("/login"))
    page.get_by_label("Username").fill(member.person.username)
    page.get_by_label("Password", exact=True).fill(member.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/activity?direction=in")
    expect(page.get_by_text("+Rp\u00a050,000").first).to_be_visible()


def test_a_page_stands_before_the_session_is_known_and_ends_at_the_door_without_one(page: Page) -> None:
    """Nothing waits for the renewal but the data; and where it is refused, the page goes to the door."""
    page.goto("/home")
    expect(page.get_by_text("+Rp\u00a050,000").first).to_be_visible()
    renewals: list[Route] = []

    def hold(route: Route) -> None:
        renewals.append(route)

    page.route("**/v1/sessions/refresh", hold)
    with page.expect_request("**/v1/sessions/refresh"):
        page.goto("/statements")
    expect(page.get_by_role("heading", name="Statements")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_visible()
    expect(page.get_by_text("50,000")).to_have_count(0)
    assert len(renewals) == 1
    renewals[0].fulfill(status=401, body='{"type": "/problems/unauthenticated", "status": 401}')
    page.wait_for_url(re.compile("/login\\?next=%2Fstatements"))
