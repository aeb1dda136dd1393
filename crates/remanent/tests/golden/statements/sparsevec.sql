-- Vectors of which few elements are not zero, as pgvector has them: its own tests, and what tables make of them.

SELECT '{1:1.5,3:3.5}/5'::sparsevec, ' { 1 : 1.5 ,  3  :  3.5  } / 5 '::sparsevec, '{1:0,2:1,3:0}/3'::sparsevec, '{2:1,1:1}/2'::sparsevec, '{ }/1'::sparsevec, '{1:2.,3:4.}/5'::sparsevec, '{1:1.5e38,2:-1.5e-38}/2'::sparsevec
----

SELECT '{1:hello,2:1}/2'::sparsevec
----

SELECT '{1:NaN,2:1}/2'::sparsevec
----

SELECT '{1:-Infinity,2:1}/2'::sparsevec
----

SELECT '{1:4e38,2:1}/2'::sparsevec
----

SELECT '{1:-1e-46,2:1}/2'::sparsevec
----

SELECT ''::sparsevec
----

SELECT '{ '::sparsevec
----

SELECT '{:'::sparsevec
----

SELECT '{,'::sparsevec
----

SELECT '{}'::sparsevec
----

SELECT '{}/'::sparsevec
----

SELECT '{}/1a'::sparsevec
----

SELECT '{1,}/1'::sparsevec
----

SELECT '{:1}/1'::sparsevec
----

SELECT '{1:}/1'::sparsevec
----

SELECT '{1a:1}/1'::sparsevec
----

SELECT '{1:1a}/1'::sparsevec
----

SELECT '{1:1,}/1'::sparsevec
----

SELECT '{1:1,2:1,1:1}/2'::sparsevec
----

SELECT '{}/-1'::sparsevec
----

SELECT '{}/1000000001'::sparsevec
----

SELECT '{}/9223372036854775808'::sparsevec
----

SELECT '{}/-9223372036854775809'::sparsevec
----

SELECT '{2147483648:1}/1'::sparsevec
----

SELECT '{-2147483649:1}/1'::sparsevec
----

SELECT '{0:1}/1'::sparsevec
----

SELECT '{2:1}/1'::sparsevec
----

SELECT '{}/3'::sparsevec(3)
----

SELECT '{}/3'::sparsevec(2)
----

SELECT '{}/3'::sparsevec(3, 2)
----

SELECT '{}/3'::sparsevec(0)
----

SELECT '{}/3'::sparsevec(1000000001)
----

SELECT '{1:1,2:2,3:3}/3'::sparsevec < '{1:1,2:2}/2', '{1:1,2:2,3:3}/3'::sparsevec = '{1:1,2:2,3:3}/3', '{1:1,2:2}/2'::sparsevec < '{1:1,2:2,3:3}/3', '{1:2,2:3}/2'::sparsevec > '{1:1,2:2,3:3}/3', '{}/3'::sparsevec > '{1:-1}/3'
----

SELECT l2_norm('{1:3,2:4}/2'::sparsevec), l2_norm('{}/2'::sparsevec), l2_norm('{1:3e37,2:4e37}/2'::sparsevec)::real
----

SELECT l2_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), l2_distance('{1:3}/2'::sparsevec, '{2:4}/2'), '{}/2'::sparsevec <-> '{1:3,2:4}/2'
----

SELECT inner_product('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), inner_product('{1:1,3:3}/4'::sparsevec, '{2:2,4:4}/4'), inner_product('{1:1,3:3,5:5}/5'::sparsevec, '{2:4,3:6,4:8}/5'), inner_product('{1:3e38}/1'::sparsevec, '{1:3e38}/1'), '{1:1,2:2}/2'::sparsevec <#> '{1:3,2:4}/2'
----

SELECT inner_product('{1:1,2:2}/2'::sparsevec, '{1:3}/1')
----

SELECT cosine_distance('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), cosine_distance('{1:1,2:2}/2'::sparsevec, '{}/2'), cosine_distance('{1:1}/2'::sparsevec, '{2:2}/2'), cosine_distance('{1:1,2:1}/2'::sparsevec, '{1:-1,2:-1}/2'), cosine_distance('{1:3e38}/1'::sparsevec, '{1:3e38}/1'), '{1:1,2:2}/2'::sparsevec <=> '{1:2,2:4}/2'
----

SELECT l1_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), l1_distance('{1:3e38}/1'::sparsevec, '{1:-3e38}/1'), l1_distance('{1:1,3:3,5:5,7:7,9:9}/9'::sparsevec, '{2:2,4:4,6:6,8:8}/9'), '{}/2'::sparsevec <+> '{1:3,2:4}/2'
----

SELECT l2_normalize('{1:3,2:4}/2'::sparsevec), l2_normalize('{}/2'::sparsevec), l2_normalize('{1:3e38}/1'::sparsevec), l2_normalize('{1:3e38,2:1e-37}/2'::sparsevec), l2_normalize('{2:3e37,4:3e-37,6:4e37,8:4e-37}/9'::sparsevec)
----

SELECT '[0,1.5,0,3.5,0]'::vector::sparsevec, '[0,1.5,0,3.5,0]'::halfvec::sparsevec(5), '{2:1.5,4:3.5}/5'::sparsevec::vector, '{2:1.5,4:3.5}/5'::sparsevec::halfvec(5), ARRAY[0,1,0,2]::sparsevec, ARRAY[0,0.5]::sparsevec(2)
----

SELECT '{}/16001'::sparsevec::vector
----

SELECT '{}/3'::sparsevec::vector(2)
----

SELECT '[1,2]'::vector::sparsevec(3)
----

CREATE TABLE s (id int PRIMARY KEY, v sparsevec(4))
----

INSERT INTO s VALUES (1, '{1:1}/4'), (2, '{2:3,4:-1}/4'), (3, NULL), (4, '[0,2,0,0]'::vector)
----

INSERT INTO s VALUES (5, '{1:1}/3')
----

SELECT id, v, v <-> '{2:2}/4' FROM s ORDER BY v <-> '{2:2}/4' LIMIT 3
----

SELECT id FROM s ORDER BY v
----

CREATE INDEX ON s (v)
----

CREATE INDEX ON s USING hnsw (v sparsevec_l2_ops)
----

SELECT '{1:1}/2'::sparsevec + '{1:1}/2'::sparsevec
----

SELECT array_agg(v ORDER BY id) FROM s
----

CREATE TABLE w (v sparsevec(20000000))
----
