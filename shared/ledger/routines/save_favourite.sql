-- ledger.save_favourite — keep a recipient at hand, or stop keeping it.
--
-- Ensures   a repeat changes nothing; an account keeps at most 50 favourites. Only somebody who has
--           been paid before can be kept, because the list shows the whole name.
-- Raises    LW001 account-not-found   no open account has the number
--           LW004 self-transfer       it is the caller's own
--           LW014 recipient-unknown   the caller has never paid it
--           LW015 too-many-favourites 50 are kept already

CREATE OR REPLACE FUNCTION ledger.save_favourite(p_user_id uuid, p_number text, p_keep boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_caller_id uuid;
    v_payee_id uuid := (SELECT a.id FROM ledger.accounts AS a WHERE a.number = p_number AND a.status <> 'closed');
BEGIN
    -- The caller's own row is the lock that makes the count of favourites exact.
    SELECT a.id INTO v_caller_id FROM ledger.accounts AS a WHERE a.user_id = p_user_id FOR NO KEY UPDATE;
    IF NOT p_keep THEN
        DELETE FROM ledger.favourites AS f WHERE f.account_id = v_caller_id AND f.payee_id = v_payee_id;
        RETURN;
    END IF;
    IF v_payee_id IS NULL THEN
        PERFORM ledger.refuse('LW001', '{}');
    ELSIF v_payee_id = v_caller_id THEN
        PERFORM ledger.refuse('LW004', '{}');
    ELSIF NOT ledger.has_paid(v_caller_id, v_payee_id) THEN
        PERFORM ledger.refuse('LW014', '{}');
    ELSIF (SELECT count(*) FROM ledger.favourites AS f
           WHERE f.account_id = v_caller_id AND f.payee_id <> v_payee_id) >= 50 THEN
        PERFORM ledger.refuse('LW015', '{}');
    END IF;
    INSERT INTO ledger.favourites (account_id, payee_id) VALUES (v_caller_id, v_payee_id) ON CONFLICT DO NOTHING;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.save_favourite(uuid, text, boolean) TO lite_wallet;
