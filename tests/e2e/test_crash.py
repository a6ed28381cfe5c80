"""A transfer whose tab dies, or that is watched from two tabs: every screen ends in the truth, and never lies before."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

HELD = 80_000
AMOUNT = 30_000
SAFE = re.compile("No money has moved|Not sent|Failed")
# Longer than the longest pause between two tries.
KNOWN_MS = 15_000


@pytest.fixture
def payer(running: Run) -> Member:
    """Who pays."""
    return people.join(running.url, "Dewi Lestari", HELD)


@pytest.fixture
def payee(running: Run) -> Member:
    """Who is to be paid, once."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture
def phone(browser: Browser, payer: Member) -> Iterator[BrowserContext]:
    """The payer's browser.

    Without the service worker: it dies with a tab's process, and while Playwright watches it the next page waits
    for it for ever. A browser that nobody watches opens that page at once.
    """
    with people.device(browser, payer, service_workers="block") as context:
        yield context


class Delayed:
    """A network on which a browser's first proof stays on its way, however often it is sent, until it is let go."""

    def __init__(self, context: BrowserContext) -> None:
        self.request: dict[str, Any] | None = None
        self.has_arrived = False
        context.route("**/v1/transfers", self._meet)

    def _meet(self, route: Route) -> None:
        asked = route.request
        proof = asked.headers.get("x-pin-proof")
        first = self.request["headers"]["x-pin-proof"] if self.request else proof
        # Another tab may ask without a proof: that moves nothing, and is no transfer.
        if proof is None or proof != first or self.has_arrived:
            return route.continue_()
        self.request = {"url": asked.url, "data": asked.post_data, "headers": asked.headers}
        return route.abort()

    def arrive(self) -> requests.Response:
        """The request reaches the server at last; nobody waits for its answer any more."""
        assert self.request is not None
        self.has_arrived = True
        return requests.post(timeout=10, **self.request)


def crash(page: Page) -> None:
    """Kill the process that renders the page, as a phone short of memory does."""
    with suppress(Error):
        page.goto("chrome://crash")


def pay(page: Page, payee: Member) -> None:
    """Up to the moment when the PIN is right and the transfer leaves."""
    wallet.to_review(page, payee.number, AMOUNT)
    with page.expect_request("**/v1/transfers"):
        wallet.confirm(page)
    page.wait_for_url("**/tx/*")


def moved(payer: Member, payee: Member) -> tuple[int, int]:
    """What both have."""
    return payer.person.balance(), payee.person.balance()


def test_a_tab_that_dies_while_it_pays_is_told_the_truth_afterwards(
    phone: BrowserContext, payer: Member, payee: Member
) -> None:
    """The request outlives its tab and arrives late: until then nothing says that no money has moved."""
    network = Delayed(phone)
    page = phone.new_page()
    pay(page, payee)
    expect(page.get_by_role("heading", name="Being processed")).to_be_visible()
    crash(page)
    later = phone.new_page()
    later.goto("/home")
    later.get_by_role("link", name=re.compile("is being processed")).click()
    expect(later.get_by_text("It has not reached our books so far, and it still may.")).to_be_visible()
    expect(later.get_by_text(SAFE)).to_have_count(0)
    assert network.arrive().status_code == 201
    expect(later.get_by_role("heading", name="Successful")).to_be_visible(timeout=KNOWN_MS)
    assert moved(payer, payee) == (HELD - AMOUNT, AMOUNT)


def test_a_window_that_nobody_touches_takes_up_what_a_dead_tab_has_left(
    phone: BrowserContext, payer: Member, payee: Member
) -> None:
    """It stands open beside the tab that pays, and stands in line for its question."""
    network = Delayed(phone)
    beside, page = phone.new_page(), phone.new_page()
    beside.goto("/home")
    pay(page, payee)
    open_transfer = beside.get_by_role("link", name=re.compile("is being processed"))
    expect(open_transfer).to_be_visible()
    crash(page)
    network.arrive()
    expect(open_transfer).to_have_count(0, timeout=KNOWN_MS)
    assert moved(payer, payee) == (HELD - AMOUNT, AMOUNT)


def test_a_second_tab_does_not_call_it_unsent_while_the_first_is_sending(
    phone: BrowserContext, payer: Member, payee: Member
) -> None:
    """It asks without the proof that only the first tab has; both end at the receipt."""
    network = Delayed(phone)
    first = phone.new_page()
    pay(first, payee)
    second = phone.new_page()
    second.goto(first.url)
    for _ in range(10):
        assert not second.get_by_text(SAFE).is_visible()
        assert not first.get_by_text(SAFE).is_visible()
        second.wait_for_timeout(100)
    network.arrive()
    for tab in (first, second):
        expect(tab.get_by_role("heading", name="Successful")).to_be_visible(timeout=KNOWN_MS)
    assert moved(payer, payee) == (HELD - AMOUNT, AMOUNT)


def test_the_pin_given_again_sends_the_same_transfer_and_pays_once(
    phone: BrowserContext, payer: Member, payee: Member
) -> None:
    """Whoever does not want to wait gives the PIN again; the late request then changes nothing."""
    network = Delayed(phone)
    page = phone.new_page()
    pay(page, payee)
    crash(page)
    later = phone.new_page()
    later.goto(page.url)
    later.get_by_role("link", name="Enter the PIN again").click()
    wallet.confirm(later)
    expect(later.get_by_role("heading", name="Successful")).to_be_visible(timeout=KNOWN_MS)
    assert network.arrive().headers["Idempotency-Replayed"] == "true"
    assert moved(payer, payee) == (HELD - AMOUNT, AMOUNT)


def test_a_lost_answer_is_asked_for_under_the_same_id_by_a_dead_tabs_successor(
    running: Run, phone: BrowserContext, payer: Member, payee: Member
) -> None:
    """The money moved, the answer was lost and the tab died: the next one finds the receipt without a PIN."""
    requests.post(f"{running.url}/__dev/api/switches", json={"drop_answers": 1}, timeout=5).raise_for_status()
    page = phone.new_page()
    keys = []
    phone.on(
        "request",
        lambda request: (
            keys.append(request.headers["idempotency-key"]) if request.url.endswith("/v1/transfers") else None
        ),
    )
    pay(page, payee)
    crash(page)
    later = phone.new_page()
    later.goto("/home")
    expect(wallet.balance(later)).to_have_text("Rp\u00a050,000")
    later.goto(page.url)
    expect(later.get_by_role("heading", name="Successful")).to_be_visible(timeout=KNOWN_MS)
    assert set(keys) == {page.url.rsplit("/", 1)[-1]}
    assert moved(payer, payee) == (HELD - AMOUNT, AMOUNT)
