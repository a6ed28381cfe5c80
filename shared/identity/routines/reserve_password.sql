-- identity.reserve_password — one try at their own password by somebody who is signed in.
--
-- Ensures   the try is counted on the same counters as a sign-in's.
-- Returns   what settle_attempts needs, the digest, password_version, username and account number.
-- Raises    LW021 too many attempts   on the username or from the source
--           LW023 session ended       the session is revoked, expired or another user's
-- Locks     the two counters, the username's first.

CREATE OR REPLACE FUNCTION identity.reserve_password(
    p_user_id uuid, p_session_id uuid, p_source text, p_now timestamptz
)
RETURNS TABLE (
    kinds text[], subjects text[], tickets bigint[],
    digest text, version integer, username text, account_number text
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_username text;
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    SELECT u.username INTO STRICT v_username FROM identity.users AS u WHERE u.id = p_user_id;
    RETURN QUERY
    SELECT r.kinds, r.subjects, r.tickets, r.digest, r.version, u.username, u.account_number
    FROM identity.reserve_sign_in(v_username, p_source, p_now) AS r
    JOIN identity.users AS u ON u.id = p_user_id;
END
$$;

GRANT EXECUTE ON FUNCTION identity.reserve_password(uuid, uuid, text, timestamptz) TO lite_identity;
