-- ledger.verify_account — prove one account of a test's size from its entries alone, in one statement.
--
-- Requires  p_after is the version up to which it has been proved before; 0 proves it whole.
-- Returns   what ledger.verify_stretch returns for all that comes after.
-- Replaced  by ledger.verify_stretches where an account may have any number of entries; the operators'
--           job of the release before still calls it, and tests and the drill prove small books by it.

CREATE OR REPLACE FUNCTION ledger.verify_account(p_account_id uuid, p_after bigint DEFAULT 0)
RETURNS TABLE (version bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT s.version, s.fault FROM ledger.verify_stretch(p_account_id, p_after, NULL) AS s
$$;

GRANT EXECUTE ON FUNCTION ledger.verify_account(uuid, bigint) TO lite_reconciliation, lite_operator;
