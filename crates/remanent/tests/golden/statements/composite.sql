-- Rows that come out of subqueries and of functions, and their fields. Answers are PostgreSQL's.

CREATE TABLE t (a integer PRIMARY KEY, b text)

INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)

CREATE TABLE u (k integer, r text)

INSERT INTO u VALUES (1, 'q'), (2, NULL), (7, 'z')

SELECT (s).a, (x.s).b FROM (SELECT t AS s FROM t) x ORDER BY 1

SELECT (s).* FROM (SELECT t AS s FROM t) x ORDER BY 1

SELECT (s).f1, (s).f2 + 1 AS next FROM (SELECT ROW(1, 2) AS s) x

WITH q AS (SELECT t AS w FROM t LIMIT 2) SELECT (w).a, (w).b FROM q ORDER BY 1

SELECT (CASE WHEN a > 1 THEN t END).b FROM t ORDER BY a

SELECT (coalesce(t, t)).a FROM t ORDER BY 1

SELECT (s).a FROM u LEFT JOIN (SELECT t AS s, a FROM t) x ON x.a = u.k ORDER BY u.k

SELECT (s).nothing FROM (SELECT t AS s FROM t) x

SELECT (a).* FROM t

SELECT max((s).a) FROM (SELECT t AS s FROM t) x GROUP BY (s).b ORDER BY 1

CREATE TABLE c AS SELECT t FROM t

CREATE TABLE c AS SELECT ROW(1, 2) AS r

CREATE TABLE c (r t)

-- Stars of what stands around.

SELECT ss.* FROM t, LATERAL (SELECT t.*, a + 1 AS next) ss ORDER BY 1

SELECT (SELECT count(*) FROM (SELECT t.* FROM u) x) FROM t

SELECT a, (SELECT row(t.*)) FROM t ORDER BY 1

SELECT a, EXISTS (SELECT t.*) FROM t ORDER BY 1

CREATE VIEW v AS SELECT ss.* FROM t, LATERAL (SELECT t.*, 1 AS one) ss

SELECT * FROM v ORDER BY 1

UPDATE u SET (k, r) = ROW(v.*) FROM (VALUES (7, 'new')) AS v(i, j) WHERE u.k = v.i RETURNING u.*

-- Functions of several columns in a list.

SELECT json_each('{"a":1,"b":null}')

SELECT (jsonb_each('{"a":1,"b":2}')).key

SELECT (jsonb_each_text('{"a":1,"b":2}')).*

SELECT (x).key, (x).value FROM (SELECT jsonb_each('{"a":1}') AS x) y

SELECT a, jsonb_each_text(jsonb_build_object('a', a, 'b', b)) FROM t ORDER BY 1, 2

-- Aggregates of columns of the query around belong to it.

SELECT (SELECT count(*) FILTER (WHERE o.a <> 2) FROM (VALUES (1)) v) FROM t o

SELECT (SELECT max(0) FILTER (WHERE o.a > 1)) FROM t o

SELECT (SELECT sum(o.a)) AS s, count(*) FROM t o

SELECT (SELECT sum(o.a) FROM u LIMIT 1) FROM t o

SELECT b, (SELECT max(o.a) FROM u WHERE u.k = min(o.a)) FROM t o GROUP BY b ORDER BY 1

SELECT (SELECT sum(o.a + u.k) FROM u) FROM t o ORDER BY 1

SELECT a FROM t o GROUP BY a HAVING EXISTS (SELECT 1 FROM u WHERE sum(DISTINCT o.a) = u.k) ORDER BY 1

SELECT a FROM t o WHERE EXISTS (SELECT 1 FROM u WHERE sum(o.a) = u.k)

SELECT (SELECT max(min(o.a)) FROM u) FROM t o

SELECT o.a, (SELECT sum(o.a)) FROM t o

SELECT 1 FROM t o, LATERAL (SELECT max(o.a) FROM u) ss

SELECT (SELECT max((SELECT u.k FROM u WHERE u.k = o.a))) FROM t o

-- What else PostgreSQL says.

SELECT DISTINCT ON (b) b, a FROM t ORDER BY b USING >, a USING <

SELECT a FROM t ORDER BY a USING >=

SELECT generate_series(1, 3) OVER () FROM t

SELECT to_tsvector('simple', 'wr') @@ ANY ('{wr,qh}')

SELECT to_number('123', ''), to_number('', '999')

SELECT jsonb_set_lax('{"a":1,"b":2}', '{b}', NULL, null_value_treatment => 'delete_key')

SELECT pg_get_viewdef('v') = pg_get_viewdef('v'::regclass, true)

SELECT pg_get_viewdef('nothing')

CREATE INDEX ON t ((b::date))

CREATE TABLE g (a timestamptz, b date GENERATED ALWAYS AS (a::date) STORED)

CREATE TABLE g (a timestamp, b date GENERATED ALWAYS AS (a::date) STORED)

CREATE TABLE h (a integer COLLATE "C")

CREATE VIEW by_key AS SELECT a, b FROM t GROUP BY a

ALTER TABLE t DROP CONSTRAINT t_pkey

ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE

SELECT * FROM by_key

DROP VIEW v
