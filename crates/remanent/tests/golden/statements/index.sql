-- Indexes and UNIQUE, as PostgreSQL 15 answers (its notices left out).

CREATE TABLE t (a int UNIQUE, b text, c int, UNIQUE (b, c))
----

INSERT INTO t VALUES (1,'x',1),(2,'x',2),(NULL,'x',NULL),(NULL,'x',NULL)
----

INSERT INTO t VALUES (1,'y',1)
----

INSERT INTO t VALUES (3,'x',2)
----

INSERT INTO t VALUES (7,'q',7),(7,'r',8)
----

UPDATE t SET a = 1 WHERE a = 2
----

INSERT INTO t VALUES (1,'z',9) ON CONFLICT DO NOTHING
----

INSERT INTO t VALUES (1,'z',9) ON CONFLICT (b, c) DO NOTHING
----

INSERT INTO t VALUES (1,'z',9) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *
----

INSERT INTO t VALUES (1,'z',9) ON CONFLICT ON CONSTRAINT t_b_c_key DO NOTHING
----

INSERT INTO t VALUES (5,'z',9) ON CONFLICT (c) DO NOTHING
----

INSERT INTO t VALUES (5,'z',9) ON CONFLICT ON CONSTRAINT nope DO NOTHING
----

INSERT INTO t VALUES (1,'w',9) ON CONFLICT (c, b) DO UPDATE SET b = 'k'
----

CREATE INDEX ON t (c)
----

CREATE INDEX ON t (c)
----

CREATE INDEX t_c_idx ON t (c)
----

CREATE INDEX IF NOT EXISTS t_c_idx ON t (c)
----

CREATE UNIQUE INDEX u ON t (length(b))
----

CREATE UNIQUE INDEX ui ON t (b)
----

CREATE UNIQUE INDEX un ON t (c)
----

CREATE UNIQUE INDEX nn ON t (a) NULLS NOT DISTINCT
----

CREATE INDEX i ON nope (a)
----

CREATE INDEX i ON t (nope)
----

CREATE INDEX i ON t USING foo (a)
----

CREATE INDEX i ON t USING gin (a)
----

CREATE INDEX i ON t (a) WHERE a > 1
----

CREATE INDEX IF NOT EXISTS ON t (a)
----

CREATE INDEX i ON t (a desc nulls last, b asc) INCLUDE (c)
----

CREATE TABLE i (a int)
----

DROP TABLE i
----

DROP INDEX t
----

DROP INDEX nope
----

DROP INDEX IF EXISTS nope
----

DROP INDEX t_a_key
----

DROP INDEX i, t_c_idx
----

DROP INDEX t_c_idx1 CASCADE
----

REINDEX INDEX nope
----

REINDEX TABLE t
----

REINDEX INDEX un
----

SELECT * FROM t ORDER BY a, b
----

INSERT INTO t VALUES (2, 'new', 100)
----

CREATE TABLE x (a int, UNIQUE (a, a))
----

CREATE TABLE x (a int, UNIQUE (nope))
----

CREATE TABLE x (a int, CONSTRAINT t UNIQUE (a))
----

CREATE TABLE x (a int, CONSTRAINT t_a_key UNIQUE (a))
----

CREATE TABLE nd (a int, b text, UNIQUE NULLS NOT DISTINCT (a, b))
----

INSERT INTO nd VALUES (1, NULL)
----

INSERT INTO nd VALUES (1, NULL)
----

UPDATE nd SET a = a
----

DELETE FROM nd
----

INSERT INTO nd VALUES (1, NULL)
----

CREATE INDEX tt ON t (a) WITH (fillfactor = 70)
----

CREATE INDEX tu ON t (a) WITH (foo = 70)
----

CREATE INDEX tv ON t (a text_pattern_opsx)
----

TRUNCATE t
----

INSERT INTO t VALUES (1,'x',1),(1,'x',2)
----

INSERT INTO t VALUES (1,'x',1),(2,'x',2)
----

INSERT INTO t SELECT a + 1, 'z', a FROM t
----

INSERT INTO t VALUES (3,'p',30),(3,'q',31),(4,'r',32) ON CONFLICT DO NOTHING
----

INSERT INTO t VALUES (8,'p',40),(8,'q',41) ON CONFLICT (a) DO UPDATE SET c = 50
----

SELECT * FROM t ORDER BY a, b
----

DROP TABLE t
----

CREATE TABLE t_a_key (a int)
----

CREATE TABLE p (id int PRIMARY KEY, u text UNIQUE, v int)
----

INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2)
----

INSERT INTO p VALUES (1, 'c', 3) ON CONFLICT (u) DO NOTHING
----

INSERT INTO p VALUES (3, 'a', 3) ON CONFLICT (u) DO UPDATE SET v = p.v + excluded.v RETURNING id, u, v
----

INSERT INTO p VALUES (3, 'a', 3) ON CONFLICT DO NOTHING RETURNING id
----

INSERT INTO p VALUES (3, 'a', 3), (1, 'n', 5), (4, 'd', 6) ON CONFLICT DO NOTHING RETURNING id
----

UPDATE p SET u = 'b' WHERE id = 1
----

UPDATE p SET id = 9, u = 'b' WHERE id = 2
----

SELECT * FROM p ORDER BY id
----
