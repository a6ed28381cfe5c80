-- ledger.event_payload — the fields of a transfer's event, without names, numbers or note.
--
-- Ensures   what is returned for a transfer is the same at every call, so that an event can be
--           published again from the books alone.
-- Private   called by ledger.post and the replay of events.

CREATE OR REPLACE FUNCTION ledger.event_payload(
    p_transfer ledger.transfers, p_debit_user_id uuid, p_credit_user_id uuid
) RETURNS json
LANGUAGE sql STABLE
AS $$
    SELECT json_build_object(
        'transfer_id', p_transfer.id,
        'kind', p_transfer.kind,
        'amount', p_transfer.amount,
        'currency', 'IDR',
        'debit_account_id', p_transfer.debit_account_id,
        'credit_account_id', p_transfer.credit_account_id,
        'debit_user_id', p_debit_user_id,
        'credit_user_id', p_credit_user_id,
        'debit_balance_after', p_transfer.debit_balance_after,
        'credit_balance_after', p_transfer.credit_balance_after)
$$;
