"""replay — put events back into the outbox that left it and never arrived.

The Pub/Sub emulator keeps its messages in memory: what it had not delivered when it ended is
gone, although the outbox rightly counts it as published. The books still hold every transfer and
the outbox its recent notices, so they are announced again, with the same ids; whoever has seen
one before takes no notice. Reads DATABASE_* (the owner's) and BIGQUERY_* from the environment.
"""

from emulators.console import books

PUBLISHED = "SELECT event_id::text FROM outbox.published WHERE event_type = 'transfer.posted'"
# One span around all that is missing: whoever has one of the others keeps the copy it has.
SPAN = "SELECT min(occurred_at), max(occurred_at) FROM outbox.published WHERE event_id = ANY (CAST(:missing AS uuid[]))"
TRANSFERS = "SELECT ledger.replay_events(:first, CAST(:last AS timestamptz) + interval '1 second')"
# Nobody can tell which notices were delivered. An emulator that lives delivers within a second, so
# those that were published in its last minutes, however long ago, are the only ones that it may have
# taken with it.
NOTICES = """
    SELECT outbox.replay_notices(min(occurred_at), max(occurred_at) + interval '1 microsecond')
    FROM outbox.published
    WHERE published_at > (SELECT max(published_at) FROM outbox.published) - interval '5 minutes'
"""


def replay() -> int:
    """Put back the transfers that the warehouse lacks, and the latest notices; returns how many transfers."""
    arrived = books.figures()["warehouse_events"]
    with books.owner() as connection:
        connection.run(NOTICES)
        published = {event_id for (event_id,) in connection.run(PUBLISHED)}
        if arrived is None or len(published) == arrived:
            return 0
        missing = sorted(published - books.arrived())
        if missing:
            ((first, last),) = connection.run(SPAN, missing=missing)
            connection.run(TRANSFERS, first=first, last=last)
    return len(missing)
