-- identity.open_session — sign in somebody whose password was found right.
--
-- Requires  p_version is the password_version with which it was found right.
-- Ensures   a session and a notice that tells of it; nothing at all when the password has been
--           changed, or the account closed, since it was looked at.
-- Returns   the user's fields and when the session ends; no row for nothing.
-- Locks     the user's row against a change of the password.

CREATE OR REPLACE FUNCTION identity.open_session(
    p_session_id uuid, p_user_id uuid, p_version integer, p_device text, p_remember boolean,
    p_token_digest bytea, p_now timestamptz
)
RETURNS TABLE (
    username text, full_name text, account_number text, created_at timestamptz, session_expires_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_user identity.users;
BEGIN
    SELECT * INTO v_user FROM identity.users AS u
    WHERE u.id = p_user_id AND u.password_version = p_version AND u.closed_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM identity.append_notice(p_user_id, 'session_started', json_build_object('device', p_device));
    RETURN QUERY SELECT v_user.username, v_user.full_name, v_user.account_number, v_user.created_at,
        identity.insert_session(p_session_id, p_user_id, p_device, p_remember, p_token_digest, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.open_session(
    uuid, uuid, integer, text, boolean, bytea, timestamptz
) TO lite_identity;
