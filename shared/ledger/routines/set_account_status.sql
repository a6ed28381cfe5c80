-- ledger.set_account_status — freeze an account, or let it move again.
--
-- Requires  p_status is 'active' or 'frozen'; a closed account stays closed.
-- Ensures   from the commit on, a frozen account takes part in no payment; reversals still pass.
-- Raises    LW001 account-not-found  no open account has this number

CREATE OR REPLACE FUNCTION ledger.set_account_status(p_number text, p_status text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    IF p_status NOT IN ('active', 'frozen') THEN
        RAISE EXCEPTION 'an account is set to active or frozen here';
    END IF;
    UPDATE ledger.accounts AS a SET status = p_status WHERE a.number = p_number AND a.status <> 'closed';
    IF NOT FOUND THEN
        PERFORM ledger.refuse('LW001', '{}');
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.set_account_status(text, text) TO lite_operator;
