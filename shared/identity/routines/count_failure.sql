-- identity.count_failure — how many wrong tries in a row there are with this one.
--
-- Ensures   tries that the policy has forgotten are not counted.
-- Private   called by reserve_attempt.

CREATE OR REPLACE FUNCTION identity.count_failure(
    p_policy identity.attempt_policies, p_failures integer, p_last_at timestamptz, p_now timestamptz
) RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
    -- A comparison with a null forget_after is not true: such tries are never forgotten.
    SELECT CASE WHEN p_last_at + p_policy.forget_after < p_now THEN 1 ELSE p_failures + 1 END
$$;
