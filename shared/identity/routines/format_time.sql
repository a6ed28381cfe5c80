-- identity.format_time — a moment as the contract writes it: RFC 3339, UTC, whole seconds, Z.
--
-- Private   called by the routines of this schema.

CREATE OR REPLACE FUNCTION identity.format_time(p_moment timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT to_char(p_moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;
