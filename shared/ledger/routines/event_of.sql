-- ledger.event_of — the fields of a posted transfer's event, read from the books.
--
-- Requires  p_debit_account_id is the event's ordering key, the debited account's id as text.
-- Private   called by outbox.claim and the replay of events.

CREATE OR REPLACE FUNCTION ledger.event_of(p_transfer_id uuid, p_debit_account_id text) RETURNS json
LANGUAGE sql STABLE
AS $$
    SELECT ledger.event_payload(t, d.user_id, c.user_id)
    FROM ledger.transfers AS t
    JOIN ledger.accounts AS d ON d.id = t.debit_account_id
    JOIN ledger.accounts AS c ON c.id = t.credit_account_id
    WHERE t.id = p_transfer_id AND t.debit_account_id = p_debit_account_id::uuid
$$;
