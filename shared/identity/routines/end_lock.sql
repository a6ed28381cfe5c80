-- identity.end_lock — until when the p_failures-th wrong try in a row locks, or null if it does not.
--
-- Ensures   the lock of lock_at is lock_first long, each further one twice as long, none longer
--           than lock_longest; from disable_at on it has no end (infinity).
-- Private   called by reserve_attempt.

CREATE OR REPLACE FUNCTION identity.end_lock(
    p_policy identity.attempt_policies, p_failures integer, p_now timestamptz
) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN p_failures >= p_policy.disable_at THEN 'infinity'::timestamptz
        -- 2^20 times the shortest lock is beyond any longest one; a larger power would overflow.
        WHEN p_failures >= p_policy.lock_at THEN
            p_now + least(p_policy.lock_first * 2 ^ least(p_failures - p_policy.lock_at, 20), p_policy.lock_longest)
    END
$$;
