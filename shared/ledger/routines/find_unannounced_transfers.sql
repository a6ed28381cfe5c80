-- ledger.unannounced_transfers — transfers of a span that do not have exactly one event.
--
-- Returns   the transfer, its event id and 0: an event that waits to be published again stands
--           in the outbox twice and counts once. That no transfer has two events is seen by
--           ledger.surplus_events.

CREATE OR REPLACE FUNCTION ledger.unannounced_transfers(p_since timestamptz, p_until timestamptz)
RETURNS TABLE (transfer_id uuid, event_id uuid, times bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT found.id, found.event_id, found.times
    FROM (
        SELECT t.id, t.event_id,
               -- Counted, and not EXISTS, for which the planner may read all that was ever published.
               ((SELECT count(*) FROM outbox.published AS p WHERE p.event_id = t.event_id) > 0
                OR t.event_id IN (SELECT e.event_id FROM outbox.events AS e))::integer::bigint AS times
        FROM ledger.transfers AS t
        WHERE t.posted_at >= p_since AND t.posted_at < p_until
    ) AS found
    WHERE found.times <> 1;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.unannounced_transfers(timestamptz, timestamptz) TO lite_reconciliation;
