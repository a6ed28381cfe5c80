"""One running system and one browser for every test of this folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e import browsers
from tests.people import FAST
from tests.running import Run

# A screen is waited for this long; how soon it must come is the business of the tests that measure.
expect.set_options(timeout=15_000)

# What takes longest starts first, so that two workers end together: each takes the next file when it is done with one.
LONGEST = (
    "screens",
    "honest_money",
    "console",
    "operating",
    "main_job",
    "account",
    "live",
    "local_rotation",
    "languages",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONGEST before the others, and keep the order within each."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def running(directory: Path) -> Iterator[Run]:
    """The whole system, started as `make run` does, with data of its own.

    It hashes at the lowest cost: hundreds of people are joined and signed in here, and what a hash costs is
    the business of tests/integration/identity and of tests/integration/local, which starts it as it is shipped.
    """
    run = Run(directory / "e2e", FUNCTIONS_ENVIRONMENT=json.dumps(FAST)).start().wait_ready()
    yield run
    run.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright.chromium)
        yield browser
        browser.close()
