-- What does not fit in memory is laid down on disk, and the answers are the same.

CREATE TABLE number (n int PRIMARY KEY, k int, s text)
----
done

INSERT INTO number SELECT i, CASE WHEN i % 50 = 0 THEN NULL ELSE i % 3000 END, 'number ' || i FROM generate_series(1, 20000) AS g (i)
----
20000 affected

CREATE TABLE even (n int PRIMARY KEY, t text)
----
done

INSERT INTO even SELECT 2 * i, 'even ' || i FROM generate_series(1, 10000) AS g (i)
----
10000 affected

-- Grouping.

SELECT count(*), sum(c), sum(m), min(f) FROM (SELECT s, count(*) AS c, max(n) AS m, min(s) AS f FROM number GROUP BY s) AS g
----
count bigint | sum numeric | sum bigint | min text
20000 | 20000 | 200010000 | number 1

-- memory: 300000
SELECT count(*), sum(c), sum(m), min(f) FROM (SELECT s, count(*) AS c, max(n) AS m, min(s) AS f FROM number GROUP BY s) AS g
----
count bigint | sum numeric | sum bigint | min text
20000 | 20000 | 200010000 | number 1

SELECT count(*), sum(d), max(length(a)) FROM (SELECT k, count(DISTINCT s) AS d, string_agg(s, ',' ORDER BY n DESC) AS a FROM number GROUP BY k) AS g
----
count bigint | sum numeric | max integer
2941 | 20000 | 4980

-- What groups collect grows with each row: then the rows are parted before they are grouped.

-- memory: 800000
SELECT count(*), sum(d), max(a) FROM (SELECT k, count(DISTINCT s) AS d, string_agg(s, ',' ORDER BY n DESC) AS a FROM number WHERE k % 2 = 0 GROUP BY k) AS g
----
count bigint | sum numeric | max text
1440 | 9600 | number 19998,number 16998,number 13998,number 10998,number 7998,number 4998,number 1998

SELECT count(*), sum(d), max(a) FROM (SELECT k, count(DISTINCT s) AS d, string_agg(s, ',' ORDER BY n DESC) AS a FROM number WHERE k % 2 = 0 GROUP BY k) AS g
----
count bigint | sum numeric | max text
1440 | 9600 | number 19998,number 16998,number 13998,number 10998,number 7998,number 4998,number 1998

-- memory: 300000
SELECT count(*), sum(cardinality(a)), max(a::text) FROM (SELECT k, array_agg(n) AS a FROM number GROUP BY k) AS g
----
count bigint | sum bigint | max text
2941 | 20000 | {999,3999,6999,9999,12999,15999,18999}

SELECT count(*), sum(cardinality(a)), max(a::text) FROM (SELECT k, array_agg(n) AS a FROM number GROUP BY k) AS g
----
count bigint | sum bigint | max text
2941 | 20000 | {999,3999,6999,9999,12999,15999,18999}

-- What one group collects has to fit.

-- memory: 300000
SELECT length(string_agg(s, ',')) FROM number
----
ERROR 53200: out of memory
DETAIL: A sort, a grouping or a join needs 244156 bytes; the limit is 300000.
HINT: Raise memory_limit, or let the statement hold fewer rows at a time.

-- DISTINCT in large groups, or without groups.

-- memory: 200000
SELECT count(DISTINCT s), sum(DISTINCT n), count(DISTINCT s) FILTER (WHERE n % 2 = 0), count(*) FROM number
----
count bigint | sum bigint | count bigint | count bigint
20000 | 200010000 | 10000 | 20000

SELECT count(DISTINCT s), sum(DISTINCT n), count(DISTINCT s) FILTER (WHERE n % 2 = 0), count(*) FROM number
----
count bigint | sum bigint | count bigint | count bigint
20000 | 200010000 | 10000 | 20000

-- memory: 300000
SELECT n % 3 AS g, n % 2 AS h, count(DISTINCT s), sum(DISTINCT n), count(DISTINCT k), count(*) FROM number GROUP BY ROLLUP (n % 3, n % 2) ORDER BY g, h
----
g integer | h integer | count bigint | sum bigint | count bigint | count bigint
0 | 0 | 3333 | 33336666 | 480 | 3333
0 | 1 | 3333 | 33326667 | 500 | 3333
0 | NULL | 6666 | 66663333 | 980 | 6666
1 | 0 | 3333 | 33330000 | 480 | 3333
1 | 1 | 3334 | 33340000 | 500 | 3334
1 | NULL | 6667 | 66670000 | 980 | 6667
2 | 0 | 3334 | 33343334 | 480 | 3334
2 | 1 | 3333 | 33333333 | 500 | 3333
2 | NULL | 6667 | 66676667 | 980 | 6667
NULL | NULL | 20000 | 200010000 | 2940 | 20000

SELECT n % 3 AS g, n % 2 AS h, count(DISTINCT s), sum(DISTINCT n), count(DISTINCT k), count(*) FROM number GROUP BY ROLLUP (n % 3, n % 2) ORDER BY g, h
----
g integer | h integer | count bigint | sum bigint | count bigint | count bigint
0 | 0 | 3333 | 33336666 | 480 | 3333
0 | 1 | 3333 | 33326667 | 500 | 3333
0 | NULL | 6666 | 66663333 | 980 | 6666
1 | 0 | 3333 | 33330000 | 480 | 3333
1 | 1 | 3334 | 33340000 | 500 | 3334
1 | NULL | 6667 | 66670000 | 980 | 6667
2 | 0 | 3334 | 33343334 | 480 | 3334
2 | 1 | 3333 | 33333333 | 500 | 3333
2 | NULL | 6667 | 66676667 | 980 | 6667
NULL | NULL | 20000 | 200010000 | 2940 | 20000

-- memory: 300000
SELECT count(*), sum(d), sum(e) FROM (SELECT k, n % 2 AS h, count(DISTINCT s) AS d, count(DISTINCT n) AS e FROM number GROUP BY GROUPING SETS ((k, n % 2), (n % 2), ())) AS g
----
count bigint | sum numeric | sum numeric
2944 | 60000 | 60000

SELECT count(*), sum(d), sum(e) FROM (SELECT k, n % 2 AS h, count(DISTINCT s) AS d, count(DISTINCT n) AS e FROM number GROUP BY GROUPING SETS ((k, n % 2), (n % 2), ())) AS g
----
count bigint | sum numeric | sum numeric
2944 | 60000 | 60000

-- Subqueries of the row around them: what is remembered is forgotten.

-- memory: 200000
SELECT count(*), sum(cardinality(a)), max(a[1]) FROM (SELECT ARRAY(SELECT e.n FROM even e WHERE e.n BETWEEN x.n AND x.n + 40 ORDER BY e.n) AS a FROM number x WHERE x.n <= 6000) AS z
----
count bigint | sum bigint | max integer
6000 | 123000 | 6000

SELECT count(*), sum(cardinality(a)), max(a[1]) FROM (SELECT ARRAY(SELECT e.n FROM even e WHERE e.n BETWEEN x.n AND x.n + 40 ORDER BY e.n) AS a FROM number x WHERE x.n <= 6000) AS z
----
count bigint | sum bigint | max integer
6000 | 123000 | 6000

-- memory: 200000
SELECT count(*), count(*) FILTER (WHERE m) FROM (SELECT x.n > ALL (SELECT e.n FROM even e WHERE e.n BETWEEN x.n - 40 AND x.n ORDER BY e.n LIMIT 9) AS m FROM number x WHERE x.n <= 6000) AS z
----
count bigint | count bigint
6000 | 5991

SELECT count(*), count(*) FILTER (WHERE m) FROM (SELECT x.n > ALL (SELECT e.n FROM even e WHERE e.n BETWEEN x.n - 40 AND x.n ORDER BY e.n LIMIT 9) AS m FROM number x WHERE x.n <= 6000) AS z
----
count bigint | count bigint
6000 | 5991

-- memory: 200000
SELECT count(*), sum(y.n) FROM number x LEFT JOIN LATERAL (SELECT e.n, e.t FROM even e WHERE e.n BETWEEN x.n AND x.n + 40 ORDER BY e.n LIMIT 9) AS y ON true WHERE x.n <= 4000
----
count bigint | sum bigint
36000 | 72324000

SELECT count(*), sum(y.n) FROM number x LEFT JOIN LATERAL (SELECT e.n, e.t FROM even e WHERE e.n BETWEEN x.n AND x.n + 40 ORDER BY e.n LIMIT 9) AS y ON true WHERE x.n <= 4000
----
count bigint | sum bigint
36000 | 72324000

-- memory: 200000
SELECT count(*), sum(n), min(s) FROM (SELECT DISTINCT ON (s) s, n FROM number ORDER BY s, n DESC) AS z
----
count bigint | sum bigint | min text
20000 | 200010000 | number 1

SELECT count(*), sum(n), min(s) FROM (SELECT DISTINCT ON (s) s, n FROM number ORDER BY s, n DESC) AS z
----
count bigint | sum bigint | min text
20000 | 200010000 | number 1

-- memory: 300000
SELECT count(*), sum(n), sum(c) FROM (SELECT n, k, count(*) AS c FROM number GROUP BY GROUPING SETS ((n), (k), ())) AS g
----
count bigint | sum bigint | sum numeric
22942 | 200010000 | 60000

SELECT count(*), sum(n), sum(c) FROM (SELECT n, k, count(*) AS c FROM number GROUP BY GROUPING SETS ((n), (k), ())) AS g
----
count bigint | sum bigint | sum numeric
22942 | 200010000 | 60000

-- DISTINCT.

-- memory: 200000
SELECT count(*), sum(n) FROM (SELECT DISTINCT n, s FROM (SELECT n, s FROM number UNION ALL SELECT n, s FROM number) AS twice) AS d
----
count bigint | sum bigint
20000 | 200010000

-- memory: 200000
SELECT count(*), count(s), max(s) FROM (SELECT s FROM number UNION SELECT t FROM even) AS d
----
count bigint | count bigint | max text
30000 | 30000 | number 9999

-- Joins of every kind.

-- memory: 200000
SELECT count(*), sum(a.n), max(t) FROM number a JOIN even b ON a.n = b.n
----
count bigint | sum bigint | max text
10000 | 100010000 | even 9999

-- memory: 200000
SELECT count(*), count(b.s), sum(a.n), sum(b.n) FROM number a LEFT JOIN number b ON a.k = b.n
----
count bigint | count bigint | sum bigint | sum bigint
20000 | 19600 | 200010000 | 28420000

SELECT count(*), count(b.s), sum(a.n), sum(b.n) FROM number a LEFT JOIN number b ON a.k = b.n
----
count bigint | count bigint | sum bigint | sum bigint
20000 | 19600 | 200010000 | 28420000

-- memory: 200000
SELECT count(*), count(a.s), count(b.t) FROM number a FULL JOIN even b ON a.n = b.n + 1
----
count bigint | count bigint | count bigint
20001 | 20000 | 10000

-- memory: 200000
SELECT count(*), sum(n) FROM number a WHERE EXISTS (SELECT 1 FROM even b WHERE b.n = a.n AND b.t <> a.s)
----
count bigint | sum bigint
10000 | 100010000

-- memory: 200000
SELECT count(*), sum(n) FROM number a WHERE NOT EXISTS (SELECT 1 FROM even b WHERE b.n = a.n)
----
count bigint | sum bigint
10000 | 100000000

-- memory: 100000
SELECT count(*), sum(n) FROM number WHERE n NOT IN (SELECT n FROM even)
----
count bigint | sum bigint
10000 | 100000000

-- memory: 100000
SELECT count(*) FROM even WHERE n NOT IN (SELECT k FROM number)
----
count bigint
0

-- memory: 100000
SELECT count(*), sum(n) FROM number WHERE k NOT IN (SELECT n FROM even)
----
count bigint | sum bigint
10000 | 100000000

SELECT count(*), sum(n) FROM number WHERE k NOT IN (SELECT n FROM even)
----
count bigint | sum bigint
10000 | 100000000

-- Windows.

SELECT count(*), sum(r), sum(w) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY n) AS r, sum(n) OVER (PARTITION BY k ORDER BY n ROWS 1 PRECEDING) AS w FROM number) AS v
----
count bigint | sum numeric | sum numeric
20000 | 155660 | 345610000

-- memory: 300000
SELECT count(*), sum(r), sum(w) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY n) AS r, sum(n) OVER (PARTITION BY k ORDER BY n ROWS 1 PRECEDING) AS w FROM number) AS v
----
count bigint | sum numeric | sum numeric
20000 | 155660 | 345610000

-- One partition of all rows, too; what needs all of them at once does not fit.

-- memory: 100000
SELECT count(*), sum(r) FROM (SELECT row_number() OVER (ORDER BY s) AS r FROM number) AS v
----
count bigint | sum numeric
20000 | 200010000

-- memory: 100000
SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY s) AS r FROM number) AS v
----
count bigint
20000

-- memory: 100000
SELECT count(*), sum(r) FROM (SELECT nth_value(n, 3) OVER (ORDER BY s) AS r FROM number) AS v
----
ERROR 53200: out of memory
DETAIL: A sort, a grouping or a join needs 184832 bytes; the limit is 100000.
HINT: Raise memory_limit, or let the statement hold fewer rows at a time.

-- INTERSECT and EXCEPT.

SELECT count(*), sum(n) FROM (SELECT n, s FROM number INTERSECT SELECT n, 'number ' || n FROM even) AS v
----
count bigint | sum bigint
10000 | 100010000

-- memory: 200000
SELECT count(*), sum(n) FROM (SELECT n, s FROM number INTERSECT SELECT n, 'number ' || n FROM even) AS v
----
count bigint | sum bigint
10000 | 100010000

SELECT count(*), sum(n) FROM (SELECT n, s FROM number EXCEPT SELECT n, 'number ' || n FROM even) AS v
----
count bigint | sum bigint
10000 | 100000000

-- memory: 200000
SELECT count(*), sum(n) FROM (SELECT n, s FROM number EXCEPT SELECT n, 'number ' || n FROM even) AS v
----
count bigint | sum bigint
10000 | 100000000

SELECT count(*), sum(k) FROM (SELECT k, k::text FROM number INTERSECT ALL SELECT n % 700, (n % 700)::text FROM even) AS v (k, t)
----
count bigint | sum bigint
2352 | 823200

-- memory: 200000
SELECT count(*), sum(k) FROM (SELECT k, k::text FROM number INTERSECT ALL SELECT n % 700, (n % 700)::text FROM even) AS v (k, t)
----
count bigint | sum bigint
2352 | 823200

SELECT count(*), sum(k) FROM (SELECT k, k::text FROM number EXCEPT ALL SELECT n % 700, (n % 700)::text FROM even) AS v (k, t)
----
count bigint | sum bigint
17648 | 27596800

-- memory: 200000
SELECT count(*), sum(k) FROM (SELECT k, k::text FROM number EXCEPT ALL SELECT n % 700, (n % 700)::text FROM even) AS v (k, t)
----
count bigint | sum bigint
17648 | 27596800

-- Queries of WITH, RETURNING, and rows that make others.

WITH w AS MATERIALIZED (SELECT n, s FROM number) SELECT count(*), sum(a.n), max(b.s) FROM w a JOIN w b ON a.n = b.n + 1
----
count bigint | sum bigint | max text
19999 | 200009999 | number 9999

-- memory: 300000
WITH w AS MATERIALIZED (SELECT n, s FROM number) SELECT count(*), sum(a.n), max(b.s) FROM w a JOIN w b ON a.n = b.n + 1
----
count bigint | sum bigint | max text
19999 | 200009999 | number 9999

WITH RECURSIVE r (i, t) AS (SELECT n, s FROM number WHERE n <= 6000 UNION ALL SELECT i + 6000, 'next ' || i FROM r WHERE i < 18000) SELECT count(*), sum(i), max(t) FROM r
----
count bigint | sum bigint | max text
23999 | 287988000 | number 999

-- memory: 300000
WITH RECURSIVE r (i, t) AS (SELECT n, s FROM number WHERE n <= 6000 UNION ALL SELECT i + 6000, 'next ' || i FROM r WHERE i < 18000) SELECT count(*), sum(i), max(t) FROM r
----
count bigint | sum bigint | max text
23999 | 287988000 | number 999

CREATE TABLE written (n int PRIMARY KEY, s text)
----
done

-- memory: 300000
WITH w AS (INSERT INTO written SELECT n, s FROM number RETURNING n, s) SELECT count(*), sum(n), max(s) FROM w
----
count bigint | sum bigint | max text
20000 | 200010000 | number 9999

-- memory: 300000
WITH w AS (UPDATE written SET s = s || '!' RETURNING *) SELECT count(*), sum(n), max(s) FROM w
----
count bigint | sum bigint | max text
20000 | 200010000 | number 9999!

-- memory: 100000
MERGE INTO written t USING (SELECT n, k FROM number) AS f ON t.n = f.n WHEN MATCHED AND f.n % 2 = 0 THEN UPDATE SET s = 'even' WHEN MATCHED THEN DELETE
----
20000 affected

-- memory: 100000
MERGE INTO written t USING (SELECT n FROM number UNION ALL SELECT 19998) AS f ON t.n = f.n WHEN MATCHED THEN UPDATE SET s = 'twice'
----
ERROR 21000: MERGE command cannot affect row a second time
HINT: Ensure that not more than one source row matches any one target row.

SELECT count(*), min(s), max(s) FROM written
----
count bigint | min text | max text
10000 | even | even

-- Joins that cannot be parted, products and rows of one key, are held in pieces.

SELECT count(*), sum(a.n + b.n) FROM (SELECT n, s FROM number WHERE n <= 2500) a, (SELECT n, t FROM even WHERE n <= 4800) b WHERE length(a.s) + length(b.t) = 18
----
count bigint | sum bigint
1071180 | 2021995215

-- memory: 60000
SELECT count(*), sum(a.n + b.n) FROM (SELECT n, s FROM number WHERE n <= 2500) a, (SELECT n, t FROM even WHERE n <= 4800) b WHERE length(a.s) + length(b.t) = 18
----
count bigint | sum bigint
1071180 | 2021995215

SELECT count(*), sum(a.n), sum(b.n) FROM (SELECT n, s FROM number WHERE n <= 2500) a LEFT JOIN (SELECT n, t FROM even WHERE n <= 4800) b ON a.n > b.n + 2300 AND length(b.t) < 50
----
count bigint | sum bigint | sum bigint
12202 | 26749003 | 666600

-- memory: 60000
SELECT count(*), sum(a.n), sum(b.n) FROM (SELECT n, s FROM number WHERE n <= 2500) a LEFT JOIN (SELECT n, t FROM even WHERE n <= 4800) b ON a.n > b.n + 2300 AND length(b.t) < 50
----
count bigint | sum bigint | sum bigint
12202 | 26749003 | 666600

SELECT count(*), sum(a.n), sum(b.n) FROM (SELECT n, t FROM even WHERE n <= 4800) b RIGHT JOIN (SELECT n, s FROM number WHERE n <= 2500) a ON a.n > b.n + 2300 AND length(b.t) < 50
----
count bigint | sum bigint | sum bigint
12202 | 26749003 | 666600

-- memory: 60000
SELECT count(*), sum(a.n), sum(b.n) FROM (SELECT n, t FROM even WHERE n <= 4800) b RIGHT JOIN (SELECT n, s FROM number WHERE n <= 2500) a ON a.n > b.n + 2300 AND length(b.t) < 50
----
count bigint | sum bigint | sum bigint
12202 | 26749003 | 666600

SELECT count(*), sum(n), max(s) FROM number a WHERE n <= 2500 AND EXISTS (SELECT 1 FROM even b WHERE n <= 4800 AND b.n > a.n + 4000 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
799 | 319600 | number 99

-- memory: 60000
SELECT count(*), sum(n), max(s) FROM number a WHERE n <= 2500 AND EXISTS (SELECT 1 FROM even b WHERE n <= 4800 AND b.n > a.n + 4000 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
799 | 319600 | number 99

SELECT count(*), sum(n), max(s) FROM number a WHERE n <= 2500 AND NOT EXISTS (SELECT 1 FROM even b WHERE n <= 4800 AND b.n > a.n + 4000 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
1701 | 2806650 | number 999

-- memory: 60000
SELECT count(*), sum(n), max(s) FROM number a WHERE n <= 2500 AND NOT EXISTS (SELECT 1 FROM even b WHERE n <= 4800 AND b.n > a.n + 4000 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
1701 | 2806650 | number 999

SELECT count(*), sum(a.n), max(b.t) FROM (SELECT n, n % 1 AS k FROM number WHERE n <= 2500) a JOIN (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b USING (k)
----
count bigint | sum bigint | max text
6000000 | 7503000000 | even 999

-- memory: 60000
SELECT count(*), sum(a.n), max(b.t) FROM (SELECT n, n % 1 AS k FROM number WHERE n <= 2500) a JOIN (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b USING (k)
----
count bigint | sum bigint | max text
6000000 | 7503000000 | even 999

SELECT count(*), sum(a.n), max(b.t) FROM (SELECT n, CASE WHEN n > 2495 THEN n ELSE 0 END AS k FROM number WHERE n <= 2500) a LEFT JOIN (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b USING (k)
----
count bigint | sum bigint | max text
5988005 | 7473036490 | even 999

-- memory: 60000
SELECT count(*), sum(a.n), max(b.t) FROM (SELECT n, CASE WHEN n > 2495 THEN n ELSE 0 END AS k FROM number WHERE n <= 2500) a LEFT JOIN (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b USING (k)
----
count bigint | sum bigint | max text
5988005 | 7473036490 | even 999

SELECT count(*), sum(n), max(s) FROM (SELECT n, s, n % 1 AS k FROM number WHERE n <= 2500) a WHERE EXISTS (SELECT 1 FROM (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b WHERE a.k = b.k AND a.n + b.n = 4802 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
1250 | 1563750 | number 998

-- memory: 60000
SELECT count(*), sum(n), max(s) FROM (SELECT n, s, n % 1 AS k FROM number WHERE n <= 2500) a WHERE EXISTS (SELECT 1 FROM (SELECT n, n % 1 AS k, t FROM even WHERE n <= 4800) b WHERE a.k = b.k AND a.n + b.n = 4802 AND length(b.t) < 50)
----
count bigint | sum bigint | max text
1250 | 1563750 | number 998

-- Wide rows are sorted a few at a time, and many runs become fewer.

SELECT n, length(w) FROM (SELECT n, repeat(s, 100) AS w FROM number WHERE n % 20 = 0) AS v ORDER BY w DESC OFFSET 995
----
n integer | length integer
10060 | 1200
10040 | 1200
10020 | 1200
1000 | 1100
10000 | 1200

-- memory: 300000
SELECT n, length(w) FROM (SELECT n, repeat(s, 100) AS w FROM number WHERE n % 20 = 0) AS v ORDER BY w DESC OFFSET 995
----
n integer | length integer
10060 | 1200
10040 | 1200
10020 | 1200
1000 | 1100
10000 | 1200

SELECT n, s FROM number ORDER BY n % 7, s OFFSET 19990
----
n integer | s text
9932 | number 9932
9939 | number 9939
9946 | number 9946
9953 | number 9953
9960 | number 9960
9967 | number 9967
9974 | number 9974
9981 | number 9981
9988 | number 9988
9995 | number 9995

-- memory: 100000
SELECT n, s FROM number ORDER BY n % 7, s OFFSET 19990
----
n integer | s text
9932 | number 9932
9939 | number 9939
9946 | number 9946
9953 | number 9953
9960 | number 9960
9967 | number 9967
9974 | number 9974
9981 | number 9981
9988 | number 9988
9995 | number 9995

-- ASOF joins by a key.

SELECT count(*), sum(a.n), sum(b.n), max(b.t) FROM number a ASOF JOIN (SELECT n, n % 3000 AS k, t FROM even) b ON a.k = b.k AND a.n >= b.n
----
count bigint | sum bigint | sum bigint | max text
9600 | 96000000 | 96000000 | even 9999

-- memory: 300000
SELECT count(*), sum(a.n), sum(b.n), max(b.t) FROM number a ASOF JOIN (SELECT n, n % 3000 AS k, t FROM even) b ON a.k = b.k AND a.n >= b.n
----
count bigint | sum bigint | sum bigint | max text
9600 | 96000000 | 96000000 | even 9999

SELECT count(*), sum(a.n), sum(b.n), max(b.t) FROM number a ASOF LEFT JOIN (SELECT n, n % 3000 AS k, t FROM even) b ON a.k = b.k AND a.n < b.n
----
count bigint | sum bigint | sum bigint | max text
20000 | 200010000 | 93840000 | even 9999

-- memory: 300000
SELECT count(*), sum(a.n), sum(b.n), max(b.t) FROM number a ASOF LEFT JOIN (SELECT n, n % 3000 AS k, t FROM even) b ON a.k = b.k AND a.n < b.n
----
count bigint | sum bigint | sum bigint | max text
20000 | 200010000 | 93840000 | even 9999

-- Parts that do not fit are parted again, by other bits.

-- memory: 300000
SELECT count(*), sum(a) FROM generate_series(1, 150000) AS a JOIN generate_series(1, 150000) AS b ON 'key ' || a = 'key ' || b
----
count bigint | sum bigint
150000 | 11250075000

-- memory: 100000
SELECT count(DISTINCT 'key ' || a), count(*) FROM generate_series(1, 150000) AS a
----
count bigint | count bigint
150000 | 150000

-- memory: 100000
SELECT count(*), sum(n) FROM (SELECT a, count(*) AS n FROM generate_series(1, 150000) AS a GROUP BY a) AS g
----
count bigint | sum numeric
150000 | 150000
