-- What EXPLAIN prints.

CREATE TABLE t (id int PRIMARY KEY, a int, b text, c float8 NOT NULL)
----
done

CREATE TABLE u (x int, y int, z int, PRIMARY KEY (x, y))
----
done

EXPLAIN SELECT 1
----
QUERY PLAN text
Result

EXPLAIN SELECT * FROM t
----
QUERY PLAN text
Seq Scan on t

EXPLAIN (VERBOSE) SELECT a + 1, b FROM t AS tt WHERE c > 1.5 AND a IN (3, 1, 2)
----
QUERY PLAN text
Seq Scan on t tt
  Output: (a + 1), b
  Range Cond: (c > '1.5'::double precision) AND (a >= 1) AND (a <= 3)
  Filter: ((c > '1.5'::double precision) AND (a IN (3, 1, 2)))

EXPLAIN SELECT * FROM t WHERE id = 5
----
QUERY PLAN text
Index Scan using t_pkey on t
  Index Cond: (id = 5)

EXPLAIN SELECT * FROM t WHERE id = $1 AND a > 3
----
ERROR 42P02: 0 parameters are given, but the statement has 1

EXPLAIN SELECT z FROM u WHERE x = 1 AND y = 2
----
QUERY PLAN text
Index Scan using u_pkey on u
  Index Cond: (x = 1) AND (y = 2)

EXPLAIN SELECT z FROM u WHERE x = 1 AND y > 2
----
QUERY PLAN text
Seq Scan on u
  Range Cond: (x = 1) AND (y > 2)
  Filter: ((x = 1) AND (y > 2))

EXPLAIN SELECT count(*) FROM t WHERE b LIKE 'abc%'
----
QUERY PLAN text
Aggregate
  ->  Seq Scan on t
        Range Cond: (b >= 'abc'::text) AND (b < 'abd'::text)
        Filter: (b ~~ 'abc%'::text)

EXPLAIN SELECT a, count(*) FROM t WHERE a > 5 GROUP BY a HAVING sum(c) > 10 ORDER BY 2 DESC, a LIMIT 3 OFFSET 1
----
QUERY PLAN text
Top-N Sort
  Sort Key: count DESC, a
  Rows: 3
  Offset: 1
  ->  HashAggregate
        Group Key: a
        Filter: (sum(c) > '10'::double precision)
        ->  Seq Scan on t
              Range Cond: (a > 5)
              Filter: (a > 5)

EXPLAIN SELECT DISTINCT a FROM t ORDER BY a
----
QUERY PLAN text
Sort
  Sort Key: a
  ->  Unique
        ->  Seq Scan on t

EXPLAIN SELECT t.b, u.z FROM t JOIN u ON t.id = u.x WHERE u.y = 3 AND t.c > 0
----
QUERY PLAN text
Hash Join
  Hash Cond: (t.id = u.x)
  ->  Seq Scan on t
        Range Cond: (c > '0'::double precision)
        Filter: (t.c > '0'::double precision)
  ->  Hash
        ->  Seq Scan on u
              Range Cond: (y = 3)
              Filter: (u.y = 3)

EXPLAIN SELECT * FROM t LEFT JOIN u ON t.id = u.x AND u.z > 5 WHERE t.a = 1
----
QUERY PLAN text
Hash Left Join
  Hash Cond: (t.id = u.x)
  ->  Seq Scan on u
        Range Cond: (z > 5)
        Filter: (u.z > 5)
  ->  Hash
        ->  Seq Scan on t
              Range Cond: (a = 1)
              Filter: (t.a = 1)

EXPLAIN SELECT * FROM t, u WHERE t.a < u.z
----
QUERY PLAN text
Nested Loop
  Join Filter: (t.a < u.z)
  ->  Seq Scan on t
  ->  Seq Scan on u

EXPLAIN SELECT a FROM t WHERE id NOT IN (SELECT x FROM u) AND a = (SELECT max(z) FROM u)
----
QUERY PLAN text
Hash Not In Join
  Hash Cond: (t.id = u.x)
  ->  Seq Scan on t
        Range Cond: (a = $1)
        Filter: (t.a = $1)
  ->  Hash
        ->  Seq Scan on u
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Seq Scan on u

EXPLAIN SELECT * FROM t WHERE 1 = 2
----
QUERY PLAN text
Result
  One-Time Filter: false

EXPLAIN SELECT * FROM (VALUES (1), (2)) AS v(n) WHERE n > 1
----
QUERY PLAN text
Values Scan on "*VALUES*"
  Filter: (n > 1)

EXPLAIN INSERT INTO u SELECT id, a, 1 FROM t
----
QUERY PLAN text
Insert on u
  ->  Seq Scan on t

EXPLAIN UPDATE t SET a = a + 1 WHERE c > 2
----
QUERY PLAN text
Update on t
  ->  Seq Scan on t
        Range Cond: (c > '2'::double precision)
        Filter: (c > '2'::double precision)

EXPLAIN UPDATE t SET a = a + 1 WHERE id = 7
----
QUERY PLAN text
Update on t
  ->  Index Scan using t_pkey on t
        Index Cond: (id = 7)

EXPLAIN DELETE FROM t WHERE a = 1
----
QUERY PLAN text
Delete on t
  ->  Seq Scan on t
        Range Cond: (a = 1)
        Filter: (a = 1)

EXPLAIN SELECT a FROM t UNION ALL SELECT z FROM u
----
QUERY PLAN text
Append
  ->  Seq Scan on t
  ->  Seq Scan on u

EXPLAIN ANALYZE SELECT 1
----
QUERY PLAN text
Result  (rows=1) (actual time=#..# rows=1 loops=1)
Planning Time: # ms
Execution Time: # ms

EXPLAIN (COSTS OFF) SELECT 1
----
QUERY PLAN text
Result

EXPLAIN (NOTHING) SELECT 1
----
ERROR 42601 at 10: unrecognized EXPLAIN option "nothing"

EXPLAIN CREATE TABLE v (a int)
----
ERROR 42601 at 9: syntax error at or near "CREATE"

-- EXPLAIN ANALYZE runs the statement.

INSERT INTO t SELECT i, i % 10, 'row ' || i, i FROM generate_series(1, 1000) AS g (i)
----
1000 affected

EXPLAIN ANALYZE SELECT a, count(*) FROM t WHERE id > 500 GROUP BY a
----
QUERY PLAN text
HashAggregate  (rows=100) (actual time=#..# rows=10 loops=1)
  Group Key: a
  Memory: #kB
  ->  Seq Scan on t  (rows=300) (actual time=#..# rows=500 loops=1)
        Range Cond: (id > 500)
        Filter: (id > 500)
Planning Time: # ms
Execution Time: # ms

EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, SUMMARY OFF) SELECT * FROM t JOIN u ON t.id = u.x ORDER BY b LIMIT 3
----
QUERY PLAN text
Top-N Sort (actual rows=0 loops=1)
  Sort Key: t.b
  Rows: 3
  ->  Hash Join (actual rows=0 loops=1)
        Hash Cond: (t.id = u.x)
        ->  Seq Scan on t (actual rows=0 loops=1)
        ->  Hash
              ->  Seq Scan on u (actual rows=0 loops=1)

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) SELECT * FROM t WHERE id = (SELECT max(a) FROM t)
----
QUERY PLAN text
Index Scan using t_pkey on t  (rows=1) (actual rows=1 loops=1)
  Index Cond: (id = $1)
  InitPlan 1 (returns its value)
    ->  Aggregate  (rows=1) (actual rows=1 loops=1)
          Memory: #kB
          ->  Seq Scan on t  (rows=1000) (actual rows=1000 loops=1)
                Segments: read=0 skipped=0
                Vectors: read=0 skipped=0
Planning Time: # ms
Execution Time: # ms

EXPLAIN (ANALYZE, FORMAT JSON) SELECT a FROM t WHERE b LIKE '%99%' ORDER BY a
----
QUERY PLAN text
[
  {
    "Plan": {
      "Node Type": "Sort",
      "Plan Rows": 50,
      "Actual Startup Time": #,
      "Actual Total Time": #,
      "Actual Rows": 19,
      "Actual Loops": 1,
      "Sort Key": "a",
      "Memory": "#kB",
      "Plans": [
        {
          "Node Type": "Seq Scan on t",
          "Plan Rows": 50,
          "Actual Startup Time": #,
          "Actual Total Time": #,
          "Actual Rows": 19,
          "Actual Loops": 1,
          "Filter": "(b ~~ '%99%'::text)"
        }
      ]
    },
    "Planning Time": #,
    "Execution Time": #
  }
]

EXPLAIN (FORMAT JSON) SELECT a FROM t WHERE b = 'x"y'
----
QUERY PLAN text
[
  {
    "Plan": {
      "Node Type": "Seq Scan on t",
      "Range Cond": "(b = 'x\"y'::text)",
      "Filter": "(b = 'x\"y'::text)"
    }
  }
]

EXPLAIN (COSTS) SELECT a FROM t WHERE a = 3
----
QUERY PLAN text
Seq Scan on t  (rows=10)
  Range Cond: (a = 3)
  Filter: (a = 3)

EXPLAIN ANALYZE DELETE FROM t WHERE id > 990
----
QUERY PLAN text
Delete on t  (rows=1) (actual time=#..# rows=10 loops=1)
  ->  Seq Scan on t  (rows=300) (actual time=#..# rows=10 loops=1)
        Range Cond: (id > 990)
        Filter: (id > 990)
Planning Time: # ms
Execution Time: # ms

SELECT count(*) FROM t
----
count bigint
990

EXPLAIN (TIMING) SELECT 1
----
ERROR 22023: EXPLAIN option TIMING requires ANALYZE

EXPLAIN (FORMAT XML) SELECT 1
----
ERROR 0A000 at 10: this FORMAT of EXPLAIN is not supported

EXPLAIN (FORMAT table) SELECT 1
----
ERROR 22023 at 10: unrecognized value for EXPLAIN option "format": "table"
