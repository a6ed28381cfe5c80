-- ledger.is_posted — whether a user has posted a transfer under this key.
--
-- Ensures   true only for a committed transfer, which nothing takes back or changes: whoever asks
--           may then call ledger.transfer for its replay and know that no money will move. What is
--           visible may not be on disk yet; a true answer waits until it is, for after a crash that took
--           it back the same call would pay anew.
-- Needs     to be called outside a transaction block, with synchronous_commit on: its own commit waits.

CREATE OR REPLACE FUNCTION ledger.is_posted(p_id uuid, p_user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    PERFORM FROM ledger.transfers AS t
    JOIN ledger.accounts AS a ON a.id = t.debit_account_id
    WHERE t.id = p_id AND a.user_id = p_user_id AND t.kind = 'transfer';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- A record behind what was seen, committed with this statement: the log is sequential.
    PERFORM pg_logical_emit_message(true, 'flush', '');
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.is_posted(uuid, uuid) TO lite_transfers;
