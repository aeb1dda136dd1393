-- Scans by an index: what EXPLAIN says, and answers that are those of a scan.

CREATE TABLE big (id int PRIMARY KEY, a int, b text, c int)
----
done

INSERT INTO big SELECT g, CASE WHEN g % 100 = 0 THEN NULL ELSE g % 1000 END, 'name' || g % 500, g % 7 FROM generate_series(1, 20000) g
----
20000 affected

CREATE INDEX big_a ON big (a DESC, c)
----
done

CREATE INDEX big_b ON big (b)
----
done

CREATE UNIQUE INDEX big_u ON big (c, id)
----
done

EXPLAIN SELECT * FROM big WHERE a = 5
----
QUERY PLAN text
Index Scan using big_a on big
  Index Cond: (a = 5)
  Filter: (a = 5)

SELECT count(*), sum(id) FROM big WHERE a = 5
----
count bigint | sum bigint
20 | 190100

EXPLAIN SELECT id FROM big WHERE a IN (1, 2, 3, NULL) AND c = 2
----
QUERY PLAN text
Index Scan using big_a on big
  Index Cond: (a IN (1, 2, 3, NULL::integer)) AND (c = 2)
  Filter: ((c = 2) AND (a IN (1, 2, 3, NULL::integer)))

SELECT id FROM big WHERE a IN (1, 2, 3, NULL) AND c = 2 ORDER BY id
----
id integer
2
1003
6001
7002
8003
13001
14002
15003

EXPLAIN SELECT id FROM big WHERE b LIKE 'name12%'
----
QUERY PLAN text
Index Scan using big_b on big
  Index Cond: (b >= 'name12'::text) AND (b < 'name13'::text)
  Filter: (b ~~ 'name12%'::text)

SELECT count(*), sum(id) FROM big WHERE b LIKE 'name12%'
----
count bigint | sum bigint
440 | 4340280

EXPLAIN SELECT id FROM big WHERE a BETWEEN 10 AND 12
----
QUERY PLAN text
Index Scan using big_a on big
  Index Cond: (a >= 10) AND (a <= 12)
  Filter: ((a >= 10) AND (a <= 12))

SELECT count(*), sum(id) FROM big WHERE a BETWEEN 10 AND 12
----
count bigint | sum bigint
60 | 570660

SELECT count(*), sum(id) FROM big WHERE a > 996 AND c >= 3
----
count bigint | sum bigint
33 | 332934

EXPLAIN SELECT id FROM big WHERE a < 900
----
QUERY PLAN text
Seq Scan on big
  Range Cond: (a < 900)
  Filter: (a < 900)

EXPLAIN SELECT id, a FROM big ORDER BY a DESC, c LIMIT 3
----
QUERY PLAN text
Limit
  Rows: 3
  ->  Index Scan using big_a on big

SELECT id, a, c FROM big WHERE a IS NOT NULL ORDER BY a DESC, c, id LIMIT 3
----
id integer | a integer | c integer
5999 | 999 | 0
12999 | 999 | 0
19999 | 999 | 0

SELECT a, c FROM big ORDER BY a DESC, c LIMIT 3
----
a integer | c integer
NULL | 0
NULL | 0
NULL | 0

SELECT a, c FROM big ORDER BY a, c DESC LIMIT 3
----
a integer | c integer
1 | 6
1 | 6
1 | 6

EXPLAIN SELECT a FROM big ORDER BY a, c DESC LIMIT 3
----
QUERY PLAN text
Limit
  Rows: 3
  ->  Index Only Scan Backward using big_a on big

EXPLAIN SELECT a FROM big ORDER BY a, c LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: a, c
  Rows: 3
  ->  Seq Scan on big

EXPLAIN SELECT b FROM big WHERE a = 7 ORDER BY c DESC LIMIT 2
----
QUERY PLAN text
Limit
  Rows: 2
  ->  Index Scan Backward using big_a on big
        Index Cond: (a = 7)
        Filter: (a = 7)

SELECT c, a FROM big WHERE a = 7 ORDER BY c DESC LIMIT 2
----
c integer | a integer
6 | 7
6 | 7

EXPLAIN SELECT b FROM big WHERE b > 'name498' ORDER BY b LIMIT 2
----
QUERY PLAN text
Limit
  Rows: 2
  ->  Index Only Scan using big_b on big
        Index Cond: (b > 'name498'::text)
        Filter: (b > 'name498'::text)

SELECT b FROM big WHERE b > 'name498' ORDER BY b LIMIT 2
----
b text
name499
name499

SELECT b FROM big WHERE b < 'name1' ORDER BY b DESC LIMIT 2 OFFSET 39
----
b text
name0

EXPLAIN SELECT * FROM big WHERE c = 3 AND id = 10
----
QUERY PLAN text
Index Scan using big_pkey on big
  Index Cond: (id = 10)
  Filter: (c = 3)

-- params: 5
EXPLAIN SELECT id FROM big WHERE a = $1
----
QUERY PLAN text
Index Scan using big_a on big
  Index Cond: (a = $1)
  Filter: (a = $1)

-- params: 5
SELECT count(*) FROM big WHERE a = $1
----
count bigint
20

-- params: NULL
SELECT count(*) FROM big WHERE a = $1
----
count bigint
0

-- params: 3000000000::bigint
SELECT count(*) FROM big WHERE a = $1
----
ERROR 22003: integer out of range

EXPLAIN UPDATE big SET a = -a WHERE a = 5
----
QUERY PLAN text
Update on big
  ->  Index Scan using big_a on big
        Index Cond: (a = 5)
        Filter: (a = 5)

UPDATE big SET a = -a WHERE a = 5
----
20 affected

SELECT count(*) FROM big WHERE a = 5
----
count bigint
0

SELECT count(*), min(a) FROM big WHERE a < 0
----
count bigint | min integer
20 | -5

DELETE FROM big WHERE b = 'name77' AND a = 77
----
20 affected

SELECT count(*) FROM big WHERE b = 'name77'
----
count bigint
20

EXPLAIN SELECT x.id FROM big x JOIN big y ON x.id = y.c WHERE y.a = 6 AND x.b = 'name3'
----
QUERY PLAN text
Hash Join
  Hash Cond: (x.id = y.c)
  ->  Index Scan using big_b on big x
        Index Cond: (b = 'name3'::text)
        Filter: (x.b = 'name3'::text)
  ->  Hash
        ->  Index Only Scan using big_a on big y
              Index Cond: (a = 6)
              Filter: (y.a = 6)

EXPLAIN SELECT min(b), max(b) FROM big
----
QUERY PLAN text
Aggregate
  ->  Seq Scan on big

EXPLAIN SELECT max(a) FROM big
----
QUERY PLAN text
Aggregate
  ->  Limit
        Rows: 1
        ->  Index Only Scan using big_a on big
              Index Cond: (a IS NOT NULL)
              Filter: (a IS NOT NULL)

SELECT max(a) FROM big
----
max integer
999

EXPLAIN SELECT min(a) FROM big WHERE c = 3
----
QUERY PLAN text
Aggregate
  ->  Seq Scan on big
        Range Cond: (c = 3)
        Filter: (c = 3)

SELECT min(a) FROM big WHERE c = 3 AND a > 0
----
min integer
1

EXPLAIN SELECT count(*) FROM big WHERE a IS NULL AND c = 3
----
QUERY PLAN text
Aggregate
  ->  Index Only Scan using big_a on big
        Index Cond: (a IS NULL) AND (c = 3)
        Filter: ((c = 3) AND (a IS NULL))

SELECT count(*) FROM big WHERE a IS NULL AND c = 3
----
count bigint
28

EXPLAIN SELECT id FROM big WHERE a BETWEEN 10 AND 40 AND b LIKE 'name1%'
----
QUERY PLAN text
Index Scan using big_a on big
  Index Cond: (a >= 10) AND (a <= 40)
  Filter: ((a >= 10) AND (a <= 40) AND (b ~~ 'name1%'::text))

SELECT count(*), sum(id) FROM big WHERE a BETWEEN 10 AND 40 AND b LIKE 'name1%'
----
count bigint | sum bigint
200 | 1902900

CREATE INDEX big_up ON big (upper(b))
----
done

CREATE INDEX big_part ON big (c, id) WHERE a > 900
----
done

EXPLAIN SELECT id FROM big WHERE upper(b) = 'NAME7'
----
QUERY PLAN text
Index Scan using big_up on big
  Index Cond: (upper(b) = 'NAME7'::text)
  Filter: (upper(b) = 'NAME7'::text)

SELECT count(*), sum(id) FROM big WHERE upper(b) = 'NAME7'
----
count bigint | sum bigint
40 | 390280

EXPLAIN SELECT b FROM big ORDER BY upper(b) DESC LIMIT 2
----
QUERY PLAN text
Limit
  Rows: 2
  ->  Index Scan Backward using big_up on big

SELECT b FROM big ORDER BY upper(b) DESC LIMIT 2
----
b text
name99
name99

EXPLAIN SELECT id FROM big WHERE c = 3 AND a > 950
----
QUERY PLAN text
Index Scan using big_part, big_a on big
  Index Cond: (c = 3) AND (a > 950)
  Filter: ((c = 3) AND (a > 950))

SELECT count(*), sum(id) FROM big WHERE c = 3 AND a > 950
----
count bigint | sum bigint
140 | 1466500

EXPLAIN SELECT id FROM big WHERE c = 3 AND a > 899 AND id < 5000
----
QUERY PLAN text
Index Scan using big_u, big_a on big
  Index Cond: (c = 3) AND (id < 5000) AND (a > 899)
  Filter: ((c = 3) AND (a > 899) AND (id < 5000))

EXPLAIN SELECT id FROM big WHERE a > 900 AND c = 3 ORDER BY id LIMIT 2
----
QUERY PLAN text
Limit
  Rows: 2
  ->  Index Scan using big_part on big
        Index Cond: (c = 3)
        Filter: ((a > 900) AND (c = 3))

SELECT id FROM big WHERE a > 900 AND c = 3 ORDER BY id LIMIT 2
----
id integer
906
913

-- params: 3
EXPLAIN SELECT id FROM big ORDER BY b LIMIT $1
----
QUERY PLAN text
Limit
  Rows: $1
  ->  Index Scan using big_b on big

DROP INDEX big_up, big_part
----
done

DROP INDEX big_a, big_b
----
done

EXPLAIN SELECT * FROM big WHERE a = 5
----
QUERY PLAN text
Seq Scan on big
  Range Cond: (a = 5)
  Filter: (a = 5)

-- The primary key is walked, too.

EXPLAIN SELECT * FROM big ORDER BY id DESC LIMIT 2
----
QUERY PLAN text
Limit
  Rows: 2
  ->  Index Scan Backward using big_pkey on big

SELECT id FROM big ORDER BY id DESC NULLS LAST LIMIT 2 OFFSET 1
----
id integer
19999
19998

EXPLAIN SELECT max(id), last(b, id) FROM big WHERE id < 900
----
QUERY PLAN text
Aggregate
  ->  Limit
        Rows: 1
        ->  Index Scan Backward using big_pkey on big
              Index Cond: (id < 900)
              Filter: ((id < 900) AND (id IS NOT NULL))

SELECT max(id), last(b, id) FROM big WHERE id < 900
----
max integer | last text
899 | name399

CREATE TABLE series (s int, at int, v int, note text, PRIMARY KEY (s, at))
----
done

INSERT INTO series SELECT g % 10, g, g * 2, 'n' || g FROM generate_series(1, 20000) g
----
20000 affected

EXPLAIN SELECT * FROM series ORDER BY s, at LIMIT 3
----
QUERY PLAN text
Limit
  Rows: 3
  ->  Index Scan using series_pkey on series

EXPLAIN SELECT * FROM series ORDER BY s DESC, at DESC, v LIMIT 3
----
QUERY PLAN text
Limit
  Rows: 3
  ->  Index Scan Backward using series_pkey on series

EXPLAIN SELECT * FROM series ORDER BY s, at DESC LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: s, at DESC
  Rows: 3
  ->  Seq Scan on series

EXPLAIN SELECT at, v FROM series WHERE s = 4 ORDER BY at DESC LIMIT 1
----
QUERY PLAN text
Limit
  Rows: 1
  ->  Index Scan Backward using series_pkey on series
        Index Cond: (s = 4)
        Filter: (s = 4)

SELECT at, v FROM series WHERE s = 4 ORDER BY at DESC LIMIT 1
----
at integer | v integer
19994 | 39988

-- params: 4
EXPLAIN SELECT at, v FROM series WHERE s = $1 ORDER BY at DESC LIMIT 1
----
QUERY PLAN text
Limit
  Rows: 1
  ->  Index Scan Backward using series_pkey on series
        Index Cond: (s = $1)
        Filter: (s = $1)

SELECT DISTINCT ON (s) s, at, v FROM series ORDER BY s, at DESC LIMIT 3
----
s integer | at integer | v integer
0 | 20000 | 40000
1 | 19991 | 39982
2 | 19992 | 39984

SELECT s, last(v, at), max(at), last(note || 'x', at) FROM series GROUP BY s HAVING s IN (3, 4) ORDER BY s
----
s integer | last integer | max integer | last text
3 | 39986 | 19993 | n19993x
4 | 39988 | 19994 | n19994x

SELECT s, first(v, at), min(at) FROM series WHERE s IN (1, 2) AND at <= 1000 GROUP BY s ORDER BY s
----
s integer | first integer | min integer
1 | 2 | 1
2 | 4 | 2

SELECT count(*) FROM (SELECT DISTINCT s FROM series) x
----
count bigint
10
