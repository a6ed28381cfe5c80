"""Money never lies: whatever is lost on the way, the screen ends in the truth, and nothing is paid twice."""

import re
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.e2e import wallet
from tools.demo import Person

pytestmark = pytest.mark.e2e

HELD = 500_000


@pytest.fixture
def people(running):
    """Somebody with money, and somebody to pay; their passwords stand beside them."""
    payer, payee = Person(running.url, "Dewi Lestari"), Person(running.url, "Budi Santoso")
    password = payer.register()
    payee.register()
    payment = payer.ask(
        "POST", "/v1/topups", 201, json={"amount": HELD}, headers={"Idempotency-Key": str(uuid4())}
    )  # fmt: skip
    path = "/v1/pay/" + payment["pay_url"].rsplit("/", 1)[-1]
    requests.post(running.url + path, json={"decision": "approve"}, timeout=10).raise_for_status()
    return payer, payee, password


def sign_in(page, username, password):
    """Sign in through the form."""
    page.goto("/login")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")


@pytest.fixture
def page(running, browser, people):
    """The payer's phone, signed in."""
    with wallet.device(browser, running.url) as context:
        page = context.new_page()
        sign_in(page, people[0].username, people[2])
        yield page


def test_a_lost_answer_is_asked_for_again_and_ends_in_the_truth(running, page, people):
    """The transfer happens and its answer is lost; the page asks under the same id and shows the receipt."""
    payer, payee, _ = people
    requests.post(f"{running.url}/__dev/api/switches", json={"drop_answers": 1}, timeout=5).raise_for_status()
    wallet.to_review(page, payee.account_number, 20_000)
    wallet.confirm(page)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
    assert (payer.balance(), payee.balance()) == (HELD - 20_000, 20_000)


def test_a_reload_while_the_answer_is_away_still_ends_in_the_truth(page, people):
    """The tab is reloaded before the answer came; it remembers what it sent."""
    payer, payee, _ = people

    def lose_what_could_pay(route):
        return route.abort() if "x-pin-proof" in route.request.headers else route.continue_()

    page.route("**/v1/transfers", lose_what_could_pay)
    wallet.to_review(page, payee.account_number, 15_000)
    wallet.confirm(page)
    expect(page.get_by_role("heading", name="Being processed")).to_be_visible()
    page.reload()
    # The proof died with the tab, and the first request could still arrive: nobody says "not sent" yet.
    expect(page.get_by_role("heading", name="Being processed")).to_be_visible(timeout=30_000)
    page.unroute("**/v1/transfers")
    page.get_by_role("link", name="Enter the PIN again").click()
    wallet.confirm(page)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=30_000)
    assert (payer.balance(), payee.balance()) == (HELD - 15_000, 15_000)


def test_tapping_twice_and_going_back_sends_once(page, people):
    """A nervous thumb moves the money once."""
    payer, payee, _ = people
    sent = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.headers.get("idempotency-key")) if request.url.endswith("/v1/transfers") else None
        ),
    )
    wallet.to_review(page, payee.account_number, 10_000)
    page.get_by_role("button", name=re.compile("^Pay ")).dblclick()
    page.get_by_label("PIN, 6 digits").fill("")  # the second tap may have met a key
    wallet.type_pin(page, wallet.PIN + wallet.PIN)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
    page.go_back()
    page.go_forward()
    page.wait_for_timeout(1_000)
    assert len(set(sent)) == 1
    assert (payer.balance(), payee.balance()) == (HELD - 10_000, 10_000)


def test_a_sheet_that_is_closed_while_the_pin_is_checked_pays_nothing(page, people):
    """Whoever closes it has changed their mind: the proof that comes too late is not used."""
    payer, payee, _ = people
    held = []

    def hold(route):
        held.append(route)

    page.route("**/v1/pin/proofs", hold)
    wallet.to_review(page, payee.account_number, 10_000)
    wallet.confirm(page)
    expect(page.get_by_label("Checking")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Checking")).to_be_hidden()
    held[0].fulfill(response=held[0].fetch())
    page.wait_for_timeout(1_000)
    expect(page).to_have_url(re.compile("/send/review"))
    assert (payer.balance(), payee.balance()) == (HELD, 0)


@pytest.mark.parametrize(
    "answer", [{"status": 200, "body": "<!doctype html>"}, {"status": 403, "body": "<!doctype html>"}]
)
def test_a_portals_page_instead_of_the_answer_is_no_answer(page, people, answer):
    """The money moved and a portal answered for us: the page asks again, and never says that nothing happened."""
    payer, payee, _ = people
    answers = []

    def portal(route):
        if answers:
            return route.continue_()
        answers.append(route.fetch().status)
        return route.fulfill(content_type="text/html", **answer)

    page.route("**/v1/transfers", portal)
    wallet.to_review(page, payee.account_number, 12_000)
    wallet.confirm(page)
    expect(page.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
    assert answers == [201]
    assert (payer.balance(), payee.balance()) == (HELD - 12_000, 12_000)


def test_a_locked_pin_is_seen_on_both_devices_with_its_countdown(running, browser, page, people):
    """Five wrong PINs lock it; the other device learns of it with its first try, and nothing has moved."""
    payer, payee, password = people
    wallet.to_review(page, payee.account_number, 10_000)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    for left in ("4", "3", "2", "One"):
        wallet.type_pin(page, "739154")
        expect(page.get_by_text(re.compile(rf"{left} attempts? left"))).to_be_visible()
    wallet.type_pin(page, "739154")
    expect(page.get_by_text("0 attempts left").or_(page.get_by_text("Your PIN is locked"))).to_be_visible()
    if not page.get_by_text("Your PIN is locked").is_visible():
        wallet.type_pin(page, wallet.PIN)  # the right one comes too late
    expect(page.get_by_text("Your PIN is locked")).to_be_visible()
    expect(page.get_by_text(re.compile(r"14:\d\d|15:00")).first).to_be_visible()
    with wallet.device(browser, running.url) as second:
        other = second.new_page()
        sign_in(other, payer.username, password)
        wallet.to_review(other, payee.account_number, 10_000)
        wallet.confirm(other)
        expect(other.get_by_role("alert").filter(has_text="Your PIN is locked")).to_be_visible()
    assert payer.balance() == HELD


def test_a_session_that_is_revoked_elsewhere_ends_on_the_screen(page, people):
    """Signed out from another device: the app says so and shows the sign-in, not an error."""
    payer, _, _ = people
    sessions = payer.ask("GET", "/v1/sessions", 200)["items"]
    for session in sessions:
        if not session["current"]:
            payer.http.delete(f"{payer.base_url}/v1/sessions/{session['id']}", timeout=10).raise_for_status()
    page.reload()
    page.wait_for_url(re.compile("/login"), timeout=wallet.SETTLED_MS)


def test_offline_disables_sending_and_says_why(page, people):
    """No button that cannot keep its word."""
    _, payee, _ = people
    wallet.to_review(page, payee.account_number, 10_000)
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline. Sending waits")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_disabled()
    page.context.set_offline(False)
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_enabled()
