"""screens — a picture of every screen and of its other states, in both themes, at 390 and 1280 px (`make screens`).

What axe finds against WCAG 2.2 AA in a picture is said beside its name; the exit code is 1 then.

python -m tools.screens [folder] [part of a name]      web/screens and every screen unless they are named

The states are pictured in one language each, turn about: their words are read by the tests.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e import screens, states
from tests.e2e.browsers import launch
from tests.e2e.screens import Language, World
from tools.running import running_system

DEVELOPERS = {"console": "/__dev"}
SETTLE_MS = 50
FOUND: list[str] = []


def main(arguments: list[str]) -> int:
    """Write the pictures of the running system (started where it is not) and say where they are."""
    folder = Path(arguments[0] if arguments else "web/screens")
    wanted = arguments[1] if len(arguments) > 1 else ""
    folder.mkdir(parents=True, exist_ok=True)
    with running_system() as base_url, sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        world, newcomer = screens.make_world(base_url), screens.make_newcomer(base_url)
        screens.wait_for_notices(world)
        for language in screens.LANGUAGES:
            with _page(browser, world, language, signed_in=False) as page:
                _picture_screens(page, folder, screens.SIGNED_OUT | DEVELOPERS, language, wanted)
            with _page(browser, world, language) as page:
                _picture_screens(page, folder, world.paths, language, wanted)
                _picture_states(page, folder, world, language, wanted)
            with _page(browser, newcomer, language) as page:
                _picture_screens(page, folder, newcomer.paths, language, wanted)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 1 if FOUND else 0


@contextmanager
def _page(browser: Browser, world: World, language: Language, *, signed_in: bool = True) -> Iterator[Page]:
    with screens.opened(browser, world, language, signed_in=signed_in) as context:
        context.add_init_script(screens.AXE)
        yield context.new_page()


def _picture_screens(page: Page, folder: Path, paths: dict[str, str], language: Language, wanted: str) -> None:
    for name, path in paths.items():
        if wanted in name:
            screens.show(page, path, idle=name not in DEVELOPERS)
            if name in DEVELOPERS:
                page.locator("#parts tr").first.wait_for()
            _picture(page, folder, name, language)


def _picture_states(page: Page, folder: Path, world: World, language: Language, wanted: str) -> None:
    for index, (name, state) in enumerate(states.states(world).items()):
        if wanted in name and screens.LANGUAGES[index % 2] == language:
            states.open_state(page, state)
            _picture(page, folder, name, language)
            states.leave_state(page)


def _picture(page: Page, folder: Path, name: str, language: Language) -> None:
    for width in screens.SIZES:
        for theme in screens.THEMES:
            screens.resize(page, width, theme)
            page.wait_for_timeout(SETTLE_MS)
            page.screenshot(path=folder / f"{name}-{language}-{width}-{theme}.png")
            for found in screens.violations(page) if name not in DEVELOPERS else []:
                FOUND.append(found)
                print(f"✗ {name} ({language}, {width}, {theme}): {found}")
    print(f"✓ {name} ({language})", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
