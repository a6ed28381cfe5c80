-- identity.require_session — stop unless the session that an access token names is still alive.
--
-- Ensures   a revoked session's access token, good for minutes elsewhere, opens nothing here: no
--           profile, no change and above all no PIN proof, without which no money moves.
-- Raises    LW023 session ended   revoked, expired, or not this user's
-- Private   called by every routine that acts for a caller.

CREATE OR REPLACE FUNCTION identity.require_session(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    PERFORM FROM identity.sessions AS s
    WHERE s.id = p_session_id AND s.user_id = p_user_id AND s.revoked_at IS NULL AND s.expires_at > p_now;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the session has ended' USING ERRCODE = 'LW023';
    END IF;
END
$$;
