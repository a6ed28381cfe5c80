"""What a browser keeps: no secret while somebody is signed in, nothing of them afterwards, one renewal at a time."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

TABS = 4
# A tab that may asks within a tenth of this.
HELD_MS = 1_000
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


@pytest.fixture(scope="module")
def member(running: Run) -> Member:
    """Who signs in."""
    return people.join(running.url, "Dewi Lestari", 90_000)


@pytest.fixture(scope="module")
def payee(running: Run) -> Member:
    """Somebody to pay."""
    return people.join(running.url, "Budi Santoso")


def keep_out(page: Page, secrets: list[str]) -> None:
    """Fail where a script could read a secret back."""
    for place, text in people.stored(page).items():
        assert not JWT.search(text), f"a token in {place}"
        for secret in secrets:
            assert secret not in text, f"a secret in {place}"


def test_nothing_secret_is_stored_and_nothing_personal_stays(
    running: Run, browser: Browser, member: Member, payee: Member
) -> None:
    """Signed in through the form and paid with a PIN, over every screen; then signed out."""
    with wallet.device(browser, running.url) as context:
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("Username").fill(member.person.username)
        page.get_by_label("Password", exact=True).fill(member.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/home")
        wallet.to_review(page, payee.number, 4_321, "Catatan rahasia")
        wallet.confirm(page)
        expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
        for path in ("/home", "/activity", "/insights", "/inbox", "/account", "/statements", "/receive"):
            page.goto(path)
            expect(page.get_by_role("heading").first).to_be_visible()
        [cookie] = context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        secrets = [member.password, wallet.PIN, cookie["value"]]
        keep_out(page, secrets)
        page.goto("/account")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.wait_for_url("**/login")
        personal = [member.person.username, "Dewi", "Budi", member.number, payee.number, "4321", "rahasia", "85679"]
        keep_out(page, [*secrets, *personal])
        assert context.cookies() == []
        page.go_back()
        page.wait_for_url("**/login*")
        expect(page.get_by_text("85,679")).to_have_count(0)


@pytest.fixture
def phone(browser: Browser, member: Member) -> Iterator[BrowserContext]:
    """A browser of somebody who is signed in."""
    with people.device(browser, member) as context:
        yield context


class Renewals:
    """When each renewal of a browser began and ended, in milliseconds."""

    def __init__(self, context: BrowserContext) -> None:
        self.spans: list[tuple[float, float]] = []
        context.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        if request.url.endswith("/v1/sessions/refresh"):
            timing = request.timing
            self.spans.append((timing["startTime"], timing["startTime"] + timing["responseEnd"]))

    def overlaps(self) -> list[tuple[float, float]]:
        """Those that began in the first half of the one before; its end is told some milliseconds late."""
        ordered = sorted(self.spans)
        return [after for before, after in pairwise(ordered) if after[0] < sum(before) / 2]


def test_many_tabs_renew_one_after_the_other(phone: BrowserContext) -> None:
    """Each renewal is held for a while: no other is asked for meanwhile, with the same cookie; no tab is thrown out."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.route("**/v1/sessions/refresh", hold)
    tabs = [phone.new_page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto("/home")
    people.until(tabs[0], lambda: held)
    tabs[0].wait_for_timeout(HELD_MS)
    served = 0
    while served == 0 or held:
        assert len(held) == 1
        held.pop().continue_()
        served += 1
        tabs[0].wait_for_timeout(HELD_MS)
    phone.unroute("**/v1/sessions/refresh")
    for late in held:
        late.continue_()
    for tab in tabs:
        expect(wallet.balance(tab)).to_contain_text("Rp\u00a0")
    assert served <= TABS


def test_a_refused_token_is_renewed_once_for_all_tabs(phone: BrowserContext) -> None:
    """The server refuses what every tab holds: one renewal serves them all, and nobody notices."""
    tabs = [phone.new_page() for _ in range(TABS)]
    for tab in tabs:
        tab.goto("/home")
        expect(wallet.balance(tab)).to_contain_text("Rp\u00a0")
    renewals = Renewals(phone)
    held: set[str] = set()

    def refuse(route: Route) -> None:
        token = route.request.headers["authorization"]
        if not renewals.spans:
            held.add(token)
        if token not in held:
            return route.continue_()
        return route.fulfill(status=401, body='{"type": "/problems/unauthenticated", "status": 401}')

    phone.route("**/v1/wallet", refuse)
    people.until(tabs[0], lambda: renewals.spans)
    tabs[0].wait_for_timeout(5_000)
    assert len(renewals.spans) <= 2, renewals.spans
    assert renewals.overlaps() == []
    for tab in tabs:
        expect(wallet.balance(tab)).to_contain_text("Rp\u00a0")
        assert tab.url.endswith("/home")
