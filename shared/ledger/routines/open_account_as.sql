-- ledger.open_account_as — a wallet for a new user, with a number that the caller has chosen.
--
-- Requires  p_user_id has no account yet (its unique constraint holds otherwise); p_number came from
--           ledger.draw_number.
-- Ensures   as ledger.open_account; somebody else may have taken the number in this very moment, and
--           then it is another one.
-- Private   called by identity's registration, in its transaction.

CREATE OR REPLACE FUNCTION ledger.open_account_as(p_user_id uuid, p_holder_name text, p_number text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO ledger.accounts (id, number, user_id, kind, tier, holder_name)
    VALUES (outbox.mint_id(), p_number, p_user_id, 'user', 'standard', p_holder_name)
    ON CONFLICT (number) DO NOTHING;
    IF FOUND THEN
        RETURN p_number;
    END IF;
    RETURN ledger.open_account(p_user_id, p_holder_name);
END
$$;
