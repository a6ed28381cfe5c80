-- ledger.verify_stretch — prove a stretch of one account from its entries alone.
--
-- Requires  p_after is the version up to which it has been proved before, p_until the last version of
--           the stretch; null stands for the end, whatever moves meanwhile.
-- Returns   a row per fault, none for a sound account: a gap in the versions, a balance_after that
--           does not follow from the one before, time running backwards, an entry without its
--           transfer or unlike it; at the end, a balance or version of the account that its entries
--           do not give.
-- Private   called by verify_account and verify_stretches.

CREATE OR REPLACE FUNCTION ledger.verify_stretch(p_account_id uuid, p_after bigint, p_until bigint)
RETURNS TABLE (version bigint, fault text)
LANGUAGE sql STABLE
AS $$
    WITH chain AS (
        SELECT e.version, e.amount, e.balance_after, e.posted_at, e.transfer_id, e.counterparty_id,
               lag(e.version, 1, p_after) OVER w AS version_before,
               lag(e.balance_after, 1, ledger.balance_at(p_account_id, p_after)) OVER w AS balance_before,
               lag(e.posted_at, 1, (SELECT b.posted_at FROM ledger.entries AS b
                                    WHERE b.account_id = p_account_id AND b.version = p_after)) OVER w AS posted_before
        FROM ledger.entries AS e
        WHERE e.account_id = p_account_id AND e.version > p_after
          -- The largest bigint, so that the index bounds the stretch whatever is planned.
          AND e.version <= coalesce(p_until, 9223372036854775807)
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
    SELECT p_until, 'version gap' FROM last WHERE last.version < p_until
    UNION ALL
    SELECT a.version, 'account differs from its entries'
    FROM ledger.accounts AS a, last
    WHERE a.id = p_account_id AND p_until IS NULL
      AND (a.version, a.balance) IS DISTINCT FROM (last.version, ledger.balance_at(p_account_id, last.version))
$$;
