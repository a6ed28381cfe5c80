-- Events wait here from the commit that caused them until Pub/Sub has acknowledged them.

CREATE SCHEMA outbox;

CREATE TABLE outbox.events (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid        NOT NULL,
    topic          text        NOT NULL,
    event_type     text        NOT NULL,
    schema_version integer     NOT NULL,
    ordering_key   text        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    -- The event's fields; null where they stand in the books and transfer_id says where.
    payload        json,
    transfer_id    uuid,
    attempts       integer     NOT NULL DEFAULT 0,
    claimed_until  timestamptz NOT NULL DEFAULT '-infinity',
    last_error     text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- What has left. Reconciliation reads here that each transfer was announced exactly once.
CREATE TABLE outbox.published (
    event_id     uuid        PRIMARY KEY,
    topic        text        NOT NULL,
    event_type   text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
