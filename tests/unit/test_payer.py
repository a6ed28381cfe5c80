"""The bank that a developer plays: what it can do is what it says."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from emulators import payer
from shared.firestore import Document
from shared.topups import TopUp

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def top_up() -> TopUp:
    """A top-up that waits."""
    key = uuid4()
    return TopUp(
        id=key, user_id=uuid4(), amount=50_000, status="pending", reason=None, payee_name="D***", created_at=NOW,
        expires_at=NOW + timedelta(minutes=15), paid_at=None, settled_at=None,
        document=Document("topups", str(key), {}, None),
    )  # fmt: skip


@pytest.mark.parametrize("case", payer.CASES)
def test_every_case_that_it_names_is_one_that_it_plays(case: str) -> None:
    """The list of the page is the list of the program, and each report is on the top-up that was meant."""
    wanted = top_up()
    assert {report["topup_id"] for report in payer.reports(case, wanted)} == {str(wanted.id)}


def test_it_names_what_the_product_asks_of_a_bank() -> None:
    """Paid, declined, told twice, told late, paid too late, another amount, forged."""
    assert payer.CASES == [
        "topup.paid",
        "topup.declined",
        "topup.duplicate",
        "topup.late",
        "topup.after-expiry",
        "topup.wrong-amount",
        "topup.forged",
    ]
