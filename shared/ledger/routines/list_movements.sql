-- ledger.movements — the events of a span and the people they concern, page by page.
--
-- Returns   at most p_limit rows after (p_since, p_after_event), in the order of (posted_at, event_id).
--           Whoever has closed their account is concerned no more: their inbox is gone.

CREATE OR REPLACE FUNCTION ledger.movements(
    p_since timestamptz, p_after_event uuid, p_until timestamptz, p_limit integer
)
RETURNS TABLE (posted_at timestamptz, event_id uuid, debit_user_id uuid, credit_user_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.posted_at, t.event_id,
           CASE WHEN d.status <> 'closed' THEN d.user_id END,
           CASE WHEN c.status <> 'closed' THEN c.user_id END
    FROM ledger.transfers AS t
    JOIN ledger.accounts AS d ON d.id = t.debit_account_id
    JOIN ledger.accounts AS c ON c.id = t.credit_account_id
    WHERE t.posted_at >= p_since AND t.posted_at < p_until
      AND (t.posted_at > p_since OR t.event_id > p_after_event)
    ORDER BY t.posted_at, t.event_id
    LIMIT least(p_limit, 1000);
END
$$;

GRANT EXECUTE ON FUNCTION ledger.movements(timestamptz, uuid, timestamptz, integer) TO lite_reconciliation;
