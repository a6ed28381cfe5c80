-- ledger.day_sums — how many transfers each Jakarta day of a span has, and of what amount.

CREATE OR REPLACE FUNCTION ledger.day_sums(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (day date, transfer_count bigint, total_amount bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT (t.posted_at AT TIME ZONE 'Asia/Jakarta')::date, count(*), sum(t.amount)::bigint
    FROM ledger.transfers AS t
    WHERE t.posted_at >= p_since AND t.posted_at < p_until
    GROUP BY 1;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.day_sums(timestamptz, timestamptz) TO lite_reconciliation;
