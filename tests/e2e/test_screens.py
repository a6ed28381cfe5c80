"""Every screen, in both languages and themes, on every width: readable by all, in one language, quiet, and at home."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.e2e import screens, words
from tests.e2e.screens import Language, World
from tests.running import Run

# What the browser writes to its console by itself: that a refused name check or a forged code is answered with 4xx,
# and on a busy machine that a screen draws its first letter long after their font came.
EXPECTED = ("the server responded with a status of 4", "was preloaded using link preload but not used")


class Watcher:
    """What a page does that nobody asked for."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.origin = urlsplit(base_url).netloc
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in EXPECTED):
            self.errors.append(message.text)

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.origin:
            self.strangers.append(request.url)


@pytest.fixture(scope="module")
def world(running: Run) -> World:
    """Somebody with something on every screen."""
    return screens.make_world(running.url)


@pytest.fixture(scope="module", params=screens.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Indonesian, then English."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def signed_in(browser: Browser, world: World, language: Language) -> Iterator[Page]:
    """A page of somebody who is signed in."""
    with screens.opened(browser, world, language) as context:
        context.add_init_script(screens.AXE)
        yield context.new_page()


@pytest.fixture(scope="module")
def signed_out(browser: Browser, world: World, language: Language) -> Iterator[Page]:
    """A page of a stranger."""
    with screens.opened(browser, world, language, signed_in=False) as context:
        context.add_init_script(screens.AXE)
        yield context.new_page()


NAMES = ("home", "send", "send-amount", "send-review", "receipt", "topup", "topup-code", "activity", "activity-empty")
NAMES += (
    "insights",
    "inbox",
    "account",
    "sessions",
    "notifications",
    "statements",
    "receive",
    "receive-amount",
    "scan",
    "missing",
)
NAMES += ("pay", "pay-forged", "docs")


def test_no_screen_is_left_out(world: World) -> None:
    """The list of this file and the list of screens are the same."""
    assert set(NAMES) == set(world.paths)


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_serves_everybody(name: str, signed_in: Page, world: World, language: Language) -> None:
    """No WCAG violation, no word of the other language, no sideways scrolling, no console error, no stranger asked."""
    _check(signed_in, world.base_url, world.paths[name], language)


@pytest.mark.parametrize("name", screens.SIGNED_OUT)
def test_a_screen_before_signing_in_serves_everybody(
    name: str, signed_out: Page, world: World, language: Language
) -> None:
    """The doors of the house keep the same rules."""
    _check(signed_out, world.base_url, screens.SIGNED_OUT[name], language)


def _check(page: Page, base_url: str, path: str, language: Language) -> None:
    watcher = Watcher(page, base_url)
    screens.show(page, path)
    assert page.evaluate("document.documentElement.lang") == language
    words.check(page)
    for width in screens.WIDTHS:
        screens.resize(page, width, "light")
        scroll = page.evaluate("document.documentElement.scrollWidth")
        assert scroll <= width, f"{path} is {scroll} px wide on a screen of {width} px"
    for width in screens.SIZES:
        for theme in screens.THEMES:
            screens.resize(page, width, theme)
            found = screens.violations(page)
            assert not found, f"{path} at {width} px, {theme}: {found}"
    assert not watcher.errors
    assert not watcher.strangers
