-- GROUP BY, HAVING and aggregates.

SELECT count(*), count(n), sum(n), avg(n), min(n), max(n) FROM (VALUES (1), (2), (NULL), (4)) AS t(n)
----
count bigint | count bigint | sum bigint | avg numeric | min integer | max integer
4 | 3 | 7 | 2.3333333333333333 | 1 | 4

SELECT count(*), sum(n), min(n) FROM (VALUES (1)) AS t(n) WHERE n > 5
----
count bigint | sum bigint | min integer
0 | NULL | NULL

SELECT g, count(*), sum(n) FROM (VALUES ('a', 1), ('b', 2), ('a', 3), (NULL, 4), (NULL, 5)) AS t(g, n) GROUP BY g ORDER BY g
----
g text | count bigint | sum bigint
a | 2 | 4
b | 1 | 2
NULL | 2 | 9

SELECT g, sum(n) FROM (VALUES ('a', 1)) AS t(g, n) WHERE n > 5 GROUP BY g
----
g text | sum bigint
(no rows)

SELECT n % 2 AS odd, sum(n) FROM (VALUES (1), (2), (3)) AS t(n) GROUP BY odd ORDER BY odd
----
odd integer | sum bigint
0 | 2
1 | 4

SELECT n % 2, sum(n) FROM (VALUES (1), (2), (3)) AS t(n) GROUP BY 1 ORDER BY 1
----
?column? integer | sum bigint
0 | 2
1 | 4

SELECT n % 2 + 1, sum(n) FROM (VALUES (1), (2), (3)) AS t(n) GROUP BY n % 2 ORDER BY n % 2 DESC
----
?column? integer | sum bigint
2 | 4
1 | 2

SELECT sum(n) * 2 + count(*) AS x FROM (VALUES (1), (2), (3)) AS t(n) GROUP BY n % 2 ORDER BY x
----
x bigint
5
10

SELECT g, sum(n) AS s FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t(g, n) GROUP BY g HAVING sum(n) > 2 ORDER BY count(*) DESC, g
----
g text | s bigint
a | 4

SELECT g FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t(g, n) GROUP BY g HAVING count(*) > 1
----
g text
a

SELECT 1 FROM (VALUES (1)) AS t(n) HAVING count(*) > 5
----
?column? integer
(no rows)

SELECT 1 FROM (VALUES (1)) AS t(n) HAVING true
----
?column? integer
1

SELECT n FROM (VALUES (1)) AS t(n) HAVING true
----
ERROR 42803 at 8: column "t.n" must appear in the GROUP BY clause or be used in an aggregate function

SELECT g, n FROM (VALUES ('a', 1)) AS t(g, n) GROUP BY g
----
ERROR 42803 at 11: column "t.n" must appear in the GROUP BY clause or be used in an aggregate function

SELECT g, sum(n) + n FROM (VALUES ('a', 1)) AS t(g, n) GROUP BY g
----
ERROR 42803 at 20: column "t.n" must appear in the GROUP BY clause or be used in an aggregate function

SELECT g FROM (VALUES ('a', 1)) AS t(g, n) GROUP BY g ORDER BY n
----
ERROR 42803 at 64: column "t.n" must appear in the GROUP BY clause or be used in an aggregate function

SELECT g FROM (VALUES ('a', 1)) AS t(g, n) GROUP BY g HAVING n > 1
----
ERROR 42803 at 62: column "t.n" must appear in the GROUP BY clause or be used in an aggregate function

SELECT *, count(*) FROM (VALUES ('a', 1)) AS t(g, n)
----
ERROR 42803 at 8: column "t.g" must appear in the GROUP BY clause or be used in an aggregate function

SELECT count(*) FROM (VALUES (1)) AS t(n) GROUP BY count(*)
----
ERROR 42803 at 52: aggregate functions are not allowed in GROUP BY

SELECT count(*) AS c FROM (VALUES (1)) AS t(n) GROUP BY c
----
ERROR 42803 at 8: aggregate functions are not allowed in GROUP BY

SELECT sum(count(*)) FROM (VALUES (1)) AS t(n)
----
ERROR 42803 at 12: aggregate function calls cannot be nested

SELECT n FROM (VALUES (1)) AS t(n) GROUP BY 3
----
ERROR 42P10 at 45: GROUP BY position 3 is not in select list

SELECT g, count(DISTINCT n), sum(DISTINCT n), count(n) FROM (VALUES ('a', 1), ('a', 1), ('b', 2), ('a', 3), ('b', NULL)) AS t(g, n) GROUP BY g ORDER BY g
----
g text | count bigint | sum bigint | count bigint
a | 2 | 4 | 3
b | 1 | 2 | 1

SELECT count(DISTINCT n), count(*) FILTER (WHERE n > 1), sum(n) FILTER (WHERE n < 3) FROM (VALUES (1), (1), (2), (3)) AS t(n)
----
count bigint | count bigint | sum bigint
3 | 2 | 4

SELECT g, count(DISTINCT n) FILTER (WHERE n > 1) FROM (VALUES ('a', 1), ('a', 2), ('a', 2), ('b', 1)) AS t(g, n) GROUP BY g ORDER BY g
----
g text | count bigint
a | 1
b | 0

SELECT a, b, count(*) FROM (VALUES (1, 'x'), (1, 'y'), (1, 'x'), (2, NULL), (2, NULL)) AS t(a, b) GROUP BY a, b ORDER BY a, b
----
a integer | b text | count bigint
1 | x | 2
1 | y | 1
2 | NULL | 2

SELECT a, count(*) FROM (VALUES (1.0), (1.00), (2.5)) AS t(a) GROUP BY a ORDER BY a
----
a numeric | count bigint
1.0 | 2
2.5 | 1

SELECT a, count(*) FROM (VALUES (float8 '0'), ('-0'), ('NaN'), ('NaN')) AS t(a) GROUP BY a ORDER BY a
----
a double precision | count bigint
0 | 2
NaN | 2

SELECT a, count(*) FROM (VALUES (interval '1 month'), ('30 days'), ('1 day')) AS t(a) GROUP BY a ORDER BY a
----
a interval | count bigint
1 day | 1
1 mon | 2

SELECT count(*) FROM (SELECT g FROM (VALUES (1), (1), (2)) AS t(g) GROUP BY g) AS u
----
count bigint
2

SELECT max(s) FROM (SELECT g, sum(n) AS s FROM (VALUES (1, 5), (1, 6), (2, 7)) AS t(g, n) GROUP BY g) AS u WHERE s > 7
----
max bigint
11

SELECT lower(DISTINCT 'a')
----
ERROR 42809 at 8: DISTINCT specified, but lower is not an aggregate function

SELECT count()
----
ERROR 42809 at 8: count(*) must be used to call a parameterless aggregate function

SELECT lower(*)
----
ERROR 42883 at 8: function lower() does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT count(*) FILTER (WHERE 1) FROM (VALUES (1)) AS t(n)
----
ERROR 42804 at 31: argument of FILTER must be type boolean, not type integer

SELECT n FROM (VALUES (1)) AS t(n) GROUP BY ROLLUP (n)
----
n integer
1
NULL

SELECT stddev(n), variance(n), bool_and(n > 0), bool_or(n > 3) FROM (VALUES (1.0), (2.0), (3.0), (4.0)) AS t(n)
----
stddev numeric | variance numeric | bool_and boolean | bool_or boolean
1.2909944487358056 | 1.6666666666666667 | t | t

SELECT stddev(n), var_pop(n) FROM (VALUES (1.0::float8)) AS t(n)
----
stddev double precision | var_pop double precision
NULL | 0

SELECT sum(n), avg(n) FROM (VALUES (9223372036854775807), (1)) AS t(n)
----
sum numeric | avg numeric
9223372036854775808 | 4611686018427387904

SELECT g.a, count(*) FROM (VALUES (1)) AS g(a) GROUP BY g.a
----
a integer | count bigint
1 | 1

SELECT a AS b, count(*) FROM (VALUES (1, 2), (2, 2)) AS t(a, b) GROUP BY b
----
ERROR 42803 at 8: column "t.a" must appear in the GROUP BY clause or be used in an aggregate function

CREATE TABLE buyers (id int PRIMARY KEY, name text, town text)
----
done

INSERT INTO buyers VALUES (1, 'Ann', 'Rome'), (2, 'Bob', 'Oslo'), (3, 'Ann', 'Rome')
----
3 affected

CREATE TABLE sales (buyer int, day int, amount int, PRIMARY KEY (buyer, day))
----
done

INSERT INTO sales VALUES (1, 1, 10), (1, 2, 20), (3, 1, 5), (7, 1, 100), (8, 1, 200)
----
5 affected

SELECT b.id, b.name, b.town, sum(s.amount) FROM buyers b JOIN sales s ON s.buyer = b.id GROUP BY b.name, b.id, b.town ORDER BY b.id
----
id integer | name text | town text | sum bigint
1 | Ann | Rome | 30
3 | Ann | Rome | 5

SELECT b.name, b.town, sum(s.amount) FROM buyers b JOIN sales s ON s.buyer = b.id GROUP BY b.name, b.town ORDER BY 1
----
name text | town text | sum bigint
Ann | Rome | 35

SELECT b.id, b.name, sum(s.amount), count(*) FROM buyers b FULL JOIN sales s ON s.buyer = b.id GROUP BY b.id, b.name ORDER BY b.id
----
id integer | name text | sum bigint | count bigint
1 | Ann | 30 | 2
2 | Bob | NULL | 1
3 | Ann | 5 | 1
NULL | NULL | 300 | 2

SELECT s.buyer, s.day, s.amount, b.id, b.name, count(*) FROM buyers b RIGHT JOIN sales s ON s.buyer = b.id GROUP BY s.amount, s.buyer, b.id, b.name, s.day ORDER BY 1, 2
----
buyer integer | day integer | amount integer | id integer | name text | count bigint
1 | 1 | 10 | 1 | Ann | 1
1 | 2 | 20 | 1 | Ann | 1
3 | 1 | 5 | 3 | Ann | 1
7 | 1 | 100 | NULL | NULL | 1
8 | 1 | 200 | NULL | NULL | 1

SELECT s.buyer, s.amount, count(*) FROM sales s GROUP BY s.buyer, s.amount ORDER BY 1, 2
----
buyer integer | amount integer | count bigint
1 | 10 | 1
1 | 20 | 1
3 | 5 | 1
7 | 100 | 1
8 | 200 | 1

SELECT a.id, a.name, b.name FROM buyers a CROSS JOIN buyers b WHERE a.id = 1 GROUP BY a.id, a.name, b.name ORDER BY 3
----
id integer | name text | name text
1 | Ann | Ann
1 | Ann | Bob

SELECT id, name, town, count(*) FROM buyers GROUP BY GROUPING SETS ((id, name), (name, town)) ORDER BY 1, 2, 3
----
id integer | name text | town text | count bigint
1 | Ann | NULL | 1
2 | Bob | NULL | 1
3 | Ann | NULL | 1
NULL | Ann | Rome | 2
NULL | Bob | Oslo | 1

INSERT INTO buyers SELECT g + 100, 'name of ' || g, 'town ' || g % 7 FROM generate_series(1, 3000) g
----
3000 affected

-- memory: 300000
SELECT count(*), sum(n), min(name), max(town) FROM (SELECT b.id, b.name, b.town, count(*) AS n FROM buyers b, generate_series(1, 2) GROUP BY b.name, b.id, b.town) x
----
count bigint | sum numeric | min text | max text
3003 | 6006 | Ann | town 6

-- A query in GROUP BY is the one that is written alike in the list.
CREATE TABLE staff (id integer PRIMARY KEY, dept integer, boss integer, name text)
----
done

INSERT INTO staff VALUES (1, 1, NULL, 'ann'), (2, 1, 1, 'bob'), (3, 2, 1, 'cyd'), (4, NULL, 3, 'dan')
----
4 affected

CREATE TABLE depts (id integer, name text)
----
done

INSERT INTO depts VALUES (1, 'dev'), (3, 'ops')
----
2 affected

SELECT (SELECT name FROM staff x WHERE x.id = e.boss) AS b, count(*) FROM staff e GROUP BY (SELECT name FROM staff x WHERE x.id = e.boss) ORDER BY 1
----
b text | count bigint
ann | 2
cyd | 1
NULL | 1

SELECT EXISTS (SELECT 1 FROM depts d WHERE d.id = e.dept) AS has, count(*), grouping(EXISTS (SELECT 1 FROM depts d WHERE d.id = e.dept)) FROM staff e GROUP BY ROLLUP (EXISTS (SELECT 1 FROM depts d WHERE d.id = e.dept)) ORDER BY 1, 2
----
has boolean | count bigint | grouping integer
f | 2 | 0
t | 2 | 0
NULL | 4 | 1

SELECT dept, (SELECT max(name) FROM depts), count(*) FROM staff GROUP BY ROLLUP (dept, (SELECT max(name) FROM depts)) ORDER BY 1, 2, 3
----
dept integer | max text | count bigint
1 | ops | 2
1 | NULL | 2
2 | ops | 1
2 | NULL | 1
NULL | ops | 1
NULL | NULL | 1
NULL | NULL | 4

SELECT e.dept IN (SELECT id FROM depts) AS known, count(*) FROM staff e GROUP BY e.dept IN (SELECT id FROM depts) HAVING count(*) > 0 ORDER BY e.dept IN (SELECT id FROM depts)
----
known boolean | count bigint
f | 1
t | 2
NULL | 1

SELECT (SELECT name FROM staff x WHERE x.id = e.boss), count(*) FROM staff e GROUP BY (SELECT name FROM staff x WHERE x.id = e.dept)
----
ERROR 42803 at 47: column "e.boss" must appear in the GROUP BY clause or be used in an aggregate function

-- A key that all sets have says the other columns of its table.
SELECT e.id, e.name, e.dept, count(x.id), grouping(e.id, e.dept) FROM staff e LEFT JOIN staff x ON x.boss = e.id GROUP BY GROUPING SETS ((e.id), (e.id, e.dept)) ORDER BY 1, 5
----
id integer | name text | dept integer | count bigint | grouping integer
1 | ann | 1 | 2 | 0
1 | ann | NULL | 2 | 1
2 | bob | 1 | 0 | 0
2 | bob | NULL | 0 | 1
3 | cyd | 2 | 1 | 0
3 | cyd | NULL | 1 | 1
4 | dan | NULL | 0 | 0
4 | dan | NULL | 0 | 1

SELECT e.id, e.name, count(*) FROM staff e GROUP BY ROLLUP (e.id)
----
ERROR 42803 at 14: column "e.name" must appear in the GROUP BY clause or be used in an aggregate function

SELECT DISTINCT (SELECT name FROM staff x WHERE x.id = e.boss) FROM staff e ORDER BY (SELECT name FROM staff x WHERE x.id = e.boss) DESC NULLS LAST
----
name text
cyd
ann
NULL

SELECT DISTINCT ON (e.dept IN (SELECT id FROM depts)) e.dept IN (SELECT id FROM depts), name FROM staff e ORDER BY e.dept IN (SELECT id FROM depts), name DESC
----
?column? boolean | name text
f | cyd
t | bob
NULL | dan

-- Constants of any type are the same where they are written alike.
SELECT t > '12:00' AS late, count(*) AS n, count(*) OVER (PARTITION BY t > '12:00' ORDER BY t > '12:00') AS w
FROM (VALUES (time '10:00'), (time '11:00'), (time '13:00')) AS v(t) GROUP BY t > '12:00' ORDER BY t > '12:00'
----
late boolean | n bigint | w bigint
f | 2 | 1
t | 1 | 1

SELECT DISTINCT date '2024-01-01' + time '10:00' AS ts FROM generate_series(1, 2) ORDER BY date '2024-01-01' + time '10:00'
----
ts timestamp without time zone
2024-01-01 10:00:00
