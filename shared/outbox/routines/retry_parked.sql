-- outbox.retry — let the relay try every parked event once more.
--
-- Ensures   rows that had used up their 10 attempts start again from none, and wait from now on.
--           Returns how many.

CREATE OR REPLACE FUNCTION outbox.retry() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    WITH again AS (
        UPDATE outbox.events AS e
        SET attempts = 0, claimed_until = '-infinity', queued_at = clock_timestamp()
        WHERE e.attempts >= 10
        RETURNING e.id
    )
    SELECT count(*) FROM again
$$;

GRANT USAGE ON SCHEMA outbox TO lite_operator;
GRANT EXECUTE ON FUNCTION outbox.retry() TO lite_operator;
