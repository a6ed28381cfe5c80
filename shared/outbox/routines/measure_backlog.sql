-- outbox.backlog — how many events wait, for how long the oldest has, and how many are parked.

CREATE OR REPLACE FUNCTION outbox.backlog(
    OUT pending bigint, OUT oldest_age_seconds double precision, OUT parked bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT count(*) FILTER (WHERE e.attempts < 10),
           coalesce(extract(epoch FROM clock_timestamp() - min(e.occurred_at)), 0)::double precision,
           count(*) FILTER (WHERE e.attempts >= 10)
    FROM outbox.events AS e
$$;

GRANT EXECUTE ON FUNCTION outbox.backlog() TO lite_relay, lite_reconciliation, lite_operator;
