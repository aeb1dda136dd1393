-- What does not fit in memory is laid down on disk, and the answers are the same.

CREATE TABLE number (n int PRIMARY KEY, k int, s text)
----

INSERT INTO number SELECT i, CASE WHEN i % 50 = 0 THEN NULL ELSE i % 3000 END, 'number ' || i FROM generate_series(1, 20000) AS g (i)
----

CREATE TABLE even (n int PRIMARY KEY, t text)
----

INSERT INTO even SELECT 2 * i, 'even ' || i FROM generate_series(1, 10000) AS g (i)
----

-- Grouping.

SELECT count(*), sum(c), sum(m), min(f) FROM (SELECT s, count(*) AS c, max(n) AS m, min(s) AS f FROM number GROUP BY s) AS g
----

-- memory: 300000
SELECT count(*), sum(c), sum(m), min(f) FROM (SELECT s, count(*) AS c, max(n) AS m, min(s) AS f FROM number GROUP BY s) AS g
----

SELECT count(*), sum(d), max(length(a)) FROM (SELECT k, count(DISTINCT s) AS d, string_agg(s, ',' ORDER BY n DESC) AS a FROM number GROUP BY k) AS g
----

-- memory: 800000
SELECT count(*), sum(d), max(a) FROM (SELECT k, count(DISTINCT s) AS d, string_agg(s, ',' ORDER BY n DESC) AS a FROM number WHERE k % 2 = 0 GROUP BY k) AS g
----

-- memory: 300000
SELECT count(*), sum(n), sum(c) FROM (SELECT n, k, count(*) AS c FROM number GROUP BY GROUPING SETS ((n), (k), ())) AS g
----

SELECT count(*), sum(n), sum(c) FROM (SELECT n, k, count(*) AS c FROM number GROUP BY GROUPING SETS ((n), (k), ())) AS g
----

-- DISTINCT.

-- memory: 200000
SELECT count(*), sum(n) FROM (SELECT DISTINCT n, s FROM (SELECT n, s FROM number UNION ALL SELECT n, s FROM number) AS twice) AS d
----

-- memory: 200000
SELECT count(*), count(s), max(s) FROM (SELECT s FROM number UNION SELECT t FROM even) AS d
----

-- Joins of every kind.

-- memory: 200000
SELECT count(*), sum(a.n), max(t) FROM number a JOIN even b ON a.n = b.n
----

-- memory: 200000
SELECT count(*), count(b.s), sum(a.n), sum(b.n) FROM number a LEFT JOIN number b ON a.k = b.n
----

SELECT count(*), count(b.s), sum(a.n), sum(b.n) FROM number a LEFT JOIN number b ON a.k = b.n
----

-- memory: 200000
SELECT count(*), count(a.s), count(b.t) FROM number a FULL JOIN even b ON a.n = b.n + 1
----

-- memory: 200000
SELECT count(*), sum(n) FROM number a WHERE EXISTS (SELECT 1 FROM even b WHERE b.n = a.n AND b.t <> a.s)
----

-- memory: 200000
SELECT count(*), sum(n) FROM number a WHERE NOT EXISTS (SELECT 1 FROM even b WHERE b.n = a.n)
----

-- memory: 100000
SELECT count(*), sum(n) FROM number WHERE n NOT IN (SELECT n FROM even)
----

-- memory: 100000
SELECT count(*) FROM even WHERE n NOT IN (SELECT k FROM number)
----

-- memory: 100000
SELECT count(*), sum(n) FROM number WHERE k NOT IN (SELECT n FROM even)
----

SELECT count(*), sum(n) FROM number WHERE k NOT IN (SELECT n FROM even)
----

-- Windows.

SELECT count(*), sum(r), sum(w) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY n) AS r, sum(n) OVER (PARTITION BY k ORDER BY n ROWS 1 PRECEDING) AS w FROM number) AS v
----

-- memory: 300000
SELECT count(*), sum(r), sum(w) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY n) AS r, sum(n) OVER (PARTITION BY k ORDER BY n ROWS 1 PRECEDING) AS w FROM number) AS v
----

-- What has no key to part rows by does not fit.

-- memory: 100000
SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY s) FROM number) AS v
----

-- memory: 300000
EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM (SELECT s, count(*) FROM number GROUP BY s) AS g
----
