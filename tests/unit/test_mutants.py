"""A mutant that no longer fits the code, or names a test that is gone, would prove nothing when it is run."""

import re
from collections import Counter

import pytest

from tools.mutants import ROOT, Mutant, mutants

EVERY = mutants()


def title(mutant: Mutant) -> str:
    return f"{mutant.origin}: {mutant.name}"


@pytest.mark.parametrize("mutant", EVERY, ids=title)
def test_what_a_mutant_breaks_stands_in_the_code_once(mutant):
    """`find` is there exactly once, and breaking it changes something."""
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.find) == 1
    assert mutant.find != mutant.replace


@pytest.mark.parametrize("mutant", EVERY, ids=title)
def test_what_kills_a_mutant_is_a_test(mutant):
    """The named file defines the named classes and function."""
    path, *names = mutant.killed_by.split("[")[0].split("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    for name in names:
        assert re.search(rf"^\s*(class|def|async def) {name}\b", text, re.MULTILINE), name


def test_no_two_mutants_share_a_name():
    """They are chosen by name, and told apart by it."""
    assert [name for name, count in Counter(map(title, EVERY)).items() if count > 1] == []
