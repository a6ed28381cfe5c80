"""Every screen of the app, with something to show on each; for the tests and for `make screens`."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.people import Language, send, settle, token_of, top_up, until
from tests.running import ROOT
from tools.demo import Person

Theme = Literal["light", "dark"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (320, 360, 390, 768, 1280)
SIZES = {390: 844, 1280: 800}
NOTICES_SECONDS = 60
AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# WCAG 2.2, levels A and AA.
# What passes is counted and not described: only what fails is looked at more closely, and read here.
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class World(NamedTuple):
    """Somebody with a history, a payment that waits for its payer, and where they are served."""

    base_url: str
    person: Person
    password: str
    paths: dict[str, str]


def make_world(base_url: str) -> World:
    """Register three people, top one up, send both ways, and leave one top-up waiting."""
    dewi, budi, siti = (Person(base_url, name) for name in ("Dewi Lestari", "Budi Santoso", "Siti Nurhaliza Rahmawati"))
    password = dewi.register()
    budi.register()
    siti.register()
    settle(dewi, top_up(dewi, 1_250_000))
    transfer_id = send(dewi, budi, 75_000, "Makan siang")
    send(dewi, budi, 40_000, "Bensin")
    send(budi, dewi, 15_000, "Kembalian")
    send(dewi, siti, 125_500, "Iuran arisan bulan November, termasuk konsumsi")
    waiting = top_up(dewi, 200_000)
    review = f"/send/review?to={budi.account_number}&amount=25000&note=Kopi"
    paths = {
        "home": "/home",
        "send": "/send",
        "send-amount": f"/send?to={budi.account_number}",
        "send-review": review,
        "receipt": f"/tx/{transfer_id}",
        "topup": "/topup",
        "topup-code": f"/topup/{waiting['id']}",
        "activity": "/activity",
        "activity-empty": "/activity?q=tidak-ada-yang-cocok",
        "insights": "/insights",
        "inbox": "/inbox",
        "account": "/account",
        "sessions": "/account/sessions",
        "notifications": "/account/notifications",
        "statements": "/statements",
        "receive": "/receive",
        "receive-amount": "/receive?amount=50000",
        "scan": "/scan",
        "missing": f"/tx/{uuid4()}",
        "pay": "/pay/" + token_of(waiting),
        "pay-forged": "/pay/forged",
        "docs": "/docs",
    }
    return World(base_url, dewi, password, paths)


def make_newcomer(base_url: str) -> World:
    """Somebody who has just registered and has nothing to show."""
    person = Person(base_url, "Agus Wijaya")
    password = person.register()
    names = ("home", "send", "activity", "insights", "inbox", "topup", "statements")
    return World(base_url, person, password, {f"{name}-new": f"/{name}" for name in names})


def wait_for_notices(world: World) -> None:
    """Wait until the inbox holds what has happened."""
    deadline = time.monotonic() + NOTICES_SECONDS
    while not world.person.ask("GET", "/v1/notifications", 200)["items"]:
        assert time.monotonic() < deadline, "the inbox stays empty"
        time.sleep(0.5)


SIGNED_OUT = {"login": "/login", "register": "/register"}


@contextmanager
def opened(browser: Browser, world: World, language: Language, *, signed_in: bool = True) -> Iterator[BrowserContext]:
    """A browser of its own that speaks `language`, signed in without the form."""
    context = browser.new_context(
        base_url=world.base_url,
        locale="id-ID" if language == "id" else "en-GB",
        timezone_id="Asia/Jakarta",
        # Without motion a screen is at rest at once, and what is measured is what stays.
        reduced_motion="reduce",
    )
    marks = f"localStorage.setItem('ewl.locale', '{language}');"
    if signed_in:
        answer = context.request.post(
            "/v1/sessions",
            data={"username": world.person.username, "password": world.password},
            headers={"Origin": world.base_url},
        )
        assert answer.status == 201, answer.text()
        marks += "localStorage.setItem('ewl.session', '1');"
    context.add_init_script(marks)
    try:
        yield context
    finally:
        context.close()


def show(page: Page, path: str, *, idle: bool = True) -> None:
    """Open a screen and wait until it has loaded what it shows; one that never stops asking is not `idle`."""
    page.goto(path)
    page.locator("main, [role=main], h1").first.wait_for()
    page.wait_for_load_state("networkidle" if idle else "load")
    until(page, "!document.querySelector('[aria-busy=true]')", seconds=15)


def resize(page: Page, width: int, theme: Theme) -> None:
    """Put the page on a screen of this width and theme."""
    page.set_viewport_size({"width": width, "height": SIZES.get(width, 844)})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA; the context has AXE as its init script."""
    # Two frames, so that the new theme and width have been laid out and painted.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = page.evaluate(f"axe.run({json.dumps(RULES)}).then(result => result.violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
