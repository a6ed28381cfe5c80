-- identity.refuse_attempt — raise the problem of a locked subject.
--
-- Raises    LW021 too many attempts   retry_after_seconds says how long
--           LW022 PIN locked          locked_until says until when, null means until the password is given
-- Private   called by reserve_attempt.

CREATE OR REPLACE FUNCTION identity.refuse_attempt(p_kind text, p_subject text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_until timestamptz;
    v_seconds integer;
BEGIN
    -- Whoever held the lock may have lifted it since: then ask the caller to come back in a second.
    SELECT coalesce(max(a.locked_until), p_now) INTO v_until
    FROM identity.attempts AS a WHERE a.kind = p_kind AND a.subject = p_subject;
    -- At least a second: a lock that ends while we speak must not read as "now, at once".
    v_seconds := CASE WHEN isfinite(v_until) THEN greatest(ceil(extract(epoch FROM v_until - p_now)), 1) END;
    IF p_kind = 'pin' THEN
        RAISE EXCEPTION 'the PIN is locked' USING ERRCODE = 'LW022', DETAIL = json_build_object(
            'locked_until', CASE WHEN isfinite(v_until) THEN identity.format_time(v_until) END,
            'retry_after_seconds', v_seconds);
    END IF;
    RAISE EXCEPTION 'too many attempts' USING
        ERRCODE = 'LW021', DETAIL = json_build_object('retry_after_seconds', v_seconds);
END
$$;
