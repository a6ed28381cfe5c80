-- outbox.under_trace — let the events of this transaction know the trace that they belong to.
--
-- Ensures   returns p_id as it is. Events that the same transaction writes carry p_traceparent;
--           a later transaction of the connection knows nothing of it. What is not a traceparent
--           of W3C's version 00 is passed over: a trace is never a reason to refuse money.
-- Why       an expression in the argument list of the CALL costs no round trip, and CALL's own
--           commit forbids the transaction block in which SET LOCAL would do the same.

CREATE OR REPLACE FUNCTION outbox.under_trace(p_id uuid, p_traceparent text) RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    SELECT p_id
    FROM pg_catalog.set_config(
        'lite.traceparent',
        CASE WHEN p_traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' THEN p_traceparent ELSE '' END,
        true
    )
$$;

GRANT USAGE ON SCHEMA outbox TO lite_transfers, lite_payments, lite_reconciliation;
GRANT EXECUTE ON FUNCTION outbox.under_trace(uuid, text) TO lite_transfers, lite_payments, lite_reconciliation;
