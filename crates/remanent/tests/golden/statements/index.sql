-- Indexes and UNIQUE, as PostgreSQL 15 answers (its notices left out).

CREATE TABLE t (a int UNIQUE, b text, c int, UNIQUE (b, c))
----
done

INSERT INTO t VALUES (1,'x',1),(2,'x',2),(NULL,'x',NULL),(NULL,'x',NULL)
----
4 affected

INSERT INTO t VALUES (1,'y',1)
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

INSERT INTO t VALUES (3,'x',2)
----
ERROR 23505: duplicate key value violates unique constraint "t_b_c_key"
DETAIL: Key (b, c)=(x, 2) already exists.

INSERT INTO t VALUES (7,'q',7),(7,'r',8)
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(7) already exists.

UPDATE t SET a = 1 WHERE a = 2
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

INSERT INTO t VALUES (1,'z',9) ON CONFLICT DO NOTHING
----
0 affected

INSERT INTO t VALUES (1,'z',9) ON CONFLICT (b, c) DO NOTHING
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

INSERT INTO t VALUES (1,'z',9) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *
----
a integer | b text | c integer
1 | z | 1

INSERT INTO t VALUES (1,'z',9) ON CONFLICT ON CONSTRAINT t_b_c_key DO NOTHING
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

INSERT INTO t VALUES (5,'z',9) ON CONFLICT (c) DO NOTHING
----
ERROR 42P10 at 32: there is no unique or exclusion constraint matching the ON CONFLICT specification

INSERT INTO t VALUES (5,'z',9) ON CONFLICT ON CONSTRAINT nope DO NOTHING
----
ERROR 42704 at 58: constraint "nope" for table "t" does not exist

INSERT INTO t VALUES (1,'w',9) ON CONFLICT (c, b) DO UPDATE SET b = 'k'
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

CREATE INDEX ON t (c)
----
done

CREATE INDEX ON t (c)
----
done

CREATE INDEX t_c_idx ON t (c)
----
ERROR 42P07: relation "t_c_idx" already exists

CREATE INDEX IF NOT EXISTS t_c_idx ON t (c)
----
done

CREATE UNIQUE INDEX u ON t (length(b))
----
ERROR 23505: could not create unique index "u"
DETAIL: Key (length(b))=(1) is duplicated.

CREATE UNIQUE INDEX ui ON t (b)
----
ERROR 23505: could not create unique index "ui"
DETAIL: Key (b)=(x) is duplicated.

CREATE UNIQUE INDEX un ON t (c)
----
done

CREATE UNIQUE INDEX nn ON t (a) NULLS NOT DISTINCT
----
ERROR 23505: could not create unique index "nn"
DETAIL: Key (a)=(null) is duplicated.

CREATE INDEX i ON nope (a)
----
ERROR 42P01: relation "nope" does not exist

CREATE INDEX i ON t (nope)
----
ERROR 42703: column "nope" does not exist

CREATE INDEX i ON t USING foo (a)
----
ERROR 42704: access method "foo" does not exist

CREATE INDEX i ON t USING hash (a)
----
ERROR 0A000 at 27: CREATE INDEX USING hash is not supported

CREATE INDEX ip ON t (a) WHERE a > 1
----
done

CREATE INDEX IF NOT EXISTS ON t (a)
----
ERROR 42601 at 28: syntax error at or near "ON"

CREATE INDEX i ON t (a desc nulls last, b asc) INCLUDE (c)
----
done

CREATE TABLE i (a int)
----
ERROR 42P07: relation "i" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

DROP TABLE i
----
ERROR 42809: "i" is not a table
HINT: Use DROP INDEX to remove an index.

DROP INDEX t
----
ERROR 42809: "t" is not an index
HINT: Use DROP TABLE to remove a table.

DROP INDEX nope
----
ERROR 42704: index "nope" does not exist

DROP INDEX IF EXISTS nope
----
done

DROP INDEX t_a_key
----
ERROR 2BP01: cannot drop index t_a_key because constraint t_a_key on table t requires it
HINT: You can drop constraint t_a_key on table t instead.

DROP INDEX i, t_c_idx
----
done

DROP INDEX t_c_idx1 CASCADE
----
done

REINDEX INDEX nope
----
ERROR 42P01: relation "nope" does not exist

REINDEX TABLE t
----
done

REINDEX INDEX un
----
done

SELECT * FROM t ORDER BY a, b
----
a integer | b text | c integer
1 | z | 1
2 | x | 2
NULL | x | NULL
NULL | x | NULL

INSERT INTO t VALUES (2, 'new', 100)
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(2) already exists.

CREATE TABLE x (a int, UNIQUE (a, a))
----
ERROR 42701 at 24: column "a" appears twice in unique constraint

CREATE TABLE x (a int, UNIQUE (nope))
----
ERROR 42703 at 24: column "nope" named in key does not exist

CREATE TABLE x (a int, CONSTRAINT t UNIQUE (a))
----
ERROR 42P07: relation "t" already exists

CREATE TABLE x (a int, CONSTRAINT t_a_key UNIQUE (a))
----
ERROR 42P07: relation "t_a_key" already exists

CREATE TABLE nd (a int, b text, UNIQUE NULLS NOT DISTINCT (a, b))
----
done

INSERT INTO nd VALUES (1, NULL)
----
1 affected

INSERT INTO nd VALUES (1, NULL)
----
ERROR 23505: duplicate key value violates unique constraint "nd_a_b_key"
DETAIL: Key (a, b)=(1, null) already exists.

UPDATE nd SET a = a
----
1 affected

DELETE FROM nd
----
1 affected

INSERT INTO nd VALUES (1, NULL)
----
1 affected

CREATE INDEX tt ON t (a) WITH (fillfactor = 70)
----
done

CREATE INDEX tu ON t (a) WITH (foo = 70)
----
ERROR 22023: unrecognized parameter "foo"

CREATE INDEX tv ON t (a text_pattern_opsx)
----
ERROR 42704: operator class "text_pattern_opsx" does not exist for access method "btree"

CREATE INDEX tv ON t (a nonsense_ops)
----
ERROR 42704: operator class "nonsense_ops" does not exist for access method "btree"

CREATE INDEX tv ON t (a date_ops)
----
ERROR 42804: operator class "date_ops" does not accept data type integer

TRUNCATE t
----
done

INSERT INTO t VALUES (1,'x',1),(1,'x',2)
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(1) already exists.

INSERT INTO t VALUES (1,'x',1),(2,'x',2)
----
2 affected

INSERT INTO t SELECT a + 1, 'z', a FROM t
----
ERROR 23505: duplicate key value violates unique constraint "t_a_key"
DETAIL: Key (a)=(2) already exists.

INSERT INTO t VALUES (3,'p',30),(3,'q',31),(4,'r',32) ON CONFLICT DO NOTHING
----
2 affected

INSERT INTO t VALUES (8,'p',40),(8,'q',41) ON CONFLICT (a) DO UPDATE SET c = 50
----
ERROR 21000: ON CONFLICT DO UPDATE command cannot affect row a second time
HINT: Ensure that no rows proposed for insertion within the same command have duplicate constrained values.

SELECT * FROM t ORDER BY a, b
----
a integer | b text | c integer
1 | x | 1
2 | x | 2
3 | p | 30
4 | r | 32

DROP TABLE t
----
done

CREATE TABLE t_a_key (a int)
----
done

CREATE TABLE p (id int PRIMARY KEY, u text UNIQUE, v int)
----
done

INSERT INTO p VALUES (1, 'a', 1), (2, 'b', 2)
----
2 affected

INSERT INTO p VALUES (1, 'c', 3) ON CONFLICT (u) DO NOTHING
----
ERROR 23505: duplicate key value violates unique constraint "p_pkey"
DETAIL: Key (id)=(1) already exists.

INSERT INTO p VALUES (3, 'a', 3) ON CONFLICT (u) DO UPDATE SET v = p.v + excluded.v RETURNING id, u, v
----
id integer | u text | v integer
1 | a | 4

INSERT INTO p VALUES (3, 'a', 3) ON CONFLICT DO NOTHING RETURNING id
----
id integer
(no rows)

INSERT INTO p VALUES (3, 'a', 3), (1, 'n', 5), (4, 'd', 6) ON CONFLICT DO NOTHING RETURNING id
----
id integer
4

UPDATE p SET u = 'b' WHERE id = 1
----
ERROR 23505: duplicate key value violates unique constraint "p_u_key"
DETAIL: Key (u)=(b) already exists.

UPDATE p SET id = 9, u = 'b' WHERE id = 2
----
1 affected

SELECT * FROM p ORDER BY id
----
id integer | u text | v integer
1 | a | 4
4 | d | 6
9 | b | 2

CREATE TABLE m (a int, b text, d jsonb)
----
done

CREATE INDEX i ON m (a) WITH (fillfactor = 5)
----
ERROR 22023: value 5 out of bounds for option "fillfactor"
DETAIL: Valid values are between "10" and "100".

CREATE INDEX i ON m (a) WITH (fillfactor = 'abc')
----
ERROR 22023: invalid value for integer option "fillfactor": abc

CREATE INDEX i ON m (a) WITH (deduplicate_items = maybe)
----
ERROR 22023: invalid value for boolean option "deduplicate_items": maybe

CREATE INDEX i ON m (a) WITH (fillfactor = 70, fillfactor = 80)
----
ERROR 22023: parameter "fillfactor" specified more than once

CREATE INDEX i ON m (a) WITH (x.fillfactor = 70)
----
ERROR 22023: unrecognized parameter namespace "x"

CREATE UNIQUE INDEX i ON m USING brin (a)
----
ERROR 0A000: access method "brin" does not support unique indexes

CREATE INDEX i ON m USING brin (a desc)
----
ERROR 0A000: access method "brin" does not support ASC/DESC options

CREATE INDEX i ON m USING brin (a int4_ops)
----
ERROR 42704: operator class "int4_ops" does not exist for access method "brin"

CREATE INDEX i ON nope USING foo (nope)
----
ERROR 42P01: relation "nope" does not exist

CREATE INDEX i ON m (b jsonb_path_ops)
----
ERROR 42704: operator class "jsonb_path_ops" does not exist for access method "btree"

CREATE INDEX i1 ON m (b text_pattern_ops desc, a int4_ops) WITH (fillfactor = 70, deduplicate_items) WHERE a > 1
----
done

CREATE INDEX i2 ON m USING brin (a int4_minmax_ops) WITH (autosummarize = off, pages_per_range = 4)
----
done

SELECT indexdef FROM pg_indexes WHERE tablename = 'm' ORDER BY 1
----
indexdef text
CREATE INDEX i1 ON public.m USING btree (b text_pattern_ops DESC, a) WITH (fillfactor='70', deduplicate_items='true') WHERE (a > 1)
CREATE INDEX i2 ON public.m USING brin (a) WITH (autosummarize=off, pages_per_range='4')

CREATE INDEX i3 ON m (d)
----
done

ALTER TABLE m ALTER COLUMN d TYPE json
----
ERROR 42704: data type json has no default operator class for access method "btree"
HINT: You must specify an operator class for the index or define a default operator class for the data type.
