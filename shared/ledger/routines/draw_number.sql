-- ledger.draw_number — a random account number with its Luhn check digit (ISO/IEC 7812-1, annex B).
--
-- Ensures   12 digits, the first not 0; the random ones come from the server's strong source.
-- Private   called by ledger.open_account.

CREATE OR REPLACE FUNCTION ledger.draw_number() RETURNS text
LANGUAGE sql VOLATILE
AS $$
    WITH drawn AS (
        SELECT (10000000000 + mod(abs(('x' || left(encode(uuid_send(gen_random_uuid()), 'hex'), 12))::bit(48)::bigint),
                                  90000000000))::text AS body
    ), doubled AS (
        -- Counted from the right of the 11 digits, the 1st, 3rd, 5th … are doubled.
        SELECT drawn.body, sum(CASE
                   WHEN mod(position, 2) = 0 THEN digit
                   WHEN digit * 2 > 9 THEN digit * 2 - 9
                   ELSE digit * 2 END) AS total
        FROM drawn, generate_series(1, 11) AS position, LATERAL (SELECT substr(drawn.body, 12 - position, 1)::integer AS digit) AS d
        GROUP BY drawn.body
    )
    SELECT doubled.body || mod(10 - mod(doubled.total, 10), 10) FROM doubled
$$;
