"""Without a connection: the app opens, the balance says when it was true, and nothing pretends to be the bank."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, BrowserContext, Page, expect

from emulators.gateway import site
from tests.e2e import people, wallet
from tests.e2e.people import Member
from tests.running import ROOT, Run
from tests.serving import served

pytestmark = pytest.mark.e2e

HELD = 64_000
VERSION = re.compile(r"(VERSION\s*=\s*)[\"'`][0-9a-f]{12}[\"'`]")


@pytest.fixture(scope="module")
def member(running: Run) -> Member:
    """Who is on a train."""
    return people.join(running.url, "Dewi Lestari", HELD)


@pytest.fixture
def phone(browser: Browser, member: Member) -> Iterator[BrowserContext]:
    """A phone on which the app is installed."""
    with people.device(browser, member) as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """The home screen, with the worker in charge of it."""
    page = open_installed(phone)
    expect(wallet.balance(page)).to_have_text("Rp\u00a064,000")
    return page


def open_installed(phone: BrowserContext) -> Page:
    """Open home and wait until the worker has every file of its list and takes charge."""
    page = phone.new_page()
    page.goto("/home")
    people.until(page, "navigator.serviceWorker.controller !== null", seconds=30)
    return page


def open_offline(page: Page, path: str) -> None:
    """Load a screen without a connection; a navigation makes Chromium forget what it told the page of it."""
    page.context.set_offline(True)
    page.goto(path)
    page.context.set_offline(False)
    page.context.set_offline(True)


def test_the_worker_finds_every_file_of_its_list_and_takes_charge(phone: BrowserContext) -> None:
    """One missing file would install nothing, and the app would never open offline."""
    open_installed(phone)


def test_the_app_opens_offline_with_the_last_balance_and_its_time(phone: BrowserContext, page: Page) -> None:
    """It says that it is offline, and since when the balance may be old; and comes back by itself."""
    for path in ("/home", "/"):
        open_offline(page, path)
        expect(wallet.balance(page)).to_have_text("Rp\u00a064,000")
        expect(page.get_by_text("You are offline.").first).to_be_visible()
        expect(page.get_by_text(re.compile(r"As of .*\d\d:\d\d WIB"))).to_be_visible(timeout=25_000)
    phone.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)
    expect(page.get_by_text(re.compile("As of "))).to_have_count(0)
    expect(page.get_by_text("+Rp\u00a064,000")).to_be_visible()


def test_every_screen_opens_offline_and_says_why_it_is_empty(page: Page) -> None:
    """No screen stays blank or waits for ever, though it was never opened before."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("/send", "/topup", "/activity", "/insights", "/inbox", "/account", "/statements", "/receive"):
        open_offline(page, path)
        expect(page.get_by_text("You are offline.").first).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_attached()
    assert complaints == []


def test_sending_and_topping_up_wait_for_the_connection(phone: BrowserContext, page: Page) -> None:
    """The buttons say why they are off."""
    page.goto("/topup")
    wallet.type_amount(page, 50_000)
    phone.set_offline(True)
    expect(page.get_by_text("Topping up waits until you are back.")).to_be_visible()
    expect(page.get_by_role("button", name="Show the code")).to_be_disabled()
    phone.set_offline(False)
    expect(page.get_by_role("button", name="Show the code")).to_be_enabled()


def test_the_worker_serves_files_and_never_the_api(phone: BrowserContext, page: Page) -> None:
    """No answer of the API comes from it, none is kept by it, and offline it makes none up."""
    from_worker: dict[str, set[bool]] = {}

    def note(answer: object) -> None:
        kind = "api" if "/v1/" in answer.url else "files"  # type: ignore[attr-defined]
        from_worker.setdefault(kind, set()).add(answer.from_service_worker)  # type: ignore[attr-defined]

    page.on("response", note)
    for path in ("/home", "/activity", "/account"):
        page.goto(path)
        expect(page.get_by_text("64,000").first).to_be_visible()
    assert from_worker["api"] == {False}
    assert True in from_worker["files"]
    kept = people.stored(page)["caches"]
    assert "/assets/" in kept
    assert "/v1/" not in kept
    phone.set_offline(True)
    answer = page.evaluate("fetch('/v1/wallet').then(answer => answer.status, () => 'no connection')")
    assert answer == "no connection"


def test_a_new_version_is_offered_and_taken_when_the_person_wants(browser: Browser, tmp_path: Path) -> None:
    """Nothing changes under a hand that types; a tap on the offer loads the new one."""
    folder = shutil.copytree(ROOT / "web" / "dist", tmp_path / "dist")
    with served(alone(folder)) as url, browser.new_context(base_url=url, locale="en-GB") as context:
        page = context.new_page()
        page.goto("/login")
        people.until(page, "navigator.serviceWorker.controller !== null", seconds=30)
        page.get_by_label("Username").fill("dewi")
        release(folder)
        page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => null)")
        expect(page.get_by_text("A new version is ready.")).to_be_visible()
        expect(page.get_by_label("Username")).to_have_value("dewi")
        with page.expect_navigation():
            page.get_by_role("button", name="Reload").click()
        expect(page.get_by_label("Username")).to_be_visible()
        expect(page.get_by_text("A new version is ready.")).to_have_count(0)
        assert page.evaluate("caches.keys()") == ["shell-next"]


def alone(folder: Path) -> web.Application:
    """The built app without anything behind it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.load(folder, ROOT / "web" / "site.json").answer)
    return app


def release(folder: Path) -> None:
    """Put the next version into the folder: its worker differs, as it does after every change of the app."""
    worker = folder / "sw.js"
    text, count = VERSION.subn(r"\1'next'", worker.read_text(encoding="utf-8"))
    assert count == 1
    worker.write_text(text, encoding="utf-8")
    for compressed in folder.glob("sw.js.*"):
        compressed.unlink()
