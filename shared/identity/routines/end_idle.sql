-- identity.end_idle — until when a session that is now in use lives without being used again.
--
-- Ensures   30 minutes (a phone left on a table), or its whole life for "keep me signed in".
-- Private   called by insert_session and rotate_refresh_token.

CREATE OR REPLACE FUNCTION identity.end_idle(p_remember boolean, p_now timestamptz, p_expires_at timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN p_remember THEN p_expires_at ELSE least(p_now + interval '30 minutes', p_expires_at) END
$$;
