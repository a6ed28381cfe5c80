-- identity.sweep_attempts — delete a few counters that their policy has forgotten.
--
-- Ensures   at most 5 rows go at each call, so that it costs a request nothing to speak of and
--           still outruns the one or two rows that the same request may add.
-- Private   called where anybody can add rows: reserve_sign_in and reserve_registration.

CREATE OR REPLACE FUNCTION identity.sweep_attempts(p_now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    -- Chosen once, whatever the planner thinks of the table's size.
    WITH old AS MATERIALIZED (
        SELECT a.kind, a.subject
        FROM identity.attempt_policies AS p
        JOIN identity.attempts AS a ON a.kind = p.kind AND a.last_at < p_now - p.forget_after
        WHERE a.locked_until IS NULL OR a.locked_until <= p_now
        LIMIT 5
        FOR UPDATE OF a SKIP LOCKED
    )
    DELETE FROM identity.attempts AS gone
    USING old
    WHERE gone.kind = old.kind AND gone.subject = old.subject
$$;
