-- ledger.open_account_as — a wallet for a new user, with a number that the caller has chosen.
--
-- Requires  p_user_id has no account yet (its unique constraint holds otherwise); p_number came from
--           ledger.draw_number.
-- Ensures   the account exists, empty and active; returns its number. Somebody else may have taken
--           p_number in this very moment, and then it is another one: of 9 * 10^10 one is free at the
--           next try as good as always.
-- Private   called by identity's registration, in its transaction.

CREATE OR REPLACE FUNCTION ledger.open_account_as(p_user_id uuid, p_holder_name text, p_number text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_number text := p_number;
BEGIN
    FOR i IN 1..20 LOOP
        INSERT INTO ledger.accounts (id, number, user_id, kind, tier, holder_name)
        VALUES (outbox.mint_id(), v_number, p_user_id, 'user', 'standard', p_holder_name)
        ON CONFLICT (number) DO NOTHING;
        IF FOUND THEN
            RETURN v_number;
        END IF;
        v_number := ledger.draw_number();
    END LOOP;
    RAISE EXCEPTION 'no free account number in 20 draws';
END
$$;
