-- ledger.open_account — a wallet for a new user, with a number nobody else has.
--
-- Requires  p_user_id has no account yet (its unique constraint holds otherwise).
-- Ensures   as ledger.open_account_as, with a number that nobody has chosen.
-- Private   called by identity's registration, in its transaction.

CREATE OR REPLACE FUNCTION ledger.open_account(p_user_id uuid, p_holder_name text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    RETURN ledger.open_account_as(p_user_id, p_holder_name, ledger.draw_number());
END
$$;
