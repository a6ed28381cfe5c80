-- identity.rotate_refresh_token — change a refresh token for its successor; each is used once.
--
-- Requires  p_successor = SHA-256(HMAC-SHA256(token, p_seed)), p_digest = SHA-256(token), and
--           p_seed is random.
-- Ensures   'rotated'   the token is used, its successor is good, the session was seen now.
--           'repeated'  the token was used in the last 15 seconds: an answer was lost, or two tabs
--                       asked at once. Nothing changes; the seeds lead to the one good token, so a
--                       family never has two.
--           'reused'    it was used before that: somebody has a copy. The session is revoked, its
--                       tokens are gone, and a notice tells the user.
--           'ended'     unknown, revoked, idle for too long or expired; or by another machine's clock
--                       its 15 seconds are over, so that a seed on the way is gone. Nothing changes.
-- Returns   the outcome; else than for 'ended' and 'reused', whose session it is, when it ends, and
--           the seeds from this token to the good one.
-- Locks     the session: of parallel calls with one token one rotates and the others repeat.

CREATE OR REPLACE FUNCTION identity.rotate_refresh_token(
    p_digest bytea, p_successor bytea, p_seed bytea, p_now timestamptz,
    OUT outcome text, OUT user_id uuid, OUT session_id uuid, OUT remember boolean,
    OUT session_expires_at timestamptz, OUT seeds bytea[]
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_session identity.sessions;
    v_token identity.refresh_tokens;
BEGIN
    SELECT s.* INTO v_session
    FROM identity.refresh_tokens AS t JOIN identity.sessions AS s ON s.id = t.session_id
    WHERE t.digest = p_digest
    FOR NO KEY UPDATE OF s;
    IF NOT FOUND OR v_session.revoked_at IS NOT NULL OR v_session.idle_until <= p_now THEN
        outcome := 'ended';
        RETURN;
    END IF;
    -- Read under the lock: a parallel call may have used it while this one waited.
    SELECT * INTO STRICT v_token FROM identity.refresh_tokens AS t WHERE t.digest = p_digest;

    IF v_token.used_at IS NULL THEN
        PERFORM identity.use_refresh_token(v_session, p_digest, p_successor, p_seed, p_now);
        outcome := 'rotated';
        seeds := ARRAY[p_seed];
    ELSIF v_token.used_at > p_now - interval '15 seconds' THEN
        outcome := 'repeated';
        seeds := identity.follow_seeds(p_digest);
        IF array_position(seeds, NULL) IS NOT NULL THEN
            outcome := 'ended';
            seeds := NULL;
            RETURN;
        END IF;
    ELSE
        PERFORM identity.end_session(v_session.id, p_now);
        PERFORM identity.append_notice(
            v_session.user_id, 'session_reuse_detected', json_build_object('device', v_session.device));
        outcome := 'reused';
        RETURN;
    END IF;
    user_id := v_session.user_id;
    session_id := v_session.id;
    remember := v_session.remember;
    session_expires_at := v_session.expires_at;
END
$$;

GRANT EXECUTE ON FUNCTION identity.rotate_refresh_token(bytea, bytea, bytea, timestamptz) TO lite_identity;
