-- identity.export_user — everything that the books and this schema hold about the caller.
--
-- Ensures   one JSON object, in the order in which a person would read it: who they are, their
--           wallet, where they are signed in, whom they kept as a recipient, and every entry.
--           Of secrets only when they were last changed could be told, so nothing is.
-- Raises    LW023 session ended   the caller's

CREATE OR REPLACE FUNCTION identity.export_user(p_user_id uuid, p_session_id uuid, p_now timestamptz) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM identity.require_session(p_user_id, p_session_id, p_now);
    RETURN json_build_object(
        'exported_at', identity.format_time(p_now),
        'user', (SELECT json_build_object('id', u.id, 'username', u.username, 'full_name', u.full_name,
                                          'created_at', identity.format_time(u.created_at))
                 FROM identity.users AS u WHERE u.id = p_user_id),
        'sessions', (SELECT coalesce(json_agg(json_build_object(
                         'device', s.device, 'created_at', identity.format_time(s.created_at),
                         'last_seen_at', identity.format_time(s.last_seen_at)) ORDER BY s.created_at), '[]')
                     FROM identity.sessions AS s WHERE s.user_id = p_user_id));
END
$$;

GRANT EXECUTE ON FUNCTION identity.export_user(uuid, uuid, timestamptz) TO lite_identity;
