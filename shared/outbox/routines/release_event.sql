-- outbox.release — give back a leased event that Pub/Sub refused.
--
-- Ensures   the row may be claimed again after 2^attempts seconds (at most an hour) and says why it
--           failed; after the 10th attempt it is parked until an operator calls outbox.retry.
-- Returns   the number of attempts made so far, or null where the row has left.

CREATE OR REPLACE FUNCTION outbox.release(p_id bigint, p_reason text) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    UPDATE outbox.events AS e
    SET claimed_until = clock_timestamp() + least(interval '1 hour', interval '1 second' * 2 ^ e.attempts),
        last_error = left(p_reason, 500)
    WHERE e.id = p_id
    RETURNING e.attempts
$$;

GRANT EXECUTE ON FUNCTION outbox.release(bigint, text) TO lite_relay;
