-- identity.reserve_sign_in — one try at a username's password by somebody who is not signed in.
--
-- Ensures   the try is counted against the username, whether it exists or not, and against its
--           source, or against neither. Everything is the same for a username that does not
--           exist, except that the user's fields are null.
-- Returns   what settle_attempts needs, and the user's id, digest and password_version.
-- Raises    LW021 too many attempts   on the username or from the source
-- Locks     the two counters, the username's first.

CREATE OR REPLACE FUNCTION identity.reserve_sign_in(p_username text, p_source text, p_now timestamptz)
RETURNS TABLE (
    kinds text[], subjects text[], tickets bigint[], user_id uuid, digest text, version integer
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_username_subject text := identity.hash_subject(p_username);
    v_source_subject text := identity.hash_subject(p_source);
    v_username_ticket bigint;
    v_source_ticket bigint;
BEGIN
    PERFORM identity.sweep_attempts(p_now);
    v_username_ticket := (identity.reserve_attempt('password', v_username_subject, p_now)).ticket;
    v_source_ticket := (identity.reserve_attempt('source', v_source_subject, p_now)).ticket;
    RETURN QUERY
    SELECT ARRAY['password', 'source'], ARRAY[v_username_subject, v_source_subject],
           ARRAY[v_username_ticket, v_source_ticket], u.id, u.password_digest, u.password_version
    FROM (SELECT) AS always
    LEFT JOIN identity.users AS u ON u.username = p_username;
END
$$;

GRANT USAGE ON SCHEMA identity TO lite_identity;
GRANT EXECUTE ON FUNCTION identity.reserve_sign_in(text, text, timestamptz) TO lite_identity;
