-- ledger.summarise_statement — the figures of a statement: opening + in - out = closing.
--
-- Requires  p_from <= p_to; from is inclusive, to exclusive.
-- Ensures   first_version and last_version bound the entries that ledger.statement_lines writes, so
--           that figures and lines are of one moment however many payments follow. No row where
--           the user has no wallet.

CREATE OR REPLACE FUNCTION ledger.summarise_statement(p_user_id uuid, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (
    account_number text, holder_name text, first_version bigint, last_version bigint,
    opening_balance bigint, in_amount bigint, out_amount bigint, closing_balance bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_account ledger.accounts;
    v_before bigint;
    v_last bigint;
BEGIN
    SELECT a.* INTO v_account FROM ledger.accounts AS a WHERE a.user_id = p_user_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_before := ledger.version_at(v_account.id, p_from);
    v_last := ledger.version_at(v_account.id, p_to);
    RETURN QUERY
    SELECT v_account.number::text, v_account.holder_name, v_before + 1, v_last,
           ledger.balance_at(v_account.id, v_before),
           coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint,
           coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint,
           ledger.balance_at(v_account.id, v_last)
    FROM ledger.entries AS e
    WHERE e.account_id = v_account.id AND e.version BETWEEN v_before + 1 AND v_last;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.summarise_statement(uuid, timestamptz, timestamptz) TO lite_wallet;
