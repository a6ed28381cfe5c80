-- ledger.versions_of — how many entries each of up to 500 accounts has.

CREATE OR REPLACE FUNCTION ledger.versions_of(p_account_ids uuid[])
RETURNS TABLE (account_id uuid, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT a.id, a.version FROM ledger.accounts AS a WHERE a.id = ANY (p_account_ids[1:500])
$$;

GRANT EXECUTE ON FUNCTION ledger.versions_of(uuid[]) TO lite_reconciliation, lite_operator;
