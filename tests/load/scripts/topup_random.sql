\set a random(1, 1000)
\set user 100000000000 + :a
CALL ledger.settle_top_up(gen_random_uuid(), ('00000000-0000-4000-a000-' || :user)::uuid, 1, NULL, NULL, NULL, NULL);
