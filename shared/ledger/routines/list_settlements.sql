-- ledger.settlements — ledger.settlements_between without an end, for the release before this one.
--
-- Requires  (p_after_time, p_after_id) is the last row that the caller has seen, or both are null.
-- Ensures   what it did. To be dropped in the next release: it sorts the whole span for each page.

CREATE OR REPLACE FUNCTION ledger.settlements(
    p_since timestamptz, p_after_time timestamptz, p_after_id uuid, p_limit integer
)
RETURNS TABLE (top_up_id uuid, user_id uuid, amount bigint, posted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT s.top_up_id, s.user_id, s.amount, s.posted_at
    FROM ledger.settlements_between(
        greatest(p_since, p_after_time), coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'), 'infinity', p_limit
    ) AS s
$$;

GRANT EXECUTE ON FUNCTION ledger.settlements(timestamptz, timestamptz, uuid, integer) TO lite_payments, lite_reconciliation;
