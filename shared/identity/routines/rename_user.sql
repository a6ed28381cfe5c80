-- identity.rename_user — change the caller's name, here and in the ledger, together.
--
-- Returns   the profile as it is now.
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.rename_user(
    p_user_id uuid, p_session_id uuid, p_full_name text, p_now timestamptz
)
RETURNS TABLE (id uuid, username text, full_name text, created_at timestamptz, account_number text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    UPDATE identity.users AS u SET full_name = p_full_name WHERE u.id = p_user_id AND u.closed_at IS NULL;
    PERFORM ledger.rename_holder(p_user_id, p_full_name);
    RETURN QUERY SELECT * FROM identity.find_user(p_user_id, p_session_id, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.rename_user(uuid, uuid, text, timestamptz) TO lite_identity;
