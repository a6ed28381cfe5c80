-- outbox.backlog — how many events wait, for how long the oldest has, and how many are parked.
--
-- Ensures   the age is that of the waiting in the outbox: a parked event, which waits for a person, has
--           none, and one that is published again waits since then.

CREATE OR REPLACE FUNCTION outbox.backlog(
    OUT pending bigint, OUT oldest_age_seconds double precision, OUT parked bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT count(*) FILTER (WHERE e.attempts < 10),
           -- A row from before queued_at was kept has the time of its cause.
           coalesce(extract(epoch FROM clock_timestamp() - min(coalesce(e.queued_at, e.occurred_at))
                                                           FILTER (WHERE e.attempts < 10)), 0)::double precision,
           count(*) FILTER (WHERE e.attempts >= 10)
    FROM outbox.events AS e
$$;

GRANT EXECUTE ON FUNCTION outbox.backlog() TO lite_relay, lite_reconciliation, lite_operator;
