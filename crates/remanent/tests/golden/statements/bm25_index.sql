-- Indexes for ranking.

CREATE TABLE note (id int PRIMARY KEY, body text, title varchar(40), v tsvector)
----

INSERT INTO note SELECT g, CASE WHEN g % 97 = 0 THEN NULL ELSE 'Gripper ' || g % 40 || CASE WHEN g % 31 = 0 THEN ' slipped on the floor' WHEN g % 53 = 0 THEN ' is slipping, and the floor is wet' ELSE ' holds part' || g % 500 END END, 'robot ' || g % 7 FROM generate_series(1, 3000) g
----

CREATE INDEX ON note USING bm25 (body, title)
----

CREATE INDEX note_de ON note USING bm25 (body) WITH (language = german)
----

CREATE INDEX note_v ON note USING bm25 (v bm25_ops)
----

SELECT indexdef FROM pg_indexes WHERE tablename = 'note' ORDER BY indexname
----

CREATE INDEX ON note USING bm25 (id)
----

CREATE INDEX ON note USING bm25 (body) WITH (language = klingon)
----

CREATE INDEX ON note USING bm25 (body) WITH (k1 = 2)
----

CREATE INDEX ON note USING bm25 (body DESC)
----

CREATE UNIQUE INDEX ON note USING bm25 (body)
----

EXPLAIN SELECT id FROM note WHERE body @@ 'slip floor'
----

EXPLAIN SELECT id FROM note ORDER BY bm25_score(body, 'slip floor') DESC LIMIT 10
----

SELECT id, round(bm25_score(body, 'slip floor')::numeric, 5) AS s FROM note ORDER BY s DESC, id LIMIT 3
----

EXPLAIN SELECT id FROM note WHERE body @@ 'slip' AND id % 2 = 0 ORDER BY bm25_score(body, 'slip') DESC LIMIT 3
----

SELECT round(bm25_score(body, 'slip')::numeric, 5) AS s FROM note WHERE body @@ 'slip' AND id % 2 = 0 ORDER BY bm25_score(body, 'slip') DESC LIMIT 3
----

EXPLAIN SELECT id FROM note ORDER BY bm25_score(body, 'slip floor') LIMIT 10
----

EXPLAIN SELECT bm25_corpus(to_tsvector('english', body), 'slip | floor:*') FROM note
----

SELECT bm25_corpus(to_tsvector('english', body), 'slip | floor:* | flor:~1') FROM note
----

-- The session's language decides which index answers.
SET default_text_search_config = german
----

EXPLAIN SELECT id FROM note WHERE body @@ 'slip floor' ORDER BY bm25_score(body, 'slip floor') DESC LIMIT 10
----

SET default_text_search_config = english
----

SELECT id FROM note ORDER BY bm25_score(body, 'slip') DESC LIMIT 0
----

SELECT count(*) FROM (SELECT id FROM note ORDER BY bm25_score(body, 'slip') DESC LIMIT 100000) s
----

SELECT count(*) FROM (SELECT id FROM note ORDER BY bm25_score(body, NULL::text) DESC LIMIT 5) s
----

SELECT id FROM note ORDER BY bm25_score(body, '') DESC, id LIMIT 2
----

SELECT id FROM note ORDER BY bm25_score(body, to_tsquery('slip & (')) DESC LIMIT 2
----

-- Text and vectors in one ranking.
CREATE TABLE doc (id int PRIMARY KEY, body text, e vector(2))
----

INSERT INTO doc SELECT g, CASE WHEN g % 5 = 0 THEN 'slip ' ELSE 'hold ' END || 'part ' || repeat('x ', g % 3), ARRAY[g % 13, g % 17]::vector FROM generate_series(1, 2000) g
----

CREATE INDEX doc_text ON doc USING bm25 (body)
----

CREATE INDEX doc_vector ON doc USING hnsw (e vector_l2_ops)
----

EXPLAIN WITH words AS (SELECT id, row_number() OVER (ORDER BY s DESC, id) AS rank FROM (SELECT id, bm25_score(body, 'slip') AS s FROM doc ORDER BY s DESC LIMIT 20) w), near AS (SELECT id, row_number() OVER (ORDER BY d, id) AS rank FROM (SELECT id, e <-> '[3,4]' AS d FROM doc ORDER BY d LIMIT 20) n) SELECT id, rrf(60, words.rank, near.rank) AS score FROM words FULL JOIN near USING (id) ORDER BY score DESC, id LIMIT 5
----
