-- ledger.list_entries — as ledger.search_entries, without the place where it stopped.
--
-- Ensures   a function of the release before, which still calls it, goes on; a search that has looked at
--           20,000 versions without filling its page looks to it like the end of the history.

CREATE OR REPLACE FUNCTION ledger.list_entries(
    p_user_id uuid, p_before bigint, p_from timestamptz, p_to timestamptz,
    p_direction text, p_kind text, p_text text, p_limit integer
)
RETURNS TABLE (
    version bigint, id uuid, transfer_id uuid, kind text, direction text, amount bigint, balance_after bigint,
    counterparty_number text, counterparty_name text, note text, posted_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT e.version, e.id, e.transfer_id, e.kind, e.direction, e.amount, e.balance_after,
           e.counterparty_number, e.counterparty_name, e.note, e.posted_at
    FROM ledger.search_entries(p_user_id, p_before, p_from, p_to, p_direction, p_kind, p_text, p_limit) AS e
    WHERE e.version IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION ledger.list_entries(uuid, bigint, timestamptz, timestamptz, text, text, text, integer) TO lite_wallet, lite_identity;
