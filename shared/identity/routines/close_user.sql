-- identity.close_user — close the account of a caller whose PIN was found right.
--
-- Requires  p_version is the pin_version with which it was found right.
-- Ensures   the ledger's account is closed and names nobody; username, name and digests are erased,
--           sessions and counters are gone; a notice lets the inbox forget them; the ledger
--           keeps its entries. All or none. False and nothing when the PIN has been changed since.
-- Raises    LW011 balance not zero   balance says what is left
--           LW023 session ended      the caller's
-- Locks     the user's row, then the ledger's account.

CREATE OR REPLACE FUNCTION identity.close_user(
    p_user_id uuid, p_session_id uuid, p_version integer, p_now timestamptz
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_username text;
BEGIN
    SELECT u.username INTO v_username FROM identity.users AS u
    WHERE u.id = p_user_id AND u.pin_version = p_version AND u.closed_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    PERFORM ledger.close_account(p_user_id);
    UPDATE identity.users AS u
    SET username = NULL, full_name = NULL, password_digest = NULL, pin_digest = NULL, closed_at = p_now
    WHERE u.id = p_user_id;
    PERFORM identity.append_notice(p_user_id, 'account_closed', '{}');
    DELETE FROM identity.sessions AS s WHERE s.user_id = p_user_id;
    DELETE FROM identity.attempts AS a
    WHERE (a.kind = 'pin' AND a.subject = identity.hash_subject(p_user_id::text))
       OR (a.kind = 'password' AND a.subject = identity.hash_subject(v_username));
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION identity.close_user(uuid, uuid, integer, timestamptz) TO lite_identity;
