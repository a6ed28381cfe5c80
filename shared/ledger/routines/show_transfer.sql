-- ledger.show_transfer — a transfer as one of its two parties sees it; no row for anybody else.
--
-- Ensures   the caller's own payment comes first where another's payment to the caller happens to
--           bear the same id; balance_after is the caller's own.

CREATE OR REPLACE FUNCTION ledger.show_transfer(p_user_id uuid, p_id uuid)
RETURNS TABLE (
    id uuid, kind text, amount bigint, from_account text, to_account text, counterparty_name text,
    note text, balance_after bigint, posted_at timestamptz, direction text, reverses_id uuid, reversed_by_id uuid
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT t.id, t.kind::text, t.amount, d.number, c.number,
           CASE WHEN d.user_id = p_user_id THEN c.holder_name ELSE d.holder_name END,
           t.note,
           CASE WHEN d.user_id = p_user_id THEN t.debit_balance_after ELSE t.credit_balance_after END,
           t.posted_at,
           CASE WHEN d.user_id = p_user_id THEN 'out' ELSE 'in' END,
           t.reverses_id,
           (SELECT r.id FROM ledger.transfers AS r
            WHERE r.reverses_id = t.id AND r.credit_account_id = t.debit_account_id)
    FROM ledger.transfers AS t
    JOIN ledger.accounts AS d ON d.id = t.debit_account_id
    JOIN ledger.accounts AS c ON c.id = t.credit_account_id
    WHERE t.id = p_id AND p_user_id IN (d.user_id, c.user_id)
    ORDER BY (d.user_id = p_user_id) DESC NULLS LAST, t.posted_at
    LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION ledger.show_transfer(uuid, uuid) TO lite_transfers;
