-- identity.count_tries_left — how many more wrong tries lock one of these counters.
--
-- Requires  the two arrays are what one reserve_ routine returned.
-- Ensures   the same for a username that nobody has: it has a counter like any other. Where several
--           counters stand, the one that locks first counts; 0 while one is locked.

CREATE OR REPLACE FUNCTION identity.count_tries_left(p_kinds text[], p_subjects text[]) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT min(greatest(p.lock_at - a.failures, 0))
    FROM unnest(p_kinds, p_subjects) AS tried (kind, subject)
    JOIN identity.attempts AS a USING (kind, subject)
    JOIN identity.attempt_policies AS p USING (kind)
$$;

GRANT EXECUTE ON FUNCTION identity.count_tries_left(text[], text[]) TO lite_identity;
