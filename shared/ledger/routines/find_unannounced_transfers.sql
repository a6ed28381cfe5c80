-- ledger.unannounced_transfers — transfers of a span that do not have exactly one event.
--
-- Returns   the transfer, its event id and how many rows of the outbox, waiting or published, bear it.

CREATE OR REPLACE FUNCTION ledger.unannounced_transfers(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (transfer_id uuid, event_id uuid, times bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT found.id, found.event_id, found.times
    FROM (
        SELECT t.id, t.event_id,
               (SELECT count(*) FROM outbox.published AS p WHERE p.event_id = t.event_id)
               + (SELECT count(*) FROM outbox.events AS e WHERE e.event_id = t.event_id) AS times
        FROM ledger.transfers AS t
        WHERE t.posted_at >= p_since AND t.posted_at < p_until
    ) AS found
    WHERE found.times <> 1
$$;

GRANT EXECUTE ON FUNCTION ledger.unannounced_transfers(timestamptz, timestamptz) TO lite_reconciliation;
