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

SELECT t.id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND EXISTS (SELECT 1 FROM t t2 WHERE t2.id = u.w - 98 AND t2.k = t.k)) ORDER BY 1
----
id integer
1
2

SELECT t.id, (SELECT sum((SELECT count(*) FROM t t3 WHERE t3.k = u.k AND t3.id < t.id)) FROM u WHERE u.k = t.k) FROM t ORDER BY 1
----
id integer | sum numeric
1 | 0
2 | 2
3 | 0
4 | 1
5 | NULL
6 | NULL

SELECT id FROM t WHERE v > (SELECT min(w) FROM u WHERE u.k = t.k) / 10 ORDER BY id
----
id integer
2
3

SELECT id FROM t WHERE (SELECT count(*) FROM u WHERE u.k = t.k) = 0 ORDER BY id
----
id integer
5
6

SELECT id FROM t WHERE (SELECT count(*) FROM u WHERE u.k = t.k AND u.w > 100) + 1 > 1 ORDER BY id
----
id integer
1
2
3
4

SELECT id, (SELECT coalesce(sum(w), -1) FROM u WHERE u.k = t.k) FROM t ORDER BY id
----
id integer | coalesce bigint
1 | 201
2 | 201
3 | 200
4 | 200
5 | -1
6 | -1

SELECT id, (SELECT 'n' || count(*) FROM u WHERE u.k = t.k AND t.v > 15) FROM t ORDER BY id
----
id integer | ?column? text
1 | n0
2 | n2
3 | n1
4 | n0
5 | n0
6 | n0

SELECT id, (SELECT max(w) - t.v FROM u WHERE u.k = t.k) FROM t ORDER BY id
----
id integer | ?column? integer
1 | 91
2 | 81
3 | 170
4 | NULL
5 | NULL
6 | NULL

SELECT id, (SELECT count(DISTINCT w) FROM (SELECT DISTINCT w FROM u WHERE u.k = t.k) d) FROM t ORDER BY id
----
id integer | count bigint
1 | 2
2 | 2
3 | 1
4 | 1
5 | 0
6 | 0

SELECT id, (SELECT max(n) FROM (SELECT count(*) AS n FROM u WHERE u.k = t.k GROUP BY w) d) FROM t ORDER BY id
----
id integer | max bigint
1 | 1
2 | 1
3 | 1
4 | 1
5 | NULL
6 | NULL

SELECT id FROM t WHERE id IN (SELECT w - 99 FROM u WHERE u.k = t.k UNION SELECT 6) ORDER BY id
----
id integer
1
2
6

SELECT id FROM t WHERE k IN (SELECT k FROM u WHERE w > (SELECT avg(w) FROM u u2 WHERE u2.k = u.k)) ORDER BY id
----
id integer
1
2

SELECT id FROM t WHERE NOT (k IN (SELECT k FROM u WHERE k > 1)) ORDER BY id
----
id integer
1
2
6

SELECT id FROM t WHERE (k IN (SELECT k FROM u WHERE k > 1)) IS NOT TRUE ORDER BY id
----
id integer
1
2
5
6

SELECT id FROM t WHERE v <> ALL (SELECT w / 10 FROM u WHERE w < 300) ORDER BY id
----
id integer
3
5

SELECT id FROM t WHERE NULL IN (SELECT k FROM u) OR NULL NOT IN (SELECT k FROM u WHERE false) ORDER BY id
----
id integer
1
2
3
4
5
6

SELECT id FROM t WHERE 5 NOT IN (SELECT k FROM u WHERE k IS NOT NULL) ORDER BY id
----
id integer
1
2
3
4
5
6

SELECT t.id FROM t JOIN u ON u.k = t.k AND u.w = (SELECT max(w) FROM u u2 WHERE u2.k = t.k) ORDER BY 1
----
id integer
1
2
3
4

SELECT t.id, u.w FROM t LEFT JOIN u ON u.k = t.k AND EXISTS (SELECT 1 FROM t t2 WHERE t2.id = t.id AND t2.v > 10) ORDER BY 1, 2
----
id integer | w integer
1 | NULL
2 | 100
2 | 101
3 | 200
4 | NULL
5 | NULL
6 | NULL

SELECT t.id, a.n, b.m FROM t, LATERAL (SELECT t.id + 1 AS n) a, LATERAL (SELECT a.n * 2 AS m) b ORDER BY 1
----
id integer | n integer | m integer
1 | 2 | 4
2 | 3 | 6
3 | 4 | 8
4 | 5 | 10
5 | 6 | 12
6 | 7 | 14

SELECT t.id, x.w, y.w2 FROM t LEFT JOIN LATERAL (SELECT w FROM u WHERE u.k = t.k ORDER BY w LIMIT 1) x ON true LEFT JOIN LATERAL (SELECT x.w + 1 AS w2) y ON x.w > 100 ORDER BY 1
----
id integer | w integer | w2 integer
1 | 100 | NULL
2 | 100 | NULL
3 | 200 | 201
4 | 200 | 201
5 | NULL | NULL
6 | NULL | NULL

SELECT * FROM (SELECT k, count(*) AS n FROM t GROUP BY k) q WHERE n > (SELECT min(c) FROM (SELECT count(*) AS c FROM t GROUP BY k) z) ORDER BY k
----
k integer | n bigint
1 | 2
2 | 2

SELECT k + 1 AS a, count(*) FROM t GROUP BY a ORDER BY a
----
a integer | count bigint
2 | 2
3 | 2
4 | 1
NULL | 1

SELECT k + 1, count(*) FROM t GROUP BY 1 ORDER BY 1
----
?column? integer | count bigint
2 | 2
3 | 2
4 | 1
NULL | 1

SELECT k AS v, sum(v) FROM t GROUP BY k ORDER BY v
----
v integer | sum bigint
1 | 30
2 | 30
3 | 20
NULL | 50

SELECT v AS k, count(*) FROM t GROUP BY k
----
ERROR 42803 at 8: column "t.v" must appear in the GROUP BY clause or be used in an aggregate function

SELECT t.*, count(*) FROM t GROUP BY id ORDER BY id
----
id integer | k integer | v integer | s text | count bigint
1 | 1 | 10 | a | 1
2 | 1 | 20 | b | 1
3 | 2 | 30 | c | 1
4 | 2 | NULL | d | 1
5 | NULL | 50 | e | 1
6 | 3 | 20 | NULL | 1

SELECT count(*), max(v) FROM t WHERE false
----
count bigint | max integer
0 | NULL

SELECT count(*) FROM t WHERE false GROUP BY k
----
count bigint
(no rows)

SELECT 1 FROM t HAVING count(*) > 3
----
?column? integer
1

SELECT k, count(*) FROM t GROUP BY k, () ORDER BY 1
----
k integer | count bigint
1 | 2
2 | 2
3 | 1
NULL | 1

SELECT k, v, sum(id) FROM t GROUP BY k, ROLLUP (v) ORDER BY 1, 2, 3
----
k integer | v integer | sum bigint
1 | 10 | 1
1 | 20 | 2
1 | NULL | 3
2 | 30 | 3
2 | NULL | 4
2 | NULL | 7
3 | 20 | 6
3 | NULL | 6
NULL | 50 | 5
NULL | NULL | 5

SELECT k, sum(v) FROM t GROUP BY GROUPING SETS (ROLLUP (k), ()) ORDER BY 1, 2
----
k integer | sum bigint
1 | 30
2 | 30
3 | 20
NULL | 50
NULL | 130
NULL | 130

SELECT grouping(v) FROM t GROUP BY k
----
ERROR 42803 at 17: arguments to GROUPING must be grouping expressions of the associated query level

SELECT grouping(k) FROM t GROUP BY k ORDER BY 1
----
grouping integer
0
0
0
0

SELECT k, rank() OVER (PARTITION BY grouping(k) ORDER BY sum(v)) FROM t GROUP BY ROLLUP (k) ORDER BY 2, 1
----
k integer | rank bigint
3 | 1
NULL | 1
1 | 2
2 | 2
NULL | 4

SELECT DISTINCT k, count(*) OVER (PARTITION BY k) FROM t ORDER BY 1
----
k integer | count bigint
1 | 2
2 | 2
3 | 1
NULL | 1

SELECT id, sum(v) OVER (PARTITION BY k ORDER BY id DESC) FROM t ORDER BY row_number() OVER (ORDER BY v DESC NULLS LAST, id)
----
id integer | sum bigint
5 | 50
3 | 30
2 | 20
6 | 20
1 | 30
4 | NULL

SELECT id, max(v) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING), last_value(v) OVER (ORDER BY k NULLS FIRST), first_value(s) OVER (ORDER BY id RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) FROM t ORDER BY id
----
id integer | max integer | last_value integer | first_value text
1 | 30 | 20 | b
2 | 30 | 20 | c
3 | 50 | NULL | d
4 | 50 | NULL | e
5 | 20 | 50 | NULL
6 | NULL | 20 | NULL

SELECT id, count(*) OVER (ORDER BY v RANGE BETWEEN UNBOUNDED PRECEDING AND 5 FOLLOWING), count(*) OVER (ORDER BY v NULLS FIRST RANGE BETWEEN 5 PRECEDING AND UNBOUNDED FOLLOWING) FROM t ORDER BY id
----
id integer | count bigint | count bigint
1 | 1 | 5
2 | 3 | 4
3 | 4 | 2
4 | 6 | 6
5 | 5 | 1
6 | 3 | 4

SELECT id, nth_value(id, 3) OVER (ORDER BY id), ntile(3) OVER (PARTITION BY k = 1 ORDER BY id), lag(id, 0) OVER (ORDER BY id), lead(s, 1, 'none') OVER (ORDER BY id) FROM t ORDER BY id
----
id integer | nth_value integer | ntile integer | lag integer | lead text
1 | NULL | 1 | 1 | b
2 | NULL | 2 | 2 | c
3 | 3 | 1 | 3 | d
4 | 3 | 2 | 4 | e
5 | 3 | 1 | 5 | NULL
6 | 3 | 3 | 6 | none

SELECT id, sum(v) OVER w, count(*) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (ORDER BY id), x AS (w) ORDER BY id
----
id integer | sum bigint | count bigint
1 | 10 | 1
2 | 30 | 2
3 | 60 | 2
4 | 60 | 2
5 | 110 | 2
6 | 130 | 2

SELECT sum(v) OVER (w PARTITION BY k) FROM t WINDOW w AS (ORDER BY id)
----
ERROR 42P20 at 20: cannot override PARTITION BY clause of window "w"

SELECT sum(v) OVER (ORDER BY id RANGE 1 PRECEDING), sum(v) OVER (ORDER BY s RANGE 1 PRECEDING) FROM t
----
ERROR 0A000 at 83: RANGE with offset PRECEDING/FOLLOWING is not supported for column type text

SELECT sum(v) OVER (GROUPS 1 PRECEDING) FROM t
----
ERROR 42P20 at 20: GROUPS mode requires an ORDER BY clause

SELECT lag(v, 'x') OVER () FROM t
----
ERROR 22P02 at 15: invalid input syntax for type integer: "x"

SELECT abs(v) OVER () FROM t
----
ERROR 42809 at 8: OVER specified, but abs is not a window function nor an aggregate function

SELECT count(DISTINCT v) OVER () FROM t
----
ERROR 0A000 at 8: DISTINCT is not implemented for window functions

SELECT (SELECT sum(t.v) FROM u) FROM t
----
ERROR 21000: more than one row returned by a subquery used as an expression

SELECT id FROM t ORDER BY (SELECT count(*) FROM u WHERE u.k = t.k), id
----
id integer
5
6
3
4
1
2

SELECT id FROM t WHERE id = (SELECT count(*) FROM generate_series(1, t.k)) ORDER BY id
----
id integer
1

SELECT id, ARRAY(SELECT 1) FROM t
----
id integer | array integer[]
1 | {1}
2 | {1}
3 | {1}
4 | {1}
5 | {1}
6 | {1}

SELECT id FROM t LIMIT (SELECT count(*) FROM u WHERE k = 1)
----
id integer
1
2

WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a), c AS (SELECT a.x + b.x AS x FROM a, b) SELECT * FROM c, b
----
x integer | x integer
3 | 2

WITH a AS (SELECT * FROM t WHERE k = 1) SELECT (SELECT count(*) FROM a WHERE a.id <= t.id) FROM t ORDER BY t.id
----
count bigint
1
2
2
2
2
2

WITH a AS (SELECT random() AS r) SELECT count(*) FROM a x, a y WHERE x.r = y.r
----
count bigint
1

WITH RECURSIVE tree(id, path) AS (SELECT id, id::text FROM t WHERE k = 1 UNION ALL SELECT t.id, path || '>' || t.id FROM tree JOIN t ON t.k = tree.id AND t.id > tree.id) SELECT * FROM tree ORDER BY path
----
id integer | path text
1 | 1
2 | 1>2
3 | 1>2>3
6 | 1>2>3>6
4 | 1>2>4
2 | 2
3 | 2>3
6 | 2>3>6
4 | 2>4

WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 3), b(m) AS (SELECT n FROM a UNION ALL SELECT m + 10 FROM b WHERE m < 12) SELECT * FROM b ORDER BY m
----
m integer
1
2
3
11
12
13
21

WITH RECURSIVE f(a, b) AS (VALUES (0, 1) UNION ALL SELECT b, a + b FROM f WHERE b < 50) SELECT a FROM f
----
a integer
0
1
1
2
3
5
8
13
21
34

WITH t AS (SELECT 42 AS id) SELECT * FROM t
----
id integer
42

WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a
----
ERROR 42712 at 23: WITH query name "a" specified more than once

WITH a(x, y) AS (SELECT 1) SELECT * FROM a
----
ERROR 42P10 at 6: WITH query "a" has 1 columns available but 2 columns specified

SELECT * FROM (VALUES (1, 'a'), (2, NULL)) v(n, c) WHERE n IN (VALUES (2), (3))
----
n integer | c text
2 | NULL

(SELECT 1 AS x UNION ALL SELECT 2) EXCEPT (SELECT 2) ORDER BY x
----
x integer
1

SELECT NULL UNION SELECT 1 ORDER BY 1
----
?column? integer
1
NULL

SELECT 'a' UNION ALL SELECT NULL EXCEPT ALL SELECT 'a'
----
?column? text
NULL

SELECT 1, 2 UNION SELECT 1
----
ERROR 42601 at 26: each UNION query must have the same number of columns

SELECT 1 INTERSECT SELECT 'x'
----
ERROR 22P02 at 27: invalid input syntax for type integer: "x"

SELECT t.k FROM t NATURAL JOIN u ORDER BY 1
----
k integer
1
1
1
1
2
2

SELECT count(*) FROM t a JOIN t b USING (id) JOIN t c USING (id) FULL JOIN u ON c.k = u.k
----
count bigint
10

SELECT a.id, b.id FROM t a FULL JOIN t b ON a.id = b.id + 3 WHERE a.id IS NULL OR b.v > 15 ORDER BY 1, 2
----
id integer | id integer
5 | 2
6 | 3
NULL | 4
NULL | 5
NULL | 6

SELECT a.id, b.w FROM t a LEFT JOIN u b ON a.k = b.k WHERE b.w > 100 OR b.w IS NULL ORDER BY 1, 2
----
id integer | w integer
1 | 101
2 | 101
3 | 200
4 | 200
5 | NULL
6 | NULL

SELECT a.id, b.w FROM t a LEFT JOIN u b ON a.k = b.k WHERE coalesce(b.w, 0) < 101 ORDER BY 1, 2
----
id integer | w integer
1 | 100
2 | 100
5 | NULL
6 | NULL

SELECT a.id, b.w FROM t a RIGHT JOIN u b ON a.k = b.k WHERE a.v >= 20 ORDER BY 1, 2
----
id integer | w integer
2 | 100
2 | 101
3 | 200

SELECT x.id FROM t x JOIN (t y LEFT JOIN u z ON y.k = z.k) ON x.id = y.id AND z.w IS NULL ORDER BY 1
----
id integer
5
6

SELECT * FROM t a, u a
----
ERROR 42712: table name "a" specified more than once

SELECT * FROM t JOIN u USING (nope)
----
ERROR 42703: column "nope" specified in USING clause does not exist in left table

SELECT t.id FROM t RIGHT JOIN LATERAL (SELECT t.id) x ON true
----
ERROR 42P10 at 31: invalid reference to FROM-clause entry
DETAIL: The combining JOIN type must be INNER or LEFT for a LATERAL reference.

UPDATE t SET v = 1 FROM u WHERE t.k = u.k RETURNING count(*)
----
ERROR 42803 at 53: aggregate functions are not allowed in RETURNING

INSERT INTO t (id) VALUES (1) ON CONFLICT DO UPDATE SET v = 1
----
ERROR 42601 at 31: ON CONFLICT DO UPDATE requires inference specification or constraint name
HINT: For example, ON CONFLICT (column_name).

INSERT INTO t (id, v) VALUES (1, 5), (50, 6) ON CONFLICT (id) DO UPDATE SET (v, s) = (excluded.v, t.s || '!') RETURNING t.*
----
id integer | k integer | v integer | s text
1 | 1 | 5 | a!
50 | NULL | 6 | NULL

DELETE FROM t a USING t b WHERE a.id = b.id + 44 RETURNING a.id, b.id, b.s
----
id integer | id integer | s text
50 | 6 | NULL

WITH ins AS (INSERT INTO t (id) VALUES (60)) SELECT * FROM ins
----
ERROR 0A000 at 60: WITH query "ins" does not have a RETURNING clause

WITH upd AS (UPDATE t SET v = 99 WHERE id = 2 RETURNING *) SELECT upd.v, t.v FROM upd JOIN t USING (id)
----
v integer | v integer
99 | 20

WITH d AS (DELETE FROM u WHERE k = 4 RETURNING w) INSERT INTO t SELECT 61, 4, w, 'moved' FROM d RETURNING id, v
----
id integer | v integer
61 | 400

SELECT (WITH x AS (DELETE FROM u RETURNING 1) SELECT 1)
----
ERROR 0A000 at 14: WITH clause containing a data-modifying statement must be at the top level

SELECT id, k, v, s FROM t ORDER BY id
----
id integer | k integer | v integer | s text
1 | 1 | 5 | a!
2 | 1 | 99 | b
3 | 2 | 30 | c
4 | 2 | NULL | d
5 | NULL | 50 | e
6 | 3 | 20 | NULL
61 | 4 | 400 | moved
