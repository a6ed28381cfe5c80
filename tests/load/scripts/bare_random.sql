\set a random(1, 1000)
\set b random(1, 999)
\set c 1 + (:a + :b - 1) % 1000
SELECT bare.transfer(gen_random_uuid(), :a, :c, 1);
