\set a random(2, 1000)
SELECT bare.transfer(gen_random_uuid(), :a, 1, 1);
