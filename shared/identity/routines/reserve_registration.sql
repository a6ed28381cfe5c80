-- identity.reserve_registration — one try at registering a username, before any secret is hashed.
--
-- Ensures   a try counts against its source until register_user gives it back: only those that
--           meet a taken username stay, so nobody can ask for long who is a member.
-- Returns   what settle_attempts needs, and whether somebody has the username.
-- Raises    LW021 too many attempts   from the source
-- Locks     the source's counter.

CREATE OR REPLACE FUNCTION identity.reserve_registration(p_username text, p_source text, p_now timestamptz)
RETURNS TABLE (kinds text[], subjects text[], tickets bigint[], taken boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_subject text := identity.hash_subject(p_source);
BEGIN
    PERFORM identity.sweep_attempts(p_now);
    RETURN QUERY
    SELECT ARRAY['registration'], ARRAY[v_subject], ARRAY[r.ticket],
           EXISTS (SELECT FROM identity.users AS u WHERE u.username = p_username)
    FROM identity.reserve_attempt('registration', v_subject, p_now) AS r;
END
$$;

GRANT EXECUTE ON FUNCTION identity.reserve_registration(text, text, timestamptz) TO lite_identity;
