-- identity.change_password — replace a password whose current one was found right.
--
-- Requires  p_version is the password_version with which it was found right.
-- Ensures   the new digest and its time, the user's other sessions ended, and a notice: all or none.
--           False and nothing when another change came first, for then the current password is another.
-- Raises    LW023 session ended   the caller's
-- Locks     the user's row.

CREATE OR REPLACE FUNCTION identity.change_password(
    p_user_id uuid, p_session_id uuid, p_version integer, p_digest text, p_now timestamptz
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    UPDATE identity.users AS u
    SET password_digest = p_digest, password_version = p_version + 1, password_changed_at = p_now
    WHERE u.id = p_user_id AND u.password_version = p_version AND u.closed_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    PERFORM identity.end_other_sessions(p_user_id, p_session_id, p_now);
    PERFORM identity.append_notice(p_user_id, 'password_changed', '{}');
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION identity.change_password(uuid, uuid, integer, text, timestamptz) TO lite_identity;
