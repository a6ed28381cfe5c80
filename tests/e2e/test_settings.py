"""Notices, installing, and clocks: what is set on a device, and what the device may not decide."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import people
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

# A headless Chromium has neither a push service to subscribe with nor anybody to ask: these stand in for both.
PUSH_SERVICE = """
const held = {unsubscribe: async () => true, toJSON: () => (
  {endpoint: 'http://127.0.0.1:9/device', keys: {p256dh: 'BGxHk3mTq1', auth: 'Zm9yYmlkZGVu'}})}
PushManager.prototype.subscribe = async function () { window.subscribed = true; return held }
PushManager.prototype.getSubscription = async function () { return window.subscribed ? held : null }
window.questions = 0
Object.defineProperty(Notification, 'permission', {get: () => window.questions > 0 ? 'granted' : 'default'})
Notification.requestPermission = async () => { window.questions += 1; return 'granted' }
"""
INSTALLABLE = """
window.asked = 0
dispatchEvent(Object.assign(new Event('beforeinstallprompt'), {prompt: async () => { window.asked += 1 }}))
"""


@pytest.fixture(scope="module")
def member(running: Run) -> Member:
    """Somebody with an account."""
    return people.join(running.url, "Dewi Lestari", 50_000)


@pytest.fixture
def page(browser: Browser, member: Member) -> Iterator[Page]:
    """Their phone."""
    with people.device(browser, member) as context:
        context.add_init_script(PUSH_SERVICE)
        yield context.new_page()


def switch(page: Page, name: str) -> Locator:
    """One of the switches."""
    return page.get_by_role("switch", name=name)


def flip(page: Page, name: str) -> None:
    """Move a switch by its words, as a thumb does, and wait for the server's answer."""
    with page.expect_response(lambda answer: "/v1/notifications/" in answer.url and answer.request.method != "GET"):
        page.get_by_text(name, exact=True).click()


def test_money_is_muted_and_security_is_not(page: Page) -> None:
    """A type that is switched off stays off after a reload; security has no switch at all."""
    page.goto("/account")
    page.get_by_role("link", name="Notifications").click()
    expect(switch(page, "Money sent")).to_be_checked()
    flip(page, "Money sent")
    page.reload()
    expect(switch(page, "Money sent")).not_to_be_checked()
    expect(switch(page, "Money received")).to_be_checked()
    expect(page.get_by_text("Always on")).to_have_count(5)
    expect(page.get_by_role("switch")).to_have_count(5)  # this device, and four of money
    flip(page, "Money sent")
    expect(switch(page, "Money sent")).to_be_checked()


def test_a_switch_that_the_server_refuses_moves_back(page: Page) -> None:
    """What is shown is what the server holds."""
    page.goto("/account/notifications")
    expect(switch(page, "Top-up arrived")).to_be_checked()
    page.route(
        "**/v1/notifications/settings",
        lambda route: route.abort() if route.request.method == "PUT" else route.continue_(),
    )
    page.get_by_text("Top-up arrived", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="could not be reached")).to_be_visible()
    expect(switch(page, "Top-up arrived")).to_be_checked()


def test_a_device_is_told_only_after_a_tap(page: Page) -> None:
    """The browser's question comes with the tap; the server then keeps the device, and lets it go."""
    page.goto("/account/notifications")
    expect(switch(page, "On this device")).not_to_be_checked()
    assert page.evaluate("window.questions") == 0
    with page.expect_response(lambda answer: answer.url.endswith("/push") and answer.request.method == "PUT") as kept:
        page.get_by_text("On this device", exact=True).click()
    assert kept.value.status == 204
    assert kept.value.request.post_data_json["language"] == "en"
    expect(switch(page, "On this device")).to_be_checked()
    with page.expect_response(
        lambda answer: answer.url.endswith("/push") and answer.request.method == "DELETE"
    ) as gone:
        page.get_by_text("On this device", exact=True).click()
    assert gone.value.status == 204
    expect(switch(page, "On this device")).not_to_be_checked()


def test_installing_is_offered_once(page: Page) -> None:
    """The browser's question waits for a tap; who declines is left in peace and finds it on the account page."""
    page.goto("/home")
    page.evaluate(INSTALLABLE)
    page.get_by_role("button", name="Not now").click()
    page.reload()
    expect(page.get_by_test_id("balance")).to_contain_text("Rp")
    page.evaluate(INSTALLABLE)
    page.wait_for_timeout(300)
    expect(page.get_by_role("region", name="Install the app")).to_have_count(0)
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Install the app").click()
    assert page.evaluate("window.asked") == 1
    expect(page.get_by_role("button", name="Install the app")).to_have_count(0)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_code_counts_down_by_the_servers_clock(page: Page, member: Member, hours: int) -> None:
    """A device whose clock is hours wrong shows the same quarter of an hour."""
    waiting = people.top_up(member.person, 60_000)
    page.clock.install(time=datetime.now() + timedelta(hours=hours))  # noqa: DTZ005 - the browser's own clock
    page.goto(f"/topup/{waiting['id']}")
    expect(page.get_by_text(re.compile(r"Valid for 14:\d\d"))).to_be_visible()


def test_the_sixth_code_takes_the_place_of_the_first(page: Page, member: Member) -> None:
    """The first says that a newer one replaced it, and offers the same amount anew."""
    first = people.top_up(member.person, 37_500)
    for _ in range(5):
        people.top_up(member.person, 40_000)
    page.goto(f"/topup/{first['id']}")
    expect(page.get_by_role("heading", name="Replaced by a newer one")).to_be_visible()
    expect(page.get_by_text("at most five wait at a time")).to_be_visible()
    page.get_by_role("link", name="Make a new one").click()
    expect(page.get_by_label("Amount")).to_have_value("37,500")


def test_the_range_of_a_top_up_is_told_before_it_bites(page: Page) -> None:
    """The limits stand under the field; outside of them nothing is sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/topup")
    expect(page.get_by_text("From Rp\u00a010,000 to Rp\u00a010,000,000 at a time.")).to_be_visible()
    page.get_by_label("Amount").fill("9999")
    page.get_by_role("button", name="Show the code").click()
    expect(page.get_by_role("alert").filter(has_text="at least Rp\u00a010,000")).to_be_visible()
    page.get_by_label("Amount").fill("10000001")
    expect(page.get_by_role("alert").filter(has_text="at most Rp\u00a010,000,000")).to_be_visible()
    page.get_by_role("button", name="Show the code").click()
    assert not [url for url in sent if url.endswith("/v1/topups")]
