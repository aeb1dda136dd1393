-- What answered otherwise than PostgreSQL until the differential harness (tests/tests/differential) found it.

SELECT ('{1,2,3}'::int[])[2:3][1], (('{1,2,3}'::int[])[2:3])[1]
----
int4 integer[] | int4 integer
{} | 2

CREATE TABLE f (id int PRIMARY KEY, d int, c char(3), j json)
----
done

INSERT INTO f VALUES (1, 3, 'B', '1'), (2, 100, 'abc', '{}')
----
2 affected

WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 6) SELECT id, d NOT IN (SELECT x FROM r WHERE x = d) FROM f ORDER BY id
----
id integer | ?column? boolean
1 | f
2 | t

SELECT id, c LIKE '_%_', c LIKE 'B', c ILIKE 'b  ', c ~ 'B $', c SIMILAR TO 'B  ' FROM f ORDER BY id
----
id integer | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
1 | t | f | t | f | t
2 | t | f | f | f | f

SELECT DISTINCT id, j FROM f
----
ERROR 42883 at 21: could not identify an equality operator for type json

SELECT id FROM f GROUP BY id, j
----
ERROR 42883 at 31: could not identify an equality operator for type json

SELECT j FROM f ORDER BY 1
----
ERROR 42883 at 26: could not identify an ordering operator for type json
HINT: Use an explicit ordering operator or modify the query.

SELECT j FROM f UNION SELECT j FROM f
----
ERROR 42883 at 8: could not identify an equality operator for type json

SELECT id, j FROM f EXCEPT SELECT id, j FROM f
----
ERROR 42883 at 12: could not identify an equality operator for type json

SELECT count(DISTINCT j) FROM f
----
ERROR 42883 at 23: could not identify an equality operator for type json

SELECT rank() OVER (PARTITION BY id ORDER BY j) FROM f
----
ERROR 42883 at 46: could not identify an ordering operator for type json
HINT: Use an explicit ordering operator or modify the query.

SELECT greatest(j, j) FROM f
----
ERROR 42883: could not identify a comparison function for type json

CREATE TABLE g (j json PRIMARY KEY)
----
ERROR 42704: data type json has no default operator class for access method "btree"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

SELECT '5'::jsonb -> 0, '5'::jsonb -> -1, '5'::jsonb -> 1, 'null'::jsonb -> 0, '5'::json -> 0
----
?column? jsonb | ?column? jsonb | ?column? jsonb | ?column? jsonb | ?column? json
5 | 5 | NULL | null | NULL

SELECT to_char(interval '-1 hour', 'HH12:MI AM'), to_char(interval '37 hours', 'HH12:MI AM')
----
to_char text | to_char text
-01:00 AM | 01:00 PM

SELECT NULL::text[] || 3
----
ERROR 42883 at 21: operator does not exist: text[] || integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT '{1}'::int[] = '{1}'::bigint[]
----
ERROR 42883 at 21: operator does not exist: integer[] = bigint[]
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT array_fill('x', '{2}')
----
ERROR 42804: could not determine polymorphic type because input has type unknown

SELECT array_append(NULL, NULL), to_jsonb('x')
----
ERROR 42804: could not determine polymorphic type because input has type unknown

SELECT array_append(NULL, NULL)
----
array_append text[]
{NULL}

SELECT nullif(NULL::varchar(3), 'x'), first_value('x'::varchar(3)) OVER ()
----
nullif text | first_value character varying
NULL | x

SELECT NULL::int * (1 / 0)
----
ERROR 22012: division by zero

SELECT NULL::text || format('%I')
----
?column? text
NULL

SELECT json_agg(a) FROM (VALUES ('{1,2}'::int[]), (NULL), ('{}')) AS v (a)
----
json_agg json
[[1,2], null, 
 []]

SELECT asinh(1.7976931348623157e308), acosh(1.7976931348623157e308)
----
asinh double precision | acosh double precision
710.4758600739439 | 710.4758600739439

SELECT '{}'::text[]::interval
----
ERROR 42846 at 20: cannot cast type text[] to interval

SELECT 1 WHERE '1'::text BETWEEN 1 AND 2
----
ERROR 42883 at 26: operator does not exist: text >= integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT CASE WHEN true THEN 1 WHEN 'x'::text THEN 2 END
----
ERROR 42804 at 35: argument of CASE/WHEN must be type boolean, not type text

SELECT CASE 1 WHEN 2 THEN 3 WHEN 'x'::text THEN 2 END
----
ERROR 42883 at 29: operator does not exist: integer = text
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT coalesce(1, 2, 'x'::text)
----
ERROR 42804 at 23: COALESCE types integer and text cannot be matched

SELECT E'a\u00zz'
----
ERROR 22025 at 11: invalid Unicode escape
HINT: Unicode escapes must be \uXXXX or \UXXXXXXXX.

(SELECT 1 ORDER BY 1) ORDER BY 1
----
ERROR 42601 at 32: multiple ORDER BY clauses not allowed

SELECT sum(id) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM f
----
ERROR 42P20 at 51: frame starting from current row cannot have preceding rows

WITH w (a, b) AS (SELECT 1) SELECT * FROM w
----
ERROR 42P10 at 6: WITH query "w" has 1 columns available but 2 columns specified

SELECT * FROM f JOIN f AS g USING (nope)
----
ERROR 42703: column "nope" specified in USING clause does not exist in left table

SELECT 1 WHERE id = 1 AND (j)::text
----
ERROR 42703 at 16: column "id" does not exist

CREATE TABLE h (id int PRIMARY KEY, n numeric(4))
----
done

INSERT INTO h VALUES (1, 1), (2, NULL)
----
2 affected

SELECT id FROM h WHERE NOT ARRAY[1.0]::numeric[] IN (SELECT ARRAY[g.n] FROM h AS g WHERE g.id = 1)
----
id integer
(no rows)
