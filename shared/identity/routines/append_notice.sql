-- identity.append_notice — tell a user of something that concerns their way in.
--
-- Requires  p_notice and p_data are what shared/events.py defines for security.noticed; no
--           address, token or name is in them.
-- Ensures   one outbox row, committed with what it tells of or not at all.
-- Private   called by the routines of this schema.

CREATE OR REPLACE FUNCTION identity.append_notice(p_user_id uuid, p_notice text, p_data json) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    SELECT outbox.append('wallet-notices', 'security.noticed', 1, p_user_id::text,
        json_build_object('user_id', p_user_id, 'notice', p_notice, 'data', p_data))
$$;
