-- Joins.

SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS t(id, x) JOIN (VALUES (2, 'B'), (3, 'C'), (3, 'CC'), (4, 'D')) AS u(id, y) ON t.id = u.id ORDER BY t.id, y
----
id integer | x text | id integer | y text
2 | b | 2 | B
3 | c | 3 | C
3 | c | 3 | CC

SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, x) JOIN (VALUES (2, 'B')) AS u(id, y) USING (id)
----
id integer | x text | y text
2 | b | B

SELECT t.id, u.id, id FROM (VALUES (1), (2)) AS t(id) JOIN (VALUES (2)) AS u(id) USING (id)
----
id integer | id integer | id integer
2 | 2 | 2

SELECT * FROM (VALUES (1, 2)) AS t(a, b) NATURAL JOIN (VALUES (2, 3)) AS u(b, c)
----
b integer | a integer | c integer
2 | 1 | 3

SELECT * FROM (VALUES (1), (2)) AS t(a) CROSS JOIN (VALUES (3), (4)) AS u(b) ORDER BY a, b
----
a integer | b integer
1 | 3
1 | 4
2 | 3
2 | 4

SELECT * FROM (VALUES (1), (2)) AS t(a), (VALUES (1), (3)) AS u(b) WHERE a = b
----
a integer | b integer
1 | 1

SELECT * FROM (VALUES (1), (2), (3)) AS t(a) JOIN (VALUES (2), (3)) AS u(b) ON a < b ORDER BY a, b
----
a integer | b integer
1 | 2
1 | 3
2 | 3

SELECT * FROM (VALUES (1), (NULL)) AS t(a) JOIN (VALUES (1), (NULL)) AS u(b) ON a = b
----
a integer | b integer
1 | 1

SELECT * FROM (VALUES (1), (2), (NULL)) AS t(a) LEFT JOIN (VALUES (2, 'two'), (NULL, 'null')) AS u(b, c) ON a = b ORDER BY a
----
a integer | b integer | c text
1 | NULL | NULL
2 | 2 | two
NULL | NULL | NULL

SELECT * FROM (VALUES (1), (2), (3)) AS t(a) LEFT JOIN (VALUES (2, 5), (3, 6)) AS u(b, c) ON a = b AND c > 5 ORDER BY a
----
a integer | b integer | c integer
1 | NULL | NULL
2 | NULL | NULL
3 | 3 | 6

SELECT * FROM (VALUES (1), (2)) AS t(a) LEFT JOIN (VALUES (2, 5)) AS u(b, c) ON a = b WHERE c IS NULL
----
a integer | b integer | c integer
1 | NULL | NULL

SELECT * FROM (VALUES (1), (2)) AS t(a) LEFT JOIN (VALUES (1)) AS u(b) ON false ORDER BY a
----
a integer | b integer
1 | NULL
2 | NULL

SELECT a, count(b) FROM (VALUES (1), (2)) AS t(a) LEFT JOIN (VALUES (2), (2)) AS u(b) ON a = b GROUP BY a ORDER BY a
----
a integer | count bigint
1 | 0
2 | 2

SELECT * FROM (VALUES (1::smallint)) AS t(a) JOIN (VALUES (1::bigint)) AS u(b) ON a = b
----
a smallint | b bigint
1 | 1

SELECT * FROM (VALUES (1.50)) AS t(a) JOIN (VALUES (1.5::numeric(5,3))) AS u(b) ON a = b
----
a numeric | b numeric(5,3)
1.50 | 1.500

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1.0)) AS u(b) ON a = b
----
a integer | b numeric
1 | 1.0

SELECT * FROM (VALUES (date '2020-01-01')) AS t(a) JOIN (VALUES (timestamp '2020-01-01 00:00')) AS u(b) ON a = b
----
a date | b timestamp without time zone
2020-01-01 | 2020-01-01 00:00:00

SELECT * FROM (VALUES (1, 'x'), (1, 'y')) AS t(a, b) JOIN (VALUES (1, 'y')) AS u(c, d) ON a = c AND b = d
----
a integer | b text | c integer | d text
1 | y | 1 | y

SELECT * FROM (VALUES (1), (2)) AS t(a) JOIN (VALUES (2), (3)) AS u(b) ON t.a = u.b - 1 ORDER BY a
----
a integer | b integer
1 | 2
2 | 3

SELECT t.a, u.a, v.a FROM (VALUES (1), (2)) AS t(a), (VALUES (1), (2)) AS u(a), (VALUES (2), (3)) AS v(a) WHERE t.a = v.a AND v.a = u.a
----
a integer | a integer | a integer
2 | 2 | 2

SELECT count(*) FROM (VALUES (1), (2)) AS t(a), (VALUES (1), (2), (3)) AS u(a)
----
count bigint
6

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) ON c = 1
----
ERROR 42703 at 65: column "c" does not exist

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) ON a
----
ERROR 42804 at 65: argument of JOIN/ON must be type boolean, not type integer

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) USING (a)
----
ERROR 42703: column "a" specified in USING clause does not exist in right table

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) USING (c)
----
ERROR 42703: column "c" specified in USING clause does not exist in left table

SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) ON count(*) > 1
----
ERROR 42803 at 65: aggregate functions are not allowed in JOIN conditions

SELECT * FROM (VALUES (1)) AS t(a) FULL JOIN (VALUES (1)) AS u(b) ON a = b
----
a integer | b integer
1 | 1

SELECT t.a FROM (VALUES (1)) AS t(a) JOIN (SELECT t.a) AS u ON true
----
ERROR 42P01 at 51: missing FROM-clause entry for table "t"

SELECT x.a FROM ((VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) ON true) AS x
----
a integer
1

SELECT * FROM (VALUES (1, 'a')) AS t(a, x) RIGHT JOIN (VALUES (1, 'b'), (2, 'c')) AS u(a, y) ON t.a = u.a ORDER BY u.a
----
a integer | x text | a integer | y text
1 | a | 1 | b
NULL | NULL | 2 | c

SELECT * FROM (VALUES (1, 'a')) AS t(a, x) RIGHT JOIN (VALUES (1, 'b'), (2, 'c')) AS u(a, y) USING (a) ORDER BY a
----
a integer | x text | y text
1 | a | b
2 | NULL | c

SELECT * FROM (VALUES (1), (5)) AS t(a) RIGHT JOIN (VALUES (1), (2)) AS u(b) ON a = b AND b > 1 ORDER BY b
----
a integer | b integer
NULL | 1
NULL | 2
