-- Inverted indexes: what CREATE INDEX takes, what EXPLAIN says, and answers that are those of a scan and of PostgreSQL.

CREATE TABLE g (id int PRIMARY KEY, d jsonb, n int[], t text[], j json)
----
done

CREATE INDEX i ON g USING gin (id)
----
ERROR 42704: data type integer has no default operator class for access method "gin"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE INDEX i ON g USING gin (j)
----
ERROR 42704: data type json has no default operator class for access method "gin"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE INDEX i ON g USING gin (d array_ops)
----
ERROR 42804: operator class "array_ops" does not accept data type jsonb

CREATE INDEX i ON g USING gin (d jsonb_hash_ops)
----
ERROR 42704: operator class "jsonb_hash_ops" does not exist for access method "gin"

CREATE UNIQUE INDEX i ON g USING gin (d)
----
ERROR 0A000: access method "gin" does not support unique indexes

CREATE INDEX i ON g USING gin (d) INCLUDE (id)
----
ERROR 0A000: access method "gin" does not support included columns

CREATE INDEX i ON g USING gin (d DESC)
----
ERROR 0A000: access method "gin" does not support ASC/DESC options

CREATE INDEX i ON g USING gin (d NULLS FIRST)
----
ERROR 0A000: access method "gin" does not support NULLS FIRST/LAST options

CREATE INDEX i ON g USING gin (d) WITH (fillfactor = 70)
----
ERROR 22023: unrecognized parameter "fillfactor"

CREATE INDEX i ON g USING gin (d) WITH (fastupdate = off, gin_pending_list_limit = 1)
----
ERROR 22023: value 1 out of bounds for option "gin_pending_list_limit"
DETAIL: Valid values are between "64" and "2147483647".

CREATE INDEX g_d ON g USING gin (d jsonb_path_ops, n) WITH (fastupdate = off)
----
done

CREATE INDEX ON g USING gin (d jsonb_ops)
----
done

CREATE INDEX ON g USING gin ((d -> 'a'), t) WHERE id > 3
----
done

SELECT indexdef FROM pg_indexes WHERE tablename = 'g' ORDER BY 1
----
indexdef text
CREATE INDEX g_d ON public.g USING gin (d jsonb_path_ops, n) WITH (fastupdate=off)
CREATE INDEX g_d_idx ON public.g USING gin (d)
CREATE INDEX g_expr_t_idx ON public.g USING gin (((d -> 'a')), t) WHERE (id > 3)
CREATE UNIQUE INDEX g_pkey ON public.g USING btree (id)

ALTER TABLE g ALTER COLUMN n TYPE text[]
----
done

ALTER TABLE g ALTER COLUMN n TYPE text
----
ERROR 42704: data type text has no default operator class for access method "gin"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

ALTER TABLE g ALTER COLUMN t TYPE int USING 1
----
ERROR 42704: data type integer has no default operator class for access method "gin"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

DROP TABLE g
----
done

CREATE TABLE doc (id int PRIMARY KEY, d jsonb, tags text[])
----
done

INSERT INTO doc SELECT g, jsonb_build_object('kind', 'k' || g % 50, 'n', g, 'in', jsonb_build_object('list', jsonb_build_array(g % 200, 'x' || g % 300))), ARRAY['t' || g % 100, 'u' || g % 7] FROM generate_series(1, 20000) g
----
20000 affected

INSERT INTO doc VALUES (20001, '[]', '{}'), (20002, '{}', '{NULL}'), (20003, '"kind"', NULL), (20004, NULL, '{t1,NULL}'), (20005, '[1, "k7", {"kind": "k7"}]', '{{t1,t2},{t3,t4}}')
----
5 affected

CREATE INDEX doc_d ON doc USING gin (d)
----
done

CREATE INDEX doc_tags ON doc USING gin (tags)
----
done

EXPLAIN SELECT id FROM doc WHERE d @> '{"n": 77}'
----
QUERY PLAN text
Index Scan using doc_d on doc
  Index Cond: (d @> '{"n": 77}'::jsonb)
  Filter: (d @> '{"n": 77}'::jsonb)

EXPLAIN SELECT id FROM doc WHERE d @> '{}'
----
QUERY PLAN text
Seq Scan on doc
  Filter: (d @> '{}'::jsonb)

EXPLAIN SELECT id FROM doc WHERE '{"n": 77}' <@ d OR d @? '$.in.list[*] ? (@ == "x299")'
----
QUERY PLAN text
Index Scan using doc_d on doc
  Index Cond: (('{"n": 77}'::jsonb <@ d) OR (d @? '$."in"."list"[*]?(@ == "x299")'::jsonpath))
  Filter: (('{"n": 77}'::jsonb <@ d) OR (d @? '$."in"."list"[*]?(@ == "x299")'::jsonpath))

EXPLAIN SELECT id FROM doc WHERE tags @> '{t1}' AND d @> '{"kind": "k1"}'
----
QUERY PLAN text
Index Scan using doc_tags, doc_d on doc
  Index Cond: (tags @> '{t1}'::text[]) AND (d @> '{"kind": "k1"}'::jsonb)
  Filter: ((tags @> '{t1}'::text[]) AND (d @> '{"kind": "k1"}'::jsonb))

EXPLAIN SELECT id FROM doc WHERE d @@ '$.n > 5'
----
QUERY PLAN text
Seq Scan on doc
  Filter: (d @@ '($."n" > 5)'::jsonpath)

SELECT id FROM doc WHERE d @> '{"n": 77}'
----
id integer
77

SELECT count(*), sum(id) FROM doc WHERE d @> '{"in": {"list": ["x7"]}}'
----
count bigint | sum bigint
67 | 663769

SELECT count(*), sum(id) FROM doc WHERE d @> '{"in": {"list": [7]}}' AND d @> '{"kind": "k7"}'
----
count bigint | sum bigint
100 | 990700

SELECT id FROM doc WHERE d @> '{}' AND id > 20000 ORDER BY id
----
id integer
20002

SELECT id FROM doc WHERE d @> '[]' ORDER BY id
----
id integer
20001
20005

SELECT id FROM doc WHERE d @> '"kind"' ORDER BY id
----
id integer
20003

SELECT id FROM doc WHERE d @> '1' ORDER BY id
----
id integer
20005

SELECT id FROM doc WHERE d @> '[{"kind": "k7"}]' ORDER BY id
----
id integer
20005

SELECT count(*), max(id) FROM doc WHERE d ? 'kind'
----
count bigint | max integer
20001 | 20003

SELECT id FROM doc WHERE d ? 'k7' ORDER BY id
----
id integer
20005

SELECT id FROM doc WHERE d ?| '{k7,nope,NULL}' ORDER BY id
----
id integer
20005

SELECT count(*) FROM doc WHERE d ?& '{kind,n,NULL}'
----
count bigint
20000

SELECT count(*) FROM doc WHERE d ?& '{kind,nope,NULL}'
----
count bigint
0

SELECT count(*) FROM doc WHERE d ?| '{}'
----
count bigint
0

SELECT count(*) FROM doc WHERE d ?& '{}'
----
count bigint
20004

SELECT count(*), sum(id) FROM doc WHERE d @@ '$.kind == "k3" && $.n < 1000'
----
count bigint | sum bigint
20 | 9560

SELECT count(*), sum(id) FROM doc WHERE d @? '$.in.list[*] ? (@ == 7 || @ == "x8")'
----
count bigint | sum bigint
167 | 1654536

SELECT count(*), sum(id) FROM doc WHERE d @? '$.** ? (@ == 7.0)'
----
count bigint | sum bigint
100 | 990700

SELECT count(*), sum(id) FROM doc WHERE d @? '$.kind ? (@ starts with "k4")'
----
count bigint | sum bigint
4400 | 44069600

SELECT count(*) FROM doc WHERE d @@ '$.nope == 1'
----
count bigint
0

SELECT count(*), sum(id) FROM doc WHERE tags @> '{t5,u5}'
----
count bigint | sum bigint
29 | 284345

SELECT id FROM doc WHERE tags @> '{t1,NULL}' ORDER BY id
----
id integer
(no rows)

SELECT count(*), sum(id) FROM doc WHERE tags && '{t1,t3,NULL}'
----
count bigint | sum bigint
402 | 4020809

SELECT id FROM doc WHERE tags <@ '{t1,t2,t3,t4}' ORDER BY id
----
id integer
20001
20005

SELECT id FROM doc WHERE tags <@ '{}' ORDER BY id
----
id integer
20001

SELECT id FROM doc WHERE tags = '{}' OR tags = '{NULL}' OR tags = '{t1,NULL}' ORDER BY id
----
id integer
20001
20002
20004

SELECT count(*) FROM doc WHERE tags @> '{}'
----
count bigint
20004

SELECT count(*) FROM doc WHERE d @> NULL
----
count bigint
0

-- params: '{"kind": "k9", "n": 9}'
EXPLAIN SELECT id FROM doc WHERE d @> $1::jsonb
----
QUERY PLAN text
Index Scan using doc_d on doc
  Index Cond: (d @> $1)
  Filter: (d @> $1)

-- params: '{"kind": "k9", "n": 9}'
SELECT id FROM doc WHERE d @> $1::jsonb
----
id integer
9

SELECT a.id, b.id FROM doc a JOIN doc b ON b.id = a.id + 50 WHERE a.d @> '{"n": 3}'
----
id integer | id integer
3 | 53

DELETE FROM doc WHERE d @> '{"kind": "k7"}'
----
400 affected

SELECT count(*), sum(id) FROM doc WHERE d @> '{"kind": "k7"}'
----
count bigint | sum bigint
0 | NULL

UPDATE doc SET d = d || '{"kind": "k7"}' WHERE tags @> '{t2}' AND id < 1000
----
10 affected

SELECT count(*), sum(id) FROM doc WHERE d @> '{"kind": "k7"}'
----
count bigint | sum bigint
10 | 4520
