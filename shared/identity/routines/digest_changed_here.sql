-- identity.digest_changed_here — the digest of a secret that the caller's own session has just changed.
--
-- Requires  p_kind is 'password' or 'pin'.
-- Ensures   null unless the secret was changed in the last 2 minutes and the caller's session is older
--           than that change: a change ends all other sessions, so it is this one that made it.
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.digest_changed_here(
    p_user_id uuid, p_session_id uuid, p_kind text, p_now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    RETURN (
        SELECT changed.digest
        FROM identity.users AS u
        JOIN identity.sessions AS s ON s.user_id = u.id
        CROSS JOIN LATERAL (VALUES
            ('password', u.password_digest, u.password_changed_at),
            ('pin', u.pin_digest, u.pin_changed_at)
        ) AS changed (kind, digest, at)
        WHERE u.id = p_user_id AND s.id = p_session_id AND changed.kind = p_kind
          AND changed.at > p_now - interval '2 minutes'
          AND s.created_at < changed.at
    );
END
$$;

GRANT EXECUTE ON FUNCTION identity.digest_changed_here(uuid, uuid, text, timestamptz) TO lite_identity;
