-- ledger.account_ids — every account, page by page in the order of the ids.
--
-- Returns   at most p_limit ids after p_after.

CREATE OR REPLACE FUNCTION ledger.account_ids(p_after uuid, p_limit integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT a.id FROM ledger.accounts AS a WHERE a.id > p_after ORDER BY a.id LIMIT least(p_limit, 500)
$$;

GRANT EXECUTE ON FUNCTION ledger.account_ids(uuid, integer) TO lite_reconciliation;
