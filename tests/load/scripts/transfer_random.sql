\set a random(1, 1000)
\set b random(1, 999)
\set user 100000000000 + :a
\set number 100000000001 + (:a + :b - 1) % 1000
CALL ledger.transfer(gen_random_uuid(), ('00000000-0000-4000-a000-' || :user)::uuid, :number, 1, 'lunch', NULL, NULL, NULL, NULL, NULL);
