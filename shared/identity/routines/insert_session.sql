-- identity.insert_session — one more place where a user is signed in.
--
-- Ensures   the session ends 30 days from now at the latest; of those that the user has only the 20
--           latest live on: more devices than a person has, few enough to read through. The others
--           and those that are over are ended, and deleted with their tokens.
-- Returns   when it ends at the latest.
-- Private   called by register_user and open_session.

CREATE OR REPLACE FUNCTION identity.insert_session(
    p_session_id uuid, p_user_id uuid, p_device text, p_remember boolean, p_token_digest bytea, p_now timestamptz
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_expires_at timestamptz := p_now + interval '30 days';
BEGIN
    PERFORM identity.end_session(s.id, p_now) FROM identity.sessions AS s
    WHERE s.user_id = p_user_id AND s.revoked_at IS NULL
      AND (s.idle_until <= p_now OR s.id IN (
          SELECT o.id FROM identity.sessions AS o
          WHERE o.user_id = p_user_id
          ORDER BY o.last_seen_at DESC OFFSET 19
      ));
    DELETE FROM identity.sessions AS s WHERE s.user_id = p_user_id AND s.revoked_at IS NOT NULL;
    INSERT INTO identity.sessions
        (id, user_id, device, remember, created_at, last_seen_at, idle_until, expires_at)
    VALUES (p_session_id, p_user_id, p_device, p_remember, p_now, p_now,
            identity.end_idle(p_remember, p_now, v_expires_at), v_expires_at);
    INSERT INTO identity.refresh_tokens (digest, session_id, issued_at)
    VALUES (p_token_digest, p_session_id, p_now);
    RETURN v_expires_at;
END
$$;
