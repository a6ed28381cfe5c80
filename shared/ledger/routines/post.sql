-- ledger.post — the only writer of balances: one transfer, two entries, one event.
--
-- Requires  p_amount > 0; the two accounts exist and differ; (p_id, p_debit_id) is not yet posted
--           and the caller holds the advisory lock on it.
-- Ensures   the entries of the transfer sum to zero; each entry's version follows its account's
--           last one without a gap and its balance_after is the balance at that moment; both are
--           stamped under the lock, so time never runs against the version; exactly one outbox
--           row, committed with the money or not at all. Limits bind kind 'transfer' on the way
--           out and every kind but 'reversal' on the way in.
-- Raises    LW002 insufficient-funds   a person's balance would fall below zero
--           LW005 account-unavailable  an account is frozen or closed (a reversal passes a frozen one)
--           LW006 limit-exceeded       per transfer, per Jakarta day, or the payee's balance cap
--           LW012 paused               an operator has stopped the money routes
-- Locks     both accounts, in id order: opposite transfers cannot deadlock.
-- Private   callers use transfer, settle_top_up or reverse; no role may EXECUTE this.

CREATE OR REPLACE FUNCTION ledger.post(
    p_id uuid, p_kind text, p_debit_id uuid, p_credit_id uuid, p_amount bigint, p_note text, p_reverses_id uuid
) RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_account record;
    v_debit record;
    v_credit record;
    v_posted ledger.transfers;
    v_today date;
    v_out_amount bigint;
BEGIN
    FOR v_account IN
        SELECT a.id, a.user_id, a.status, a.kind, a.balance, a.version, a.out_on, a.out_amount,
               t.transfer_amount_max, t.daily_out_amount_max, t.balance_max, t.paused_reason
        FROM ledger.accounts AS a JOIN ledger.tiers AS t ON t.name = a.tier
        WHERE a.id IN (p_debit_id, p_credit_id)
        ORDER BY a.id
        FOR NO KEY UPDATE OF a
    LOOP
        IF v_account.id = p_debit_id THEN v_debit := v_account; ELSE v_credit := v_account; END IF;
    END LOOP;

    v_posted.posted_at := clock_timestamp();
    v_today := (v_posted.posted_at AT TIME ZONE 'Asia/Jakarta')::date;
    v_out_amount := CASE WHEN v_debit.out_on = v_today THEN v_debit.out_amount ELSE 0 END;
    v_posted.debit_balance_after := v_debit.balance - p_amount;
    v_posted.credit_balance_after := v_credit.balance + p_amount;

    IF v_debit.paused_reason IS NOT NULL OR v_credit.paused_reason IS NOT NULL THEN
        PERFORM ledger.refuse('LW012', '{}');
    ELSIF v_debit.status <> 'active' OR v_credit.status <> 'active' THEN
        IF p_kind <> 'reversal' OR 'closed' IN (v_debit.status, v_credit.status) THEN
            PERFORM ledger.refuse('LW005', '{}');
        END IF;
    END IF;
    IF p_kind = 'transfer' THEN
        IF p_amount > v_debit.transfer_amount_max THEN
            PERFORM ledger.refuse_limit('per_transfer_amount', v_debit.transfer_amount_max, NULL);
        ELSIF v_out_amount + p_amount > v_debit.daily_out_amount_max THEN
            PERFORM ledger.refuse_limit('daily_out_amount', v_debit.daily_out_amount_max - v_out_amount, v_today + 1);
        END IF;
        v_out_amount := v_out_amount + p_amount;
    END IF;
    IF v_posted.debit_balance_after < 0 AND v_debit.kind = 'user' THEN
        PERFORM ledger.refuse('LW002', json_build_object(
            'balance', v_debit.balance, 'short_by_amount', -v_posted.debit_balance_after));
    ELSIF p_kind <> 'reversal' AND v_posted.credit_balance_after > v_credit.balance_max THEN
        -- Only the amount is refused: how much the payee holds is not the payer's to know.
        PERFORM ledger.refuse_limit('balance_max', NULL, NULL);
    END IF;

    UPDATE ledger.accounts AS a
    SET balance = v_posted.debit_balance_after, version = v_debit.version + 1, updated_at = v_posted.posted_at,
        out_on = v_today, out_amount = v_out_amount
    WHERE a.id = p_debit_id;
    UPDATE ledger.accounts AS a
    SET balance = v_posted.credit_balance_after, version = v_credit.version + 1, updated_at = v_posted.posted_at
    WHERE a.id = p_credit_id;

    INSERT INTO ledger.entries (account_id, version, transfer_id, counterparty_id, amount, balance_after, posted_at)
    VALUES (p_debit_id, v_debit.version + 1, p_id, p_credit_id, -p_amount, v_posted.debit_balance_after, v_posted.posted_at),
           (p_credit_id, v_credit.version + 1, p_id, p_debit_id, p_amount, v_posted.credit_balance_after, v_posted.posted_at);

    INSERT INTO ledger.transfers
    VALUES (p_id, p_debit_id, p_credit_id, p_kind, p_amount, p_note, v_debit.version + 1, v_credit.version + 1,
            v_posted.debit_balance_after, v_posted.credit_balance_after, v_posted.posted_at, outbox.mint_id(), p_reverses_id)
    RETURNING * INTO v_posted;

    INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
    VALUES (v_posted.event_id, 'wallet-events', 'transfer.posted', 1, p_debit_id::text, v_posted.posted_at,
            ledger.event_payload(v_posted, v_debit.user_id, v_credit.user_id));
    RETURN v_posted;
END
$$;
