-- identity.reset_pin — set a new PIN for a user whose password was found right.
--
-- Requires  p_version is the password_version with which it was found right.
-- Ensures   as change_pin; and the count of wrong PINs starts again, locked or disabled as it may
--           be, for the password is what a lock waits for. False and nothing when the password has
--           been changed since.
-- Raises    LW023 session ended   the caller's
-- Locks     the user's row.

CREATE OR REPLACE FUNCTION identity.reset_pin(
    p_user_id uuid, p_session_id uuid, p_version integer, p_digest text, p_now timestamptz
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_pin_version integer;
BEGIN
    SELECT u.pin_version INTO v_pin_version FROM identity.users AS u
    WHERE u.id = p_user_id AND u.password_version = p_version AND u.closed_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE identity.attempts AS a SET failures = 0, locked_until = NULL
    WHERE a.kind = 'pin' AND a.subject = identity.hash_subject(p_user_id::text);
    RETURN identity.change_pin(p_user_id, p_session_id, v_pin_version, p_digest, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.reset_pin(uuid, uuid, integer, text, timestamptz) TO lite_identity;
