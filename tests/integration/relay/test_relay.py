"""The relay carries what the outbox holds to Pub/Sub, each event as the ledger wrote it."""

from shared import events
from tests.pipe import payload_of, transfer_posted


def test_publishes_what_the_outbox_holds(outbox, drain, tap):
    """An event leaves with its bytes, its attributes and its ordering key, and its row leaves the hot table."""
    event = transfer_posted()
    outbox.put(event)

    assert drain()["published"] == 1

    (received,) = tap.take(1)
    assert events.decode("transfer.posted", received.message.data) == event
    assert received.message.ordering_key == str(event.debit_account_id)
    attributes = {name: value for name, value in received.message.attributes.items() if "googclient" not in name}
    assert attributes == {"event_id": str(event.event_id), "event_type": "transfer.posted", "schema_version": "1"}
    assert outbox.waiting() == []
    assert event.event_id in outbox.published()


def test_publishes_a_top_up_whose_payer_is_no_user(outbox, drain, tap):
    """A side without a user is null on the wire, and the topic's schema accepts it."""
    event = transfer_posted(kind="topup", debit_user_id=None)
    outbox.put(event)

    assert drain()["published"] == 1

    (received,) = tap.take(1)
    assert events.decode("transfer.posted", received.message.data) == event


def test_keeps_the_order_of_one_account(outbox, drain, tap):
    """Events of one debited account arrive in the order in which they were committed."""
    first = transfer_posted()
    line = [first] + [transfer_posted(debit_account_id=first.debit_account_id) for _ in range(50)]
    for event in line:
        outbox.put(event)

    drain()

    received = [message.message.attributes["event_id"] for message in tap.take(51)]
    assert received == [str(event.event_id) for event in line]


def test_one_bad_event_does_not_hold_the_others(outbox, drain, tap):
    """An event that does not fit its type is put off with the reason; what stands around it leaves."""
    before, bad, after = transfer_posted(), transfer_posted(), transfer_posted()
    outbox.put(before)
    outbox.put(bad, holder_name="Budi")
    outbox.put(after)

    assert drain()["published"] == 2

    assert {m.message.attributes["event_id"] for m in tap.take(2)} == {str(before.event_id), str(after.event_id)}
    ((event_id, attempts, reason),) = outbox.waiting()
    assert (event_id, attempts) == (bad.event_id, 1)
    assert "holder_name" in reason
    outbox.run("DELETE FROM outbox.events")


def test_payload_of_names_every_field_of_the_event():
    """The payload that tests write has the fields that the ledger writes."""
    assert set(payload_of(transfer_posted())) == {
        "transfer_id", "kind", "amount", "currency", "debit_account_id", "credit_account_id",
        "debit_user_id", "credit_user_id", "debit_balance_after", "credit_balance_after",
    }  # fmt: skip
