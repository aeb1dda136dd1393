-- INSERT, UPDATE and DELETE.

CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, score float8 DEFAULT 0.5, note text DEFAULT 'none')
----
done

INSERT INTO t VALUES (1, 'one', 1.5, 'first'), (2, 'two', DEFAULT, NULL), (3, 'three')
----
ERROR 42601 at 76: VALUES lists must all be the same length

SELECT * FROM t ORDER BY id
----
id integer | name text | score double precision | note text
(no rows)

INSERT INTO t (name, id) VALUES ('four', 4)
----
1 affected

INSERT INTO t (id, name) SELECT n + 4, 'row ' || n FROM (VALUES (1), (2)) AS v(n)
----
2 affected

INSERT INTO t (id, name, score) SELECT 7, 'seven', '7.5'
----
1 affected

SELECT id, name, score, note FROM t WHERE id >= 4 ORDER BY id
----
id integer | name text | score double precision | note text
4 | four | 0.5 | none
5 | row 1 | 0.5 | none
6 | row 2 | 0.5 | none
7 | seven | 7.5 | none

-- params: 8, 'eight', 2
INSERT INTO t VALUES ($1, $2, $3)
----
1 affected

-- params: 8
SELECT name, score FROM t WHERE id = $1
----
name text | score double precision
eight | 2

-- params: 8::bigint
SELECT name, score FROM t WHERE $1 = id
----
name text | score double precision
eight | 2

-- params: NULL
SELECT name, score FROM t WHERE id = $1
----
name text | score double precision
(no rows)

SELECT name FROM t WHERE id = 99999999999
----
name text
(no rows)

SELECT name, id FROM t WHERE id = 2 AND note IS NULL
----
name text | id integer
(no rows)

SELECT name, id FROM t WHERE id = 2 AND note = 'x'
----
name text | id integer
(no rows)

INSERT INTO t VALUES (1, 'again')
----
1 affected

INSERT INTO t VALUES (9, 'nine'), (9, 'nine')
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(9) already exists.

INSERT INTO t VALUES (9, NULL)
----
ERROR 23502: null value in column "name" of relation "t" violates not-null constraint
DETAIL: Failing row contains (9, null, 0.5, none).

INSERT INTO t (id) VALUES (9)
----
ERROR 23502: null value in column "name" of relation "t" violates not-null constraint
DETAIL: Failing row contains (9, null, 0.5, none).

INSERT INTO t (id, nothing) VALUES (9, 'x')
----
ERROR 42703 at 20: column "nothing" of relation "t" does not exist

INSERT INTO t (id, nam) VALUES (9, 'x')
----
ERROR 42703 at 20: column "nam" of relation "t" does not exist
HINT: Perhaps you meant the column "name".

INSERT INTO t (id, id) VALUES (9, 9)
----
ERROR 42701 at 20: column "id" specified more than once

INSERT INTO t VALUES (9, 'x', 1, 'y', 5)
----
ERROR 42601 at 39: INSERT has more expressions than target columns

INSERT INTO t (id, name) VALUES (9)
----
ERROR 42601 at 20: INSERT has more target columns than expressions

INSERT INTO t VALUES (9, 'x'), (10)
----
ERROR 42601 at 33: VALUES lists must all be the same length

INSERT INTO t VALUES ('x', 'nine')
----
ERROR 22P02 at 23: invalid input syntax for type integer: "x"

INSERT INTO t VALUES (true, 'nine')
----
ERROR 42804 at 23: column "id" is of type integer but expression is of type boolean
HINT: You will need to rewrite or cast the expression.

INSERT INTO t VALUES (99999999999, 'nine')
----
ERROR 22003: integer out of range

INSERT INTO t VALUES (id, 'nine')
----
ERROR 42703 at 23: column "id" does not exist

INSERT INTO t SELECT 9
----
ERROR 23502: null value in column "name" of relation "t" violates not-null constraint
DETAIL: Failing row contains (9, null, 0.5, none).

INSERT INTO t SELECT 9, 'x', 1, 'y', 5
----
ERROR 42601 at 38: INSERT has more expressions than target columns

INSERT INTO nothing VALUES (1)
----
ERROR 42P01 at 13: relation "nothing" does not exist

INSERT INTO t VALUES (9, 'nine') ON CONFLICT DO NOTHING
----
1 affected

INSERT INTO t VALUES (9, 'nine') RETURNING id
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(9) already exists.

SELECT count(*) FROM t
----
count bigint
7

UPDATE t SET score = score * 2, note = DEFAULT WHERE id <= 2
----
1 affected

UPDATE t SET (name, note) = ('drei', name) WHERE id = 3
----
0 affected

SELECT * FROM t WHERE id <= 3 ORDER BY id
----
id integer | name text | score double precision | note text
1 | again | 1 | none

UPDATE t SET id = id + 100 WHERE id > 6
----
3 affected

SELECT id, name FROM t WHERE id > 6 ORDER BY id
----
id integer | name text
107 | seven
108 | eight
109 | nine

UPDATE t SET id = 1 WHERE id = 2
----
0 affected

UPDATE t SET name = NULL WHERE id = 2
----
0 affected

UPDATE t SET score = 'abc' WHERE id = 2
----
ERROR 22P02 at 22: invalid input syntax for type double precision: "abc"

UPDATE t SET score = true WHERE id = 2
----
ERROR 42804 at 22: column "score" is of type double precision but expression is of type boolean
HINT: You will need to rewrite or cast the expression.

UPDATE t SET nothing = 1
----
ERROR 42703 at 14: column "nothing" of relation "t" does not exist

UPDATE t SET score = 1, score = 2
----
ERROR 42601: multiple assignments to same column "score"

UPDATE t SET score = count(*)
----
ERROR 42803 at 22: aggregate functions are not allowed in UPDATE

UPDATE t SET (name, note) = ('a', 'b', 'c')
----
ERROR 42601 at 29: number of columns does not match number of values

UPDATE t AS x SET score = x.score + 1 WHERE x.id = 1
----
1 affected

UPDATE t AS x SET score = 1 WHERE t.id = 1
----
ERROR 42P01 at 35: invalid reference to FROM-clause entry for table "t"
HINT: Perhaps you meant to reference the table alias "x".

UPDATE t SET score = u.a FROM (VALUES (1)) AS u(a)
----
7 affected

UPDATE t SET score = (SELECT max(score) FROM t) WHERE id IN (SELECT id FROM t WHERE id < 3)
----
1 affected

SELECT id, score FROM t WHERE id < 4 ORDER BY id
----
id integer | score double precision
1 | 1

-- params: 'fünf', 5
UPDATE t SET name = $1 WHERE id = $2
----
1 affected

SELECT id, name FROM t WHERE name LIKE 'f%' ORDER BY id
----
id integer | name text
4 | four
5 | fünf

DELETE FROM t WHERE id = 5
----
1 affected

DELETE FROM t WHERE id = 5
----
0 affected

DELETE FROM t WHERE name LIKE 'row%'
----
1 affected

DELETE FROM t USING t AS u
----
5 affected

INSERT INTO t SELECT id + 1000, name, score, note FROM t
----
0 affected

SELECT count(*), min(id), max(id) FROM t
----
count bigint | min integer | max integer
0 | NULL | NULL

DELETE FROM t WHERE id NOT IN (SELECT id FROM t WHERE id > 1000)
----
0 affected

DELETE FROM t
----
0 affected

SELECT * FROM t
----
id integer | name text | score double precision | note text
(no rows)

-- A table without a key: rows are found by where they lie.

CREATE TABLE log (at timestamptz, what text)
----
done

INSERT INTO log VALUES ('2024-01-01', 'a'), ('2024-01-02', 'b'), ('2024-01-01', 'a')
----
3 affected

UPDATE log SET what = what || '!' WHERE at < '2024-01-02'
----
2 affected

DELETE FROM log WHERE what = 'b'
----
1 affected

SELECT *, count(*) AS n FROM log GROUP BY at, what
----
at timestamp with time zone | what text | n bigint
2024-01-01 00:00:00+00 | a! | 2

SELECT row_id FROM log
----
ERROR 42703 at 8: column "row_id" does not exist

INSERT INTO log DEFAULT VALUES
----
1 affected

SELECT * FROM log ORDER BY at
----
at timestamp with time zone | what text
2024-01-01 00:00:00+00 | a!
2024-01-01 00:00:00+00 | a!
NULL | NULL

CREATE TABLE typed (a smallint, b int, c bigint, d real, e float8, f numeric(8,3), g numeric, h text, i bytea, j date, k timestamp, l timestamptz, m interval, n boolean, o vector(2))
----
done

INSERT INTO typed VALUES (1, 2, 3, 1.5, 2.5, 1.23456, 1.23456, 'text', '\xdead', '2024-02-29', '2024-02-29 12:00', '2024-02-29 12:00+02', '1 day 2 hours', 'yes', '[1,2]')
----
1 affected

INSERT INTO typed DEFAULT VALUES
----
1 affected

SELECT * FROM typed ORDER BY a
----
a smallint | b integer | c bigint | d real | e double precision | f numeric(8,3) | g numeric | h text | i bytea | j date | k timestamp without time zone | l timestamp with time zone | m interval | n boolean | o vector(2)
1 | 2 | 3 | 1.5 | 2.5 | 1.235 | 1.23456 | text | \xdead | 2024-02-29 | 2024-02-29 12:00:00 | 2024-02-29 10:00:00+00 | 1 day 02:00:00 | t | [1,2]
NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL

SELECT f, count(*) FROM typed GROUP BY f ORDER BY f NULLS FIRST
----
f numeric(8,3) | count bigint
NULL | 1
1.235 | 1

INSERT INTO typed (f) VALUES (123456.7)
----
ERROR 22003: numeric field overflow
DETAIL: A field with precision 8, scale 3 must round to an absolute value less than 10^5.

INSERT INTO typed (o) VALUES ('[1,2,3]')
----
ERROR 22000 at 31: expected 2 dimensions, not 3

INSERT INTO typed (a) VALUES (40000)
----
ERROR 22003: smallint out of range

-- params: 7, 1.5, 'x'
INSERT INTO typed (a, f, h) VALUES ($1, $2, $3)
----
1 affected

SELECT a, f, h FROM typed WHERE a = 7
----
a smallint | f numeric(8,3) | h text
7 | 1.500 | x

-- Queries in RETURNING and ON CONFLICT that depend on the row that is written.
CREATE TABLE colours (id integer PRIMARY KEY, name text)
----
done

INSERT INTO colours VALUES (1, 'red'), (2, 'blue')
----
2 affected

CREATE TABLE cars (id integer PRIMARY KEY, colour integer, note text)
----
done

INSERT INTO cars VALUES (1, 1), (2, 2), (3, NULL) RETURNING id, (SELECT name FROM colours c WHERE c.id = cars.colour), colour IN (SELECT id FROM colours)
----
id integer | name text | ?column? boolean
1 | red | t
2 | blue | t
3 | NULL | NULL

UPDATE cars SET colour = 3 - colour RETURNING id, (SELECT name FROM colours c WHERE c.id = colour) AS name, coalesce(note, (SELECT max(name) FROM colours))
----
id integer | name text | coalesce text
1 | blue | red
2 | red | red
3 | NULL | red

INSERT INTO cars VALUES (1, 1, 'x'), (4, 2, 'y') ON CONFLICT (id) DO UPDATE SET note = (SELECT name || excluded.note FROM colours WHERE id = excluded.colour) WHERE EXISTS (SELECT 1 FROM colours WHERE id = cars.colour) RETURNING *
----
id integer | colour integer | note text
1 | 2 | redx
4 | 2 | y

INSERT INTO cars VALUES (2, 1, 'z') ON CONFLICT (id) DO UPDATE SET (note, colour) = (SELECT name, id FROM colours WHERE id = cars.colour) RETURNING cars.*, (SELECT count(*) FROM colours WHERE id <= colour)
----
id integer | colour integer | note text | count bigint
2 | 1 | red | 1

DELETE FROM cars WHERE id < 3 RETURNING id, EXISTS (SELECT 1 FROM colours c WHERE c.id = cars.colour AND c.name LIKE 'r%')
----
id integer | exists boolean
1 | f
2 | t

INSERT INTO cars VALUES (9, 1) RETURNING (SELECT count(*) FROM cars x WHERE x.colour = cars.colour)
----
ERROR 0A000 at 42: a subquery of the table that depends on the row being written is not supported

INSERT INTO cars VALUES (9, 1) RETURNING coalesce(note, (SELECT max(note) FROM cars))
----
ERROR 0A000 at 42: a subquery of the table that depends on the row being written is not supported

WITH w AS (UPDATE colours SET name = upper(name)) INSERT INTO cars VALUES (9, 1) RETURNING (SELECT name FROM colours c WHERE c.id = colour)
----
ERROR 0A000 at 92: a subquery of the table that depends on the row being written is not supported

SELECT * FROM cars ORDER BY id
----
id integer | colour integer | note text
3 | NULL | NULL
4 | 2 | y
