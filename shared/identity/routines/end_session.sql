-- identity.end_session — sign a session out.
--
-- Ensures   its refresh tokens are gone and its access tokens open nothing in this schema; a notice,
--           which nobody is shown, takes its device off the list of those that are sent notices.
--           A session that has ended changes nothing.
-- Private   called by the routines that revoke.

CREATE OR REPLACE FUNCTION identity.end_session(p_session_id uuid, p_now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    WITH ended AS (
        UPDATE identity.sessions AS s SET revoked_at = p_now WHERE s.id = p_session_id AND s.revoked_at IS NULL
        RETURNING s.id, s.user_id
    )
    SELECT identity.append_notice(ended.user_id, 'session_ended', json_build_object('session_id', ended.id))
    FROM ended;
    DELETE FROM identity.refresh_tokens AS t WHERE t.session_id = p_session_id;
$$;
