-- ledger.require_running — refuse to begin what would end in a movement of a person's money.
--
-- Ensures   returns while the money routes run. What has begun before a pause waits for its end; what
--           would begin during one is refused at once, so that nobody pays for a top-up in vain.
-- Raises    LW012 paused   an operator has stopped the money routes

CREATE OR REPLACE FUNCTION ledger.require_running(p_user_id uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger.accounts AS a JOIN ledger.tiers AS t ON t.name = a.tier
        WHERE a.user_id = p_user_id AND t.paused_reason IS NOT NULL
    ) THEN
        PERFORM ledger.refuse('LW012', '{}');
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION ledger.require_running(uuid) TO lite_payments;
