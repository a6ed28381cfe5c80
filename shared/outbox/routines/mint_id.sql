-- outbox.mint_id — a new UUID of version 7 (RFC 9562, section 5.7), ordered by its time of birth.
--
-- Ensures   48 bits of Unix milliseconds, version 7, and from a random UUID (version 4) its variant
--           and its 74 random bits. Pieced together as text: half the time of setting bits in bytes,
--           and every payment mints one.
-- Private   called by the routines of every schema; an id that a client gives is kept as it is.

CREATE OR REPLACE FUNCTION outbox.mint_id() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    SELECT (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || right(gen_random_uuid()::text, 21))::uuid
$$;
