-- ledger.jakarta_day — the day of a moment as people in Jakarta count it.
--
-- Private   called by the routines that count by days.

CREATE OR REPLACE FUNCTION ledger.jakarta_day(p_time timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$
    SELECT (p_time AT TIME ZONE 'Asia/Jakarta')::date
$$;
