-- ledger.pause — stop every money route with a clear answer, or start them again.
--
-- Requires  p_reason is a short text for the operators' log; null starts the routes again.
-- Ensures   from the commit on, transfers, settlements and what would lead to one are refused with LW012;
--           reading goes on, and what a bank has reported as paid waits in `paid` until the pause ends.

CREATE OR REPLACE FUNCTION ledger.pause(p_reason text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
    UPDATE ledger.tiers SET paused_reason = p_reason
$$;

GRANT EXECUTE ON FUNCTION ledger.pause(text) TO lite_operator;
