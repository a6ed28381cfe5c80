"""Between the gate and the money: what the ledger refuses, and what a crash leaves half done."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.integration.payments.people import pay_path

APPROVE = {"decision": "approve"}


def test_money_for_a_frozen_wallet_waits_for_a_person(dewi, books, payer_client):
    """It is never lost and never credited: the document says why it is under review."""
    top_up = dewi.top_up(50_000)
    books.set_status(dewi.user_id, "frozen")

    answer = payer_client.post(pay_path(top_up), json=APPROVE)
    again = payer_client.post(pay_path(top_up), json=APPROVE)

    assert (answer.status_code, answer.json) == (again.status_code, again.json) == (200, {"status": "review"})
    seen = dewi.get(f"/v1/topups/{top_up['id']}").json
    assert (seen["status"], seen["reason"]) == ("review", "account-unavailable")
    assert books.credits(top_up["id"]) == []


def test_the_operators_switch_stops_every_route_of_a_top_up(dewi, books, payer_client, provider, repair):
    """Asking and approving answer 503 and note nothing; what a bank reports is kept, and credited after the pause."""
    asked, paid = dewi.top_up(50_000), dewi.top_up(30_000)
    books.connection.run("SELECT ledger.pause('drill')")
    try:
        refused = [dewi.ask(20_000), payer_client.post(pay_path(asked), json=APPROVE)]
        reported = provider.send(provider.report(paid))
        repair()
        seen = [dewi.status_of(asked), dewi.status_of(paid)]
        declined = payer_client.post(pay_path(asked), json={"decision": "decline"})
    finally:
        books.connection.run("SELECT ledger.pause(NULL)")

    for answer in refused:
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/paused")
        assert answer.headers["Retry-After"] == "60"
    assert (reported.status_code, declined.json) == (200, {"status": "declined"})
    assert seen == ["pending", "paid"]
    assert dewi.balance == 0
    repair()
    assert (dewi.status_of(paid), dewi.balance) == ("settled", 30_000)


def test_money_beyond_the_balance_limit_waits_for_a_person(dewi, payer_client):
    for amount in (10_000_000, 10_000_000):
        payer_client.post(pay_path(dewi.top_up(amount)), json=APPROVE)
    top_up = dewi.top_up(10_000)

    answer = payer_client.post(pay_path(top_up), json=APPROVE)

    assert answer.json == {"status": "review"}
    assert dewi.get(f"/v1/topups/{top_up['id']}").json["reason"] == "balance-limit"
    assert dewi.balance == 20_000_000


def test_a_person_can_settle_what_is_under_review(dewi, books, payer_client, operator_settles, document):
    """After the wallet is thawed, the decision is one command; before, the ledger refuses as it did."""
    top_up = dewi.top_up(50_000)
    books.set_status(dewi.user_id, "frozen")
    payer_client.post(pay_path(top_up), json=APPROVE)

    refused = operator_settles(top_up["id"])
    books.set_status(dewi.user_id, "active")
    settled = operator_settles(top_up["id"])
    again = operator_settles(top_up["id"])

    assert (refused.returncode, refused.stdout.splitlines()[-1]) == (0, "review account-unavailable")
    assert (settled.returncode, settled.stdout.splitlines()[-1]) == (0, "settled")
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("topup-closed: ")
    assert "'topup_status': 'settled'" in again.stderr
    assert books.credits(top_up["id"]) == [50_000]
    assert document(top_up["id"])["history"][-1]["by"] == "operator:operate-x7k2p"


def test_a_person_settles_nothing_but_what_is_under_review(dewi, books, operator_settles):
    """A top-up that waits for its payer is not an operator's to credit, nor one that never was."""
    waiting = dewi.top_up(50_000)

    for top_up_id, slug in ((waiting["id"], "topup-closed"), (str(uuid4()), "not-found")):
        done = operator_settles(top_up_id)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(f"{slug}: ")
    assert books.credits(waiting["id"]) == []
    assert dewi.status_of(waiting) == "pending"


def test_a_frozen_wallet_asks_for_nothing(dewi, books):
    """Who could not be credited is told before a QR is made."""
    books.set_status(dewi.user_id, "frozen")

    answer = dewi.ask(50_000)

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/account-unavailable")


def test_a_poll_finishes_what_a_crash_left(dewi, half_done, books, document):
    top_up = dewi.top_up(50_000)
    half_done(top_up)

    assert dewi.status_of(top_up) == "settled"

    assert books.credits(top_up["id"]) == [50_000]
    assert document(top_up["id"])["history"][-1]["by"] == "poll"


def test_confirming_again_finishes_what_a_crash_left(dewi, half_done, payer_client, books):
    top_up = dewi.top_up(50_000)
    half_done(top_up)

    assert payer_client.post(pay_path(top_up), json=APPROVE).json == {"status": "settled"}
    assert books.credits(top_up["id"]) == [50_000]


def test_repair_finishes_what_has_stood_for_half_a_minute(dewi, half_done, repair, books, move_clock):
    top_up = dewi.top_up(50_000)
    half_done(top_up)

    assert top_up["id"] not in [found[0] for found in repair()]
    move_clock(31)
    assert (top_up["id"], "stuck-in-paid", "settled") in repair()

    assert books.credits(top_up["id"]) == [50_000]
    assert repair() == []


def test_repair_settles_a_document_whose_money_is_in_the_books(dewi, half_done, repair, owner_side, move_clock, books):
    """The crash came after the money and before the last write."""
    top_up = dewi.top_up(50_000)
    half_done(top_up)
    with owner_side.active():
        from shared import ledger

        ledger.settle_top_up(UUID(top_up["id"]), user_id=dewi.user_id, amount=50_000)

    move_clock(31)
    repair()

    assert dewi.status_of(top_up) == "settled"
    assert books.credits(top_up["id"]) == [50_000]


def test_a_person_who_lost_the_documents_has_the_newest_back_at_once(dewi, payer_client, owner_side):
    """`make rebuild` leaves nothing to its own function: what was credited a second ago is written as well."""
    top_up = dewi.top_up(50_000)
    payer_client.post(pay_path(top_up), json=APPROVE)
    with owner_side.active():
        from shared import firestore
        from shared.topups import repair

        firestore.commit(firestore.Delete("topups", top_up["id"]))
        since = datetime.now(UTC) - timedelta(minutes=5)
        by_the_reconciliation = [found.topup_id for found in repair.rebuild_missing(since)]
        by_a_person = [found.topup_id for found in repair.rebuild_missing(since, settled_for=timedelta(0))]

    assert top_up["id"] not in by_the_reconciliation
    assert top_up["id"] in by_a_person
    assert dewi.status_of(top_up) == "settled"


def test_repair_rebuilds_a_document_that_was_lost(dewi, payer_client, repair, owner_side, move_clock, books):
    """A lost document is written again from the ledger, and its key and its QR still answer."""
    top_up = dewi.top_up(50_000)
    payer_client.post(pay_path(top_up), json=APPROVE)
    _lose(owner_side, top_up)
    assert dewi.get(f"/v1/topups/{top_up['id']}").status_code == 404

    move_clock(31)
    found = repair()

    assert (top_up["id"], "settlement-without-document", "rebuilt") in found
    assert dewi.status_of(top_up) == "settled"
    assert payer_client.post(pay_path(top_up), json=APPROVE).json == {"status": "settled"}
    assert dewi.balance == 50_000


def test_a_lost_document_is_remembered_by_its_key(dewi, payer_client, owner_side, books):
    """A settled key that is sent again after its document is gone asks for no second payment."""
    top_up = dewi.top_up(50_000)
    payer_client.post(pay_path(top_up), json=APPROVE)
    _lose(owner_side, top_up)

    again = dewi.ask(50_000, top_up["id"])

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert dewi.status_of(top_up) == "settled"
    assert books.credits(top_up["id"]) == [50_000]


def test_repair_follows_the_books_over_an_older_document(dewi, payer_client, repair, owner_side, move_clock):
    """A document from before the money (an older export, a restored backup) is brought to `settled`."""
    top_up = dewi.top_up(50_000)
    before = _fields(owner_side, top_up)
    payer_client.post(pay_path(top_up), json=APPROVE)
    _overwrite(owner_side, top_up, before)
    assert dewi.status_of(top_up) == "pending"

    move_clock(31)
    repair()

    assert dewi.status_of(top_up) == "settled"
    assert dewi.balance == 50_000


def test_repair_credits_what_only_a_document_calls_settled(dewi, half_done, repair, owner_side, books):
    """The books were restored from before the payment: the payer has paid, so the wallet is credited."""
    top_up = dewi.top_up(50_000)
    half_done(top_up)
    with owner_side.active():
        from shared import topups

        topups.advance(topups.find(UUID(top_up["id"])), topups.Step("settled", "payer", "credited"))
    assert books.credits(top_up["id"]) == []

    assert (top_up["id"], "settled-without-ledger", "credited") in repair()

    assert books.credits(top_up["id"]) == [50_000]
    assert repair() == []


def test_repair_writes_down_what_the_clock_has_decided(dewi, repair, document, move_clock):
    """Only a written expiry starts the time after which Firestore removes the document."""
    top_up = dewi.top_up()
    assert document(top_up["id"])["delete_after"] is None

    move_clock(15 * 60 + 1)
    repair()

    fields = document(top_up["id"])
    assert (fields["status"], fields["reason"]) == ("expired", "expired")
    assert (fields["delete_after"] - fields["changed_at"]).days == 90


def _fields(owner_side, top_up):
    with owner_side.active():
        from shared import firestore

        return firestore.get("topups", top_up["id"]).fields


def _overwrite(owner_side, top_up, fields):
    with owner_side.active():
        from shared import firestore

        firestore.commit(firestore.Merge("topups", top_up["id"], fields))


def _lose(owner_side, top_up):
    with owner_side.active():
        from shared import firestore

        firestore._client().document("topups", top_up["id"]).delete()
