-- What operators may hold is bounded.

CREATE TABLE digit (n int)
----
done

INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
----
10 affected

CREATE TABLE number (n int PRIMARY KEY, s text)
----
done

INSERT INTO number SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n, 'number ' || (a.n + 10 * b.n + 100 * c.n + 1000 * d.n) FROM digit a, digit b, digit c, digit d
----
10000 affected

SELECT count(*), sum(n), min(s), max(s) FROM number
----
count bigint | sum bigint | min text | max text
10000 | 49995000 | number 0 | number 9999

SELECT n FROM number ORDER BY s DESC LIMIT 3
----
n integer
9999
9998
9997

SELECT n FROM number ORDER BY n % 10, n DESC LIMIT 3 OFFSET 5000
----
n integer
9995
9985
9975

SELECT n % 3 AS r, count(*), sum(n) FROM number GROUP BY r ORDER BY r
----
r integer | count bigint | sum bigint
0 | 3334 | 16668333
1 | 3333 | 16661667
2 | 3333 | 16665000

SELECT count(*) FROM number a JOIN number b ON a.n = b.n + 1
----
count bigint
9999

-- memory: 100000
SELECT n FROM number ORDER BY s DESC LIMIT 3
----
n integer
9999
9998
9997

-- A sort lays down on disk what it may not hold.

SELECT n FROM number ORDER BY s DESC LIMIT 3 OFFSET 9000
----
n integer
1898
1897
1896

-- memory: 100000
SELECT n FROM number ORDER BY s DESC LIMIT 3 OFFSET 9000
----
n integer
1898
1897
1896

-- memory: 100000
SELECT n FROM number ORDER BY n % 10, n DESC LIMIT 3 OFFSET 5000
----
n integer
9995
9985
9975

-- memory: 300000
SELECT n FROM number ORDER BY s DESC OFFSET 9998
----
n integer
1
0

-- However little that is.

-- memory: 1000
SELECT n FROM number ORDER BY s DESC OFFSET 9998
----
n integer
1
0

-- Windows, too.

-- memory: 20000
SELECT count(l), sum(l) FROM (SELECT lag(n) OVER (ORDER BY s) AS l FROM number) AS t
----
count bigint | sum bigint
9999 | 49985001

-- What cannot be laid down ends with an error.

-- memory: 1000
SELECT count(l), sum(l) FROM (SELECT lag(n, n) OVER (ORDER BY s) AS l FROM number) AS t
----
ERROR 53200: out of memory
DETAIL: A sort, a grouping or a join needs 102912 bytes; the limit is 1000.
HINT: Raise memory_limit, or let the statement hold fewer rows at a time.

-- memory: 100000
SELECT count(*) FROM (SELECT s FROM number GROUP BY s) AS t
----
count bigint
10000

-- memory: 100000
SELECT count(*) FROM number a JOIN number b ON a.n = b.n + 1
----
count bigint
9999

-- memory: 100000
SELECT count(*) FROM (SELECT DISTINCT s FROM number) AS t
----
count bigint
10000
