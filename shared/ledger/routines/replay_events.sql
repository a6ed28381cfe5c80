-- ledger.replay_events — publish the events of transfers again, from the books alone.
--
-- Requires  a span of at most some 500,000 transfers: a new consumer or a lost topic is served span by
--           span. Who asks for one event gives the minutes around it: the books are read by time.
-- Ensures   for each transfer of [p_since, p_until), or the one of them whose event is p_event_id, an outbox
--           row with the id, the time and the fields of the first; none where one waits already.
--           Whoever reads them deduplicates by the id. Returns how many rows.

CREATE OR REPLACE FUNCTION ledger.replay_events(p_since timestamptz, p_until timestamptz, p_event_id uuid DEFAULT NULL)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    WITH again AS (
        INSERT INTO outbox.events (event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload)
        SELECT t.event_id, 'wallet-events', 'transfer.posted', 1, t.debit_account_id::text, t.posted_at,
               ledger.event_payload(t, d.user_id, c.user_id)
        FROM ledger.transfers AS t
        JOIN ledger.accounts AS d ON d.id = t.debit_account_id
        JOIN ledger.accounts AS c ON c.id = t.credit_account_id
        WHERE t.posted_at >= p_since AND t.posted_at < p_until
          AND (p_event_id IS NULL OR t.event_id = p_event_id)
          AND NOT EXISTS (SELECT FROM outbox.events AS e WHERE e.event_id = t.event_id)
        ORDER BY t.posted_at
        RETURNING event_id
    )
    SELECT count(*) FROM again
$$;

GRANT EXECUTE ON FUNCTION ledger.replay_events(timestamptz, timestamptz, uuid) TO lite_operator;
