-- identity.note_pin_lock — tell the user that wrong PINs have locked it.
--
-- Requires  the lock that reserve_pin returned, after the PIN was found to be wrong.
-- Ensures   one notice in the outbox; locked_until is absent when the PIN is disabled.

CREATE OR REPLACE FUNCTION identity.note_pin_lock(p_user_id uuid, p_locked_until timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT identity.append_notice(p_user_id, 'pin_locked', CASE
        WHEN isfinite(p_locked_until) THEN json_build_object('locked_until', identity.format_time(p_locked_until))
        ELSE '{}'::json
    END)
$$;

GRANT EXECUTE ON FUNCTION identity.note_pin_lock(uuid, timestamptz) TO lite_identity;
