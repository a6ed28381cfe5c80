-- ledger.rename_holder — the name that payers and payees of this user see from now on.
--
-- Private   called by identity, in the transaction that changes the profile.

CREATE OR REPLACE FUNCTION ledger.rename_holder(p_user_id uuid, p_holder_name text) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE ledger.accounts AS a SET holder_name = p_holder_name WHERE a.user_id = p_user_id
$$;
