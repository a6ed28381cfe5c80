-- identity.reserve_pin — one try at their own PIN by somebody who is signed in.
--
-- Ensures   every route that takes a PIN counts here: 5 wrong in a row lock, 10 disable.
-- Returns   what settle_attempts needs; the digest, pin_version and account number; the tries
--           left before a lock, and the lock that a wrong PIN now leaves behind, if any.
-- Raises    LW022 PIN locked      locked or disabled
--           LW023 session ended   the session is revoked, expired or another user's
-- Locks     the user's PIN counter.

CREATE OR REPLACE FUNCTION identity.reserve_pin(p_user_id uuid, p_session_id uuid, p_now timestamptz)
RETURNS TABLE (
    kinds text[], subjects text[], tickets bigint[], digest text, version integer,
    account_number text, attempts_left integer, locked_until timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_subject text := identity.hash_subject(p_user_id::text);
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    RETURN QUERY
    SELECT ARRAY['pin'], ARRAY[v_subject], ARRAY[r.ticket], u.pin_digest, u.pin_version,
           u.account_number, r.attempts_left, r.locked_until
    FROM identity.reserve_attempt('pin', v_subject, p_now) AS r
    JOIN identity.users AS u ON u.id = p_user_id;
END
$$;

GRANT EXECUTE ON FUNCTION identity.reserve_pin(uuid, uuid, timestamptz) TO lite_identity;
