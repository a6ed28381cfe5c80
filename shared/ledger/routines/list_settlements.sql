-- ledger.settlements — ledger.settlements_between without an end, for the release before this one.
--
-- Requires  (p_after_time, p_after_id) is the last row that the caller has seen, or both are null.
-- Ensures   what it did. To be dropped in the next release: it sorts the whole span for each page.

CREATE OR REPLACE FUNCTION ledger.settlements(
    p_since timestamptz, p_after_time timestamptz, p_after_id uuid, p_limit integer
)
RETURNS TABLE (top_up_id uuid, user_id uuid, amount bigint, posted_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.id, a.user_id, t.amount::bigint, t.posted_at
    FROM ledger.transfers AS t JOIN ledger.accounts AS a ON a.id = t.credit_account_id
    WHERE t.kind = 'topup' AND t.posted_at >= greatest(p_since, p_after_time)
      AND (p_after_id IS NULL OR (t.posted_at, t.id) > (p_after_time, p_after_id))
    ORDER BY t.posted_at, t.id
    LIMIT least(p_limit, 1000);
END
$$;

GRANT EXECUTE ON FUNCTION ledger.settlements(timestamptz, timestamptz, uuid, integer) TO lite_payments, lite_reconciliation;
