-- ledger.check_name — whose number this is, before somebody pays to it.
--
-- Ensures   at most 30 checks per account and minute: numbers are not to be harvested; the count
--           is committed with the answer. A wrong number counts like a right one.
-- Returns   holder_name whole; the function masks it where first_time (the caller has never paid
--           this account) is true. No row where no open account has the number.
-- Raises    LW013 too-many-requests {retry_after_seconds}  the minute's checks are used up

CREATE OR REPLACE FUNCTION ledger.check_name(p_user_id uuid, p_number text)
RETURNS TABLE (account_number text, holder_name text, is_self boolean, first_time boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    v_caller_id uuid := (SELECT a.id FROM ledger.accounts AS a WHERE a.user_id = p_user_id);
    v_minute timestamptz := date_trunc('minute', clock_timestamp());
    v_asked integer;
BEGIN
    INSERT INTO ledger.name_checks AS n (account_id, minute, asked) VALUES (v_caller_id, v_minute, 1)
    ON CONFLICT (account_id) DO UPDATE
        SET minute = v_minute, asked = CASE WHEN n.minute = v_minute THEN n.asked + 1 ELSE 1 END
    RETURNING asked INTO v_asked;
    IF v_asked > 30 THEN
        PERFORM ledger.refuse('LW013', json_build_object('retry_after_seconds',
            ceil(extract(epoch FROM v_minute + interval '1 minute' - clock_timestamp()))));
    END IF;
    RETURN QUERY
    SELECT a.number::text, a.holder_name, a.id = v_caller_id, NOT ledger.has_paid(v_caller_id, a.id)
    FROM ledger.accounts AS a
    WHERE a.number = p_number AND a.status <> 'closed';
END
$$;

GRANT EXECUTE ON FUNCTION ledger.check_name(uuid, text) TO lite_wallet;
