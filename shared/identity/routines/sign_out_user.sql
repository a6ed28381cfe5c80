-- identity.sign_out_user — an operator ends every session of the user behind an account number.
--
-- Ensures   no refresh token of theirs works from now on, and no PIN proof is to be had; the access
--           tokens that are out end within their ten minutes. Returns how many sessions ended.
-- Raises    LW001 account not found

CREATE OR REPLACE FUNCTION identity.sign_out_user(p_account_number text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_user_id uuid;
    v_count bigint;
BEGIN
    SELECT u.id INTO v_user_id FROM identity.users AS u WHERE u.account_number = p_account_number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account has this number' USING ERRCODE = 'LW001';
    END IF;
    SELECT count(*) INTO v_count
    FROM identity.sessions AS s WHERE s.user_id = v_user_id AND s.revoked_at IS NULL;
    -- No session has a user's id: all of theirs are other ones.
    PERFORM identity.end_other_sessions(v_user_id, v_user_id, clock_timestamp());
    RETURN v_count;
END
$$;

GRANT USAGE ON SCHEMA identity TO lite_operator;
GRANT EXECUTE ON FUNCTION identity.sign_out_user(text) TO lite_operator;
