-- ledger.settle_top_up — credit a paid top-up, once for ever, and answer when it is durable.
--
-- Ensures   what ledger.post_top_up ensures; commits early and flushes as ledger.transfer does.
-- Needs     to be CALLed outside a transaction block, since it commits.

CREATE OR REPLACE PROCEDURE ledger.settle_top_up(
    p_id uuid, p_user_id uuid, p_amount bigint,
    OUT top_up_id uuid, OUT user_id uuid, OUT amount bigint, OUT posted_at timestamptz
)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT p.* INTO top_up_id, user_id, amount, posted_at FROM ledger.post_top_up(p_id, p_user_id, p_amount) AS p;
    COMMIT;
    PERFORM pg_logical_emit_message(true, 'flush', '');
END
$$;

GRANT USAGE ON SCHEMA ledger TO lite_payments, lite_reconciliation;
GRANT EXECUTE ON PROCEDURE ledger.settle_top_up(uuid, uuid, bigint) TO lite_payments, lite_reconciliation;
