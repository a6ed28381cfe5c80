-- ledger.verify_stretches — prove stretches of accounts, in one statement that the caller keeps short.
--
-- Requires  the three arrays have the same length, at most 500; see ledger.verify_stretch for a stretch.
-- Returns   what ledger.verify_stretch returns, with the account; also a user's account below zero,
--           told with the stretch at its end, so that it is told once.

CREATE OR REPLACE FUNCTION ledger.verify_stretches(p_account_ids uuid[], p_after bigint[], p_until bigint[])
RETURNS TABLE (account_id uuid, version bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT asked.account_id, proof.version, proof.fault
    FROM unnest(p_account_ids[1:500], p_after[1:500], p_until[1:500]) AS asked (account_id, after, until),
         LATERAL ledger.verify_stretch(asked.account_id, asked.after, asked.until) AS proof
    UNION ALL
    SELECT a.id, a.version, 'below zero'
    FROM unnest(p_account_ids[1:500], p_until[1:500]) AS asked (account_id, until)
    JOIN ledger.accounts AS a ON a.id = asked.account_id
    WHERE asked.until IS NULL AND a.kind = 'user' AND a.balance < 0
$$;

GRANT EXECUTE ON FUNCTION ledger.verify_stretches(uuid[], bigint[], bigint[]) TO lite_reconciliation, lite_operator;
