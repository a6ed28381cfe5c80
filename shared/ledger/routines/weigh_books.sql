-- ledger.weigh_books — the whole ledger in six figures, from which its promises can be read off.
--
-- Ensures   one snapshot. In sound books entries_sum and balances_sum are 0, entry_count is twice
--           transfer_count, event_count is transfer_count, and overdrawn is 0. An event
--           that waits to be published again counts once.

CREATE OR REPLACE FUNCTION ledger.weigh_books(
    OUT transfer_count bigint, OUT entry_count bigint, OUT entries_sum bigint,
    OUT balances_sum bigint, OUT event_count bigint, OUT overdrawn bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT (SELECT count(*) FROM ledger.transfers),
           (SELECT count(*) FROM ledger.entries),
           (SELECT coalesce(sum(e.amount), 0)::bigint FROM ledger.entries AS e),
           (SELECT coalesce(sum(a.balance), 0)::bigint FROM ledger.accounts AS a),
           (SELECT count(DISTINCT e.event_id) FROM outbox.events AS e
            WHERE e.event_type = 'transfer.posted'
              AND NOT EXISTS (SELECT FROM outbox.published AS p WHERE p.event_id = e.event_id))
           + (SELECT count(*) FROM outbox.published AS p WHERE p.event_type = 'transfer.posted'),
           (SELECT count(*) FROM ledger.accounts AS a WHERE a.kind = 'user' AND a.balance < 0)
$$;

GRANT EXECUTE ON FUNCTION ledger.weigh_books() TO lite_reconciliation, lite_operator;
