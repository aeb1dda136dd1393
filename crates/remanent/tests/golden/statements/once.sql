-- What is the same for all rows of an execution is computed once in it, and only if a row asks for it.

-- params: 0
SELECT n, CASE WHEN n > 5 THEN 10 / $1 ELSE n END FROM generate_series(1, 2) n
----
n integer | n integer
1 | 1
2 | 2

-- params: 0
SELECT n, CASE WHEN n > 1 THEN 10 / $1 ELSE n END FROM generate_series(1, 2) n
----
ERROR 22012: division by zero

-- params: 'b', 2
SELECT t FROM (VALUES ('ab'), ('c'), ('bb')) v(t) WHERE t LIKE '%' || $1 AND length(t) >= $2::int + length('' || $1) - 1
----
t text
ab
bb

-- params: '{3,1}'
SELECT n, n = ANY ($1::int[]), ($1::int[])[n] FROM generate_series(1, 3) n
----
n integer | ?column? boolean | int4 integer
1 | t | 3
2 | f | 1
3 | t | NULL

-- params: 3
SELECT a, (SELECT max(b) FROM generate_series(1, a) b WHERE b < $1::int - 1 + a * 0) FROM generate_series(1, 4) a
----
a integer | max integer
1 | 1
2 | 1
3 | 1
4 | 1

-- params: 2
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + abs($1::int) FROM r WHERE n < abs($1::int) * 3) SELECT n, abs($1::int) FROM r
----
n integer | abs integer
1 | 2
3 | 2
5 | 2
7 | 2

SELECT count(DISTINCT now()), count(DISTINCT now()::date), count(DISTINCT random()) FROM generate_series(1, 5000)
----
count bigint | count bigint | count bigint
1 | 1 | 5000
