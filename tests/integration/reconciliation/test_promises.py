"""A pass says that the books agree when they do, and which promise is broken when they do not."""

from datetime import UTC, datetime

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


def test_misses_no_notification_of_a_closed_account(busy, check, owner, carry, forget):
    """Who gives everything away and closes the account has no inbox any more, and no promise is broken by that."""
    dewi, budi = busy
    [[balance]] = owner.run("SELECT balance FROM ledger.accounts WHERE user_id = :u", u=budi.user_id)
    owner.run(TRANSFER, u=budi.user_id, n=dewi.number, a=balance)
    carry()
    owner.run("SELECT ledger.close_account(:u)", u=budi.user_id)
    forget(budi.user_id)

    answer = check("nightly")

    assert "inbox_is_complete" not in broken(answer)


def test_a_night_begins_where_the_last_good_one_ended(busy, check):
    """What was proved is not looked at again."""
    first = check("nightly")
    second = check("nightly")

    assert first.json["agrees"] is True
    assert second.json["since"] == first.json["until"]


def test_a_night_that_looks_at_less_than_has_passed_moves_nothing_forward(busy, check):
    """Who proves the last moment alone has not proved what lies between it and the last good night."""
    proved = check("nightly")
    least = check("nightly", since=datetime.now(UTC).isoformat())
    following = check("nightly")

    assert least.json["agrees"] is True
    assert least.json["since"] > proved.json["until"]
    assert following.json["since"] == proved.json["until"]


@pytest.mark.parametrize("kind", ["full", "nightly"])
def test_says_that_the_books_agree(busy, check, kind):
    """After real movements that arrived everywhere, no promise is broken."""
    answer = check(kind)

    assert answer.status_code == 200, answer.text
    assert answer.json["agrees"] is True
    found = broken(answer)
    assert set(found) <= {"payments_and_credits_agree"}
