-- identity.register_user — as identity.register_user_as, with a number that nobody has looked at.
--
-- Ensures   a function of the release before, which still calls it, goes on.
-- Raises    LW020 username taken

CREATE OR REPLACE FUNCTION identity.register_user(
    p_user_id uuid, p_username text, p_full_name text, p_password_digest text, p_pin_digest text,
    p_session_id uuid, p_device text, p_remember boolean, p_token_digest bytea, p_now timestamptz,
    OUT account_number text, OUT session_expires_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    SELECT r.account_number, r.session_expires_at
    INTO register_user.account_number, register_user.session_expires_at
    FROM identity.register_user_as(
        p_user_id, p_username, p_full_name, p_password_digest, p_pin_digest,
        p_session_id, p_device, p_remember, p_token_digest, p_now, ledger.draw_number()) AS r;
END
$$;

GRANT EXECUTE ON FUNCTION identity.register_user(
    uuid, text, text, text, text, uuid, text, boolean, bytea, timestamptz
) TO lite_identity;
