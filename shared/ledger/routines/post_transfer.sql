-- ledger.post_transfer — the money of ledger.transfer, once per key for ever.
--
-- Requires  p_amount > 0.
-- Ensures   the first call with (p_user_id, p_id) moves the money; each later one with equal
--           arguments changes nothing and returns the first outcome with replayed = true. Equal
--           calls at the same time do not queue: one works, the others are told to ask again.
-- Raises    LW001 account-not-found         no account has the number p_to_account
--           LW003 idempotency-key-reused    the key names a transfer to another payee, of another amount or note,
--                                           or a reversal
--           LW004 self-transfer             the payee is the sender
--           LW007 request-in-progress       the same key is being worked on
--           LW008 not-found                 the user has no wallet
--           and what ledger.post raises.
-- Private   callers CALL ledger.transfer, which adds the flush.

CREATE OR REPLACE FUNCTION ledger.post_transfer(
    p_id uuid, p_user_id uuid, p_to_account text, p_amount bigint, p_note text,
    OUT from_account text, OUT counterparty_name text, OUT balance_after bigint, OUT posted_at timestamptz,
    OUT replayed boolean, OUT busy boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_sender_id uuid;
    v_payee_id uuid;
    v_posted ledger.transfers;
    v_new record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(ledger.lock_key(p_user_id, p_id)) THEN
        PERFORM ledger.refuse('LW007', '{}');
    END IF;

    SELECT s.id, s.number, p.id, p.holder_name, t.id IS NOT NULL
    INTO v_sender_id, from_account, v_payee_id, counterparty_name, replayed
    FROM ledger.accounts AS s
    LEFT JOIN ledger.accounts AS p ON p.number = p_to_account
    LEFT JOIN ledger.transfers AS t ON t.id = p_id AND t.debit_account_id = s.id
    WHERE s.user_id = p_user_id;

    IF v_sender_id IS NULL THEN
        PERFORM ledger.refuse('LW008', '{}');
    ELSIF replayed THEN
        SELECT t.* INTO v_posted FROM ledger.transfers AS t WHERE t.id = p_id AND t.debit_account_id = v_sender_id;
        IF (v_posted.kind, v_posted.credit_account_id, v_posted.amount, v_posted.note)
           IS DISTINCT FROM ('transfer', v_payee_id, p_amount, p_note) THEN
            PERFORM ledger.refuse('LW003', '{}');
        END IF;
        balance_after := v_posted.debit_balance_after;
        posted_at := v_posted.posted_at;
    ELSIF v_payee_id IS NULL THEN
        PERFORM ledger.refuse('LW001', '{}');
    ELSIF v_payee_id = v_sender_id THEN
        PERFORM ledger.refuse('LW004', '{}');
    ELSE
        v_new := ledger.post(p_id, 'transfer', v_sender_id, v_payee_id, p_amount, p_note, NULL);
        balance_after := v_new.debit_balance_after;
        posted_at := v_new.posted_at;
        busy := v_new.busy;
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.post_transfer(uuid, uuid, text, bigint, text) TO lite_transfers;
