-- ledger.touched_accounts — the accounts that moved in a span of time, and what stood before.
--
-- Requires  the span is short enough to be read in one statement; an hour is.
-- Returns   each account once, with its version before its first entry of the span.

CREATE OR REPLACE FUNCTION ledger.touched_accounts(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (account_id uuid, version_before bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT side.account_id, min(side.version) - 1
    FROM ledger.transfers AS t,
         LATERAL (VALUES (t.debit_account_id, t.debit_version), (t.credit_account_id, t.credit_version))
             AS side (account_id, version)
    WHERE t.posted_at >= p_since AND t.posted_at < p_until
    GROUP BY side.account_id;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.touched_accounts(timestamptz, timestamptz) TO lite_reconciliation;
