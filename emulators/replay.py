"""replay — put events back into the outbox that left it and never reached the warehouse.

The Pub/Sub emulator keeps its messages in memory: what it had not delivered when it ended is
gone, although the outbox rightly counts it as published. The books still hold every transfer, so
its event is made again from them, with the same id; whoever has seen it before takes no notice.
Reads DATABASE_* (the owner's) and BIGQUERY_* from the environment.
"""

from emulators.console import books

PUBLISHED = "SELECT event_id::text FROM outbox.published WHERE event_type = 'transfer.posted'"
PUT_BACK = """
    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
    SELECT t.event_id, p.topic, p.event_type, 1, t.debit_account_id::text, t.posted_at,
           ledger.event_payload(t, debited.user_id, credited.user_id)
    FROM ledger.transfers AS t
    JOIN outbox.published AS p USING (event_id)
    JOIN ledger.accounts AS debited ON debited.id = t.debit_account_id
    JOIN ledger.accounts AS credited ON credited.id = t.credit_account_id
    WHERE t.event_id = ANY (CAST(:missing AS uuid[]))
      AND NOT EXISTS (SELECT FROM outbox.events AS e WHERE e.event_id = t.event_id)
    ORDER BY t.posted_at
"""


def replay() -> int:
    """Put back what is missing in the warehouse; returns how many events that were."""
    with books.owner() as connection:
        published = {event_id for (event_id,) in connection.run(PUBLISHED)}
        if len(published) == (books.figures()["warehouse_events"] or 0):
            return 0
        missing = sorted(published - books.arrived())
        connection.run(PUT_BACK, missing=missing)
    return len(missing)
