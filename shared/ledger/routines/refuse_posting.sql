-- ledger.refuse_posting — say why ledger.post may not move the money, and end the transaction.
--
-- Requires  ledger.post holds both accounts' locks, or cannot go on to the second. p_debit_version
--           and p_credit_version are null for an account that it has not moved; what it has moved
--           is looked at as it was before. p_today is the day that it counted on.
-- Ensures   returns only where no rule is broken: a reversal passes a frozen account.
-- Raises    40001 where the day has changed meanwhile, for then nothing can be judged by it; else LW002,
--           LW005, LW006 or LW012 as ledger.post tells, the first that applies in the order paused,
--           status, limits on the way out, balance, the payee's cap; 40001 too where a row has changed
--           in between: the caller runs the whole again.
-- Private   called by ledger.post.

CREATE OR REPLACE FUNCTION ledger.refuse_posting(
    p_kind ledger.transfer_kind, p_debit_id uuid, p_credit_id uuid, p_amount bigint,
    p_debit_version bigint, p_credit_version bigint, p_today date
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_debit record;
    v_credit record;
BEGIN
    IF p_today <> ledger.jakarta_day(clock_timestamp()) THEN
        RAISE EXCEPTION 'the day changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT a.status, a.floor, a.balance + CASE WHEN p_debit_version IS NULL THEN 0 ELSE p_amount END AS balance,
           t.transfer_amount_max, t.paused_reason,
           t.daily_out_amount_max - CASE WHEN a.out_on = p_today THEN a.out_amount ELSE 0 END
           + CASE WHEN p_debit_version IS NULL OR p_kind <> 'transfer' THEN 0 ELSE p_amount END AS left_amount
    INTO v_debit
    FROM ledger.accounts AS a JOIN ledger.tiers AS t ON t.name = a.tier WHERE a.id = p_debit_id;
    SELECT a.status, a.balance - CASE WHEN p_credit_version IS NULL THEN 0 ELSE p_amount END AS balance,
           t.balance_max, t.paused_reason
    INTO v_credit
    FROM ledger.accounts AS a JOIN ledger.tiers AS t ON t.name = a.tier WHERE a.id = p_credit_id;

    IF v_debit.paused_reason IS NOT NULL OR v_credit.paused_reason IS NOT NULL THEN
        PERFORM ledger.refuse('LW012', '{}');
    ELSIF 'closed' IN (v_debit.status, v_credit.status)
       OR (p_kind <> 'reversal' AND 'frozen' IN (v_debit.status, v_credit.status)) THEN
        PERFORM ledger.refuse('LW005', '{}');
    ELSIF p_kind = 'transfer' AND p_amount > v_debit.transfer_amount_max THEN
        PERFORM ledger.refuse_limit('per_transfer_amount', v_debit.transfer_amount_max, NULL);
    ELSIF p_kind = 'transfer' AND p_amount > v_debit.left_amount THEN
        PERFORM ledger.refuse_limit('daily_out_amount', v_debit.left_amount, p_today + 1);
    ELSIF v_debit.balance - p_amount < v_debit.floor THEN
        PERFORM ledger.refuse('LW002', json_build_object(
            'balance', v_debit.balance, 'short_by_amount', v_debit.floor + p_amount - v_debit.balance));
    ELSIF p_kind <> 'reversal' AND v_credit.balance + p_amount > v_credit.balance_max THEN
        -- Only the amount is refused: how much the payee holds is not the payer's to know.
        PERFORM ledger.refuse_limit('balance_max', NULL, NULL);
    ELSIF p_debit_version IS NULL OR p_credit_version IS NULL THEN
        RAISE EXCEPTION 'a row changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
END
$$;
