-- ledger.close_account — end a wallet; its entries stay, its holder's name goes.
--
-- Ensures   the account takes part in no further movement and shows no name; a second call changes
--           nothing.
-- Raises    LW011 balance-not-zero  there is money in it
-- Locks     the account, so that no payment slips in between the check and the closing.
-- Private   called by identity, in the transaction that closes the user.

CREATE OR REPLACE FUNCTION ledger.close_account(p_user_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_account ledger.accounts;
BEGIN
    SELECT a.* INTO v_account FROM ledger.accounts AS a WHERE a.user_id = p_user_id FOR NO KEY UPDATE;
    IF v_account.balance <> 0 THEN
        PERFORM ledger.refuse('LW011', json_build_object('balance', v_account.balance));
    END IF;
    DELETE FROM ledger.favourites AS f WHERE v_account.id IN (f.account_id, f.payee_id);
    UPDATE ledger.accounts AS a SET status = 'closed', holder_name = '' WHERE a.id = v_account.id;
END
$$;
