"""screens — a picture of every screen and of its other states, in both themes, at 390 and 1280 px (`make screens`).

What axe finds against WCAG 2.2 AA in a picture is said beside its name; the exit code is 1 then.

python -m tools.screens [folder] [part of a name]      web/screens and every screen unless they are named

The states are pictured in one language each, turn about: their words are read by the tests.
"""

import sys
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
            _picture_signed_out(browser, world, folder, language, wanted)
            _picture_signed_in(browser, world, folder, language, wanted)
            _picture_newcomer(browser, newcomer, folder, language, wanted)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 1 if FOUND else 0


def _picture_signed_out(browser: Browser, world: World, folder: Path, language: Language, wanted: str) -> None:
    with screens.opened(browser, world, language, signed_in=False) as context:
        context.add_init_script(screens.AXE)
        page = context.new_page()
        for name, path in (screens.SIGNED_OUT | DEVELOPERS).items():
            if wanted in name:
                screens.show(page, path, idle=name not in DEVELOPERS)
                _picture(page, folder, name, language)


def _picture_signed_in(browser: Browser, world: World, folder: Path, language: Language, wanted: str) -> None:
    with screens.opened(browser, world, language) as context:
        context.add_init_script(screens.AXE)
        page = context.new_page()
        for name, path in world.paths.items():
            if wanted in name:
                screens.show(page, path)
                _picture(page, folder, name, language)
        for index, (name, state) in enumerate(states.states(world).items()):
            if wanted in name and screens.LANGUAGES[index % 2] == language:
                states.open_state(page, state)
                _picture(page, folder, name, language)
                states.leave_state(page)


def _picture_newcomer(browser: Browser, newcomer: World, folder: Path, language: Language, wanted: str) -> None:
    with screens.opened(browser, newcomer, language) as context:
        context.add_init_script(screens.AXE)
        page = context.new_page()
        for name, path in newcomer.paths.items():
            if wanted in name:
                screens.show(page, path)
                _picture(page, folder, name, language)


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
