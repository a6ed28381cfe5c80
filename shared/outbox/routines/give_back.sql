-- outbox.give_back — return leased events that nobody could judge, because Pub/Sub was away.
--
-- Ensures   the rows may be claimed again at once and the claim is not counted as an attempt: an
--           outage, however long, parks nothing. Returns how many rows.

CREATE OR REPLACE FUNCTION outbox.give_back(p_ids bigint[]) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    WITH returned AS (
        UPDATE outbox.events AS e
        SET claimed_until = '-infinity', attempts = greatest(e.attempts - 1, 0)
        WHERE e.id = ANY (p_ids)
        RETURNING e.id
    )
    SELECT count(*) FROM returned
$$;

GRANT EXECUTE ON FUNCTION outbox.give_back(bigint[]) TO lite_relay;
