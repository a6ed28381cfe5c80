-- ledger.unbalanced_transfers — transfers of a span whose entries are not exactly their two sides.
--
-- Returns   the transfer and the sum of the entries that stand in its two places; no row where each
--           transfer has one entry of -amount and one of +amount, which is "the entries sum to zero"
--           for the span.

CREATE OR REPLACE FUNCTION ledger.unbalanced_transfers(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (transfer_id uuid, amount bigint, entries_sum bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.id, t.amount::bigint, coalesce(d.amount, 0) + coalesce(c.amount, 0)
    FROM ledger.transfers AS t
    LEFT JOIN ledger.entries AS d
      ON d.account_id = t.debit_account_id AND d.version = t.debit_version AND d.transfer_id = t.id
    LEFT JOIN ledger.entries AS c
      ON c.account_id = t.credit_account_id AND c.version = t.credit_version AND c.transfer_id = t.id
    WHERE t.posted_at >= p_since AND t.posted_at < p_until
      AND (d.amount, c.amount) IS DISTINCT FROM (-t.amount, t.amount);
END
$$;

GRANT EXECUTE ON FUNCTION ledger.unbalanced_transfers(timestamptz, timestamptz) TO lite_reconciliation;
