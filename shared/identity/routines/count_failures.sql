-- identity.count_failures — how many sign-ins from a network have failed and still count against it.
--
-- Ensures   0 where none does. p_network is written as the throttle counts it: an IPv4 address with
--           /32, an IPv6 network with /64. Only digests of networks are kept, so none can be listed.

CREATE OR REPLACE FUNCTION identity.count_failures(p_network text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT coalesce(max(a.failures), 0)::text
    FROM identity.attempts AS a WHERE a.kind = 'source' AND a.subject = identity.hash_subject(p_network)
$$;

GRANT EXECUTE ON FUNCTION identity.count_failures(text) TO lite_operator;
