-- ledger.list_recipients — favourites first, then the people most recently paid.
--
-- Ensures   at most 50 favourites (the most that can be saved) and 20 recent payees, from the
--           account's last 1,000 entries; open accounts alone.

CREATE OR REPLACE FUNCTION ledger.list_recipients(p_user_id uuid)
RETURNS TABLE (account_number text, name text, favourite boolean, last_paid_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    WITH me AS (
        SELECT a.id FROM ledger.accounts AS a WHERE a.user_id = p_user_id
    ), recent AS (
        SELECT e.counterparty_id AS payee_id, max(e.posted_at) AS last_paid_at
        FROM (
            SELECT n.counterparty_id, n.amount, n.posted_at FROM ledger.entries AS n
            WHERE n.account_id = (SELECT me.id FROM me) ORDER BY n.version DESC LIMIT 1000
        ) AS e
        WHERE e.amount < 0
        GROUP BY e.counterparty_id
        ORDER BY max(e.posted_at) DESC
        LIMIT 20
    ), saved AS (
        SELECT f.payee_id FROM ledger.favourites AS f WHERE f.account_id = (SELECT me.id FROM me)
    )
    SELECT p.number, p.holder_name, saved.payee_id IS NOT NULL, recent.last_paid_at
    FROM saved FULL JOIN recent USING (payee_id)
    JOIN ledger.accounts AS p ON p.id = payee_id
    WHERE p.kind = 'user' AND p.status <> 'closed'
    ORDER BY saved.payee_id IS NOT NULL DESC, recent.last_paid_at DESC NULLS LAST, p.holder_name
$$;

GRANT EXECUTE ON FUNCTION ledger.list_recipients(uuid) TO lite_wallet, lite_identity;
