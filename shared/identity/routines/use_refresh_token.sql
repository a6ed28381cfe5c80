-- identity.use_refresh_token — put a successor in the place of a refresh token.
--
-- Requires  the session is locked and alive, and the token is its one unused token.
-- Ensures   the successor is the session's one unused token; the session was seen now; seeds that
--           are no longer needed for a lost answer are gone.
-- Private   called by rotate_refresh_token.

CREATE OR REPLACE FUNCTION identity.use_refresh_token(
    p_session identity.sessions, p_digest bytea, p_successor bytea, p_seed bytea, p_now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE identity.refresh_tokens AS t SET seed = NULL
    WHERE t.session_id = p_session.id AND t.seed IS NOT NULL AND t.used_at <= p_now - interval '15 seconds';
    UPDATE identity.refresh_tokens AS t SET used_at = p_now, successor = p_successor, seed = p_seed
    WHERE t.digest = p_digest;
    INSERT INTO identity.refresh_tokens (digest, session_id, issued_at)
    VALUES (p_successor, p_session.id, p_now);
    UPDATE identity.sessions AS s
    SET last_seen_at = p_now, idle_until = identity.end_idle(s.remember, p_now, s.expires_at)
    WHERE s.id = p_session.id;
END
$$;
