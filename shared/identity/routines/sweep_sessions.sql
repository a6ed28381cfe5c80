-- identity.sweep_sessions — end and delete a few sessions that are over, whoever had them.
--
-- Ensures   at most 5 sessions go at each call, with their tokens, so that it costs a sign-in nothing to
--           speak of and still outruns the one that it adds. A session that was revoked goes with those
--           that would have ended when it would.
-- Private   called by insert_session.

CREATE OR REPLACE FUNCTION identity.sweep_sessions(p_now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_over uuid[];
BEGIN
    -- Chosen once, and before anything changes; what somebody uses is left for later.
    v_over := ARRAY(
        SELECT s.id FROM identity.sessions AS s
        WHERE s.idle_until <= p_now
        ORDER BY s.idle_until
        LIMIT 5
        FOR UPDATE SKIP LOCKED
    );
    PERFORM identity.end_session(o.id, p_now) FROM unnest(v_over) AS o (id);
    DELETE FROM identity.sessions AS s WHERE s.id = ANY (v_over);
END
$$;
