-- ledger.wallet — what a user holds.

CREATE OR REPLACE FUNCTION ledger.wallet(p_user_id uuid)
RETURNS TABLE (
    account_id uuid, account_number text, balance bigint, status text, version bigint,
    updated_at timestamptz, tier text, holder_name text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT a.id, a.number, a.balance, a.status, a.version, a.updated_at, a.tier, a.holder_name
    FROM ledger.accounts AS a WHERE a.user_id = p_user_id
$$;

GRANT USAGE ON SCHEMA ledger TO lite_wallet, lite_payments, lite_identity, lite_analytics;
GRANT EXECUTE ON FUNCTION ledger.wallet(uuid) TO lite_wallet, lite_payments, lite_identity, lite_reconciliation;
