-- Indexes and UNIQUE, as PostgreSQL 15 answers.

CREATE TABLE t (id int PRIMARY KEY, name text, a int, b int)
----
done

CREATE INDEX ON t (lower(name))
----
done

CREATE INDEX ON t (lower(name), (a + b), (a * b)) WHERE a > 5
----
done

CREATE UNIQUE INDEX ON t ((a + b))
----
done

CREATE UNIQUE INDEX ux ON t (lower(name)) WHERE a IS NOT NULL
----
done

CREATE INDEX ON t ((name || 'x'), name)
----
done

CREATE INDEX ON t (a) INCLUDE (b)
----
done

CREATE INDEX ON t USING brin (a)
----
done

CREATE INDEX ON t (random())
----
ERROR 42P17: functions in index expression must be marked IMMUTABLE

CREATE INDEX ON t (a) WHERE random() > 0.5
----
ERROR 42P17: functions in index predicate must be marked IMMUTABLE

CREATE INDEX ON t (a) WHERE 5
----
ERROR 42804 at 29: argument of WHERE must be type boolean, not type integer

CREATE INDEX ON t (a) WHERE (SELECT true)
----
ERROR 0A000 at 30: cannot use subquery in index predicate

CREATE INDEX ON t (max(a))
----
ERROR 42803 at 20: aggregate functions are not allowed in index expressions

CREATE INDEX ON t (a) WHERE zz > 1
----
ERROR 42703 at 29: column "zz" does not exist

CREATE INDEX ON t (zz + 1)
----
ERROR 42601 at 23: syntax error at or near "+"

SELECT indexname FROM pg_indexes WHERE tablename = 't' ORDER BY 1
----
indexname text
t_a_b_idx
t_a_idx
t_expr_idx
t_expr_name_idx
t_lower_expr_expr1_idx
t_lower_idx
t_pkey
ux

INSERT INTO t VALUES (1, 'Bob', 1, 2)
----
1 affected

INSERT INTO t VALUES (2, 'bob', 5, 6)
----
ERROR 23505: duplicate key value violates unique constraint "ux"
DETAIL: Key (lower(name))=(bob) already exists.

INSERT INTO t VALUES (2, 'bob', NULL, 6)
----
1 affected

UPDATE t SET a = 9 WHERE id = 2
----
ERROR 23505: duplicate key value violates unique constraint "ux"
DETAIL: Key (lower(name))=(bob) already exists.

INSERT INTO t VALUES (3, 'bo', 0, 3)
----
ERROR 23505: duplicate key value violates unique constraint "t_expr_idx"
DETAIL: Key ((a + b))=(3) already exists.

INSERT INTO t VALUES (3, 'bo', 0, 3) ON CONFLICT ((a + b)) DO NOTHING
----
done

INSERT INTO t VALUES (3, 'Bob', 0, 9) ON CONFLICT (lower(name)) DO NOTHING
----
ERROR 42P10 at 39: there is no unique or exclusion constraint matching the ON CONFLICT specification

INSERT INTO t VALUES (3, 'Bob', 0, 9) ON CONFLICT (lower(name)) WHERE a IS NOT NULL DO UPDATE SET b = 77 RETURNING *
----
id integer | name text | a integer | b integer
1 | Bob | 1 | 77

SELECT * FROM t ORDER BY id
----
id integer | name text | a integer | b integer
1 | Bob | 1 | 77
2 | bob | NULL | 6

INSERT INTO t VALUES (4, 'x', 1)
----
1 affected

INSERT INTO t VALUES (5, 'x', 1, 2, 3)
----
ERROR 42601 at 37: INSERT has more expressions than target columns

SELECT column_name, ordinal_position FROM information_schema.columns WHERE table_name = 't' ORDER BY 2
----
column_name text | ordinal_position integer
id | 1
name | 2
a | 3
b | 4

ALTER TABLE t ADD COLUMN zz int DEFAULT 4
----
done

ALTER TABLE t DROP COLUMN b
----
done

SELECT indexname FROM pg_indexes WHERE tablename = 't' ORDER BY 1
----
indexname text
t_a_idx
t_expr_name_idx
t_lower_idx
t_pkey
ux

SELECT * FROM t ORDER BY id
----
id integer | name text | a integer | zz integer
1 | Bob | 1 | 4
2 | bob | NULL | 4
4 | x | 1 | 4

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----
ERROR 23505: duplicate key value violates unique constraint "ux"
DETAIL: Key (lower(name))=(bob) already exists.

ALTER TABLE t RENAME COLUMN name TO nom
----
done

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----
ERROR 23505: duplicate key value violates unique constraint "ux"
DETAIL: Key (lower(nom))=(bob) already exists.

ALTER TABLE t ALTER nom TYPE varchar(20)
----
done

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----
ERROR 23505: duplicate key value violates unique constraint "ux"
DETAIL: Key (lower(nom))=(bob) already exists.

CREATE TABLE l (LIKE t INCLUDING INDEXES)
----
done

SELECT indexname FROM pg_indexes WHERE tablename = 'l' ORDER BY 1
----
indexname text
l_a_idx
l_expr_nom_idx
l_lower_idx
l_lower_idx1
l_pkey

INSERT INTO l VALUES (1, 'A', 1, 1), (2, 'a', NULL, 1), (3, 'a', 2, 1)
----
ERROR 23505: duplicate key value violates unique constraint "l_lower_idx1"
DETAIL: Key (lower(nom))=(a) already exists.

DROP INDEX ux, t_lower_idx
----
done

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----
1 affected

SELECT id, nom FROM t WHERE lower(nom) = 'bob' ORDER BY id
----
id integer | nom character varying(20)
1 | Bob
2 | bob
6 | BOB

DROP TABLE t, l
----
done

SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'
----
count bigint
0

CREATE TABLE u (a int UNIQUE, b int UNIQUE, UNIQUE (a), UNIQUE (b, a), UNIQUE NULLS NOT DISTINCT (b))
----
done

SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_name = 'u' AND constraint_type = 'UNIQUE' ORDER BY 1
----
constraint_name text | constraint_type text
u_a_key | UNIQUE
u_b_a_key | UNIQUE
u_b_key | UNIQUE
u_b_key1 | UNIQUE

SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage WHERE table_name = 'u' ORDER BY 1, 3
----
constraint_name text | column_name text | ordinal_position integer
u_a_key | a | 1
u_b_a_key | b | 1
u_b_a_key | a | 2
u_b_key | b | 1
u_b_key1 | b | 1

ALTER TABLE u ADD UNIQUE (a)
----
done

ALTER TABLE u DROP CONSTRAINT u_a_key
----
done

ALTER TABLE u RENAME CONSTRAINT u_b_key TO bb
----
done

ALTER INDEX bb RENAME TO cc
----
done

ALTER INDEX cc RENAME TO u
----
ERROR 42P07: relation "u" already exists

ALTER INDEX nope RENAME TO u
----
ERROR 42P01: relation "nope" does not exist

ALTER INDEX IF EXISTS nope RENAME TO u
----
done

ALTER TABLE cc RENAME TO dd
----
done

DROP INDEX dd
----
ERROR 2BP01: cannot drop index dd because constraint dd on table u requires it
HINT: You can drop constraint dd on table u instead.

DROP INDEX u_pkey
----
ERROR 42704: index "u_pkey" does not exist

ALTER TABLE u ADD CONSTRAINT u UNIQUE (a)
----
ERROR 42P07: relation "u" already exists

ALTER TABLE u ADD CONSTRAINT dd CHECK (a > 1)
----
ERROR 42710 at 30: constraint "dd" for relation "u" already exists

ALTER TABLE u ADD CONSTRAINT pk PRIMARY KEY (a)
----
done

DROP INDEX pk
----
ERROR 2BP01: cannot drop index pk because constraint pk on table u requires it
HINT: You can drop constraint pk on table u instead.

ALTER TABLE u ADD CONSTRAINT again PRIMARY KEY (a)
----
ERROR 42P16 at 19: multiple primary keys for table "u" are not allowed

ALTER INDEX pk RENAME TO pkk
----
done

SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'u' ORDER BY 1
----
indexname text | indexdef text
dd | CREATE UNIQUE INDEX dd ON public.u USING btree (b)
pkk | CREATE UNIQUE INDEX pkk ON public.u USING btree (a)
u_a_key1 | CREATE UNIQUE INDEX u_a_key1 ON public.u USING btree (a)
u_b_a_key | CREATE UNIQUE INDEX u_b_a_key ON public.u USING btree (b, a)
u_b_key1 | CREATE UNIQUE INDEX u_b_key1 ON public.u USING btree (b) NULLS NOT DISTINCT

INSERT INTO u VALUES (1, 1), (2, NULL)
----
2 affected

INSERT INTO u VALUES (3, NULL)
----
ERROR 23505: duplicate key value violates unique constraint "u_b_key1"
DETAIL: Key (b)=(null) already exists.

INSERT INTO u VALUES (1, 7)
----
ERROR 23505: duplicate key value violates unique constraint "pkk"
DETAIL: Key (a)=(1) already exists.

INSERT INTO u VALUES (3, 1)
----
ERROR 23505: duplicate key value violates unique constraint "dd"
DETAIL: Key (b)=(1) already exists.

INSERT INTO u VALUES (3, 1) ON CONFLICT ON CONSTRAINT dd DO UPDATE SET b = 8 RETURNING *
----
a integer | b integer
1 | 8

INSERT INTO u VALUES (1, 5) ON CONFLICT ON CONSTRAINT pkk DO NOTHING
----
done

INSERT INTO u VALUES (3, 5) ON CONFLICT ON CONSTRAINT pkk DO UPDATE SET b = excluded.b
----
1 affected

UPDATE u SET b = 5 WHERE a = 1
----
ERROR 23505: duplicate key value violates unique constraint "dd"
DETAIL: Key (b)=(5) already exists.

ALTER TABLE u ADD COLUMN c int UNIQUE DEFAULT 1
----
ERROR 23505: could not create unique index "u_c_key"
DETAIL: Key (c)=(1) is duplicated.

ALTER TABLE u ADD COLUMN c int UNIQUE
----
done

ALTER TABLE u ALTER b TYPE bigint USING 1
----
ERROR 23505: could not create unique index "dd"
DETAIL: Key (b)=(1) is duplicated.

ALTER TABLE u ALTER b TYPE bigint
----
done

INSERT INTO u VALUES (9, 5, 5)
----
ERROR 23505: duplicate key value violates unique constraint "dd"
DETAIL: Key (b)=(5) already exists.

TRUNCATE u
----
done

INSERT INTO u VALUES (9, 5, 5), (10, 5, 6)
----
ERROR 23505: duplicate key value violates unique constraint "dd"
DETAIL: Key (b)=(5) already exists.

DROP TABLE u
----
done

CREATE TABLE z (a int PRIMARY KEY)
----
done

CREATE TABLE zz_pkey (a int)
----
done

CREATE TABLE zz (a int PRIMARY KEY)
----
done

SELECT indexname FROM pg_indexes WHERE tablename = 'zz'
----
indexname text
zz_pkey1

CREATE TABLE z_pkey (a int)
----
ERROR 42P07: relation "z_pkey" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

CREATE INDEX z ON z (a)
----
ERROR 42P07: relation "z" already exists

CREATE INDEX ON z (a) WITH (foo = 1)
----
ERROR 22023: unrecognized parameter "foo"

CREATE INDEX q ON z USING brin (a DESC)
----
ERROR 0A000: access method "brin" does not support ASC/DESC options

CREATE UNIQUE INDEX q ON z USING brin (a)
----
ERROR 0A000: access method "brin" does not support unique indexes

CREATE INDEX q ON z USING brin (a) INCLUDE (a)
----
ERROR 0A000: access method "brin" does not support included columns

CREATE INDEX q ON z USING brin (a) WITH (pages_per_range = 8)
----
done

EXPLAIN SELECT * FROM z WHERE a > 5
----
QUERY PLAN text
Seq Scan on z
  Range Cond: (a > 5)
  Filter: (a > 5)

DROP INDEX q
----
done

CREATE VIEW v AS SELECT 1 AS a
----
done

CREATE INDEX ON v (a)
----
ERROR 42809: cannot create index on relation "v"
DETAIL: This operation is not supported for views.

CREATE SEQUENCE sq
----
done

CREATE INDEX ON sq (last_value)
----
ERROR 42809: cannot create index on relation "sq"
DETAIL: This operation is not supported for sequences.

CREATE TABLE j (a json, b jsonb, c int[])
----
done

CREATE INDEX ON j (a)
----
ERROR 42704: data type json has no default operator class for access method "btree"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE UNIQUE INDEX ON j (b)
----
done

CREATE INDEX ON j (c)
----
done

INSERT INTO j VALUES ('1', '{"a": 1}', '{1,2}'), ('1', '{"a":  1}', '{1,2}')
----
ERROR 23505: duplicate key value violates unique constraint "j_b_idx"
DETAIL: Key (b)=({"a": 1}) already exists.

CREATE INDEX CONCURRENTLY ON z (a)
----
done

DROP INDEX CONCURRENTLY z_a_idx
----
done

DROP INDEX v
----
ERROR 42809: "v" is not an index
HINT: Use DROP VIEW to remove a view.

DROP INDEX nope
----
ERROR 42704: index "nope" does not exist

DROP INDEX IF EXISTS nope
----
done

REINDEX TABLE z
----
done

REINDEX INDEX z_pkey
----
done

REINDEX INDEX z
----
ERROR 42809: "z" is not an index

REINDEX TABLE z_pkey
----
ERROR 42809: "z_pkey" is not a table or materialized view

REINDEX SCHEMA public
----
done

REINDEX SCHEMA nopes
----
ERROR 3F000: schema "nopes" does not exist

REINDEX INDEX nope
----
ERROR 42P01: relation "nope" does not exist

CREATE INDEX z_a_idx ON z (a)
----
done

CREATE INDEX z_a_idx ON z (a)
----
ERROR 42P07: relation "z_a_idx" already exists

CREATE INDEX IF NOT EXISTS z_a_idx ON z (a)
----
done

CREATE INDEX IF NOT EXISTS z_a_idx ON nope (a)
----
ERROR 42P01: relation "nope" does not exist

CREATE INDEX IF NOT EXISTS z_a_idx ON z (nope)
----
ERROR 42703: column "nope" does not exist

DROP TABLE z_a_idx
----
ERROR 42809: "z_a_idx" is not a table
HINT: Use DROP INDEX to remove an index.

CREATE INDEX ON z (a), (b)
----
ERROR 42601 at 22: syntax error at or near ","

CREATE INDEX a.b ON z (a)
----
ERROR 42601 at 15: syntax error at or near "."

CREATE INDEX ON z (a NULLS FIRST, a DESC NULLS LAST)
----
done

SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'z' ORDER BY 1
----
indexname text | indexdef text
z_a_a1_idx | CREATE INDEX z_a_a1_idx ON public.z USING btree (a NULLS FIRST, a DESC NULLS LAST)
z_a_idx | CREATE INDEX z_a_idx ON public.z USING btree (a)
z_pkey | CREATE UNIQUE INDEX z_pkey ON public.z USING btree (a)

CREATE SCHEMA s
----
done

CREATE TABLE s.t (a int, b int UNIQUE)
----
done

CREATE INDEX i ON s.t (a)
----
done

CREATE INDEX i ON z (a)
----
done

DROP INDEX s.i
----
done

DROP INDEX s.i
----
ERROR 42704: index "i" does not exist

DROP INDEX nos.i
----
ERROR 3F000: schema "nos" does not exist

ALTER TABLE s.t SET SCHEMA public
----
done

SELECT schemaname, indexname FROM pg_indexes WHERE tablename = 't'
----
schemaname text | indexname text
public | t_b_key

ALTER TABLE t SET SCHEMA s
----
done

DROP SCHEMA s CASCADE
----
done

SELECT count(*) FROM pg_indexes WHERE schemaname = 's'
----
count bigint
0
