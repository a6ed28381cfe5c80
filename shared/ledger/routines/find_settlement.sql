-- ledger.find_settlement — the credit of a top-up, if there is one.

CREATE OR REPLACE FUNCTION ledger.find_settlement(p_id uuid)
RETURNS TABLE (top_up_id uuid, user_id uuid, amount bigint, posted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT t.id, a.user_id, t.amount, t.posted_at
    FROM ledger.transfers AS t JOIN ledger.accounts AS a ON a.id = t.credit_account_id
    WHERE t.id = p_id AND t.debit_account_id = ledger.settlement_account(p_id) AND t.kind = 'topup'
$$;

GRANT EXECUTE ON FUNCTION ledger.find_settlement(uuid) TO lite_payments, lite_reconciliation, lite_operator;
