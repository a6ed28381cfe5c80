-- outbox.claim — outbox.claim_traced without the trace, for the relay of the release before this one.
--
-- Ensures   what outbox.claim_traced ensures. To be dropped in the next release: a routine's answer
--           cannot change while a deployment still calls it.

CREATE OR REPLACE FUNCTION outbox.claim(p_limit integer, p_lease interval)
RETURNS TABLE (
    id bigint, event_id uuid, topic text, event_type text, schema_version integer,
    ordering_key text, occurred_at timestamptz, payload text, attempts integer
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT c.id, c.event_id, c.topic, c.event_type, c.schema_version, c.ordering_key, c.occurred_at, c.payload,
           c.attempts
    FROM outbox.claim_traced(p_limit, p_lease) AS c
$$;

GRANT USAGE ON SCHEMA outbox TO lite_relay, lite_reconciliation;
GRANT EXECUTE ON FUNCTION outbox.claim(integer, interval) TO lite_relay;
