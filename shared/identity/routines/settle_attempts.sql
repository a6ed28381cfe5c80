-- identity.settle_attempts — give back tries whose secret was right, or was never looked at.
--
-- Requires  the three arrays are what one reserve_ routine returned; each is settled at most once.
-- Ensures   with p_right, the subject's count is cleared where the policy says so and nobody has
--           tried since; else only this try is taken back. The lock that this very try has set
--           falls; a lock that a later try has set stays.
-- Locks     the subjects' rows, in the order in which they were reserved.

CREATE OR REPLACE FUNCTION identity.settle_attempts(
    p_kinds text[], p_subjects text[], p_tickets bigint[], p_right boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    FOR i IN 1 .. cardinality(p_kinds) LOOP
        UPDATE identity.attempts AS a SET
            failures = CASE
                WHEN p_right AND p.success_clears AND a.ticket = p_tickets[i] THEN 0
                ELSE greatest(a.failures - 1, 0)
            END,
            locked_until = CASE WHEN a.ticket = p_tickets[i] THEN NULL ELSE a.locked_until END
        FROM identity.attempt_policies AS p
        WHERE a.kind = p_kinds[i] AND a.subject = p_subjects[i] AND p.kind = a.kind;
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION identity.settle_attempts(text[], text[], bigint[], boolean) TO lite_identity;
