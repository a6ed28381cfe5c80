"""People for the tests: registered and paid over HTTP, and signed in on a device without the form."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tools.demo import PIN, Mismatch, Person

Language = Literal["id", "en"]
TOP_UP_MAX = 10_000_000
# A button that is not there after this long will not come.
ACTION_MS = 20_000
DEAF_MS = 400


class Member(NamedTuple):
    """Somebody with a wallet, and the password that opens it."""

    person: Person
    password: str

    @property
    def number(self) -> str:
        """The account number."""
        return self.person.account_number


def join(base_url: str, full_name: str, balance: int = 0) -> Member:
    """Register somebody and top their wallet up to `balance`."""
    person = Person(base_url, full_name)
    member = Member(person, person.register())
    while balance > 0:
        settle(person, top_up(person, min(balance, TOP_UP_MAX)))
        balance -= TOP_UP_MAX
    return member


def top_up(person: Person, amount: int) -> dict[str, Any]:
    """Ask for a top-up; the answer holds what its payer opens."""
    key = {"Idempotency-Key": str(uuid4())}
    created: dict[str, Any] = person.ask("POST", "/v1/topups", 201, json={"amount": amount}, headers=key)
    return created


def token_of(payment: dict[str, Any]) -> str:
    """The last part of the address that the payer opens."""
    return str(payment["pay_url"]).rsplit("/", 1)[-1]


def settle(person: Person, payment: dict[str, Any], decision: str = "approve") -> None:
    """Decide as the payer, and see the owner's wallet follow."""
    person.ask("POST", f"/v1/pay/{token_of(payment)}", 200, json={"decision": decision})
    person.ask("GET", f"/v1/topups/{payment['id']}", 200)


def send(sender: Person, payee: Person, amount: int, note: str = "", pin: str = PIN) -> str:
    """Pay somebody; returns the transfer's id."""
    key = str(uuid4())
    order = {"to_account": payee.account_number, "amount": amount}
    operation = {"type": "transfer", "id": key, **order}
    proof = sender.ask("POST", "/v1/pin/proofs", 201, json={"pin": pin, "operation": operation})["proof"]
    headers = {"Idempotency-Key": key, "X-Pin-Proof": proof}
    sender.ask("POST", "/v1/transfers", 201, json=order | {"note": note}, headers=headers)
    return key


def insights(person: Person) -> dict[str, int]:
    """The sums of the warehouse; none where it answers too late, and has to be asked again."""
    try:
        return dict(person.ask("GET", "/v1/analytics/summary", 200)["totals"])
    except Mismatch:
        return {}


@contextmanager
def device(browser: Browser, member: Member, language: Language = "en", **options: Any) -> Iterator[BrowserContext]:
    """A browser with a profile of its own in which `member` is signed in."""
    base_url = member.person.base_url
    context = browser.new_context(
        base_url=base_url, locale="id-ID" if language == "id" else "en-GB", timezone_id="Asia/Jakarta",
        **({"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"} | options),
    )  # fmt: skip
    context.set_default_timeout(ACTION_MS)
    enter(context, member)
    # Once, and not as an init script: what a test then changes or clears must stay so.
    page = context.new_page()
    page.goto("/icon.svg")
    page.evaluate(f"localStorage.setItem('ewl.locale', '{language}'); localStorage.setItem('ewl.session', '1')")
    page.close()
    try:
        yield context
    finally:
        context.close()


def enter(context: BrowserContext, member: Member) -> None:
    """Put the cookie of a new session of `member` into the browser."""
    credentials = {"username": member.person.username, "password": member.password}
    origin = {"Origin": member.person.base_url}
    answer = context.request.post("/v1/sessions", data=credentials, headers=origin)
    assert answer.status == 201, answer.text()


def watch_requests(page: Page, path: str) -> list[str]:
    """Collect `METHOD path` of each request to `path` (a regular expression) from now on."""
    seen: list[str] = []
    page.on(
        "request",
        lambda request: (
            seen.append(f"{request.method} {request.url}") if re.search(path, request.url.split("?")[0]) else None
        ),
    )
    return seen


def rupiah(text: str) -> int:
    """The first amount in `text`, with its sign: `−Rp 1,250` and `−Rp 1.250` are −1250."""
    found = re.search(r"([\u2212+]?)Rp\u00a0([\d.,]+)", text)
    assert found is not None, f"no amount in {text!r}"
    amount = int(re.sub(r"\D", "", found[2]))
    return -amount if found[1] == "\u2212" else amount


def until(page: Page, holds: str | Callable[[], object], seconds: float = 15) -> None:
    """Wait until what a test, or a script's expression, says is true, and meanwhile hear what the page does.

    The page's own policy forbids Playwright to poll for an expression.
    """
    ends = time.monotonic() + seconds
    while not (page.evaluate(holds) if isinstance(holds, str) else holds()):
        assert time.monotonic() < ends, f"never true: {holds}"
        page.wait_for_timeout(50)


def open_sheet(page: Page, button: str) -> None:
    """Open a sheet, and wait until it hears: for a moment it takes no tap, which may be the second of two."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(DEAF_MS)


def stored(page: Page) -> dict[str, str]:
    """Everything that a script of the app could read back: storage, cookies, databases and caches."""
    texts: dict[str, str] = page.evaluate(
        """async () => ({
            ...Object.fromEntries(Object.entries(localStorage).map(([key, text]) => [`local ${key}`, text])),
            ...Object.fromEntries(Object.entries(sessionStorage).map(([key, text]) => [`session ${key}`, text])),
            cookies: document.cookie,
            databases: JSON.stringify(await indexedDB.databases()),
            caches: JSON.stringify(await Promise.all((await caches.keys()).map(async name =>
                (await (await caches.open(name)).keys()).map(request => request.url)))),
            address: JSON.stringify([location.href, history.state]),
        })"""
    )
    return texts
