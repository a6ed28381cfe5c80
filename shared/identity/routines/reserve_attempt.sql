-- identity.reserve_attempt — count one try at a secret as wrong before anybody looks whether it is.
--
-- Requires  p_kind names a policy. The caller's transaction commits before the secret is hashed.
-- Ensures   one conditional statement counts the try and, when it is the last that is allowed,
--           sets the lock at once: of any number of parallel tries only so many get a ticket as
--           the policy allows. A try that is refused changes nothing. A right secret gives its
--           try back through settle_attempts.
-- Returns   the ticket; the tries left before a lock; and the lock that this try has set, if any.
-- Raises    LW021 too many attempts   locked (retry_after_seconds)
--           LW022 PIN locked          the same for kind pin (locked_until, null when disabled)
-- Locks     the subject's row, until the caller commits.
-- Private   called by the other reserve_ routines.

CREATE OR REPLACE FUNCTION identity.reserve_attempt(
    p_kind text, p_subject text, p_now timestamptz,
    OUT ticket bigint, OUT attempts_left integer, OUT locked_until timestamptz
)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_policy identity.attempt_policies;
    v_failures integer;
BEGIN
    SELECT * INTO STRICT v_policy FROM identity.attempt_policies AS p WHERE p.kind = p_kind;

    INSERT INTO identity.attempts AS a (kind, subject, failures, ticket, locked_until, last_at)
    VALUES (p_kind, p_subject, 1, 1, identity.end_lock(v_policy, 1, p_now), p_now)
    ON CONFLICT ON CONSTRAINT attempts_pkey DO UPDATE SET
        failures = identity.count_failure(v_policy, a.failures, a.last_at, p_now),
        ticket = a.ticket + 1,
        locked_until = identity.end_lock(
            v_policy, identity.count_failure(v_policy, a.failures, a.last_at, p_now), p_now),
        last_at = greatest(a.last_at, p_now)
    WHERE a.locked_until IS NULL OR a.locked_until <= p_now
    RETURNING a.ticket, a.failures, a.locked_until
    INTO reserve_attempt.ticket, v_failures, reserve_attempt.locked_until;

    IF NOT FOUND THEN
        PERFORM identity.refuse_attempt(p_kind, p_subject, p_now);
    END IF;
    reserve_attempt.attempts_left := greatest(v_policy.lock_at - v_failures, 0);
END
$$;
