-- identity.register_user_as — a user, their wallet and their first session: all of them or none.
--
-- Requires  p_username is normalised; the digests were made for p_user_id; p_number came from
--           identity.draw_account_number.
-- Ensures   the user exists, the ledger has opened one account for them, and the session's refresh
--           token is good, in one transaction. Of two registrations of one username one wins.
-- Returns   the account number, and when the session ends at the latest.
-- Raises    LW020 username taken

CREATE OR REPLACE FUNCTION identity.register_user_as(
    p_user_id uuid, p_username text, p_full_name text, p_password_digest text, p_pin_digest text,
    p_session_id uuid, p_device text, p_remember boolean, p_token_digest bytea, p_now timestamptz,
    p_number text, OUT account_number text, OUT session_expires_at timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    account_number := ledger.open_account_as(p_user_id, p_full_name, p_number);
    INSERT INTO identity.users AS u
        (id, username, full_name, account_number, password_digest, pin_digest, created_at)
    VALUES (p_user_id, p_username, p_full_name, register_user_as.account_number,
            p_password_digest, p_pin_digest, p_now)
    ON CONFLICT ON CONSTRAINT users_username_key DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the username is taken' USING ERRCODE = 'LW020';
    END IF;
    session_expires_at := identity.insert_session(
        p_session_id, p_user_id, p_device, p_remember, p_token_digest, p_now);
END
$$;

GRANT EXECUTE ON FUNCTION identity.register_user_as(
    uuid, text, text, text, text, uuid, text, boolean, bytea, timestamptz, text
) TO lite_identity;
