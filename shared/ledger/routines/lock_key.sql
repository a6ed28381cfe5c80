-- ledger.lock_key — the advisory lock of one key of one owner.
--
-- Ensures   equal arguments give equal keys. Different ones may collide once in 2^64: then one of
--           two unrelated requests is asked to come back, and no money is affected.
-- Private   called by the routines that post.

CREATE OR REPLACE FUNCTION ledger.lock_key(p_owner_id uuid, p_id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT uuid_hash_extended(p_id, uuid_hash_extended(p_owner_id, 0))
$$;
