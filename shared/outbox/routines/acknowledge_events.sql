-- outbox.acknowledge — record that Pub/Sub holds these events.
--
-- Ensures   the rows leave the hot table for outbox.published, both or neither; a second call, or a
--           row that another relay has acknowledged, changes nothing. Returns how many moved.

CREATE OR REPLACE FUNCTION outbox.acknowledge(p_ids bigint[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    WITH gone AS (
        DELETE FROM outbox.events AS e WHERE e.id = ANY (p_ids)
        RETURNING e.event_id, e.topic, e.event_type, e.occurred_at, e.schema_version, e.ordering_key, e.payload
    ), kept AS (
        INSERT INTO outbox.published (event_id, topic, event_type, occurred_at, schema_version, ordering_key, payload)
        SELECT gone.event_id, gone.topic, gone.event_type, gone.occurred_at, gone.schema_version, gone.ordering_key,
               -- The books hold a transfer's fields; nothing else holds those of other events.
               CASE WHEN gone.event_type <> 'transfer.posted' THEN gone.payload END
        FROM gone
        ON CONFLICT (event_id) DO NOTHING
    )
    SELECT count(*) FROM gone
$$;

GRANT EXECUTE ON FUNCTION outbox.acknowledge(bigint[]) TO lite_relay;
