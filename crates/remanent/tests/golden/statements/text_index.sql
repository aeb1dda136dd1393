-- Text search by an inverted index: answers are PostgreSQL's.

CREATE TABLE note (id int PRIMARY KEY, body text, v tsvector)
----
done

INSERT INTO note SELECT g, CASE WHEN g % 97 = 0 THEN NULL ELSE 'Gripper ' || g % 40 || CASE WHEN g % 31 = 0 THEN ' slipped on the floor' WHEN g % 53 = 0 THEN ' is slipping, and the floor is wet' ELSE ' holds part' || g % 500 END END FROM generate_series(1, 5000) g
----
5000 affected

UPDATE note SET v = to_tsvector('simple', body)
----
5000 affected

CREATE INDEX ON note USING gin (to_tsvector('english', body))
----
done

CREATE INDEX note_v ON note USING gin (v tsvector_ops)
----
done

CREATE INDEX ON note USING gin (body)
----
ERROR 42704: data type text has no default operator class for access method "gin"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE INDEX ON note USING gin (to_tsvector(body))
----
ERROR 42P17: functions in index expression must be marked IMMUTABLE

SELECT indexdef FROM pg_indexes WHERE tablename = 'note' AND indexname = 'note_v'
----
indexdef text
CREATE INDEX note_v ON public.note USING gin (v)

EXPLAIN SELECT id FROM note WHERE to_tsvector('english', body) @@ to_tsquery('english', 'slip & floor')
----
QUERY PLAN text
Index Scan using note_to_tsvector_idx on note
  Index Cond: (to_tsvector('english', body) @@ '''slip'' & ''floor'''::tsquery)
  Filter: (to_tsvector('english', body) @@ '''slip'' & ''floor'''::tsquery)

EXPLAIN SELECT id FROM note WHERE v @@ 'part77' OR 'part78'::tsquery @@ v
----
QUERY PLAN text
Index Scan using note_v on note
  Index Cond: ((v @@ '''part77'''::tsquery) OR ('''part78'''::tsquery @@ v))
  Filter: ((v @@ '''part77'''::tsquery) OR ('''part78'''::tsquery @@ v))

EXPLAIN SELECT id FROM note WHERE to_tsvector('german', body) @@ 'slip'
----
QUERY PLAN text
Seq Scan on note
  Filter: (to_tsvector('german'::regconfig, body) @@ '''slip'''::tsquery)

EXPLAIN SELECT id FROM note WHERE v @@ '!part77'
----
QUERY PLAN text
Seq Scan on note
  Filter: (v @@ '!''part77'''::tsquery)

SELECT count(*), sum(id) FROM note WHERE to_tsvector('english', body) @@ to_tsquery('english', 'slip & floor')
----
count bigint | sum bigint
251 | 628051

SELECT count(*), sum(id) FROM note WHERE to_tsvector('english', body) @@ phraseto_tsquery('english', 'slipped on the floor')
----
count bigint | sum bigint
251 | 628051

SELECT count(*), sum(id) FROM note WHERE to_tsvector('english', body) @@ websearch_to_tsquery('english', '"floor is wet" or part7 -gripper')
----
count bigint | sum bigint
91 | 226787

SELECT count(*), sum(id) FROM note WHERE v @@ 'part7:*'
----
count bigint | sum bigint
104 | 239208

SELECT count(*), sum(id) FROM note WHERE v @@ 'part77 & !12'
----
count bigint | sum bigint
9 | 21193

SELECT count(*), sum(id) FROM note WHERE v @@ 'part77 | part78 | wet'
----
count bigint | sum bigint
110 | 271260

SELECT count(*) FROM note WHERE v @@ ''
----
count bigint
0

SELECT count(*) FROM note WHERE v @@ '!gripper'
----
count bigint
0

SELECT count(*), sum(id) FROM note WHERE v @@ 'part77:A | slipped:D'
----
count bigint | sum bigint
160 | 401264

DELETE FROM note WHERE v @@ 'slipping'
----
91 affected

SELECT count(*), sum(id) FROM note WHERE to_tsvector('english', body) @@ to_tsquery('english', 'slip & floor')
----
count bigint | sum bigint
160 | 401264
