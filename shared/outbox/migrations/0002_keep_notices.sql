-- A published event must be publishable again. A transfer's can be made from the books
-- (ledger.event_payload); any other event exists nowhere else, so its fields stay here.

ALTER TABLE outbox.published
    ADD COLUMN schema_version integer,
    ADD COLUMN ordering_key   text,
    ADD COLUMN payload        json;

-- Replay and reconciliation look at a span of time; rows arrive nearly in its order.
-- safe: nothing has been published before the first release, and the index is built at once
CREATE INDEX published_by_time ON outbox.published USING brin (occurred_at) WITH (pages_per_range = 16, autosummarize = on);
