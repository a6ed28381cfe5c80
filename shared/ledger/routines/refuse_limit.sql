-- ledger.refuse_limit — refuse because a limit would be passed.
--
-- Requires  p_limit is the limit's name in GET /v1/wallet/limits; p_left is what it still allows, or
--           null where that is not the caller's to know; p_day is the Jakarta day on which it starts
--           again, or null where it does not.
-- Raises    LW006 limit-exceeded
-- Private   called by ledger.post.

CREATE OR REPLACE FUNCTION ledger.refuse_limit(p_limit text, p_left bigint, p_day date) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM ledger.refuse('LW006', json_build_object(
        'limit', p_limit,
        'left_amount', CASE WHEN p_left < 0 THEN 0 ELSE p_left END,
        'resets_at', to_char(p_day::timestamp AT TIME ZONE 'Asia/Jakarta' AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
END
$$;
