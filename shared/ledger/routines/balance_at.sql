-- ledger.balance_at — an account's balance after its entry of a version; 0 before the first.
--
-- Private   called by the read routines.

CREATE OR REPLACE FUNCTION ledger.balance_at(p_account_id uuid, p_version bigint) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT e.balance_after FROM ledger.entries AS e
                     WHERE e.account_id = p_account_id AND e.version = p_version), 0)
$$;
