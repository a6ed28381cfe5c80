"""The states that a screen can be in besides its usual one: waiting, empty, failed, refused, locked, offline."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from playwright.sync_api import Page, Route

from tests.e2e import codes
from tests.e2e.screens import World
from tools.demo import PIN

QUIET_MS = 400
# Without a session there would be nothing to wait for.
NOT_SESSIONS = re.compile(r"/v1/(?!sessions/refresh)")
FOREIGN = codes.qris("WARUNG BU TINI", "BANDUNG", 25_000)


class State(NamedTuple):
    """Where it stands, what is arranged before the page opens, and what is done on it."""

    path: str
    arrange: Callable[[Page], None] = lambda page: None
    act: Callable[[Page], None] = lambda page: None


def states(world: World) -> dict[str, State]:
    """The states of the screens of `world`, by name."""
    return waiting(world) | failed(world) | sending(world) | ends(world) | smaller(world)


def open_state(page: Page, state: State) -> None:
    """Open a screen and bring it into its state."""
    page.unroute_all(behavior="ignoreErrors")
    state.arrange(page)
    page.goto(state.path)
    page.locator("h1").first.wait_for(state="attached")
    page.wait_for_timeout(QUIET_MS)
    state.act(page)
    page.wait_for_timeout(QUIET_MS)


def leave_state(page: Page) -> None:
    """Undo what a state has arranged."""
    page.context.set_offline(False)
    page.unroute_all(behavior="ignoreErrors")
    page.evaluate(
        "['hide-balance', 'outgoing', 'topup', 'last-wallet'].forEach(name => localStorage.removeItem('ewl.' + name))"
    )


def waiting(world: World) -> dict[str, State]:
    """Nothing has answered yet."""
    names = (
        "home",
        "activity",
        "insights",
        "inbox",
        "sessions",
        "notifications",
        "statements",
        "topup-code",
        "receive",
    )
    return {f"{name}-loading": State(world.paths[name], _stall) for name in names}


def failed(world: World) -> dict[str, State]:
    """Something is away, or the device is."""
    broken = partial(_answer, pattern="**/v1/wallet/entries**", status=503, body=_problem("unavailable"))
    no_sums = partial(_answer, pattern="**/v1/analytics/**", status=503, body=_problem("unavailable"))
    return {
        "home-error": State("/home", broken, _see_the_fault),
        "activity-error": State("/activity", broken, _see_the_fault),
        "insights-error": State("/insights", no_sums, _see_the_fault),
        "home-offline": State("/home", act=_go_offline),
        "send-offline": State(world.paths["send-amount"], act=_go_offline),
        "topup-offline": State("/topup", act=_go_offline),
        "home-frozen": State("/home", partial(_change, pattern="**/v1/wallet", members={"status": "frozen"})),
        "home-millions": State("/home", partial(_change, pattern="**/v1/wallet", members={"balance": 20_000_000})),
        "home-hidden": State("/home", act=lambda page: page.locator("button[aria-pressed]").first.click()),
    }


def _see_the_fault(page: Page) -> None:
    """The app tries again before it says so."""
    page.locator("main [role=alert]").filter(has_text=re.compile(r"\w")).first.wait_for()


def sending(world: World) -> dict[str, State]:
    """A transfer before and after its PIN."""
    review, amount = world.paths["send-review"], world.paths["send-amount"]
    until = (datetime.now(UTC) + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
    wrong = _problem("pin-incorrect", 403, attempts_left=3)
    locked = _problem("pin-incorrect", 403, attempts_left=0, locked_until=until)
    short = _problem("insufficient-funds", 422, balance=1_000, short_by_amount=24_000)
    proofs = "**/v1/pin/proofs"
    return {
        "send-over-balance": State(amount, act=lambda page: page.locator("form input").first.fill("19000000")),
        "send-pin": State(review, act=_ask_pin),
        "send-pin-wrong": State(review, partial(_answer, pattern=proofs, status=403, body=wrong), _pay),
        "send-pin-locked": State(review, partial(_answer, pattern=proofs, status=403, body=locked), _pay),
        "send-pin-away": State(review, partial(_cut, pattern=proofs), _pay),
        "transfer-unknown": State(review, partial(_cut, pattern="**/v1/transfers"), _pay),
        "transfer-refused": State(review, partial(_answer, pattern="**/v1/transfers", status=422, body=short), _pay),
    }


def ends(world: World) -> dict[str, State]:
    """How a top-up ended, for its owner and for its payer."""
    reasons = {"superseded": "cancelled", "cancelled": "", "expired": "", "declined": "", "review": "", "settled": ""}
    mine = {
        f"topup-{reason}": State(
            world.paths["topup-code"],
            partial(_change, pattern="**/v1/topups/*", members={"status": status or reason, "reason": reason}),
        )
        for reason, status in reasons.items()
    }
    theirs = {
        f"pay-{status}": State(world.paths["pay"], partial(_change, pattern="**/v1/pay/*", members={"status": status}))
        for status in ("settled", "declined", "expired", "cancelled")
    }
    return mine | theirs


def smaller(world: World) -> dict[str, State]:
    """Sheets, offers and notes."""
    return {
        "topup-too-much": State("/topup", act=lambda page: page.locator("form input").first.fill("15000000")),
        "account-password": State("/account", act=lambda page: page.locator("section button").nth(1).click()),
        "account-pin": State("/account", act=lambda page: page.locator("section button").nth(2).click()),
        "home-install": State("/home", act=_offer_install),
        "activity-dates": State("/activity", act=lambda page: page.locator("button[aria-pressed]").last.click()),
        "scan-foreign": State("/scan", act=_paste_foreign),
        "receive-asking": State("/receive", act=lambda page: page.locator("main button").nth(1).click()),
        "insights-table": State("/insights", act=lambda page: page.locator("summary").first.click()),
    }


def _problem(slug: str, status: int = 503, **members: object) -> dict[str, object]:
    return {"type": f"/problems/{slug}", "title": slug, "status": status, "detail": "", "instance": "", **members}


def _stall(page: Page) -> None:
    page.route(NOT_SESSIONS, lambda route: None)


def _cut(page: Page, pattern: str) -> None:
    page.route(pattern, lambda route: route.abort())


def _answer(page: Page, pattern: str, status: int, body: dict[str, object]) -> None:
    page.route(
        pattern,
        lambda route: route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(body)),
    )


def _change(page: Page, pattern: str, members: dict[str, object]) -> None:
    def answer(route: Route) -> None:
        # Without the tag that the page holds: an unchanged one would have no body to change.
        headers = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        response = route.fetch(headers=headers)
        route.fulfill(response=response, json=response.json() | members)

    page.route(pattern, answer)


def _go_offline(page: Page) -> None:
    page.context.set_offline(True)


def _ask_pin(page: Page) -> None:
    page.locator("main button").last.click()
    page.locator("dialog[open] input").wait_for()


def _pay(page: Page) -> None:
    _ask_pin(page)
    page.wait_for_timeout(QUIET_MS)  # a sheet is deaf to the second tap of a double tap
    page.keyboard.type(PIN)
    page.wait_for_timeout(2 * QUIET_MS)


def _offer_install(page: Page) -> None:
    page.evaluate(
        "dispatchEvent(Object.assign(new Event('beforeinstallprompt'), {prompt: () => Promise.resolve({outcome: 'accepted'})}))"
    )


def _paste_foreign(page: Page) -> None:
    page.locator("main button").last.click()
    page.locator("dialog[open] input").fill(FOREIGN)
    page.locator("dialog[open] button[type=submit]").click()
