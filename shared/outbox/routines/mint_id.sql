-- outbox.mint_id — a new UUID of version 7 (RFC 9562, section 5.7), ordered by its time of birth.
--
-- Ensures   48 bits of Unix milliseconds, version 7, variant 10, 74 random bits.
-- Private   called by the routines of every schema; an id that a client gives is kept as it is.

CREATE OR REPLACE FUNCTION outbox.mint_id() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;
