-- ledger.verify_accounts — ledger.verify_stretches to the end of each, for the release before this one.
--
-- Requires  the two arrays have the same length, at most 500.
-- Ensures   what it did. To be dropped in the next release: an account may have any number of entries.

CREATE OR REPLACE FUNCTION ledger.verify_accounts(p_account_ids uuid[], p_after bigint[])
RETURNS TABLE (account_id uuid, version bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT s.account_id, s.version, s.fault
    FROM ledger.verify_stretches(p_account_ids, p_after, array_fill(NULL::bigint, ARRAY[cardinality(p_after)])) AS s
$$;

GRANT EXECUTE ON FUNCTION ledger.verify_accounts(uuid[], bigint[]) TO lite_reconciliation;
