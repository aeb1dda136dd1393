-- Found by the grammar of everyday statements (tests/tests/differential/generator/everyday.txt).

CREATE TABLE p (id integer PRIMARY KEY, a integer, s text, n numeric(8,2), v varchar(5), c char(4), j json)
----
done

INSERT INTO p VALUES (1, 1, 'b', 1.5, 'abc', 'ab', '{}'), (2, NULL, 'a', 10, 'abcde', NULL, NULL)
----
2 affected

SELECT array_agg(DISTINCT a ORDER BY id % 2) FROM p
----
ERROR 42P10 at 38: in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list

SELECT a, 'lit' FROM p UNION ALL SELECT '1', 'x'
----
a integer | ?column? text
1 | lit
NULL | lit
1 | x

SELECT '1', 'x' UNION ALL SELECT a, 'lit' FROM p
----
?column? integer | ?column? text
1 | x
1 | lit
NULL | lit

SELECT n, s FROM p UNION ALL SELECT '1', 'x'
----
n numeric | s text
1.50 | b
10.00 | a
1 | x

SELECT n, v FROM p UNION ALL SELECT '1.005', 'longer than five'
----
n numeric | v character varying
1.50 | abc
10.00 | abcde
1.005 | longer than five

SELECT NULL UNION ALL SELECT n FROM p
----
?column? numeric
NULL
1.50
10.00

VALUES (1, 'a'), (2, NULL) UNION ALL SELECT 1.5, 'y'::varchar
----
column1 numeric | column2 text
1 | a
2 | NULL
1.5 | y

VALUES ('a') EXCEPT SELECT c FROM p
----
column1 text
a

SELECT n FROM p UNION SELECT n FROM p
----
n numeric(8,2)
1.50
10.00

SELECT 1, NULL INTERSECT SELECT a, j FROM p
----
ERROR 42883 at 36: could not identify an equality operator for type json

SELECT a, j FROM p EXCEPT SELECT a, 'lit' FROM p INTERSECT SELECT id, v FROM p
----
ERROR 42804 at 71: EXCEPT types json and character varying cannot be matched

SELECT array_agg(v ORDER BY id), array_agg(n ORDER BY id), unnest(array_agg(c ORDER BY id)) FROM p
----
array_agg character varying[] | array_agg numeric[] | unnest bpchar
{abc,abcde} | {1.50,10.00} | ab  
{abc,abcde} | {1.50,10.00} | NULL

SELECT length('ab'::char(5)::bytea), c::bytea FROM p
----
length integer | c bytea
5 | \x61622020
5 | NULL

SELECT to_char(1e10, 'FMRN')
----
ERROR 22003: integer out of range

SELECT to_char(-5, 'RN'), to_char(4000.4, 'RN'), to_char(1e10::float8, 'RN')
----
to_char text | to_char text | to_char text
############### | ############### | ###############

SELECT timestamp '294276-12-31 23:59:59' AT TIME ZONE '+03'
----
ERROR 22008: timestamp out of range

SELECT to_number('2024-02-29', 'S9,999.99')
----
ERROR 22003: numeric field overflow
DETAIL: A field with precision 4, scale 0 must round to an absolute value less than 10^4.

SELECT to_number('12', '999.99'), to_number('12345', '99'), to_number('1,2345', '9,99')
----
to_number numeric | to_number numeric | to_number numeric
12 | 12 | 123

SELECT to_char(interval '2 weeks ago', 'WW DDD'), to_char(interval '15 days', 'WW DDD')
----
to_char text | to_char text
-1 -14 | 03 015

SELECT t.id, z.x FROM (VALUES (1, interval '1 day'), (2, interval '24:00'), (3, interval '1 day')) AS t(id, iv), LATERAL (SELECT iv::text AS x) AS z ORDER BY id
----
id integer | x text
1 | 1 day
2 | 24:00:00
3 | 1 day

SELECT t.id, (SELECT t.n::text || ' ' || t.f::text || ' ' || t.c::text || ' ' || t.j::text FROM p ORDER BY p.id LIMIT 1) AS x FROM (VALUES (1, 1.5, 0::float8, 'a'::char(3), '[1.0]'::jsonb), (2, 1.50, '-0', 'a', '[1.00]'), (3, 1.5, 0, 'a', '[1.0]')) AS t(id, n, f, c, j) ORDER BY id
----
id integer | x text
1 | 1.5 0 a [1.0]
2 | 1.50 -0 a [1.00]
3 | 1.5 0 a [1.0]

SELECT array_position(ARRAY[]::integer[], 1, NULL)
----
array_position integer
NULL

SELECT timestamp 'infinity' AT TIME ZONE 'nowhere'
----
timezone timestamp with time zone
infinity

SELECT a, s FROM p UNION ALL SELECT NULL, s FROM p INTERSECT SELECT NULL, s FROM p
----
ERROR 42804 at 37: UNION types integer and text cannot be matched

SELECT x, y FROM (VALUES ('abc'::varchar(2), 1), (NULL, 2)) AS v(x, y)
----
x character varying | y integer
ab | 1
NULL | 2

SELECT array_position('[0:2]={1,2,3}'::integer[], NULL::integer, NULL)
----
array_position integer
NULL
