-- identity.end_other_sessions — sign a user out everywhere but here.
--
-- Private   called by revoke_other_sessions, change_password and change_pin.

CREATE OR REPLACE FUNCTION identity.end_other_sessions(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS void
LANGUAGE sql VOLATILE
AS $$
    SELECT identity.end_session(s.id, p_now) FROM identity.sessions AS s
    WHERE s.user_id = p_user_id AND s.id <> p_session_id AND s.revoked_at IS NULL
$$;
