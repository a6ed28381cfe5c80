-- identity.end_session_of — end the session whose refresh token a browser held when it signed in anew.
--
-- Ensures   a browser has one session, whoever uses it: the old one is not left behind to be found.
--           A digest that no living session has changes nothing.

CREATE OR REPLACE FUNCTION identity.end_session_of(p_digest bytea, p_now timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT identity.end_session(t.session_id, p_now) FROM identity.refresh_tokens AS t WHERE t.digest = p_digest
$$;

GRANT EXECUTE ON FUNCTION identity.end_session_of(bytea, timestamptz) TO lite_identity;
