-- identity.revoke_session — sign out one of the caller's own sessions, which may be the current one.
--
-- Raises    LW008 not found       there is no such living session, or it is another user's
--           LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.revoke_session(
    p_user_id uuid, p_session_id uuid, p_revoked_id uuid, p_now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    PERFORM FROM identity.sessions AS s
    WHERE s.id = p_revoked_id AND s.user_id = p_user_id AND s.revoked_at IS NULL AND s.idle_until > p_now
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such session' USING ERRCODE = 'LW008';
    END IF;
    PERFORM identity.end_session(p_revoked_id, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.revoke_session(uuid, uuid, uuid, timestamptz) TO lite_identity;
