-- identity.upgrade_password_digest — keep the same password under a newer pepper or a higher cost.
--
-- Ensures   the digest changes unless the password has been changed since it was found right; no
--           session ends, for nothing that the user knows has changed.

CREATE OR REPLACE FUNCTION identity.upgrade_password_digest(p_user_id uuid, p_version integer, p_digest text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    UPDATE identity.users AS u SET password_digest = p_digest
    WHERE u.id = p_user_id AND u.password_version = p_version AND u.closed_at IS NULL
$$;

GRANT EXECUTE ON FUNCTION identity.upgrade_password_digest(uuid, integer, text) TO lite_identity;
