-- Vectors of which few elements are not zero, as pgvector has them: its own tests, and what tables make of them.

SELECT '{1:1.5,3:3.5}/5'::sparsevec, ' { 1 : 1.5 ,  3  :  3.5  } / 5 '::sparsevec, '{1:0,2:1,3:0}/3'::sparsevec, '{2:1,1:1}/2'::sparsevec, '{ }/1'::sparsevec, '{1:2.,3:4.}/5'::sparsevec, '{1:1.5e38,2:-1.5e-38}/2'::sparsevec
----
sparsevec sparsevec | sparsevec sparsevec | sparsevec sparsevec | sparsevec sparsevec | sparsevec sparsevec | sparsevec sparsevec | sparsevec sparsevec
{1:1.5,3:3.5}/5 | {1:1.5,3:3.5}/5 | {2:1}/3 | {1:1,2:1}/2 | {}/1 | {1:2,3:4}/5 | {1:1.5e+38,2:-1.5e-38}/2

SELECT '{1:hello,2:1}/2'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1:hello,2:1}/2"

SELECT '{1:NaN,2:1}/2'::sparsevec
----
ERROR 22000 at 8: NaN not allowed in sparsevec

SELECT '{1:-Infinity,2:1}/2'::sparsevec
----
ERROR 22000 at 8: infinite value not allowed in sparsevec

SELECT '{1:4e38,2:1}/2'::sparsevec
----
ERROR 22003 at 8: "4e38" is out of range for type sparsevec

SELECT '{1:-1e-46,2:1}/2'::sparsevec
----
ERROR 22003 at 8: "-1e-46" is out of range for type sparsevec

SELECT ''::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: ""
DETAIL: Vector contents must start with "{".

SELECT '{ '::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{ "

SELECT '{:'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{:"

SELECT '{,'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{,"

SELECT '{}'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{}"
DETAIL: Unexpected end of input.

SELECT '{}/'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{}/"

SELECT '{}/1a'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{}/1a"
DETAIL: Junk after closing.

SELECT '{1,}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1,}/1"

SELECT '{:1}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{:1}/1"

SELECT '{1:}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1:}/1"

SELECT '{1a:1}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1a:1}/1"

SELECT '{1:1a}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1:1a}/1"

SELECT '{1:1,}/1'::sparsevec
----
ERROR 22P02 at 8: invalid input syntax for type sparsevec: "{1:1,}/1"

SELECT '{1:1,2:1,1:1}/2'::sparsevec
----
ERROR 22000 at 8: sparsevec indices must not contain duplicates

SELECT '{}/-1'::sparsevec
----
ERROR 22000 at 8: sparsevec must have at least 1 dimension

SELECT '{}/1000000001'::sparsevec
----
ERROR 54000 at 8: sparsevec cannot have more than 1000000000 dimensions

SELECT '{}/9223372036854775808'::sparsevec
----
ERROR 54000 at 8: sparsevec cannot have more than 1000000000 dimensions

SELECT '{}/-9223372036854775809'::sparsevec
----
ERROR 22000 at 8: sparsevec must have at least 1 dimension

SELECT '{2147483648:1}/1'::sparsevec
----
ERROR 22000 at 8: sparsevec index out of bounds (> dimensions)

SELECT '{-2147483649:1}/1'::sparsevec
----
ERROR 22000 at 8: sparsevec index out of bounds (< 1)

SELECT '{0:1}/1'::sparsevec
----
ERROR 22000 at 8: sparsevec index out of bounds (< 1)

SELECT '{2:1}/1'::sparsevec
----
ERROR 22000 at 8: sparsevec index out of bounds (> dimensions)

SELECT '{}/3'::sparsevec(3)
----
sparsevec sparsevec(3)
{}/3

SELECT '{}/3'::sparsevec(2)
----
ERROR 22000 at 8: expected 2 dimensions, not 3

SELECT '{}/3'::sparsevec(3, 2)
----
ERROR 22023 at 16: invalid type modifier

SELECT '{}/3'::sparsevec(0)
----
ERROR 22023 at 16: dimensions for type sparsevec must be at least 1

SELECT '{}/3'::sparsevec(1000000001)
----
ERROR 22023 at 16: dimensions for type sparsevec cannot exceed 1000000000

SELECT '{1:1,2:2,3:3}/3'::sparsevec < '{1:1,2:2}/2', '{1:1,2:2,3:3}/3'::sparsevec = '{1:1,2:2,3:3}/3', '{1:1,2:2}/2'::sparsevec < '{1:1,2:2,3:3}/3', '{1:2,2:3}/2'::sparsevec > '{1:1,2:2,3:3}/3', '{}/3'::sparsevec > '{1:-1}/3'
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
f | t | t | t | t

SELECT l2_norm('{1:3,2:4}/2'::sparsevec), l2_norm('{}/2'::sparsevec), l2_norm('{1:3e37,2:4e37}/2'::sparsevec)::real
----
l2_norm double precision | l2_norm double precision | l2_norm real
5 | 0 | 5e+37

SELECT l2_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), l2_distance('{1:3}/2'::sparsevec, '{2:4}/2'), '{}/2'::sparsevec <-> '{1:3,2:4}/2'
----
l2_distance double precision | l2_distance double precision | ?column? double precision
5 | 5 | 5

SELECT inner_product('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), inner_product('{1:1,3:3}/4'::sparsevec, '{2:2,4:4}/4'), inner_product('{1:1,3:3,5:5}/5'::sparsevec, '{2:4,3:6,4:8}/5'), inner_product('{1:3e38}/1'::sparsevec, '{1:3e38}/1'), '{1:1,2:2}/2'::sparsevec <#> '{1:3,2:4}/2'
----
inner_product double precision | inner_product double precision | inner_product double precision | inner_product double precision | ?column? double precision
10 | 0 | 18 | Infinity | -11

SELECT inner_product('{1:1,2:2}/2'::sparsevec, '{1:3}/1')
----
ERROR 22000: different sparsevec dimensions 2 and 1

SELECT cosine_distance('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), cosine_distance('{1:1,2:2}/2'::sparsevec, '{}/2'), cosine_distance('{1:1}/2'::sparsevec, '{2:2}/2'), cosine_distance('{1:1,2:1}/2'::sparsevec, '{1:-1,2:-1}/2'), cosine_distance('{1:3e38}/1'::sparsevec, '{1:3e38}/1'), '{1:1,2:2}/2'::sparsevec <=> '{1:2,2:4}/2'
----
cosine_distance double precision | cosine_distance double precision | cosine_distance double precision | cosine_distance double precision | cosine_distance double precision | ?column? double precision
0 | NaN | 1 | 2 | NaN | 0

SELECT l1_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), l1_distance('{1:3e38}/1'::sparsevec, '{1:-3e38}/1'), l1_distance('{1:1,3:3,5:5,7:7,9:9}/9'::sparsevec, '{2:2,4:4,6:6,8:8}/9'), '{}/2'::sparsevec <+> '{1:3,2:4}/2'
----
l1_distance double precision | l1_distance double precision | l1_distance double precision | ?column? double precision
7 | Infinity | 45 | 7

SELECT l2_normalize('{1:3,2:4}/2'::sparsevec), l2_normalize('{}/2'::sparsevec), l2_normalize('{1:3e38}/1'::sparsevec), l2_normalize('{1:3e38,2:1e-37}/2'::sparsevec), l2_normalize('{2:3e37,4:3e-37,6:4e37,8:4e-37}/9'::sparsevec)
----
l2_normalize sparsevec | l2_normalize sparsevec | l2_normalize sparsevec | l2_normalize sparsevec | l2_normalize sparsevec
{1:0.6,2:0.8}/2 | {}/2 | {1:1}/1 | {1:1}/2 | {2:0.6,6:0.8}/9

SELECT '[0,1.5,0,3.5,0]'::vector::sparsevec, '[0,1.5,0,3.5,0]'::halfvec::sparsevec(5), '{2:1.5,4:3.5}/5'::sparsevec::vector, '{2:1.5,4:3.5}/5'::sparsevec::halfvec(5), ARRAY[0,1,0,2]::sparsevec, ARRAY[0,0.5]::sparsevec(2)
----
sparsevec sparsevec | sparsevec sparsevec(5) | vector vector | halfvec halfvec(5) | array sparsevec | array sparsevec(2)
{2:1.5,4:3.5}/5 | {2:1.5,4:3.5}/5 | [0,1.5,0,3.5,0] | [0,1.5,0,3.5,0] | {2:1,4:2}/4 | {2:0.5}/2

SELECT '{}/16001'::sparsevec::vector
----
ERROR 54000: vector cannot have more than 16000 dimensions

SELECT '{}/3'::sparsevec::vector(2)
----
ERROR 22000: expected 2 dimensions, not 3

SELECT '[1,2]'::vector::sparsevec(3)
----
ERROR 22000: expected 3 dimensions, not 2

CREATE TABLE s (id int PRIMARY KEY, v sparsevec(4))
----
done

INSERT INTO s VALUES (1, '{1:1}/4'), (2, '{2:3,4:-1}/4'), (3, NULL), (4, '[0,2,0,0]'::vector)
----
4 affected

INSERT INTO s VALUES (5, '{1:1}/3')
----
ERROR 22000 at 26: expected 4 dimensions, not 3

SELECT id, v, v <-> '{2:2}/4' FROM s ORDER BY v <-> '{2:2}/4' LIMIT 3
----
id integer | v sparsevec(4) | ?column? double precision
4 | {2:2}/4 | 0
2 | {2:3,4:-1}/4 | 1.4142135623730951
1 | {1:1}/4 | 2.23606797749979

SELECT id FROM s ORDER BY v
----
id integer
4
2
1
3

CREATE INDEX ON s (v)
----
done

CREATE INDEX ON s USING hnsw (v sparsevec_l2_ops)
----
ERROR 0A000: operator class "sparsevec_l2_ops" is not supported

SELECT '{1:1}/2'::sparsevec + '{1:1}/2'::sparsevec
----
ERROR 42883 at 29: operator does not exist: sparsevec + sparsevec
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT array_agg(v ORDER BY id) FROM s
----
array_agg sparsevec[]
{"{1:1}/4","{2:3,4:-1}/4",NULL,"{2:2}/4"}

CREATE TABLE w (v sparsevec(20000000))
----
ERROR 0A000 at 19: type sparsevec of more than 16777215 dimensions is not supported
