-- Indexes and UNIQUE, as PostgreSQL 15 answers.

CREATE TABLE t (id int PRIMARY KEY, name text, a int, b int)
----

CREATE INDEX ON t (lower(name))
----

CREATE INDEX ON t (lower(name), (a + b), (a * b)) WHERE a > 5
----

CREATE UNIQUE INDEX ON t ((a + b))
----

CREATE UNIQUE INDEX ux ON t (lower(name)) WHERE a IS NOT NULL
----

CREATE INDEX ON t ((name || 'x'), name)
----

CREATE INDEX ON t (a) INCLUDE (b)
----

CREATE INDEX ON t USING brin (a)
----

CREATE INDEX ON t (random())
----

CREATE INDEX ON t (a) WHERE random() > 0.5
----

CREATE INDEX ON t (a) WHERE 5
----

CREATE INDEX ON t (a) WHERE (SELECT true)
----

CREATE INDEX ON t (max(a))
----

CREATE INDEX ON t (a) WHERE zz > 1
----

CREATE INDEX ON t (zz + 1)
----

SELECT indexname FROM pg_indexes WHERE tablename = 't' ORDER BY 1
----

INSERT INTO t VALUES (1, 'Bob', 1, 2)
----

INSERT INTO t VALUES (2, 'bob', 5, 6)
----

INSERT INTO t VALUES (2, 'bob', NULL, 6)
----

UPDATE t SET a = 9 WHERE id = 2
----

INSERT INTO t VALUES (3, 'bo', 0, 3)
----

INSERT INTO t VALUES (3, 'bo', 0, 3) ON CONFLICT ((a + b)) DO NOTHING
----

INSERT INTO t VALUES (3, 'Bob', 0, 9) ON CONFLICT (lower(name)) DO NOTHING
----

INSERT INTO t VALUES (3, 'Bob', 0, 9) ON CONFLICT (lower(name)) WHERE a IS NOT NULL DO UPDATE SET b = 77 RETURNING *
----

SELECT * FROM t ORDER BY id
----

INSERT INTO t VALUES (4, 'x', 1)
----

INSERT INTO t VALUES (5, 'x', 1, 2, 3)
----

SELECT column_name, ordinal_position FROM information_schema.columns WHERE table_name = 't' ORDER BY 2
----

ALTER TABLE t ADD COLUMN zz int DEFAULT 4
----

ALTER TABLE t DROP COLUMN b
----

SELECT indexname FROM pg_indexes WHERE tablename = 't' ORDER BY 1
----

SELECT * FROM t ORDER BY id
----

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----

ALTER TABLE t RENAME COLUMN name TO nom
----

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----

ALTER TABLE t ALTER nom TYPE varchar(20)
----

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----

CREATE TABLE l (LIKE t INCLUDING INDEXES)
----

SELECT indexname FROM pg_indexes WHERE tablename = 'l' ORDER BY 1
----

INSERT INTO l VALUES (1, 'A', 1, 1), (2, 'a', NULL, 1), (3, 'a', 2, 1)
----

DROP INDEX ux, t_lower_idx
----

INSERT INTO t VALUES (6, 'BOB', 3, 3)
----

SELECT id, nom FROM t WHERE lower(nom) = 'bob' ORDER BY id
----

DROP TABLE t, l
----

SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'
----

CREATE TABLE u (a int UNIQUE, b int UNIQUE, UNIQUE (a), UNIQUE (b, a), UNIQUE NULLS NOT DISTINCT (b))
----

SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_name = 'u' AND constraint_type = 'UNIQUE' ORDER BY 1
----

SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage WHERE table_name = 'u' ORDER BY 1, 3
----

ALTER TABLE u ADD UNIQUE (a)
----

ALTER TABLE u DROP CONSTRAINT u_a_key
----

ALTER TABLE u RENAME CONSTRAINT u_b_key TO bb
----

ALTER INDEX bb RENAME TO cc
----

ALTER INDEX cc RENAME TO u
----

ALTER INDEX nope RENAME TO u
----

ALTER INDEX IF EXISTS nope RENAME TO u
----

ALTER TABLE cc RENAME TO dd
----

DROP INDEX dd
----

DROP INDEX u_pkey
----

ALTER TABLE u ADD CONSTRAINT u UNIQUE (a)
----

ALTER TABLE u ADD CONSTRAINT dd CHECK (a > 1)
----

ALTER TABLE u ADD CONSTRAINT pk PRIMARY KEY (a)
----

DROP INDEX pk
----

ALTER TABLE u ADD CONSTRAINT again PRIMARY KEY (a)
----

ALTER INDEX pk RENAME TO pkk
----

SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'u' ORDER BY 1
----

INSERT INTO u VALUES (1, 1), (2, NULL)
----

INSERT INTO u VALUES (3, NULL)
----

INSERT INTO u VALUES (1, 7)
----

INSERT INTO u VALUES (3, 1)
----

INSERT INTO u VALUES (3, 1) ON CONFLICT ON CONSTRAINT dd DO UPDATE SET b = 8 RETURNING *
----

INSERT INTO u VALUES (1, 5) ON CONFLICT ON CONSTRAINT pkk DO NOTHING
----

INSERT INTO u VALUES (3, 5) ON CONFLICT ON CONSTRAINT pkk DO UPDATE SET b = excluded.b
----

UPDATE u SET b = 5 WHERE a = 1
----

ALTER TABLE u ADD COLUMN c int UNIQUE DEFAULT 1
----

ALTER TABLE u ADD COLUMN c int UNIQUE
----

ALTER TABLE u ALTER b TYPE bigint USING 1
----

ALTER TABLE u ALTER b TYPE bigint
----

INSERT INTO u VALUES (9, 5, 5)
----

TRUNCATE u
----

INSERT INTO u VALUES (9, 5, 5), (10, 5, 6)
----

DROP TABLE u
----

CREATE TABLE z (a int PRIMARY KEY)
----

CREATE TABLE zz_pkey (a int)
----

CREATE TABLE zz (a int PRIMARY KEY)
----

SELECT indexname FROM pg_indexes WHERE tablename = 'zz'
----

CREATE TABLE z_pkey (a int)
----

CREATE INDEX z ON z (a)
----

CREATE INDEX ON z (a) WITH (foo = 1)
----

CREATE INDEX q ON z USING brin (a DESC)
----

CREATE UNIQUE INDEX q ON z USING brin (a)
----

CREATE INDEX q ON z USING brin (a) INCLUDE (a)
----

CREATE INDEX q ON z USING brin (a) WITH (pages_per_range = 8)
----

EXPLAIN SELECT * FROM z WHERE a > 5
----

DROP INDEX q
----

CREATE VIEW v AS SELECT 1 AS a
----

CREATE INDEX ON v (a)
----

CREATE SEQUENCE sq
----

CREATE INDEX ON sq (last_value)
----

CREATE TABLE j (a json, b jsonb, c int[])
----

CREATE INDEX ON j (a)
----

CREATE UNIQUE INDEX ON j (b)
----

CREATE INDEX ON j (c)
----

INSERT INTO j VALUES ('1', '{"a": 1}', '{1,2}'), ('1', '{"a":  1}', '{1,2}')
----

CREATE INDEX CONCURRENTLY ON z (a)
----

DROP INDEX CONCURRENTLY z_a_idx
----

DROP INDEX v
----

DROP INDEX nope
----

DROP INDEX IF EXISTS nope
----

REINDEX TABLE z
----

REINDEX INDEX z_pkey
----

REINDEX INDEX z
----

REINDEX TABLE z_pkey
----

REINDEX SCHEMA public
----

REINDEX SCHEMA nopes
----

REINDEX INDEX nope
----

CREATE INDEX z_a_idx ON z (a)
----

CREATE INDEX z_a_idx ON z (a)
----

CREATE INDEX IF NOT EXISTS z_a_idx ON z (a)
----

CREATE INDEX IF NOT EXISTS z_a_idx ON nope (a)
----

CREATE INDEX IF NOT EXISTS z_a_idx ON z (nope)
----

DROP TABLE z_a_idx
----

CREATE INDEX ON z (a), (b)
----

CREATE INDEX a.b ON z (a)
----

CREATE INDEX ON z (a NULLS FIRST, a DESC NULLS LAST)
----

SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'z' ORDER BY 1
----

CREATE SCHEMA s
----

CREATE TABLE s.t (a int, b int UNIQUE)
----

CREATE INDEX i ON s.t (a)
----

CREATE INDEX i ON z (a)
----

DROP INDEX s.i
----

DROP INDEX s.i
----

DROP INDEX nos.i
----

ALTER TABLE s.t SET SCHEMA public
----

SELECT schemaname, indexname FROM pg_indexes WHERE tablename = 't'
----

ALTER TABLE t SET SCHEMA s
----

DROP SCHEMA s CASCADE
----

SELECT count(*) FROM pg_indexes WHERE schemaname = 's'
----
