-- ledger.reverse — give a transfer back by a new one, linked to it; nothing is ever edited.
--
-- Requires  (p_original_id, p_original_debit_id) names the original; p_id is the reversal's own id;
--           0 < p_amount <= the original's amount.
-- Ensures   one reversal per original; a repeat with equal arguments changes nothing and returns
--           the first outcome. Durable when it returns (an operator's call: it simply waits).
-- Raises    LW003 idempotency-key-reused  p_id names another movement of the same account
--           LW007 request-in-progress     the original is being reversed, or p_id posted, at this moment
--           LW008 not-found               there is no such original
--           LW010 already-reversed        it has been reversed, is a reversal, or p_amount exceeds it
--           and what ledger.post raises: the money may have been spent.

CREATE OR REPLACE FUNCTION ledger.reverse(
    p_id uuid, p_original_id uuid, p_original_debit_id uuid, p_amount bigint, p_note text
) RETURNS TABLE (id uuid, amount bigint, posted_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_original ledger.transfers;
    v_owner_id uuid;
    v_posted ledger.transfers;
BEGIN
    IF NOT pg_try_advisory_xact_lock(ledger.lock_key(p_original_debit_id, p_original_id)) THEN
        PERFORM ledger.refuse('LW007', '{}');
    END IF;
    SELECT t.* INTO v_original FROM ledger.transfers AS t
    WHERE t.id = p_original_id AND t.debit_account_id = p_original_debit_id;
    -- As a transfer takes it: whoever gives the money back may choose the same key at this moment.
    SELECT coalesce(a.user_id, a.id) INTO v_owner_id FROM ledger.accounts AS a WHERE a.id = v_original.credit_account_id;
    IF NOT pg_try_advisory_xact_lock(ledger.lock_key(v_owner_id, p_id)) THEN
        PERFORM ledger.refuse('LW007', '{}');
    END IF;
    SELECT t.* INTO v_posted FROM ledger.transfers AS t
    WHERE t.id = p_id AND t.debit_account_id = v_original.credit_account_id;

    IF v_original.id IS NULL THEN
        PERFORM ledger.refuse('LW008', '{}');
    ELSIF v_posted.id IS NOT NULL THEN
        IF (v_posted.reverses_id, v_posted.credit_account_id, v_posted.amount, v_posted.note)
           IS DISTINCT FROM (p_original_id, p_original_debit_id, p_amount, p_note) THEN
            PERFORM ledger.refuse('LW003', '{}');
        END IF;
    ELSIF v_original.kind = 'reversal' OR p_amount > v_original.amount OR p_amount < 1 OR EXISTS (
        SELECT FROM ledger.transfers AS t
        WHERE t.reverses_id = p_original_id AND t.credit_account_id = p_original_debit_id
    ) THEN
        PERFORM ledger.refuse('LW010', '{}');
    ELSE
        SELECT p.posted_at INTO v_posted.posted_at
        FROM ledger.post(p_id, 'reversal', v_original.credit_account_id, p_original_debit_id,
                         p_amount, p_note, p_original_id) AS p;
    END IF;
    RETURN QUERY SELECT p_id, p_amount, v_posted.posted_at;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.reverse(uuid, uuid, uuid, bigint, text) TO lite_operator;
