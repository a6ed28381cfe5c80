-- ledger.entry_id — the id by which an entry is shown: a name-based UUID (RFC 9562, version 3).
--
-- Ensures   the same for the same transfer and account at every call; nothing has to be stored. A
--           transfer is named by its id within its debited account, so both go into the name: a payee
--           may be paid by two people who chose the same key.
-- Private   called by the read routines.

CREATE OR REPLACE FUNCTION ledger.entry_id(p_transfer_id uuid, p_debit_id uuid, p_account_id uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE
AS $$
    SELECT overlay(overlay(md5(uuid_send(p_transfer_id) || uuid_send(p_debit_id) || uuid_send(p_account_id))
                           PLACING '3' FROM 13) PLACING '8' FROM 17)::uuid
$$;
