-- WITH RECURSIVE: what a recursive term may hold.

CREATE TABLE p (id integer PRIMARY KEY, a integer)
----
done

INSERT INTO p VALUES (1, 2), (2, 3), (3, 1)
----
3 affected

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM r JOIN p ON p.id = r.n WHERE r.n < 5) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM (SELECT n FROM r WHERE n < 4) z) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + p.a FROM r, p WHERE r.n = p.id AND r.n < 20) SELECT * FROM r
----
n integer
1
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT count(*) FROM p)) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM p RIGHT JOIN r ON p.id = r.n WHERE r.n < 4) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM p LEFT JOIN r ON p.id = r.n WHERE r.n < 4) SELECT * FROM r
----
ERROR 42P19 at 78: recursive reference to query "r" must not appear within an outer join

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM r FULL JOIN p ON p.id = r.n WHERE r.n < 4) SELECT * FROM r
----
ERROR 42P19 at 66: recursive reference to query "r" must not appear within an outer join

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT sum(n) + 1 FROM r) SELECT * FROM r
----
ERROR 42P19 at 53: aggregate functions are not allowed in a recursive query's recursive term

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE EXISTS (SELECT 1 FROM r)) SELECT * FROM r
----
ERROR 42P19 at 94: recursive reference to query "r" must not appear within a subquery

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT x.n + 1 FROM r x, r y WHERE x.n < 3) SELECT * FROM r
----
ERROR 42P19 at 71: recursive reference to query "r" must not appear more than once

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT DISTINCT n + 1 FROM r WHERE n < 4) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4 GROUP BY n) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4 ORDER BY n LIMIT 1) SELECT * FROM r
----
ERROR 0A000 at 87: ORDER BY in a recursive query is not implemented

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (SELECT n + 1 FROM r WHERE n < 4 ORDER BY n LIMIT 1)) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (SELECT n + 1 FROM r WHERE n < 4 UNION SELECT n + 2 FROM p, r WHERE p.id = r.n AND n < 3)) SELECT * FROM r
----
ERROR 42P19 at 106: recursive reference to query "r" must not appear more than once

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH z AS (SELECT n FROM r) SELECT n + 1 FROM z WHERE n < 4)) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH z AS (SELECT 1 AS k) SELECT n + k FROM r, z WHERE n < 4)) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n IN (SELECT id FROM p WHERE p.id = r.n) AND n < 6) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r CROSS JOIN LATERAL (SELECT r.n AS k) l WHERE k < 4) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT generate_series(n + 1, n + 1) FROM r WHERE n < 4) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1.0 FROM r WHERE n < 4) SELECT * FROM r
----
ERROR 42804 at 29: recursive query "r" column 1 has type integer in non-recursive term but type numeric overall
HINT: Cast the output of the non-recursive term to the correct type.

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT row_number() OVER (ORDER BY n) + n FROM r WHERE n < 4) SELECT * FROM r
----
ERROR 42804 at 29: recursive query "r" column 1 has type integer in non-recursive term but type bigint overall
HINT: Cast the output of the non-recursive term to the correct type.

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4 EXCEPT SELECT 3) SELECT * FROM r
----
ERROR 42P19 at 16: recursive query "r" does not have the form non-recursive-term UNION [ALL] recursive-term

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL VALUES (2)) SELECT * FROM r
----
n integer
1
2

WITH RECURSIVE b AS (SELECT x FROM a), a AS (SELECT 1 AS x) SELECT * FROM b
----
x integer
1

WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x FROM b), b AS (SELECT x FROM a) SELECT * FROM b
----
ERROR 0A000 at 16: mutual recursion between WITH items is not implemented

WITH RECURSIVE r AS (WITH z AS (SELECT 1 AS k) SELECT k AS n FROM z UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (WITH z AS (SELECT 1 AS k) SELECT k AS n FROM z UNION ALL SELECT n + k FROM r, z WHERE n < 3) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3 LIMIT 1) SELECT * FROM r
----
ERROR 0A000 at 84: LIMIT in a recursive query is not implemented

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3 ORDER BY 1) SELECT * FROM r
----
ERROR 0A000 at 87: ORDER BY in a recursive query is not implemented

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT n + 2 FROM r WHERE n < 5) SELECT * FROM r
----
n integer
1
2
3
4
5
6

WITH RECURSIVE r AS ((SELECT 1 AS n UNION SELECT 1) UNION ALL SELECT n + 2 FROM r WHERE n < 5) SELECT * FROM r
----
n integer
1
3
5

WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT n + 1 FROM r) SELECT * FROM r
----
ERROR 42P19 at 16: recursive query "r" does not have the form non-recursive-term UNION [ALL] recursive-term

WITH RECURSIVE r AS (SELECT 1 AS n INTERSECT SELECT n + 1 FROM r) SELECT * FROM r
----
ERROR 42P19 at 16: recursive query "r" does not have the form non-recursive-term UNION [ALL] recursive-term

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT * FROM r
----
n integer | o record[]
1 | {(1)}
2 | {(1),(2)}
3 | {(1),(2),(3)}

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SEARCH BREADTH FIRST BY n SET o SELECT * FROM r ORDER BY o
----
n integer | o record
1 | (0,1)
2 | (1,2)
3 | (2,3)

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n % 3 + 1 FROM r) CYCLE n SET c USING path SELECT * FROM r
----
n integer | c boolean | path record[]
1 | f | {(1)}
2 | f | {(1),(2)}
3 | f | {(1),(2),(3)}
1 | t | {(1),(2),(3),(1)}

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM p JOIN r ON p.id = r.n WHERE (SELECT count(*) FROM p) > 1) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT (SELECT r.n + 1) FROM r WHERE n < 3) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) INSERT INTO p (id) SELECT n + 10 FROM r RETURNING id
----
id integer
11
12
13

WITH RECURSIVE t AS (INSERT INTO p VALUES (50) RETURNING id), r AS (SELECT id AS n FROM t UNION ALL SELECT n + 1 FROM r WHERE n < 52) SELECT * FROM r
----
n integer
50
51
52

DELETE FROM p WHERE id = 50
----
1 affected

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT x FROM (SELECT n + 1 AS x FROM r UNION ALL SELECT 7) z WHERE x < 4) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT max(n) OVER () + 1 FROM r WHERE n < 3) SELECT * FROM r
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n, 'a' AS x UNION ALL SELECT n + 1, x || 'b' FROM r WHERE n < 3) SELECT * FROM r
----
n integer | x text
1 | a
2 | ab
3 | abb

WITH RECURSIVE r AS (SELECT 1 AS n, 'a'::varchar(3) AS x UNION ALL SELECT n + 1, x || 'b' FROM r WHERE n < 3) SELECT * FROM r
----
ERROR 42804 at 37: recursive query "r" column 2 has type character varying(3) in non-recursive term but type character varying overall
HINT: Cast the output of the non-recursive term to the correct type.

WITH RECURSIVE r AS (SELECT 1 AS n, NULL AS x UNION ALL SELECT n + 1, 'b' FROM r WHERE n < 3) SELECT * FROM r
----
n integer | x text
1 | NULL
2 | b
3 | b

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3 FOR UPDATE) SELECT * FROM r
----
ERROR 0A000 at 78: FOR UPDATE/SHARE in a recursive query is not implemented

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r x JOIN r y USING (n)
----
n integer
1
2
3

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, LATERAL (SELECT * FROM p WHERE p.id = r.n) l) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH z AS (SELECT n FROM r) SELECT a.n + 1 FROM z a JOIN z b USING (n) WHERE a.n < 4)) SELECT * FROM r
----
n integer
1
2
3
4

WITH RECURSIVE c AS (SELECT x FROM b), b AS (SELECT x FROM a), a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a WHERE x < 3) SELECT * FROM c JOIN a USING (x)
----
x integer
1
2
3

WITH b AS (SELECT x FROM a), a AS (SELECT 1 AS x) SELECT * FROM b
----
ERROR 42P01 at 26: relation "a" does not exist

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT sum(n) + 1 FROM (SELECT n FROM r WHERE n < 3) z HAVING count(*) > 0) SELECT * FROM r
----
ERROR 42804 at 29: recursive query "r" column 1 has type integer in non-recursive term but type bigint overall
HINT: Cast the output of the non-recursive term to the correct type.

SELECT id, (WITH RECURSIVE r AS (SELECT p.id AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT sum(n) FROM r) FROM p ORDER BY id
----
id integer | sum bigint
1 | 10
2 | 9
3 | 7
11 | 11
12 | 12
13 | 13

SELECT generate_series(1, generate_series(1, 3))
----
generate_series integer
1
1
2
1
2
3

SELECT generate_series(1, 2), generate_series(1, generate_series(1, 2)), unnest(array[7, 8, 9])
----
generate_series integer | generate_series integer | unnest integer
1 | 1 | 7
2 | 1 | 8
2 | 2 | 8

SELECT unnest(string_to_array(unnest(array['a,b', 'c']), ','))
----
unnest text
a
b
c

SELECT id, generate_series(1, generate_series(id, 2)) AS s, count(*) FROM p GROUP BY 1, 2 ORDER BY 1, 2
----
id integer | s integer | count bigint
1 | 1 | 2
1 | 2 | 1
2 | 1 | 1
2 | 2 | 1

SELECT generate_series(1, generate_series(1, 2)) AS s, count(*) FROM p GROUP BY s ORDER BY s
----
s integer | count bigint
1 | 12
2 | 6

SELECT * FROM generate_series(1, generate_series(1, 3))
----
ERROR 0A000 at 34: set-returning functions are not allowed in functions in FROM

SELECT generate_series(1, max(id)), generate_series(1, generate_series(1, count(*)::int)) FROM p
----
generate_series integer | generate_series integer
1 | 1
2 | 1
2 | 2
3 | 1
3 | 2
3 | 3
4 | 1
4 | 2
4 | 3
4 | 4
5 | 1
5 | 2
5 | 3
5 | 4
5 | 5
6 | 1
6 | 2
6 | 3
6 | 4
6 | 5
6 | 6

SELECT '\x61ff'::bytea LIKE '\x61%'::bytea, '\x6162'::bytea LIKE 'a_', 'ab'::bytea NOT LIKE '_b', '\xc3a6'::bytea LIKE '_'
----
ERROR 22023 at 29: invalid hexadecimal digit: "%"

SELECT to_json(5::oid), to_jsonb(5::oid), json_build_array(5::oid)
----
to_json json | to_jsonb jsonb | json_build_array json
"5" | "5" | ["5"]

SELECT json_agg(oid) FROM (SELECT 5::oid AS oid) x
----
json_agg json
["5"]

-- What a statement of WITH returns is read by subqueries anywhere, once it has written; tables are as they were before.
CREATE TABLE owner (id int PRIMARY KEY, name text)
----
done

CREATE TABLE thing (id int PRIMARY KEY, owner int REFERENCES owner, note text)
----
done

WITH new AS (INSERT INTO owner VALUES (1, 'Ann') RETURNING id) INSERT INTO thing VALUES (10, (SELECT id FROM new), 'a'), (11, (SELECT id FROM new), 'b') RETURNING id, owner
----
id integer | owner integer
10 | 1
11 | 1

WITH new AS (INSERT INTO owner VALUES (1, 'Ann') ON CONFLICT DO NOTHING RETURNING id) SELECT coalesce((SELECT id FROM new), (SELECT id FROM owner WHERE name = 'Ann')) AS id
----
id integer
1

WITH up AS (UPDATE owner SET name = name || '!' RETURNING *) UPDATE thing SET note = (SELECT name FROM up WHERE up.id = thing.owner) WHERE owner = (SELECT max(id) FROM up) RETURNING *
----
id integer | owner integer | note text
10 | 1 | Ann!
11 | 1 | Ann!

WITH gone AS (DELETE FROM thing WHERE id = 10 RETURNING *), two AS (INSERT INTO owner VALUES (2, 'Bo') RETURNING id)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT count(*) FROM thing) AS before, EXISTS (SELECT 1 FROM two) AS new,
    CASE WHEN 2 IN (SELECT id FROM two) THEN (SELECT max(id) FROM owner) END AS max
----
gone bigint | before bigint | new boolean | max integer
1 | 2 | t | 1

WITH up AS (UPDATE owner SET name = upper(name) WHERE id = 2 RETURNING id), k AS (SELECT max(id) AS m FROM up) SELECT * FROM owner WHERE id = (SELECT m FROM k)
----
id integer | name text
2 | Bo

WITH up AS (UPDATE owner SET name = lower(name) RETURNING id) SELECT id, (SELECT count(*) FROM thing WHERE owner = up.id) AS things FROM up ORDER BY id
----
id integer | things bigint
1 | 1
2 | 0

WITH up AS (UPDATE owner SET name = name || '?' RETURNING id) SELECT id, (SELECT name FROM owner WHERE owner.id = up.id) FROM up
----
id integer | name text
1 | ann!
2 | bo

WITH up AS (UPDATE owner SET name = name || '?' RETURNING id) SELECT id, (SELECT count(*) FROM owner WHERE owner.id <= up.id) FROM up
----
ERROR 0A000: a correlated, recursive or LATERAL query over what a statement of WITH returns and over the table that it writes is not supported

-- A row that two statements of a WITH change is changed by the first.
CREATE TABLE twice (id int PRIMARY KEY, v int)
----
done

INSERT INTO twice SELECT g, g FROM generate_series(1, 4) AS g
----
4 affected

WITH a AS (DELETE FROM twice WHERE id < 3 RETURNING id), b AS (UPDATE twice SET v = v + 10 WHERE id <> 4 RETURNING id) SELECT (SELECT count(*) FROM a) AS a, array(SELECT id FROM b) AS b
----
a bigint | b integer[]
2 | {3}

WITH a AS (UPDATE twice SET v = 0 WHERE id = 3) DELETE FROM twice RETURNING id
----
id integer
4

SELECT * FROM twice
----
id integer | v integer
3 | 0

WITH a AS (DELETE FROM owner WHERE id = 2 RETURNING id) UPDATE twice SET v = (SELECT sum(t.id) FROM twice AS t, a WHERE t.id <= twice.id + a.id) RETURNING *
----
id integer | v integer
3 | 3

-- A statement of a WITH has one of its own, whose names are not seen outside.
WITH x AS (WITH y AS (SELECT 5 AS n) INSERT INTO twice SELECT n, n FROM y RETURNING id), z AS (WITH y AS (SELECT max(id) AS m FROM x) UPDATE twice SET v = m FROM y WHERE id = 3 RETURNING *) SELECT * FROM x, z
----
id integer | id integer | v integer | m integer
5 | 3 | 5 | 5

WITH x AS (WITH y AS (SELECT 1 AS n) DELETE FROM twice RETURNING id) SELECT * FROM y
----
ERROR 42P01 at 84: relation "y" does not exist

WITH x AS (WITH y AS (DELETE FROM twice RETURNING id) UPDATE owner SET name = '' FROM y) SELECT 1
----
ERROR 0A000 at 17: WITH clause containing a data-modifying statement must be at the top level
