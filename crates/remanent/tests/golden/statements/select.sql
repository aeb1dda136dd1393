-- Queries without tables: the select list, names, WHERE, ORDER BY, LIMIT.

SELECT 1 + 1 AS two, 'text', NULL, true, 1.50, 3000000000
----
two integer | ?column? text | ?column? text | ?column? boolean | ?column? numeric | ?column? bigint
2 | text | NULL | t | 1.50 | 3000000000

SELECT 1 WHERE false
----
?column? integer
(no rows)

SELECT count(*) WHERE false
----
count bigint
0

VALUES (1, 'one'), (2, 'two'), (3, NULL)
----
column1 integer | column2 text
1 | one
2 | two
3 | NULL

VALUES (1, 2.5), (10000000000, 3)
----
column1 bigint | column2 numeric
1 | 2.5
10000000000 | 3

VALUES (1), ('x')
----
ERROR 22P02 at 14: invalid input syntax for type integer: "x"

VALUES (1, 2), (3)
----
ERROR 42601 at 17: VALUES lists must all be the same length

SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS t(n, s) WHERE n >= 2 ORDER BY n DESC
----
n integer | s text
3 | c
2 | b

SELECT s, n * 2 AS double FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, s) ORDER BY double DESC, 1
----
s text | double integer
b | 4
a | 2

SELECT n FROM (VALUES (3), (1), (NULL), (2)) AS t(n) ORDER BY n
----
n integer
1
2
3
NULL

SELECT n FROM (VALUES (3), (1), (NULL), (2)) AS t(n) ORDER BY n DESC
----
n integer
NULL
3
2
1

SELECT n FROM (VALUES (3), (1), (NULL), (2)) AS t(n) ORDER BY n DESC NULLS LAST
----
n integer
3
2
1
NULL

SELECT n FROM (VALUES (3), (1), (NULL), (2)) AS t(n) ORDER BY n NULLS FIRST LIMIT 2
----
n integer
NULL
1

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) ORDER BY -n LIMIT 1 OFFSET 1
----
n integer
2

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) ORDER BY n OFFSET 5
----
n integer
(no rows)

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) ORDER BY n FETCH FIRST 2 ROWS ONLY
----
n integer
1
2

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT ALL
----
n integer
3
1
2

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT NULL
----
n integer
3
1
2

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT 0
----
n integer
(no rows)

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT -1
----
ERROR 2201W: LIMIT must not be negative

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) OFFSET -1
----
ERROR 2201X: OFFSET must not be negative

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT n
----
ERROR 42P10 at 52: argument of LIMIT must not contain variables

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT 'x'
----
ERROR 22P02 at 52: invalid input syntax for type bigint: "x"

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT true
----
ERROR 42804 at 52: argument of LIMIT must be type bigint, not type boolean

SELECT n FROM (VALUES (3), (1), (2)) AS t(n) LIMIT 1.5
----
n integer
3
1

-- params: 2::bigint
SELECT n FROM (VALUES (3), (1), (2)) AS t(n) ORDER BY 1 LIMIT $1
----
n integer
1
2

SELECT DISTINCT n FROM (VALUES (1), (2), (1), (NULL), (NULL)) AS t(n) ORDER BY n
----
n integer
1
2
NULL

SELECT DISTINCT n % 2 AS odd, n > 1 AS big FROM (VALUES (1), (2), (3), (5)) AS t(n) ORDER BY odd, big
----
odd integer | big boolean
0 | t
1 | f
1 | t

SELECT DISTINCT n FROM (VALUES (1.0), (1.00), (2)) AS t(n) ORDER BY n
----
n numeric
1.0
2

SELECT DISTINCT n FROM (VALUES (1), (2)) AS t(n) ORDER BY n + 1
----
ERROR 42P10 at 59: for SELECT DISTINCT, ORDER BY expressions must appear in select list

SELECT t.*, n AS again FROM (VALUES (1, 2)) AS t(n, m)
----
n integer | m integer | again integer
1 | 2 | 1

SELECT *, t.* FROM (VALUES (1, 2)) AS t
----
column1 integer | column2 integer | column1 integer | column2 integer
1 | 2 | 1 | 2

SELECT FROM (VALUES (1), (2)) AS t
----
(no columns)
(2 rows)

SELECT *
----
ERROR 42601 at 8: SELECT * with no tables specified is not valid

SELECT t.* FROM (VALUES (1)) AS u
----
ERROR 42P01 at 8: missing FROM-clause entry for table "t"

SELECT x FROM (VALUES (1, 2)) AS t(n, m)
----
ERROR 42703 at 8: column "x" does not exist

SELECT number FROM (VALUES (1, 2)) AS t(numbr, m)
----
ERROR 42703 at 8: column "number" does not exist
HINT: Perhaps you meant to reference the column "t.numbr".

SELECT t.numbr FROM (VALUES (1, 2)) AS t(number, m)
----
ERROR 42703 at 8: column t.numbr does not exist
HINT: Perhaps you meant to reference the column "t.number".

SELECT u.n FROM (VALUES (1, 2)) AS t(n, m)
----
ERROR 42P01 at 8: missing FROM-clause entry for table "u"

SELECT n FROM (VALUES (1)) AS t(n), (VALUES (2)) AS u(n)
----
ERROR 42702 at 8: column reference "n" is ambiguous

SELECT 1 FROM (VALUES (1)) AS t(n), (VALUES (2)) AS t(m)
----
ERROR 42712: table name "t" specified more than once

SELECT n FROM (VALUES (1)) AS t(n, m)
----
ERROR 42P10: table "t" has 1 columns available but 2 columns specified

SELECT n FROM (VALUES (1))
----
ERROR 42601 at 15: VALUES in FROM must have an alias
HINT: For example, FROM (VALUES ...) [AS] foo.

SELECT * FROM nowhere
----
ERROR 42P01 at 15: relation "nowhere" does not exist

SELECT a FROM (SELECT 1 AS a, 2 AS a) AS t
----
ERROR 42702 at 8: column reference "a" is ambiguous

SELECT n AS x, -n AS x FROM (VALUES (1)) AS t(n) ORDER BY x
----
ERROR 42702 at 59: ORDER BY "x" is ambiguous

SELECT n FROM (VALUES (1)) AS t(n) ORDER BY 2
----
ERROR 42P10 at 45: ORDER BY position 2 is not in select list

SELECT n FROM (VALUES (1)) AS t(n) ORDER BY 'a'
----
ERROR 42601 at 45: non-integer constant in ORDER BY

SELECT n FROM (VALUES (1)) AS t(n) WHERE n
----
ERROR 42804 at 42: argument of WHERE must be type boolean, not type integer

SELECT n FROM (VALUES (1)) AS t(n) WHERE count(*) > 1
----
ERROR 42803 at 42: aggregate functions are not allowed in WHERE

SELECT n FROM (VALUES (1), (2), (3)) AS t(n) WHERE n IN (1, 3) AND n BETWEEN 2 AND 5
----
n integer
3

SELECT n FROM (VALUES (1), (NULL)) AS t(n) WHERE n IS NOT NULL OR n = 3
----
n integer
1

SELECT CASE WHEN n > 1 THEN 'big' ELSE 'small' END, coalesce(n, 0), n::text FROM (VALUES (1), (2), (NULL)) AS t(n)
----
case text | coalesce integer | n text
small | 1 | 1
big | 2 | 2
small | 0 | NULL

SELECT CASE n WHEN 1 THEN 'one' END AS c FROM (VALUES (1), (2)) AS t(n)
----
c text
one
NULL

SELECT 1::bigint, '5'::int, CAST(1.5 AS int), date '2020-02-29', now() IS NULL, (SELECT 1), EXISTS (SELECT 1), ARRAY[1]
----
int8 bigint | int4 integer | int4 integer | date date | ?column? boolean | ?column? integer | exists boolean | array integer[]
1 | 5 | 2 | 2020-02-29 | f | 1 | t | {1}

SELECT 1::bigint, '5'::int, CAST(1.5 AS int), date '2020-02-29', now() IS NULL, (SELECT 1), EXISTS (SELECT 1)
----
int8 bigint | int4 integer | int4 integer | date date | ?column? boolean | ?column? integer | exists boolean
1 | 5 | 2 | 2020-02-29 | f | 1 | t

SELECT (1, 2) < (1, 3), (1, 2) = (1, NULL), (2, NULL) > (1, 2), (1, 2) <> (1, 3)
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | NULL | t | t

SELECT (1, 2) = (1, 2, 3)
----
ERROR 42601 at 15: unequal number of entries in row expressions

WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x + 1 FROM a) SELECT * FROM a, b
----
x integer | y integer
1 | 2

WITH a AS (SELECT 1 AS x) SELECT * FROM c
----
ERROR 42P01 at 41: relation "c" does not exist

SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1 DESC
----
?column? integer
2
1

SELECT 1 AS a UNION SELECT 2.5 ORDER BY a
----
a numeric
1
2.5

SELECT 1 AS a UNION SELECT 2 ORDER BY a + 1
----
ERROR 0A000 at 39: invalid UNION/INTERSECT/EXCEPT ORDER BY clause
DETAIL: Only result column names can be used, not expressions or functions.
HINT: Add the expression/function to every SELECT, or move the UNION into a FROM clause.

SELECT 1 UNION SELECT 'x'
----
ERROR 22P02 at 23: invalid input syntax for type integer: "x"

SELECT 1, 2 UNION SELECT 3
----
ERROR 42601 at 26: each UNION query must have the same number of columns

SELECT 1 INTERSECT SELECT 1
----
?column? integer
1

SELECT (SELECT n FROM (VALUES (1), (2)) AS t(n))
----
ERROR 21000: more than one row returned by a subquery used as an expression

SELECT (SELECT n FROM (VALUES (1), (2)) AS t(n) WHERE n > 5) IS NULL AS none
----
none boolean
t

SELECT (SELECT 1, 2)
----
ERROR 42601 at 8: subquery must return only one column

SELECT n FROM (VALUES (1), (2)) AS t(n) WHERE n = (SELECT max(m) FROM (VALUES (2)) AS u(m))
----
n integer
2

SELECT n FROM (VALUES (1), (2)) AS t(n) WHERE EXISTS (SELECT 1 FROM (VALUES (1)) AS u(m) WHERE m = n)
----
n integer
1

SELECT n FROM (VALUES (1), (2), (3), (NULL)) AS t(n) WHERE n IN (SELECT m FROM (VALUES (2), (3), (NULL)) AS u(m)) ORDER BY n
----
n integer
2
3

SELECT n FROM (VALUES (1), (2), (NULL)) AS t(n) WHERE n NOT IN (SELECT m FROM (VALUES (2), (3)) AS u(m))
----
n integer
1

SELECT n FROM (VALUES (1), (2), (NULL)) AS t(n) WHERE n NOT IN (SELECT m FROM (VALUES (2), (NULL)) AS u(m))
----
n integer
(no rows)

SELECT n FROM (VALUES (1), (2), (NULL)) AS t(n) WHERE n NOT IN (SELECT m FROM (VALUES (2), (NULL)) AS u(m) WHERE false) ORDER BY n
----
n integer
1
2
NULL

SELECT n, m FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, m) WHERE (n, m) IN (SELECT 2, 'b')
----
n integer | m text
2 | b

SELECT n FROM (VALUES (1)) AS t(n) WHERE n IN (SELECT 1, 2)
----
ERROR 42601 at 44: subquery has too many columns

SELECT n IN (SELECT 1) FROM (VALUES (1)) AS t(n)
----
?column? boolean
t

SELECT n FROM (VALUES (1)) AS t(n) FOR UPDATE
----
n integer
1

SELECT DISTINCT ON (n) n FROM (VALUES (1)) AS t(n)
----
n integer
1

SELECT sum(n) OVER () FROM (VALUES (1)) AS t(n)
----
sum bigint
1

-- params: 5, 'x'
SELECT $1 + 1 AS sum, $2 || 'y' AS text
----
sum integer | text text
6 | xy

-- params: '5'
SELECT $1::int + 1
----
?column? integer
6

-- params: 'abc'
SELECT 1 + $1
----
ERROR 22P02: invalid input syntax for type integer: "abc"

SELECT $1
----
ERROR 42P02: 0 parameters are given, but the statement has 1

-- params: 1
SELECT $2
----
ERROR 42P18: could not determine data type of parameter $1

SELECT 1 / 0
----
ERROR 22012: division by zero

SELECT 2147483647 + 1
----
ERROR 22003: integer out of range

SELECT 'a' + 1
----
ERROR 22P02 at 8: invalid input syntax for type integer: "a"

SELECT nothing(1)
----
ERROR 42883 at 8: function nothing(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT lower(1)
----
ERROR 42883 at 8: function lower(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT t FROM (VALUES (1)) AS t(n)
----
t record
(1)

SELECT NULL AS n UNION SELECT 1 ORDER BY 1
----
n integer
1
NULL

SELECT 1 AS n UNION ALL SELECT '2' UNION ALL SELECT NULL
----
n integer
1
2
NULL
