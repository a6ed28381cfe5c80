-- identity.hash_subject — the name under which attempts on something are counted.
--
-- Ensures   one width for ids, usernames and addresses, and no address readable in the table.
-- Private   called by the routines of this schema.

CREATE OR REPLACE FUNCTION identity.hash_subject(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT encode(sha256(convert_to(p_text, 'UTF8')), 'hex')
$$;
