"""One language at a time, on sheets and at the doors as test_screens has it of every screen; language and theme are kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import people, screens, words
from tests.e2e.people import Language
from tests.e2e.screens import World
from tests.running import Run

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def world(running: Run) -> World:
    """Somebody with something on every screen."""
    return screens.make_world(running.url)


@pytest.fixture(scope="module", params=screens.LANGUAGES)
def device(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[BrowserContext]:
    """A phone of somebody who is signed in and speaks one of the languages."""
    with screens.opened(browser, world, request.param) as context:
        yield context


def test_no_sheet_has_a_word_of_the_other_language(device: BrowserContext, world: World) -> None:
    """What opens over a screen, and what a refusal says."""
    page = device.new_page()
    screens.show(page, "/home")
    said = words.catalogue(page.evaluate("document.documentElement.lang"))
    sheets = {
        "/account": ("Change name", "Change password", "Change or reset PIN", "Close my account"),
        "/activity": ("Dates",),
        "/scan": ("Paste",),
        "/receive": ("Ask for an amount",),
    }
    for path, buttons in sheets.items():
        for button in buttons:
            screens.show(page, path)
            people.open_sheet(page, said[button])
            words.check(page)
    for typed in ("0,5", "0", "99999999"):
        screens.show(page, world.paths["send-amount"])
        page.get_by_label(said["Amount"]).press_sequentially(typed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()
        words.check(page)
    screens.show(page, world.paths["send-review"])
    page.locator("main button").last.click()
    page.get_by_label(said["PIN, 6 digits"]).press_sequentially("739154")
    expect(page.locator("#pin-message")).to_contain_text("PIN")
    words.check(page)


@pytest.mark.parametrize("language", screens.LANGUAGES)
def test_no_door_has_a_word_of_the_other_language(browser: Browser, world: World, language: Language) -> None:
    """Before signing in, and when that fails."""
    said = words.catalogue(language)
    with screens.opened(browser, world, language, signed_in=False) as context:
        page = context.new_page()
        screens.show(page, "/no-such-page")
        words.check(page)
        screens.show(page, "/login")
        page.get_by_label(said["Username"]).fill("nobody.at.all")
        page.get_by_label(said["Password"], exact=True).fill("wrong password")
        page.get_by_role("button", name=said["Sign in"]).click()
        expect(page.get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()
        words.check(page)


def test_language_and_theme_are_kept_through_signing_in_and_out(browser: Browser, world: World) -> None:
    """Chosen at the door, kept inside; changed inside, kept at the door; both survive a reload."""
    options = {"base_url": world.base_url, "locale": "id-ID", "color_scheme": "light", "reduced_motion": "reduce"}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto("/login")
        expect_look(page, "id", "light")
        page.get_by_text("English", exact=True).click()
        page.get_by_text("Dark", exact=True).click()
        expect_look(page, "en", "dark")
        page.get_by_label("Username").fill(world.person.username)
        page.get_by_label("Password", exact=True).fill(world.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/home")
        expect_look(page, "en", "dark")
        page.goto("/account")
        expect_look(page, "en", "dark")
        page.get_by_text("Indonesia", exact=True).click()
        expect(page.get_by_role("heading", name="Akun", exact=True)).to_be_visible()
        page.get_by_text("Terang", exact=True).click()
        page.reload()
        expect_look(page, "id", "light")
        page.get_by_role("button", name="Keluar", exact=True).click()
        page.wait_for_url("**/login")
        expect_look(page, "id", "light")
        page.reload()
        expect_look(page, "id", "light")


def expect_look(page: Page, language: Language, theme: str) -> None:
    """The page speaks `language` and wears `theme`."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_the_theme_follows_the_system_until_one_is_chosen(browser: Browser, world: World) -> None:
    """By day light, by night dark, without a reload."""
    with people_at_the_door(browser, world) as context:
        page = context.new_page()
        page.goto("/login")
        expect_look(page, "en", "light")
        page.emulate_media(color_scheme="dark")
        expect_look(page, "en", "dark")


def people_at_the_door(browser: Browser, world: World) -> BrowserContext:
    """A browser that nobody has used."""
    return browser.new_context(base_url=world.base_url, locale="en-GB", color_scheme="light")
