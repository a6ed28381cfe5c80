-- ledger.verify_account — prove one account from its entries alone.
--
-- Requires  p_after is the version up to which it has been proved before; 0 proves it whole.
-- Returns   a row per fault, none for a sound account: a gap in the versions, a balance_after that
--           does not follow from the one before, time running backwards, an entry without its
--           transfer or unlike it, a balance or version of the account that its entries do not give.

CREATE OR REPLACE FUNCTION ledger.verify_account(p_account_id uuid, p_after bigint DEFAULT 0)
RETURNS TABLE (version bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    WITH chain AS (
        SELECT e.version, e.amount, e.balance_after, e.posted_at, e.transfer_id, e.counterparty_id,
               lag(e.version, 1, p_after) OVER w AS version_before,
               lag(e.balance_after, 1, ledger.balance_at(p_account_id, p_after)) OVER w AS balance_before,
               lag(e.posted_at) OVER w AS posted_before
        FROM ledger.entries AS e
        WHERE e.account_id = p_account_id AND e.version > p_after
        WINDOW w AS (ORDER BY e.version)
    ), last AS (
        SELECT coalesce(max(chain.version), p_after) AS version FROM chain
    )
    SELECT chain.version, fault FROM chain, LATERAL (VALUES
        (CASE WHEN chain.version <> chain.version_before + 1 THEN 'version gap' END),
        (CASE WHEN chain.balance_after <> chain.balance_before + chain.amount THEN 'balance does not follow' END),
        (CASE WHEN chain.posted_at < chain.posted_before THEN 'time runs backwards' END),
        (CASE WHEN NOT EXISTS (
            SELECT FROM ledger.transfers AS t
            WHERE t.id = chain.transfer_id AND t.amount = abs(chain.amount) AND t.posted_at = chain.posted_at
              AND CASE WHEN chain.amount < 0
                       THEN (t.debit_account_id, t.credit_account_id, t.debit_version, t.debit_balance_after)
                            = (p_account_id, chain.counterparty_id, chain.version, chain.balance_after)
                       ELSE (t.credit_account_id, t.debit_account_id, t.credit_version, t.credit_balance_after)
                            = (p_account_id, chain.counterparty_id, chain.version, chain.balance_after) END
        ) THEN 'no such transfer' END)
    ) AS faults (fault)
    WHERE fault IS NOT NULL
    UNION ALL
    SELECT a.version, 'account differs from its entries'
    FROM ledger.accounts AS a, last
    WHERE a.id = p_account_id
      AND (a.version, a.balance) IS DISTINCT FROM (last.version, ledger.balance_at(p_account_id, last.version))
$$;

GRANT EXECUTE ON FUNCTION ledger.verify_account(uuid, bigint) TO lite_reconciliation, lite_operator;
