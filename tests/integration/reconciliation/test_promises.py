"""A pass says that the books agree when they do, and which promise is broken when they do not."""

import pytest

from tests.integration.reconciliation.conftest import broken

TRANSFER = "CALL ledger.transfer(gen_random_uuid(), :u, :n, :a, '', NULL, NULL, NULL, NULL, NULL)"


@pytest.fixture(scope="module")
def busy(open_wallet, owner, carry):
    """Two people, money between them, and everything of it arrived everywhere."""
    dewi, budi = open_wallet(balance=500_000), open_wallet(balance=100_000, name="Budi Santoso")
    for amount in (10_000, 20_000, 30_000):
        owner.run(
            "CALL ledger.transfer(gen_random_uuid(), :u, :n, :a, '', NULL, NULL, NULL, NULL, NULL)",
            u=dewi.user_id,
            n=budi.number,
            a=amount,
        )
    assert carry() == 5
    return dewi, budi


@pytest.mark.parametrize("kind", ["full", "nightly"])
def test_says_that_the_books_agree(busy, check, kind):
    """After real movements that arrived everywhere, no promise is broken."""
    answer = check(kind)

    assert answer.status_code == 200, answer.text
    assert answer.json["agrees"] is True
    found = broken(answer)
    assert set(found) <= {"payments_and_credits_agree"}
