-- ledger.refuse — end the transaction with one of our SQLSTATEs and its members as JSON.
--
-- Requires  p_code is listed in shared/errors.py.
-- Private   called by the routines of this schema.

CREATE OR REPLACE FUNCTION ledger.refuse(p_code text, p_members json) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION 'refused' USING ERRCODE = p_code, DETAIL = p_members::text;
END
$$;
