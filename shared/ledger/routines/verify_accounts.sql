-- ledger.verify_accounts — prove a page of accounts, each from a version that was proved before.
--
-- Requires  the two arrays have the same length, at most 500.
-- Returns   what ledger.verify_account returns, with the account; also a user's account below zero.

CREATE OR REPLACE FUNCTION ledger.verify_accounts(p_account_ids uuid[], p_after bigint[])
RETURNS TABLE (account_id uuid, version bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT asked.account_id, proof.version, proof.fault
    FROM unnest(p_account_ids[1:500], p_after[1:500]) AS asked (account_id, after),
         LATERAL ledger.verify_account(asked.account_id, asked.after) AS proof
    UNION ALL
    SELECT a.id, a.version, 'below zero'
    FROM ledger.accounts AS a
    WHERE a.id = ANY (p_account_ids[1:500]) AND a.kind = 'user' AND a.balance < 0
$$;

GRANT EXECUTE ON FUNCTION ledger.verify_accounts(uuid[], bigint[]) TO lite_reconciliation;
