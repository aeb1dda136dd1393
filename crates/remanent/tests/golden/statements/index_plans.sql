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
  ->  Index Scan Backward using big_a on big

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
  ->  Index Scan using big_b on big
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
        ->  Index Scan using big_a on big y
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
        ->  Index Scan using big_a on big
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
  ->  Index Scan using big_a on big
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
