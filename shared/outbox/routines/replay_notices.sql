-- outbox.replay_notices — publish events that are not transfers again.
--
-- Ensures   for each published event of [p_since, p_until), or the one of them that p_event_id names, a row
--           with the id, the time and the fields of the first; none where one waits already.
--           Returns how many rows.

CREATE OR REPLACE FUNCTION outbox.replay_notices(p_since timestamptz, p_until timestamptz, p_event_id uuid DEFAULT NULL)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    WITH again AS (
        INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
        SELECT p.event_id, p.topic, p.event_type, p.schema_version, p.ordering_key, p.occurred_at, p.payload
        FROM outbox.published AS p
        WHERE p.occurred_at >= p_since AND p.occurred_at < p_until
          AND (p_event_id IS NULL OR p.event_id = p_event_id)
          AND p.payload IS NOT NULL
          AND NOT EXISTS (SELECT FROM outbox.events AS e WHERE e.event_id = p.event_id)
        ORDER BY p.occurred_at
        RETURNING event_id
    )
    SELECT count(*) FROM again
$$;

GRANT EXECUTE ON FUNCTION outbox.replay_notices(timestamptz, timestamptz, uuid) TO lite_operator;
