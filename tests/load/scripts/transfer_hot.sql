\set a random(2, 1000)
\set user 100000000000 + :a
CALL ledger.transfer(gen_random_uuid(), ('00000000-0000-4000-a000-' || :user)::uuid, '100000000001', 1, 'lunch', NULL, NULL, NULL, NULL, NULL);
