-- identity.end_session — sign a session out.
--
-- Ensures   its refresh tokens are gone and its access tokens open nothing in this schema.
-- Private   called by the routines that revoke.

CREATE OR REPLACE FUNCTION identity.end_session(p_session_id uuid, p_now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE identity.sessions AS s SET revoked_at = p_now WHERE s.id = p_session_id AND s.revoked_at IS NULL;
    DELETE FROM identity.refresh_tokens AS t WHERE t.session_id = p_session_id;
$$;
