-- ledger.find_settlements — the credits of those of up to 500 top-ups that have been credited.

CREATE OR REPLACE FUNCTION ledger.find_settlements(p_ids uuid[])
RETURNS TABLE (top_up_id uuid, user_id uuid, amount bigint, posted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT found.* FROM unnest(p_ids[1:500]) AS asked (id), LATERAL ledger.find_settlement(asked.id) AS found
$$;

GRANT EXECUTE ON FUNCTION ledger.find_settlements(uuid[]) TO lite_payments, lite_reconciliation;
