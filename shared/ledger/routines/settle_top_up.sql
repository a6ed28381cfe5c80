-- ledger.settle_top_up — credit a paid top-up, once for ever, and answer when it is durable.
--
-- Ensures   what ledger.post_top_up ensures; commits and flushes as ledger.transfer does.
-- Needs     to be CALLed outside a transaction block, since it commits.

CREATE OR REPLACE PROCEDURE ledger.settle_top_up(
    p_id uuid, p_user_id uuid, p_amount bigint,
    OUT top_up_id uuid, OUT user_id uuid, OUT amount bigint, OUT posted_at timestamptz
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_posted record := ledger.post_top_up(p_id, p_user_id, p_amount);
    v_waits text;
    v_flushed pg_lsn;
BEGIN
    top_up_id := v_posted.top_up_id;
    user_id := v_posted.user_id;
    amount := v_posted.amount;
    posted_at := v_posted.posted_at;
    IF v_posted.busy THEN
        v_waits := set_config('synchronous_commit', 'off', true);
        COMMIT;
    END IF;
    -- Null where it was a repeat, which writes nothing of its own.
    IF v_posted.busy IS DISTINCT FROM false THEN
        v_flushed := pg_logical_emit_message(true, 'flush', '');
    END IF;
END
$$;

GRANT USAGE ON SCHEMA ledger TO lite_payments, lite_reconciliation, lite_operator;
GRANT EXECUTE ON PROCEDURE ledger.settle_top_up(uuid, uuid, bigint) TO lite_payments, lite_reconciliation, lite_operator;
