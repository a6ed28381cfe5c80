"""screens — a picture of every screen, in both themes, at 390 and 1280 px (`make screens`).

python -m tools.screens [folder]      web/screens unless another folder is named
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e import screens
from tests.e2e.browsers import launch
from tools.running import running_system


def main(arguments: list[str]) -> int:
    """Write the pictures of the running system (started where it is not) and say where they are."""
    folder = Path(arguments[0] if arguments else "web/screens")
    folder.mkdir(parents=True, exist_ok=True)
    with running_system() as base_url, sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        world = screens.make_world(base_url)
        for language in screens.LANGUAGES:
            with screens.opened(browser, world, language, signed_in=False) as context:
                _picture_all(context.new_page(), screens.SIGNED_OUT, folder, language)
            with screens.opened(browser, world, language) as context:
                _picture_all(context.new_page(), world.paths, folder, language)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


def _picture_all(page: screens.Page, paths: dict[str, str], folder: Path, language: screens.Language) -> None:
    for name, path in paths.items():
        screens.show(page, path)
        for width in screens.SIZES:
            for theme in screens.THEMES:
                screens.resize(page, width, theme)
                page.wait_for_timeout(50)
                page.screenshot(path=folder / f"{name}-{language}-{width}-{theme}.png")
        print(f"✓ {name} ({language})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
