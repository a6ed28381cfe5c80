-- ledger.open_account — a wallet for a new user, with a number nobody else has.
--
-- Requires  p_user_id has no account yet (its unique constraint holds otherwise).
-- Ensures   the account exists, empty and active; returns its number: 12 digits, the first not 0,
--           the last the Luhn check digit of the others, the rest random, so that numbers cannot
--           be counted. One of 9 * 10^10 is free at the first try as good as always.
-- Private   called by identity's registration, in its transaction.

CREATE OR REPLACE FUNCTION ledger.open_account(p_user_id uuid, p_holder_name text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_number text;
BEGIN
    FOR i IN 1..20 LOOP
        v_number := ledger.draw_number();
        INSERT INTO ledger.accounts (id, number, user_id, kind, tier, holder_name)
        VALUES (outbox.mint_id(), v_number, p_user_id, 'user', 'standard', p_holder_name)
        ON CONFLICT (number) DO NOTHING;
        IF FOUND THEN
            RETURN v_number;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'no free account number in 20 draws';
END
$$;
