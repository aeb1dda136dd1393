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
DETAIL: A sort, a grouping or a join needs 324028 bytes; the limit is 300000.
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

-- What has no key to part rows by does not fit.

-- memory: 100000
SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY s) FROM number) AS v
----
ERROR 53200: out of memory
DETAIL: A sort, a grouping or a join needs 143360 bytes; the limit is 100000.
HINT: Raise memory_limit, or let the statement hold fewer rows at a time.
