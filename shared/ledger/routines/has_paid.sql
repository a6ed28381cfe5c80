-- ledger.has_paid — whether one account has paid another among its last 1,000 entries.
--
-- Ensures   a bounded scan of the account's own primary key range: someone not paid within 1,000
--           entries is as good as new, and asking for the whole history would cost more with each year.
-- Private   called by the read routines.

CREATE OR REPLACE FUNCTION ledger.has_paid(p_account_id uuid, p_payee_id uuid) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT e.counterparty_id, e.amount FROM ledger.entries AS e
            WHERE e.account_id = p_account_id ORDER BY e.version DESC LIMIT 1000
        ) AS recent
        WHERE recent.counterparty_id = p_payee_id AND recent.amount < 0
    )
$$;
