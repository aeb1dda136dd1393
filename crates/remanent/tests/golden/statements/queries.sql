CREATE TABLE t (id int PRIMARY KEY, k int, v int, s text)
----
done

INSERT INTO t VALUES (1, 1, 10, 'a'), (2, 1, 20, 'b'), (3, 2, 30, 'c'), (4, 2, NULL, 'd'), (5, NULL, 50, 'e'), (6, 3, 20, NULL)
----
6 affected

CREATE TABLE u (k int, w int)
----
done

INSERT INTO u VALUES (1, 100), (1, 101), (2, 200), (4, 400), (NULL, 500)
----
5 affected

CREATE TABLE nothing (x int)
----
done

SELECT t.id, u.w FROM t FULL JOIN u ON t.k = u.k ORDER BY t.id, u.w
----
id integer | w integer
1 | 100
1 | 101
2 | 100
2 | 101
3 | 200
4 | 200
5 | NULL
6 | NULL
NULL | 400
NULL | 500

SELECT t.id, u.w FROM t RIGHT JOIN u ON t.k = u.k AND t.v > 10 ORDER BY t.id, u.w
----
id integer | w integer
2 | 100
2 | 101
3 | 200
NULL | 400
NULL | 500

SELECT t.id, u.w FROM t LEFT JOIN u ON t.v < u.w - 90 ORDER BY t.id, u.w
----
id integer | w integer
1 | 101
1 | 200
1 | 400
1 | 500
2 | 200
2 | 400
2 | 500
3 | 200
3 | 400
3 | 500
4 | NULL
5 | 200
5 | 400
5 | 500
6 | 200
6 | 400
6 | 500

SELECT t.id, u.w FROM t FULL JOIN u ON t.v + 80 = u.w AND u.w > 100 ORDER BY t.id, u.w
----
id integer | w integer
1 | NULL
2 | NULL
3 | NULL
4 | NULL
5 | NULL
6 | NULL
NULL | 100
NULL | 101
NULL | 200
NULL | 400
NULL | 500

SELECT * FROM t FULL JOIN u USING (k) ORDER BY k, id, w
----
k integer | id integer | v integer | s text | w integer
1 | 1 | 10 | a | 100
1 | 1 | 10 | a | 101
1 | 2 | 20 | b | 100
1 | 2 | 20 | b | 101
2 | 3 | 30 | c | 200
2 | 4 | NULL | d | 200
3 | 6 | 20 | NULL | NULL
4 | NULL | NULL | NULL | 400
NULL | 5 | 50 | e | NULL
NULL | NULL | NULL | NULL | 500

SELECT * FROM t RIGHT JOIN u USING (k) ORDER BY k, id, w
----
k integer | id integer | v integer | s text | w integer
1 | 1 | 10 | a | 100
1 | 1 | 10 | a | 101
1 | 2 | 20 | b | 100
1 | 2 | 20 | b | 101
2 | 3 | 30 | c | 200
2 | 4 | NULL | d | 200
4 | NULL | NULL | NULL | 400
NULL | NULL | NULL | NULL | 500

SELECT k, t.k, u.k FROM t NATURAL FULL JOIN u ORDER BY k, t.id, u.w
----
ERROR 42702 at 56: ORDER BY "k" is ambiguous

SELECT j.k, j.w FROM (t JOIN u USING (k)) AS j WHERE j.id < 3 ORDER BY 2, j.id
----
k integer | w integer
1 | 100
1 | 100
1 | 101
1 | 101

SELECT x.k, t.k FROM t JOIN u USING (k) AS x ORDER BY t.id, u.w
----
k integer | k integer
1 | 1
1 | 1
1 | 1
1 | 1
2 | 2
2 | 2

SELECT * FROM (VALUES (1), (2)) a(n) CROSS JOIN (VALUES ('x'), ('y')) b(c) ORDER BY 1, 2
----
n integer | c text
1 | x
1 | y
2 | x
2 | y

SELECT id, (SELECT max(w) FROM u WHERE u.k = t.k) FROM t ORDER BY id
----
id integer | max integer
1 | 101
2 | 101
3 | 200
4 | 200
5 | NULL
6 | NULL

SELECT id, (SELECT count(*) FROM u WHERE u.k = t.k) FROM t ORDER BY id
----
id integer | count bigint
1 | 2
2 | 2
3 | 1
4 | 1
5 | 0
6 | 0

SELECT id, (SELECT w FROM u WHERE u.k = t.k) FROM t ORDER BY id
----
ERROR 21000: more than one row returned by a subquery used as an expression

SELECT id, (SELECT w FROM u WHERE u.k = t.k AND u.w <> 101) FROM t ORDER BY id
----
id integer | w integer
1 | 100
2 | 100
3 | 200
4 | 200
5 | NULL
6 | NULL

SELECT id, (SELECT sum(w) + t.v FROM u WHERE u.k < t.k) FROM t ORDER BY id
----
id integer | ?column? bigint
1 | NULL
2 | NULL
3 | 231
4 | NULL
5 | NULL
6 | 421

SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k) ORDER BY id
----
id integer
1
2
3
4

SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k) ORDER BY id
----
id integer
5
6

SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND u.w > t.v * 10) ORDER BY id
----
id integer
1

SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND u.w <> 101) ORDER BY id
----
id integer
5
6

SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k) OR v = 50 ORDER BY id
----
id integer
1
2
3
4
5

SELECT id, EXISTS (SELECT 1 FROM u WHERE u.k = t.k), k IN (SELECT k FROM u) FROM t ORDER BY id
----
id integer | exists boolean | ?column? boolean
1 | t | t
2 | t | t
3 | t | t
4 | t | t
5 | f | NULL
6 | f | NULL

SELECT id, k NOT IN (SELECT k FROM u WHERE k IS NOT NULL), k NOT IN (SELECT k FROM u) FROM t ORDER BY id
----
id integer | ?column? boolean | ?column? boolean
1 | f | f
2 | f | f
3 | f | f
4 | f | f
5 | NULL | NULL
6 | t | NULL

SELECT id FROM t WHERE k IN (SELECT k FROM u) ORDER BY id
----
id integer
1
2
3
4

SELECT id FROM t WHERE k NOT IN (SELECT k FROM u) ORDER BY id
----
id integer
(no rows)

SELECT id FROM t WHERE k NOT IN (SELECT k FROM u WHERE k IS NOT NULL) ORDER BY id
----
id integer
6

SELECT id FROM t WHERE k NOT IN (SELECT x FROM nothing) ORDER BY id
----
id integer
1
2
3
4
5
6

SELECT id FROM t WHERE k NOT IN (SELECT u.k FROM u WHERE u.w > t.v * 7) ORDER BY id
----
id integer
4

SELECT id FROM t WHERE (k, v) IN (SELECT k, w / 10 FROM u) ORDER BY id
----
id integer
1

SELECT id, (k, v) NOT IN (SELECT k, w / 10 FROM u) FROM t ORDER BY id
----
id integer | ?column? boolean
1 | f
2 | t
3 | t
4 | NULL
5 | NULL
6 | t

SELECT id, v > ANY (SELECT w / 10 FROM u), v > ALL (SELECT w / 10 FROM u WHERE k = 1), v < ALL (SELECT x FROM nothing), v = ANY (SELECT x FROM nothing) FROM t ORDER BY id
----
id integer | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
1 | f | f | t | f
2 | t | t | t | f
3 | t | t | t | f
4 | NULL | NULL | t | f
5 | t | t | t | f
6 | t | t | t | f

SELECT id, (SELECT count(*) FROM u WHERE u.w > ANY (SELECT v FROM t t2 WHERE t2.k = t.k)) FROM t ORDER BY id
----
id integer | count bigint
1 | 5
2 | 5
3 | 5
4 | 5
5 | 0
6 | 5

SELECT id FROM t WHERE v = (SELECT max(v) FROM t t2 WHERE t2.k = t.k) ORDER BY id
----
id integer
2
3
6

SELECT id FROM t WHERE v > (SELECT avg(v) FROM t t2 WHERE t2.k = t.k) ORDER BY id
----
id integer
2

SELECT (SELECT id FROM t)
----
ERROR 21000: more than one row returned by a subquery used as an expression

SELECT (SELECT 1, 2)
----
ERROR 42601 at 8: subquery must return only one column

SELECT CASE WHEN false THEN (SELECT id FROM t) ELSE 7 END
----
case integer
7

SELECT k, (SELECT count(*) FROM u WHERE u.k = t.k) AS n FROM t GROUP BY k ORDER BY k
----
k integer | n bigint
1 | 2
2 | 1
3 | 0
NULL | 0

SELECT k, (SELECT count(*) FROM u WHERE u.k = t.id) AS n FROM t GROUP BY k
----
ERROR 42803 at 47: column "t.id" must appear in the GROUP BY clause or be used in an aggregate function

SELECT k FROM t GROUP BY k HAVING count(*) > (SELECT count(*) FROM u WHERE u.k = t.k) ORDER BY k
----
k integer
2
3
NULL

SELECT id, (SELECT (SELECT t.v + u2.w FROM u u2 WHERE u2.k = u1.k ORDER BY u2.w LIMIT 1) FROM u u1 WHERE u1.k = t.k LIMIT 1) FROM t ORDER BY id
----
id integer | ?column? integer
1 | 110
2 | 120
3 | 230
4 | NULL
5 | NULL
6 | NULL

SELECT t.id, l.w FROM t, LATERAL (SELECT w FROM u WHERE u.k = t.k ORDER BY w DESC LIMIT 1) l ORDER BY 1
----
id integer | w integer
1 | 101
2 | 101
3 | 200
4 | 200

SELECT t.id, l.n FROM t LEFT JOIN LATERAL (SELECT count(*) AS n FROM u WHERE u.k = t.k HAVING count(*) > 1) l ON true ORDER BY 1
----
id integer | n bigint
1 | 2
2 | 2
3 | NULL
4 | NULL
5 | NULL
6 | NULL

SELECT t.id, l.w FROM t LEFT JOIN LATERAL (SELECT w FROM u WHERE u.k = t.k) l ON l.w > 100 ORDER BY 1, 2
----
id integer | w integer
1 | 101
2 | 101
3 | 200
4 | 200
5 | NULL
6 | NULL

SELECT t.id, l.w FROM t, (SELECT w FROM u WHERE u.k = t.k) l
----
ERROR 42P01 at 55: missing FROM-clause entry for table "t"

SELECT t.id, g FROM t, generate_series(1, t.k) g ORDER BY 1, 2
----
id integer | g integer
1 | 1
2 | 1
3 | 1
3 | 2
4 | 1
4 | 2
6 | 1
6 | 2
6 | 3

WITH c AS (SELECT k, sum(v) AS total FROM t GROUP BY k) SELECT a.k, a.total, b.total FROM c a JOIN c b ON a.k = b.k + 1 ORDER BY 1
----
k integer | total bigint | total bigint
2 | 30 | 30
3 | 20 | 30

WITH c AS MATERIALIZED (SELECT 1 AS a), d AS NOT MATERIALIZED (SELECT a + 1 AS a FROM c) SELECT * FROM c, d
----
a integer | a integer
1 | 2

WITH c(x) AS (SELECT max(w) FROM u) SELECT id FROM t WHERE v * 10 < (SELECT x FROM c) AND v * 20 > (SELECT x FROM c) ORDER BY id
----
id integer
3

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
----
n integer
1
2
3
4
5

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r LIMIT 3
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT (n * 2) % 7 FROM r) SELECT * FROM r ORDER BY n
----
n integer
1
2
4

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1.5 FROM r WHERE n < 5) SELECT * FROM r
----
ERROR 42804 at 32: recursive query "r" column 1 has type integer in non-recursive term but type numeric overall
HINT: Cast the output of the non-recursive term to the correct type.

WITH RECURSIVE r(n) AS (SELECT n FROM r UNION ALL SELECT 1) SELECT * FROM r
----
ERROR 42P19 at 39: recursive reference to query "r" must not appear within its non-recursive term

SELECT k FROM t INTERSECT SELECT k FROM u ORDER BY k
----
k integer
1
2
NULL

SELECT k FROM t EXCEPT SELECT k FROM u ORDER BY k
----
k integer
3

SELECT k FROM t INTERSECT ALL SELECT k FROM u ORDER BY k
----
k integer
1
1
2
NULL

SELECT k FROM t EXCEPT ALL SELECT k FROM u ORDER BY k
----
k integer
2
3

SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 UNION ALL SELECT 1 ORDER BY 1
----
?column? integer
1
1
2

SELECT DISTINCT ON (k) k, id FROM t ORDER BY k, id DESC
----
k integer | id integer
1 | 2
2 | 4
3 | 6
NULL | 5

SELECT DISTINCT ON (k) id FROM t ORDER BY k NULLS FIRST, v DESC NULLS LAST
----
id integer
5
2
3
6

SELECT DISTINCT ON (k) id FROM t ORDER BY v
----
ERROR 42P10 at 21: SELECT DISTINCT ON expressions must match initial ORDER BY expressions

SELECT id, v FROM t ORDER BY v FETCH FIRST 2 ROWS WITH TIES
----
id integer | v integer
1 | 10
2 | 20
6 | 20

SELECT k FROM t ORDER BY k OFFSET 1 FETCH FIRST 2 ROWS WITH TIES
----
k integer
1
2
2

SELECT k, v, count(*), grouping(k, v) FROM t GROUP BY GROUPING SETS ((k), (v), ()) ORDER BY 4, 1, 2
----
k integer | v integer | count bigint | grouping integer
1 | NULL | 2 | 1
2 | NULL | 2 | 1
3 | NULL | 1 | 1
NULL | NULL | 1 | 1
NULL | 10 | 1 | 2
NULL | 20 | 2 | 2
NULL | 30 | 1 | 2
NULL | 50 | 1 | 2
NULL | NULL | 1 | 2
NULL | NULL | 6 | 3

SELECT k, s IS NULL, sum(v), grouping(k), grouping(s IS NULL) FROM t GROUP BY ROLLUP (k, s IS NULL) ORDER BY 4, 5, 1, 2
----
k integer | ?column? boolean | sum bigint | grouping integer | grouping integer
1 | f | 30 | 0 | 0
2 | f | 30 | 0 | 0
3 | t | 20 | 0 | 0
NULL | f | 50 | 0 | 0
1 | NULL | 30 | 0 | 1
2 | NULL | 30 | 0 | 1
3 | NULL | 20 | 0 | 1
NULL | NULL | 50 | 0 | 1
NULL | NULL | 130 | 1 | 1

SELECT k, v, count(*) FROM t GROUP BY CUBE (k, v) HAVING count(*) > 1 ORDER BY 1, 2, 3
----
k integer | v integer | count bigint
1 | NULL | 2
2 | NULL | 2
NULL | 20 | 2
NULL | NULL | 6

SELECT count(*) FROM nothing GROUP BY GROUPING SETS ((x), ())
----
count bigint
0

SELECT k, count(*) FILTER (WHERE v > 15), string_agg(s, ',' ORDER BY s DESC), string_agg(DISTINCT s, '-') FROM t GROUP BY k ORDER BY k
----
k integer | count bigint | string_agg text | string_agg text
1 | 1 | b,a | a-b
2 | 1 | d,c | c-d
3 | 1 | NULL | NULL
NULL | 1 | e | e

SELECT count(DISTINCT k), sum(DISTINCT v) FROM t
----
count bigint | sum bigint
3 | 110

SELECT id, row_number() OVER (ORDER BY v, id), rank() OVER (ORDER BY v), dense_rank() OVER (ORDER BY v), percent_rank() OVER (ORDER BY v), cume_dist() OVER (ORDER BY v), ntile(4) OVER (ORDER BY v, id) FROM t ORDER BY id
----
id integer | row_number bigint | rank bigint | dense_rank bigint | percent_rank double precision | cume_dist double precision | ntile integer
1 | 1 | 1 | 1 | 0 | 0.16666666666666666 | 1
2 | 2 | 2 | 2 | 0.2 | 0.5 | 1
3 | 4 | 4 | 3 | 0.6 | 0.6666666666666666 | 2
4 | 6 | 6 | 5 | 1 | 1 | 4
5 | 5 | 5 | 4 | 0.8 | 0.8333333333333334 | 3
6 | 3 | 2 | 2 | 0.2 | 0.5 | 2

SELECT id, lag(v) OVER w, lead(v, 2, -1) OVER w, first_value(id) OVER w, last_value(id) OVER w, nth_value(id, 2) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY id) ORDER BY id
----
id integer | lag integer | lead integer | first_value integer | last_value integer | nth_value integer
1 | NULL | -1 | 1 | 1 | NULL
2 | 10 | -1 | 1 | 2 | 2
3 | NULL | -1 | 3 | 3 | NULL
4 | 30 | -1 | 3 | 4 | 4
5 | NULL | -1 | 5 | 5 | NULL
6 | NULL | -1 | 6 | 6 | NULL

SELECT id, sum(v) OVER (ORDER BY id), count(*) OVER (), sum(v) OVER (PARTITION BY k), avg(v) OVER (ORDER BY k), min(s) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id
----
id integer | sum bigint | count bigint | sum bigint | avg numeric | min text
1 | 10 | 6 | 30 | 15.0000000000000000 | a
2 | 30 | 6 | 30 | 15.0000000000000000 | a
3 | 60 | 6 | 30 | 20.0000000000000000 | b
4 | 60 | 6 | 30 | 20.0000000000000000 | c
5 | 110 | 6 | 50 | 26.0000000000000000 | d
6 | 130 | 6 | 20 | 20.0000000000000000 | e

SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), count(v) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), string_agg(s, '') OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM t ORDER BY id
----
id integer | sum bigint | count bigint | string_agg text
1 | 30 | 0 | ab
2 | 60 | 1 | abc
3 | 50 | 2 | abcd
4 | 80 | 3 | bcde
5 | 70 | 3 | cde
6 | 70 | 4 | de

SELECT id, array_agg FROM (SELECT id, sum(id) OVER (ORDER BY v RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING) AS array_agg FROM t) q ORDER BY id
----
id integer | array_agg bigint
1 | 9
2 | 12
3 | 11
4 | 4
5 | 5
6 | 12

SELECT id, sum(id) OVER (ORDER BY v DESC RANGE BETWEEN 10 PRECEDING AND CURRENT ROW), sum(id) OVER (ORDER BY k GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t ORDER BY id
----
id integer | sum bigint | sum bigint
1 | 9 | 10
2 | 11 | 10
3 | 3 | 16
4 | 4 | 16
5 | 5 | 11
6 | 11 | 18

SELECT id, sum(id) OVER (ORDER BY v ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW), sum(id) OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP), sum(id) OVER (ORDER BY k RANGE UNBOUNDED PRECEDING EXCLUDE TIES) FROM t ORDER BY id
----
id integer | sum bigint | sum bigint | sum bigint
1 | 8 | 18 | 1
2 | 10 | 18 | 2
3 | 17 | 14 | 6
4 | 8 | 14 | 7
5 | 13 | 16 | 21
6 | 11 | 15 | 16

SELECT id, stddev(v) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), variance(v) OVER (ORDER BY id) FROM t ORDER BY id
----
id integer | stddev numeric | variance numeric
1 | NULL | NULL
2 | 7.0710678118654752 | 50.0000000000000000
3 | 10.0000000000000000 | 100.0000000000000000
4 | 7.0710678118654752 | 100.0000000000000000
5 | 14.1421356237309505 | 291.6666666666666667
6 | 21.2132034355964257 | 230.0000000000000000

SELECT k, sum(count(*)) OVER (ORDER BY k), rank() OVER (ORDER BY sum(v) DESC NULLS LAST) FROM t GROUP BY k ORDER BY k
----
k integer | sum numeric | rank bigint
1 | 2 | 2
2 | 4 | 2
3 | 5 | 4
NULL | 6 | 1

SELECT sum(v) FILTER (WHERE id > 2) OVER (ORDER BY id) FROM t ORDER BY id
----
sum bigint
NULL
NULL
30
30
80
100

SELECT id FROM t WHERE row_number() OVER () = 1
----
ERROR 42P20 at 24: window functions are not allowed in WHERE

SELECT sum(rank() OVER ()) FROM t
----
ERROR 42803 at 12: aggregate function calls cannot contain window function calls

SELECT rank() FROM t
----
ERROR 42809 at 8: window function rank requires an OVER clause

SELECT sum(v) OVER (ORDER BY id ROWS -1 PRECEDING) FROM t
----
ERROR 22013: frame starting offset must not be negative

SELECT sum(v) OVER w FROM t
----
ERROR 42704 at 20: window "w" does not exist

SELECT d, count(*) OVER (ORDER BY d RANGE BETWEEN '1 day' PRECEDING AND '1 day' FOLLOWING) FROM (VALUES (date '2024-01-01'), ('2024-01-02'), ('2024-01-04'), (NULL)) x(d) ORDER BY d
----
d date | count bigint
2024-01-01 | 2
2024-01-02 | 2
2024-01-04 | 1
NULL | 1

SELECT * FROM generate_series(1, 10, 4) WITH ORDINALITY
----
generate_series integer | ordinality bigint
1 | 1
5 | 2
9 | 3

SELECT * FROM generate_series(3, 1, -1) AS g(n)
----
n integer
3
2
1

SELECT * FROM generate_series(1.0, 2.0, 0.4)
----
generate_series numeric
1.0
1.4
1.8

SELECT * FROM generate_series(timestamp '2024-01-31', '2024-04-30', '1 month')
----
generate_series timestamp without time zone
2024-01-31 00:00:00
2024-02-29 00:00:00
2024-03-29 00:00:00
2024-04-29 00:00:00

SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(10, 11)) WITH ORDINALITY AS x(a, b, n)
----
a integer | b integer | n bigint
1 | 10 | 1
2 | 11 | 2
3 | NULL | 3

SELECT generate_series(1, 3), id FROM t WHERE id < 3 ORDER BY 2, 1
----
generate_series integer | id integer
1 | 1
2 | 1
3 | 1
1 | 2
2 | 2
3 | 2

SELECT generate_series(1, 2), generate_series(1, 3)
----
generate_series integer | generate_series integer
1 | 1
2 | 2
NULL | 3

SELECT generate_series(1, k) + 10 AS g, count(*) FROM t GROUP BY k ORDER BY 1, 2
----
g integer | count bigint
11 | 1
11 | 2
11 | 2
12 | 1
12 | 2
13 | 1

SELECT * FROM generate_series(1, 3, 0)
----
ERROR 22023: step size cannot equal zero

SELECT * FROM abs(-3)
----
abs integer
3

SELECT (1, 2) < (1, 3), (1, NULL) = (1, NULL), (2, NULL) < (1, 5), ROW(1, 2) IS DISTINCT FROM ROW(1, NULL), (1, 2) = (SELECT 1, 2), (1, NULL) IS NULL, (1, 2) IN ((1, 2), (3, 4))
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | NULL | f | t | t | f | t

SELECT id FROM t ORDER BY v DESC NULLS LAST, id DESC
----
id integer
5
3
6
2
1
4

INSERT INTO t VALUES (7, 7, 70, 'g') RETURNING id, v + 1 AS more, *
----
id integer | more integer | id integer | k integer | v integer | s text
7 | 71 | 7 | 7 | 70 | g

INSERT INTO t VALUES (7, 8, 80, 'h'), (8, 8, 80, 'h') ON CONFLICT DO NOTHING RETURNING id
----
id integer
8

INSERT INTO t AS old VALUES (7, 9, 90, 'i'), (9, 9, 90, 'j') ON CONFLICT (id) DO UPDATE SET v = old.v + excluded.v, s = excluded.s WHERE old.k = 7 RETURNING id, v, s
----
id integer | v integer | s text
7 | 160 | i
9 | 90 | j

INSERT INTO t VALUES (20, 1, 1, 'x'), (20, 2, 2, 'y') ON CONFLICT (id) DO UPDATE SET v = 0
----
ERROR 21000: ON CONFLICT DO UPDATE command cannot affect row a second time
HINT: Ensure that no rows proposed for insertion within the same command have duplicate constrained values.

INSERT INTO t VALUES (1, 1, 1, 'x') ON CONFLICT (k) DO NOTHING
----
ERROR 42P10 at 37: there is no unique or exclusion constraint matching the ON CONFLICT specification

INSERT INTO t SELECT id + 100, k, v, s FROM t WHERE id < 3 RETURNING id
----
id integer
101
102

UPDATE t SET v = u.w FROM u WHERE t.k = u.k AND u.w <> 101 RETURNING t.id, t.v, u.w
----
id integer | v integer | w integer
1 | 100 | 100
2 | 100 | 100
3 | 200 | 200
4 | 200 | 200
101 | 100 | 100
102 | 100 | 100

UPDATE t SET (v, s) = (SELECT max(w), 'z' FROM u WHERE u.k = t.k) WHERE id = 3 RETURNING id, v, s
----
id integer | v integer | s text
3 | 200 | z

UPDATE t SET v = (SELECT count(*) FROM u WHERE u.k = t.k) WHERE id < 4 RETURNING id, v
----
id integer | v integer
1 | 2
2 | 2
3 | 1

DELETE FROM t USING u WHERE t.k = u.k AND t.id > 100 RETURNING t.id
----
id integer
101
102

DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k) AND id > 6 RETURNING id, s
----
id integer | s text
8 | h
9 | j
7 | i

WITH gone AS (DELETE FROM t WHERE id = 6 RETURNING *) SELECT id, k, (SELECT count(*) FROM t) FROM gone
----
id integer | k integer | count bigint
6 | 3 | 6

WITH new AS (INSERT INTO u VALUES (9, 900) RETURNING k, w), moved AS (UPDATE t SET v = 0 WHERE id = 1 RETURNING id) SELECT new.k, moved.id FROM new, moved
----
k integer | id integer
9 | 1

WITH x AS (SELECT 5 AS id) INSERT INTO t SELECT id + 1, 6, 60, 'six' FROM x RETURNING id
----
id integer
6

SELECT id, k, v, s FROM t ORDER BY id
----
id integer | k integer | v integer | s text
1 | 1 | 0 | a
2 | 1 | 2 | b
3 | 2 | 1 | z
4 | 2 | 200 | d
5 | NULL | 50 | e
6 | 6 | 60 | six

SELECT k, w FROM u ORDER BY w
----
k integer | w integer
1 | 100
1 | 101
2 | 200
4 | 400
NULL | 500
9 | 900
