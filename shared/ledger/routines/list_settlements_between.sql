-- ledger.settlements_between — the credits of top-ups in a span of time, oldest first, page by page.
--
-- Requires  the span is short enough to be sorted for each page; who asks makes it so.
-- Returns   at most p_limit rows of [p_since, p_until) after (p_since, p_after_id), in the order of
--           (posted_at, id).

CREATE OR REPLACE FUNCTION ledger.settlements_between(
    p_since timestamptz, p_after_id uuid, p_until timestamptz, p_limit integer
)
RETURNS TABLE (top_up_id uuid, user_id uuid, amount bigint, posted_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.id, a.user_id, t.amount::bigint, t.posted_at
    FROM ledger.transfers AS t JOIN ledger.accounts AS a ON a.id = t.credit_account_id
    WHERE t.kind = 'topup' AND t.posted_at >= p_since AND t.posted_at < p_until
      AND (t.posted_at > p_since OR t.id > p_after_id)
    ORDER BY t.posted_at, t.id
    LIMIT least(p_limit, 1000);
END
$$;

GRANT EXECUTE ON FUNCTION ledger.settlements_between(timestamptz, uuid, timestamptz, integer)
TO lite_payments, lite_reconciliation;
