-- identity.draw_account_number — a number that a new wallet may get, for its owner's PIN to be held against.
--
-- Ensures   nothing is taken or kept: the PIN does not go to the database, so the number comes to it.

CREATE OR REPLACE FUNCTION identity.draw_account_number() RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT ledger.draw_number()
$$;

GRANT EXECUTE ON FUNCTION identity.draw_account_number() TO lite_identity;
