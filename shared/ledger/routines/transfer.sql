-- ledger.transfer — pay a person, and answer only when it is durable.
--
-- Ensures   what ledger.post_transfer ensures. Where one of the accounts is busy, the money is
--           committed without waiting for the disk, so that its lock falls at once and payments to it
--           do not queue for its flush; a second, tiny commit then waits, and as the log is
--           sequential its flush makes the first durable before anything is answered. Elsewhere
--           nobody waits for the lock, and one commit does both. A replay writes nothing of its
--           own and waits for the flush of what it tells.
-- Needs     to be CALLed outside a transaction block, since it commits.
-- Raises    what ledger.post_transfer raises; then nothing has happened, and the caller tells it
--           only after ledger.flush, for a refusal may rest on another's movement.

CREATE OR REPLACE PROCEDURE ledger.transfer(
    p_id uuid, p_user_id uuid, p_to_account text, p_amount bigint, p_note text,
    OUT from_account text, OUT counterparty_name text, OUT balance_after bigint, OUT posted_at timestamptz,
    OUT replayed boolean
)
LANGUAGE plpgsql
AS $$
DECLARE
    -- Assignments are evaluated without a plan of their own; SELECT … INTO would cost 4 µs more.
    v_posted record := ledger.post_transfer(p_id, p_user_id, p_to_account, p_amount, p_note);
    v_waits text;
    v_flushed pg_lsn;
BEGIN
    from_account := v_posted.from_account;
    counterparty_name := v_posted.counterparty_name;
    balance_after := v_posted.balance_after;
    posted_at := v_posted.posted_at;
    replayed := v_posted.replayed;
    IF v_posted.busy THEN
        v_waits := set_config('synchronous_commit', 'off', true);
        COMMIT;
    END IF;
    IF v_posted.busy OR replayed THEN
        v_flushed := pg_logical_emit_message(true, 'flush', '');
    END IF;
END
$$;

GRANT USAGE ON SCHEMA ledger TO lite_transfers;
GRANT EXECUTE ON PROCEDURE ledger.transfer(uuid, uuid, text, bigint, text) TO lite_transfers;
