-- identity.find_new_user — who has registered a username in the last 2 minutes.
--
-- Ensures   no row for a username that somebody has had for longer, or that nobody has: a closed
--           user has none.
-- Returns   the user's id and the digest of their PIN.

CREATE OR REPLACE FUNCTION identity.find_new_user(p_username text, p_now timestamptz)
RETURNS TABLE (user_id uuid, pin_digest text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT u.id, u.pin_digest
    FROM identity.users AS u
    WHERE u.username = p_username AND u.created_at > p_now - interval '2 minutes'
$$;

GRANT EXECUTE ON FUNCTION identity.find_new_user(text, timestamptz) TO lite_identity;
