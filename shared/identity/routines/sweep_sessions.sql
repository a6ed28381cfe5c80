-- identity.sweep_sessions — delete a few sessions that are over, whoever had them.
--
-- Ensures   at most 5 sessions go at each call, with their tokens, so that it costs a sign-in nothing to
--           speak of and still outruns the one that it adds. A session that was revoked goes with those
--           that would have ended when it would.
-- Private   called by insert_session.

CREATE OR REPLACE FUNCTION identity.sweep_sessions(p_now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    -- Chosen once, whatever the planner thinks of the table's size; what somebody uses is left for later.
    WITH over AS MATERIALIZED (
        SELECT s.id FROM identity.sessions AS s
        WHERE s.idle_until <= p_now
        ORDER BY s.idle_until
        LIMIT 5
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM identity.sessions AS gone USING over WHERE gone.id = over.id
$$;
