"""The static scan of our own code: six rules of ours, bandit and detect-secrets (`make scan`)."""

import pytest

from tools import scan

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def scanned() -> tuple[list[str], list[scan.Finding]]:
    """One scan of the tree, samples included."""
    return scan.scan()


def test_every_rule_is_seen_to_fire_and_spares_what_is_right(scanned):
    """Each sample that must be found is found, and none of the others."""
    assert scanned[0] == []


def test_nothing_is_found_that_has_no_reason_beside_it(scanned):
    assert scanned[1] == []
