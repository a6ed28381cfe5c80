-- identity.list_sessions — where the caller is signed in, last seen first.
--
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.list_sessions(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS TABLE (
    id uuid, device text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, current boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    RETURN QUERY
    SELECT s.id, s.device, s.created_at, s.last_seen_at, s.idle_until, s.id = p_session_id
    FROM identity.sessions AS s
    WHERE s.user_id = p_user_id AND s.revoked_at IS NULL AND s.idle_until > p_now
    ORDER BY s.last_seen_at DESC, s.id;
END
$$;

GRANT EXECUTE ON FUNCTION identity.list_sessions(uuid, uuid, timestamptz) TO lite_identity;
