"""docs/security.md names tests; each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_it_names_exists() -> None:
    """A renamed or deleted test is noticed here."""
    named = set(re.findall(r"`([a-z0-9_/]+/test_\w+\.py)`", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / "tests" / name.removeprefix("tests/")).exists()] == []


def test_every_file_that_it_names_exists() -> None:
    """Runbooks, decisions and sources as well."""
    named = set(re.findall(r"`((?:docs|shared|functions|tools)/[\w/.-]+\.(?:md|py|txt|bin))`", PAGE))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_chapter_is_there() -> None:
    """ASVS 5.0.0 has seventeen."""
    assert [int(number) for number in re.findall(r"^### V(\d+) ", PAGE, re.MULTILINE)] == list(range(1, 18))
