-- identity.find_user — the caller's own profile.
--
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.find_user(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS TABLE (id uuid, username text, full_name text, created_at timestamptz, account_number text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    RETURN QUERY
    SELECT u.id, u.username, u.full_name, u.created_at, u.account_number
    FROM identity.users AS u WHERE u.id = p_user_id;
END
$$;

GRANT EXECUTE ON FUNCTION identity.find_user(uuid, uuid, timestamptz) TO lite_identity;
