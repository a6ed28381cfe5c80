-- identity.count_digests — how many people's passwords and PINs stand on which pepper.
--
-- Ensures   nothing but versions and counts: a pepper that none stands on may be retired.

CREATE OR REPLACE FUNCTION identity.count_digests() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT coalesce(string_agg(format('%s %s: %s', d.kind, d.version, d.people), ', ' ORDER BY d.kind, d.version), 'none')
    FROM (
        SELECT 'password' AS kind, split_part(u.password_digest, ':', 1)::integer AS version, count(*) AS people
        FROM identity.users AS u WHERE u.closed_at IS NULL GROUP BY 2
        UNION ALL
        SELECT 'pin', split_part(u.pin_digest, ':', 1)::integer, count(*)
        FROM identity.users AS u WHERE u.closed_at IS NULL GROUP BY 2
    ) AS d
$$;

GRANT EXECUTE ON FUNCTION identity.count_digests() TO lite_operator;
