-- outbox.claim_traced — lease the oldest waiting events to one relay, each with the trace that caused it.
--
-- Requires  0 < p_limit <= 1000; p_lease is longer than a publish takes.
-- Ensures   each returned row is leased until now + p_lease: relays that run at once take disjoint
--           sets, and a relay that dies gives its rows back when the lease ends. The claim is a
--           synchronous commit of its own that follows the rows' commits in the WAL, so that
--           nothing is published which a crash could still take back.
--           A transfer's fields are read from the books.
-- Order     by id; parked rows (10 attempts) are passed over, so that one bad event holds no other.

CREATE OR REPLACE FUNCTION outbox.claim_traced(p_limit integer, p_lease interval)
RETURNS TABLE (
    id bigint, event_id uuid, topic text, event_type text, schema_version integer,
    ordering_key text, occurred_at timestamptz, payload text, attempts integer, traceparent text
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    UPDATE outbox.events AS e
    SET claimed_until = clock_timestamp() + p_lease, attempts = e.attempts + 1
    -- An array, so that the rows are chosen once: joined as a subquery they would be chosen anew for each
    -- row wherever the planner takes the outbox for empty, as it does after a vacuum that found it so.
    WHERE e.id = ANY (ARRAY(
        SELECT w.id FROM outbox.events AS w
        WHERE w.claimed_until <= clock_timestamp() AND w.attempts < 10
        ORDER BY w.id
        LIMIT least(p_limit, 1000)
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING e.id, e.event_id, e.topic, e.event_type, e.schema_version,
              e.ordering_key, e.occurred_at, coalesce(e.payload, ledger.event_of(e.transfer_id, e.ordering_key))::text,
              e.attempts, e.traceparent
$$;

GRANT USAGE ON SCHEMA outbox TO lite_relay;
GRANT EXECUTE ON FUNCTION outbox.claim_traced(integer, interval) TO lite_relay;
