-- ledger.surplus_events — events of a span, waiting or published, that announce no transfer of it.
--
-- Ensures   an event has the time of its transfer, so the two are looked for in the same span: a
--           transfer that was announced under a second id is found here, and one that never
--           happened. What is published again has the id of the first.

CREATE OR REPLACE FUNCTION ledger.surplus_events(p_since timestamptz, p_until timestamptz) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT p.event_id FROM outbox.published AS p
    WHERE p.event_type = 'transfer.posted' AND p.occurred_at >= p_since AND p.occurred_at < p_until
    UNION
    SELECT e.event_id FROM outbox.events AS e
    WHERE e.event_type = 'transfer.posted' AND e.occurred_at >= p_since AND e.occurred_at < p_until
    EXCEPT
    SELECT t.event_id FROM ledger.transfers AS t WHERE t.posted_at >= p_since AND t.posted_at < p_until;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.surplus_events(timestamptz, timestamptz) TO lite_reconciliation;
