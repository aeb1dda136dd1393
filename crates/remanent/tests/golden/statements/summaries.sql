-- What zone maps say of whole pages, groupings take from there.

CREATE TABLE r (at timestamp PRIMARY KEY, s int, v float8, n numeric(8,2))

INSERT INTO r SELECT timestamp '2024-01-01' + g * interval '1 min', g / 20000, g % 1000 / 8.0 + 1, CASE WHEN g >= 20000 THEN g / 100.0 END FROM generate_series(0, 49999) g

-- flush
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r

SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r

-- rows only
SELECT count(*), count(n), sum(v), avg(v), min(v), max(n) FROM r

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1

SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1 ORDER BY 1

-- rows only
EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1

-- rows only
SELECT time_bucket('15 days', at), sum(v), count(*) FROM r WHERE at >= '2024-01-02' GROUP BY 1 ORDER BY 1

-- A page with a deleted row is read.

DELETE FROM r WHERE at = '2024-01-08'

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT count(*), sum(v) FROM r

SELECT count(*), sum(v) FROM r

-- Not what is computed of each row.

EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) SELECT s % 2, sum(v + 1) FROM r GROUP BY 1

EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF, SUMMARY OFF) SELECT s, sum(v) FROM r GROUP BY s
