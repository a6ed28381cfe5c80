-- identity.revoke_other_sessions — sign the caller out everywhere but here.
--
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.revoke_other_sessions(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    PERFORM identity.end_other_sessions(p_user_id, p_session_id, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.revoke_other_sessions(uuid, uuid, timestamptz) TO lite_identity;
