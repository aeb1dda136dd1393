-- Rows that come out of subqueries and of functions, and their fields. Answers are PostgreSQL's.

CREATE TABLE t (a integer PRIMARY KEY, b text)
----
done

INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)
----
3 affected

CREATE TABLE u (k integer, r text)
----
done

INSERT INTO u VALUES (1, 'q'), (2, NULL), (7, 'z')
----
3 affected

SELECT (s).a, (x.s).b FROM (SELECT t AS s FROM t) x ORDER BY 1
----
a integer | b text
1 | x
2 | y
3 | NULL

SELECT (s).* FROM (SELECT t AS s FROM t) x ORDER BY 1
----
a integer | b text
1 | x
2 | y
3 | NULL

SELECT (s).f1, (s).f2 + 1 AS next FROM (SELECT ROW(1, 2) AS s) x
----
f1 integer | next integer
1 | 3

WITH q AS (SELECT t AS w FROM t LIMIT 2) SELECT (w).a, (w).b FROM q ORDER BY 1
----
a integer | b text
1 | x
2 | y

SELECT (CASE WHEN a > 1 THEN t END).b FROM t ORDER BY a
----
b text
NULL
y
NULL

SELECT (coalesce(t, t)).a FROM t ORDER BY 1
----
a integer
1
2
3

SELECT (s).a FROM u LEFT JOIN (SELECT t AS s, a FROM t) x ON x.a = u.k ORDER BY u.k
----
a integer
1
2
NULL

SELECT (s).nothing FROM (SELECT t AS s FROM t) x
----
ERROR 42703 at 9: could not identify column "nothing" in record data type

SELECT (a).* FROM t
----
ERROR 42809 at 9: type integer is not composite

SELECT max((s).a) FROM (SELECT t AS s FROM t) x GROUP BY (s).b ORDER BY 1
----
max integer
1
2
3

CREATE TABLE c AS SELECT t FROM t
----
ERROR 0A000 at 19: a column of rows is not supported

CREATE TABLE c AS SELECT ROW(1, 2) AS r
----
ERROR 42P16: column "r" has pseudo-type record

CREATE TABLE c (r t)
----
ERROR 0A000 at 19: a table as a type is not supported

-- Stars of what stands around.

SELECT ss.* FROM t, LATERAL (SELECT t.*, a + 1 AS next) ss ORDER BY 1
----
a integer | b text | next integer
1 | x | 2
2 | y | 3
3 | NULL | 4

SELECT (SELECT count(*) FROM (SELECT t.* FROM u) x) FROM t
----
count bigint
3
3
3

SELECT a, (SELECT row(t.*)) FROM t ORDER BY 1
----
a integer | row record
1 | (1,x)
2 | (2,y)
3 | (3,)

SELECT a, EXISTS (SELECT t.*) FROM t ORDER BY 1
----
a integer | exists boolean
1 | t
2 | t
3 | t

CREATE VIEW v AS SELECT ss.* FROM t, LATERAL (SELECT t.*, 1 AS one) ss
----
done

SELECT * FROM v ORDER BY 1
----
a integer | b text | one integer
1 | x | 1
2 | y | 1
3 | NULL | 1

UPDATE u SET (k, r) = ROW(v.*) FROM (VALUES (7, 'new')) AS v(i, j) WHERE u.k = v.i RETURNING u.*
----
k integer | r text
7 | new

-- Functions of several columns in a list.

SELECT json_each('{"a":1,"b":null}')
----
json_each record
(a,1)
(b,null)

SELECT (jsonb_each('{"a":1,"b":2}')).key
----
key text
a
b

SELECT (jsonb_each_text('{"a":1,"b":2}')).*
----
key text | value text
a | 1
b | 2

SELECT (x).key, (x).value FROM (SELECT jsonb_each('{"a":1}') AS x) y
----
key text | value jsonb
a | 1

SELECT a, jsonb_each_text(jsonb_build_object('a', a, 'b', b)) FROM t ORDER BY 1, 2
----
a integer | jsonb_each_text record
1 | (a,1)
1 | (b,x)
2 | (a,2)
2 | (b,y)
3 | (a,3)
3 | (b,)

-- Aggregates of columns of the query around belong to it.

SELECT (SELECT count(*) FILTER (WHERE o.a <> 2) FROM (VALUES (1)) v) FROM t o
----
count bigint
2

SELECT (SELECT max(0) FILTER (WHERE o.a > 1)) FROM t o
----
max integer
0

SELECT (SELECT sum(o.a)) AS s, count(*) FROM t o
----
s bigint | count bigint
6 | 3

SELECT (SELECT sum(o.a) FROM u LIMIT 1) FROM t o
----
sum bigint
6

SELECT b, (SELECT max(o.a) FROM u WHERE u.k = min(o.a)) FROM t o GROUP BY b ORDER BY 1
----
b text | max integer
x | 1
y | 2
NULL | NULL

SELECT (SELECT sum(o.a + u.k) FROM u) FROM t o ORDER BY 1
----
sum bigint
13
16
19

SELECT a FROM t o GROUP BY a HAVING EXISTS (SELECT 1 FROM u WHERE sum(DISTINCT o.a) = u.k) ORDER BY 1
----
a integer
1
2

SELECT a FROM t o WHERE EXISTS (SELECT 1 FROM u WHERE sum(o.a) = u.k)
----
ERROR 42803 at 55: aggregate functions are not allowed in WHERE

SELECT (SELECT max(min(o.a)) FROM u) FROM t o
----
ERROR 42803 at 16: aggregate function calls cannot be nested

SELECT o.a, (SELECT sum(o.a)) FROM t o
----
ERROR 42803 at 8: column "o.a" must appear in the GROUP BY clause or be used in an aggregate function

SELECT 1 FROM t o, LATERAL (SELECT max(o.a) FROM u) ss
----
ERROR 42803 at 36: aggregate functions are not allowed in FROM clause of their own query level

SELECT (SELECT max((SELECT u.k FROM u WHERE u.k = o.a))) FROM t o
----
ERROR 0A000 at 16: an aggregate of a subquery over columns of the query around is not supported

-- What else PostgreSQL says.

SELECT DISTINCT ON (b) b, a FROM t ORDER BY b USING >, a USING <
----
b text | a integer
NULL | 3
y | 2
x | 1

SELECT a FROM t ORDER BY a USING >=
----
ERROR 42809 at 34: operator >= is not a valid ordering operator

SELECT generate_series(1, 3) OVER () FROM t
----
ERROR 42809 at 8: OVER specified, but generate_series is not a window function nor an aggregate function

SELECT to_tsvector('simple', 'wr') @@ ANY ('{wr,qh}')
----
?column? boolean
t

SELECT to_number('123', ''), to_number('', '999')
----
ERROR 22P02: invalid input syntax for type numeric: " "

SELECT jsonb_set_lax('{"a":1,"b":2}', '{b}', NULL, null_value_treatment => 'delete_key')
----
jsonb_set_lax jsonb
{"a": 1}

SELECT pg_get_viewdef('v') = pg_get_viewdef('v'::regclass, true)
----
?column? boolean
t

SELECT pg_get_viewdef('nothing')
----
ERROR 42P01: relation "nothing" does not exist

CREATE INDEX ON t ((b::date))
----
ERROR 42P17: functions in index expression must be marked IMMUTABLE

CREATE TABLE g (a timestamptz, b date GENERATED ALWAYS AS (a::date) STORED)
----
ERROR 42P17 at 60: generation expression is not immutable

CREATE TABLE g (a timestamp, b date GENERATED ALWAYS AS (a::date) STORED)
----
done

CREATE TABLE h (a integer COLLATE "C")
----
ERROR 42804 at 35: collations are not supported by type integer

CREATE VIEW by_key AS SELECT a, b FROM t GROUP BY a
----
done

ALTER TABLE t DROP CONSTRAINT t_pkey
----
ERROR 2BP01: cannot drop constraint t_pkey on table t because other objects depend on it
DETAIL: view by_key depends on constraint t_pkey on table t
HINT: Use DROP ... CASCADE to drop the dependent objects too.

ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE
----
done

SELECT * FROM by_key
----
ERROR 42P01 at 15: relation "by_key" does not exist

DROP VIEW v
----
done

CREATE TABLE i (a integer GENERATED ALWAYS AS IDENTITY)
----
done

ALTER TABLE i ALTER COLUMN a TYPE text
----
ERROR 22023: identity column type must be smallint, integer, or bigint
