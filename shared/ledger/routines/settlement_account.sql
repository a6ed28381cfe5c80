-- ledger.settlement_account — the one of the 64 settlement accounts that a top-up's id picks.
--
-- Ensures   the same id picks the same account at every call, so that (id, account) stays unique.
-- Private   called by the routines of top-ups.

CREATE OR REPLACE FUNCTION ledger.settlement_account(p_top_up_id uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE
AS $$
    SELECT ('00000000-0000-4000-8000-0000000000'
            || lpad(to_hex(uuid_hash_extended(p_top_up_id, 0) & 63), 2, '0'))::uuid
$$;
