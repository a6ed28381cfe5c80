-- ledger.limits — the limits of a user's tier, and how much of today's is used.
--
-- Ensures   resets_at is the next midnight in Asia/Jakarta, when the day's sum starts again.

CREATE OR REPLACE FUNCTION ledger.limits(p_user_id uuid)
RETURNS TABLE (
    per_transfer_amount bigint, daily_out_amount bigint, daily_out_used_amount bigint, resets_at timestamptz,
    balance_max bigint, top_up_min_amount bigint, top_up_max_amount bigint, top_up_pending_max integer
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT t.transfer_amount_max, t.daily_out_amount_max,
           CASE WHEN a.out_on = today.day THEN a.out_amount ELSE 0 END,
           (today.day + 1)::timestamp AT TIME ZONE 'Asia/Jakarta',
           t.balance_max, t.top_up_amount_min, t.top_up_amount_max, t.top_up_pending_max
    FROM ledger.accounts AS a JOIN ledger.tiers AS t ON t.name = a.tier,
         (SELECT (clock_timestamp() AT TIME ZONE 'Asia/Jakarta')::date AS day) AS today
    WHERE a.user_id = p_user_id
$$;

GRANT EXECUTE ON FUNCTION ledger.limits(uuid) TO lite_wallet, lite_payments;
