-- ledger.names_of — the numbers and names of accounts that a user has dealt with.
--
-- Requires  at most 100 ids.
-- Ensures   a row only for an account that shares a transfer with the user's own, so that names
--           cannot be asked for by guessing ids.

CREATE OR REPLACE FUNCTION ledger.names_of(p_user_id uuid, p_account_ids uuid[])
RETURNS TABLE (account_id uuid, account_number text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT c.id, c.number, c.holder_name
    FROM ledger.accounts AS me
    JOIN ledger.accounts AS c ON c.id = ANY (p_account_ids[1:100])
    WHERE me.user_id = p_user_id
      AND EXISTS (SELECT FROM ledger.entries AS e WHERE e.account_id = me.id AND e.counterparty_id = c.id)
$$;

GRANT EXECUTE ON FUNCTION ledger.names_of(uuid, uuid[]) TO lite_analytics, lite_notifications;
GRANT USAGE ON SCHEMA ledger TO lite_notifications;
