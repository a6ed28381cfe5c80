-- identity.follow_seeds — the seeds that lead from a used refresh token to the unused one.
--
-- Ensures   in order, the presented token's own seed first; null for one that is wiped. By one clock they
--           are all there, because each token on the way was used after the first, so none of them is
--           past its 15 seconds either; two machines' clocks may differ.
-- Private   called by rotate_refresh_token.

CREATE OR REPLACE FUNCTION identity.follow_seeds(p_digest bytea) RETURNS bytea[]
LANGUAGE sql STABLE
AS $$
    WITH RECURSIVE chain AS (
        SELECT t.seed, t.successor, 1 AS step FROM identity.refresh_tokens AS t WHERE t.digest = p_digest
        UNION ALL
        SELECT t.seed, t.successor, c.step + 1
        FROM chain AS c JOIN identity.refresh_tokens AS t ON t.digest = c.successor
        WHERE t.used_at IS NOT NULL
    )
    SELECT array_agg(c.seed ORDER BY c.step) FROM chain AS c
$$;
