"""Notices: what can be switched off, and what cannot."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import people
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def member(running: Run) -> Member:
    """Somebody with an account."""
    return people.join(running.url, "Dewi Lestari", 50_000)


@pytest.fixture
def page(browser: Browser, member: Member) -> Iterator[Page]:
    """Their phone."""
    with people.device(browser, member) as context:
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
