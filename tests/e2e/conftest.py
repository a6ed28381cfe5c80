"""One running system and one browser for every test of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e import browsers
from tests.running import Run

# A screen is waited for this long; how soon it must come is the business of the tests that measure.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def running(directory: Path) -> Iterator[Run]:
    """The whole system, started as `make run` does, with data of its own."""
    run = Run(directory / "e2e").start().wait_ready()
    yield run
    run.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright.chromium)
        yield browser
        browser.close()
