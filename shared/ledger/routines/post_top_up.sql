-- ledger.post_top_up — the money of ledger.settle_top_up, once per top-up for ever.
--
-- Requires  p_amount > 0.
-- Ensures   the first call with p_id credits the user from the settlement account that p_id picks;
--           each later one with equal arguments changes nothing and returns the first outcome.
-- Raises    LW003 idempotency-key-reused   p_id was settled for another user or amount
--           LW007 request-in-progress      the same top-up is being settled
--           LW008 not-found                the user has no wallet
--           and what ledger.post raises.
-- Private   callers CALL ledger.settle_top_up, which adds the flush.

CREATE OR REPLACE FUNCTION ledger.post_top_up(
    p_id uuid, p_user_id uuid, p_amount bigint,
    OUT top_up_id uuid, OUT user_id uuid, OUT amount bigint, OUT posted_at timestamptz, OUT busy boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_settlement_id uuid := ledger.settlement_account(p_id);
    v_payee_id uuid;
    v_posted ledger.transfers;
    v_new record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(ledger.lock_key(v_settlement_id, p_id)) THEN
        PERFORM ledger.refuse('LW007', '{}');
    END IF;
    SELECT a.id INTO v_payee_id FROM ledger.accounts AS a WHERE a.user_id = p_user_id;
    SELECT t.* INTO v_posted FROM ledger.transfers AS t WHERE t.id = p_id AND t.debit_account_id = v_settlement_id;
    top_up_id := p_id;
    user_id := p_user_id;
    amount := p_amount;

    IF v_payee_id IS NULL THEN
        PERFORM ledger.refuse('LW008', '{}');
    ELSIF v_posted.id IS NULL THEN
        v_new := ledger.post(p_id, 'topup', v_settlement_id, v_payee_id, p_amount, '', NULL);
        posted_at := v_new.posted_at;
        busy := v_new.busy;
    ELSIF (v_posted.credit_account_id, v_posted.amount) IS DISTINCT FROM (v_payee_id, p_amount) THEN
        PERFORM ledger.refuse('LW003', '{}');
    ELSE
        posted_at := v_posted.posted_at;
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.post_top_up(uuid, uuid, bigint) TO lite_payments, lite_reconciliation, lite_operator;
