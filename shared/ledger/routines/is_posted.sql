-- ledger.is_posted — whether a user has posted a transfer under this key.
--
-- Ensures   true only for a committed transfer, which nothing takes back or changes: whoever asks
--           may then call ledger.transfer for its replay and know that no money will move.

CREATE OR REPLACE FUNCTION ledger.is_posted(p_id uuid, p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT EXISTS (
        SELECT FROM ledger.transfers AS t
        JOIN ledger.accounts AS a ON a.id = t.debit_account_id
        WHERE t.id = p_id AND a.user_id = p_user_id
    )
$$;

GRANT EXECUTE ON FUNCTION ledger.is_posted(uuid, uuid) TO lite_transfers;
