"""The page about payments draws what the code does."""

import re
from pathlib import Path

from shared import topups

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "payments.md").read_text(encoding="utf-8")


def test_the_diagram_draws_every_step_and_no_other():
    """docs/payments.md and the table of steps in the code name the same arrows."""
    drawn = set(re.findall(r"^ {4}(\w+) --> (\w+) :", PAGE, re.MULTILINE))

    assert drawn == {(start, end) for start, ends in topups.STEPS.items() for end in ends}


def test_the_page_states_the_time_to_pay_and_how_long_documents_are_kept():
    assert f"| time to pay | {topups.WINDOW.seconds // 60} min |" in PAGE
    assert {status: kept.days for status, kept in topups.KEPT.items()} == {
        "settled": 400,
        "cancelled": 90,
        "expired": 90,
        "declined": 90,
    }
