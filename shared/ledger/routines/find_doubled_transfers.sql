-- ledger.doubled_transfers — ids of a span that moved money more than once.
--
-- Returns   an id that one debited account has twice, or that two top-ups share: a top-up's id is
--           credited once for ever, whichever settlement account it came from.

CREATE OR REPLACE FUNCTION ledger.doubled_transfers(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (transfer_id uuid, times bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.id, count(*)
    FROM (
        SELECT DISTINCT w.id, w.kind, w.debit_account_id
        FROM ledger.transfers AS w
        WHERE w.posted_at >= p_since AND w.posted_at < p_until
    ) AS recent
    JOIN ledger.transfers AS t
      ON t.id = recent.id
     AND t.kind = recent.kind
     AND (recent.kind = 'topup' OR t.debit_account_id = recent.debit_account_id)
    GROUP BY t.id, CASE WHEN recent.kind = 'topup' THEN NULL ELSE recent.debit_account_id END
    HAVING count(DISTINCT (t.debit_account_id, t.debit_version)) > 1 OR count(DISTINCT t.event_id) > 1;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.doubled_transfers(timestamptz, timestamptz) TO lite_reconciliation;
