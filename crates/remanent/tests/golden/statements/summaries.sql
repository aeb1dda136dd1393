-- What zone maps say of whole pages, groupings take from there.

CREATE TABLE r (at timestamp PRIMARY KEY, s int, v float8, n numeric(8,2))
----
done

INSERT INTO r SELECT timestamp '2024-01-01' + g * interval '1 min', g / 20000, g % 1000 / 8.0 + 1, CASE WHEN g >= 20000 THEN g / 100.0 END FROM generate_series(0, 49999) g
----
50000 affected

-- flush
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r
----
QUERY PLAN text
Aggregate  (rows=1) (actual rows=1 loops=1)
  Memory: #kB
  ->  Seq Scan on r  (rows=50000) (actual rows=0 loops=1)
        Segments: read=1 skipped=0
        Vectors: read=0 skipped=0 summarised=49

SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r
----
count bigint | count bigint | sum double precision | avg double precision | min double precision | max numeric
50000 | 30000 | 3171875 | 63.4375 | 1 | 499.99

-- rows only
SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r
----
count bigint | count bigint | sum double precision | avg double precision | min double precision | max numeric
50000 | 30000 | 3171875 | 63.4375 | 1 | 499.99

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1
----
QUERY PLAN text
HashAggregate  (rows=4856) (actual rows=3 loops=1)
  Group Key: time_bucket('15 days'::interval, at)
  Memory: #kB
  ->  Seq Scan on r  (rows=48560) (actual rows=31328 loops=1)
        Range Cond: (at >= '2024-01-02 00:00:00'::timestamp without time zone)
        Filter: (at >= '2024-01-02 00:00:00'::timestamp without time zone)
        Segments: read=1 skipped=0
        Vectors: read=32 skipped=0 summarised=17

SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1 ORDER BY 1
----
time_bucket timestamp without time zone | sum double precision | count bigint
2023-12-28 00:00:00 | 920500 | 14400
2024-01-12 00:00:00 | 1363250 | 21600
2024-01-27 00:00:00 | 812175 | 12560

-- rows only
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1
----
QUERY PLAN text
HashAggregate  (rows=4856) (actual rows=3 loops=1)
  Group Key: time_bucket('15 days'::interval, at)
  Memory: #kB
  ->  Seq Scan on r  (rows=48560) (actual rows=48560 loops=1)
        Range Cond: (at >= '2024-01-02 00:00:00'::timestamp without time zone)
        Filter: (at >= '2024-01-02 00:00:00'::timestamp without time zone)
        Segments: read=1 skipped=0
        Vectors: read=49 skipped=0

-- rows only
SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1 ORDER BY 1
----
time_bucket timestamp without time zone | sum double precision | count bigint
2023-12-28 00:00:00 | 920500 | 14400
2024-01-12 00:00:00 | 1363250 | 21600
2024-01-27 00:00:00 | 812175 | 12560

-- A page with a deleted row is read.

DELETE FROM r WHERE at = '2024-01-08'
----
1 affected

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT count(*), sum(v) FROM r
----
QUERY PLAN text
Aggregate  (rows=1) (actual rows=1 loops=1)
  Memory: #kB
  ->  Seq Scan on r  (rows=50000) (actual rows=16383 loops=1)
        Segments: read=1 skipped=0
        Vectors: read=16 skipped=0 summarised=33

SELECT count(*), sum(v) FROM r
----
count bigint | sum double precision
49999 | 3171864

-- Not what is computed of each row.

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT s % 2, sum(v + 1) FROM r GROUP BY 1
----
QUERY PLAN text
HashAggregate  (rows=5000) (actual rows=2 loops=1)
  Group Key: (s % 2)
  Memory: #kB
  ->  Seq Scan on r  (rows=50000) (actual rows=49999 loops=1)
        Segments: read=1 skipped=0
        Vectors: read=49 skipped=0

EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF, SUMMARY OFF) SELECT s, sum(v) FROM r GROUP BY s
----
QUERY PLAN text
[
  {
    "Plan": {
      "Node Type": "HashAggregate",
      "Plan Rows": 3,
      "Actual Rows": 3,
      "Actual Loops": 1,
      "Group Key": "s",
      "Memory": "#kB",
      "Plans": [
        {
          "Node Type": "Seq Scan on r",
          "Plan Rows": 50000,
          "Actual Rows": 49151,
          "Actual Loops": 1,
          "Segments": "read=1 skipped=0",
          "Vectors": "read=48 skipped=0 summarised=1"
        }
      ]
    }
  }
]
