"""How long the owner of a wallet waits: from the payer's confirmation until the browser shows the money."""

import random
import statistics
import time

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.screens import make_world, opened
from tests.e2e.wallet import SETTLED_MS
from tests.load import report
from tests.running import Run

TOP_UPS = 60
AMOUNT = 10_000
# Seconds.
MEDIAN_MAX = 1.2
P99_MAX = 2.5

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


def test_the_owner_sees_the_money_within_a_second_or_two(running: Run, browser: Browser):
    """In a real browser with the app's own polling: median at most 1.2 s, 99 of 100 at most 2.5 s."""
    world = make_world(running.url)
    seconds = []
    with opened(browser, world, "en") as context:
        page = context.new_page()
        for number in range(TOP_UPS + 1):
            key = {"Idempotency-Key": f"00000000-0000-4000-8000-{number:012}"}
            top_up = world.person.ask("POST", "/v1/topups", 201, json={"amount": AMOUNT}, headers=key)
            page.goto(f"/topup/{top_up['id']}")
            expect(page.get_by_role("link", name="Open")).to_be_visible()
            time.sleep(random.random())  # the payer confirms at any moment between two polls
            started = time.perf_counter()
            token = top_up["pay_url"].rsplit("/", 1)[-1]
            world.person.ask("POST", f"/v1/pay/{token}", 200, json={"decision": "approve"})
            expect(page.get_by_text("Top-up received")).to_be_visible(timeout=SETTLED_MS)
            seconds.append(time.perf_counter() - started)

    seconds = sorted(seconds[1:])  # the first loads what the others find loaded
    p99 = seconds[int(len(seconds) * 0.99) - 1]
    with report.figures("shown", "From the payer's confirmation to the owner's screen", "make bench") as rows:
        for what, found, demand in (("median", statistics.median(seconds), MEDIAN_MAX), ("p99", p99, P99_MAX)):
            met = "yes" if found <= demand else "**no**"
            rows.append([f"{what} of {TOP_UPS}, in a browser", f"{found:.2f} s", "", "", f"≤ {demand:.1f} s", met])
    print(f"confirm → shown: median {statistics.median(seconds):.2f} s, p99 {p99:.2f} s, slowest {seconds[-1]:.2f} s")
    assert statistics.median(seconds) <= MEDIAN_MAX
    assert p99 <= P99_MAX
