-- ledger.names_of — the numbers and names of accounts that a user has dealt with.
--
-- Requires  at most 100 ids.
-- Ensures   a row only for an account that shares a transfer with the user's own among its last 20,000
--           entries, so that names cannot be asked for by guessing ids; one scan for all of them, of
--           some twenty milliseconds, however long the history is.

CREATE OR REPLACE FUNCTION ledger.names_of(p_user_id uuid, p_account_ids uuid[])
RETURNS TABLE (account_id uuid, account_number text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
-- In the order of the primary key it stops at its bound; else it would read and sort the whole history (measured:
-- 93 ms of 45,000 entries, against 18).
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
    WITH met AS MATERIALIZED (
        SELECT DISTINCT recent.counterparty_id FROM (
            SELECT e.counterparty_id FROM ledger.entries AS e
            WHERE e.account_id = (SELECT me.id FROM ledger.accounts AS me WHERE me.user_id = p_user_id)
            ORDER BY e.version DESC LIMIT 20000
        ) AS recent
        WHERE recent.counterparty_id = ANY (p_account_ids[1:100])
    )
    SELECT c.id, c.number, c.holder_name
    FROM met JOIN ledger.accounts AS c ON c.id = met.counterparty_id
$$;

GRANT EXECUTE ON FUNCTION ledger.names_of(uuid, uuid[]) TO lite_analytics, lite_notifications;
GRANT USAGE ON SCHEMA ledger TO lite_notifications;
