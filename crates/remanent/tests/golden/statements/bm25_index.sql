-- Indexes for ranking.

CREATE TABLE note (id int PRIMARY KEY, body text, title varchar(40), v tsvector)
----
done

INSERT INTO note SELECT g, CASE WHEN g % 97 = 0 THEN NULL ELSE 'Gripper ' || g % 40 || CASE WHEN g % 31 = 0 THEN ' slipped on the floor' WHEN g % 53 = 0 THEN ' is slipping, and the floor is wet' ELSE ' holds part' || g % 500 END END, 'robot ' || g % 7 FROM generate_series(1, 3000) g
----
3000 affected

CREATE INDEX ON note USING bm25 (body, title)
----
done

CREATE INDEX note_de ON note USING bm25 (body) WITH (language = german)
----
done

CREATE INDEX note_v ON note USING bm25 (v bm25_ops)
----
done

SELECT indexdef FROM pg_indexes WHERE tablename = 'note' ORDER BY indexname
----
indexdef text
CREATE INDEX note_body_title_idx ON public.note USING bm25 (to_tsvector('english', body), to_tsvector('english', title))
CREATE INDEX note_de ON public.note USING bm25 (to_tsvector('german', body)) WITH (language=german)
CREATE UNIQUE INDEX note_pkey ON public.note USING btree (id)
CREATE INDEX note_v ON public.note USING bm25 (v)

CREATE INDEX ON note USING bm25 (id)
----
ERROR 42704: data type integer has no default operator class for access method "bm25"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

CREATE INDEX ON note USING bm25 (body) WITH (language = klingon)
----
ERROR 42704: text search configuration "klingon" does not exist

CREATE INDEX ON note USING bm25 (body) WITH (k1 = 2)
----
ERROR 22023: unrecognized parameter "k1"

CREATE INDEX ON note USING bm25 (body DESC)
----
ERROR 0A000: access method "bm25" does not support ASC/DESC options

CREATE UNIQUE INDEX ON note USING bm25 (body)
----
ERROR 0A000: access method "bm25" does not support unique indexes

EXPLAIN SELECT id FROM note WHERE body @@ 'slip floor'
----
QUERY PLAN text
Index Scan using note_body_title_idx on note
  Index Cond: (to_tsvector('english', body) @@ '''slip'' & ''floor'''::tsquery)
  Filter: (to_tsvector('english', body) @@ '''slip'' & ''floor'''::tsquery)

EXPLAIN SELECT id FROM note ORDER BY bm25_score(body, 'slip floor') DESC LIMIT 10
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score(to_tsvector('english', body), '''slip'' & ''floor'''::tsquery, $1) DESC
  Rows: 10
  ->  Index Scan using note_body_title_idx on note
        Order By: bm25_score(to_tsvector('english', body), '''slip'' & ''floor'''::tsquery, $1)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''slip'' & ''floor'''::tsquery

SELECT id, round(bm25_score(body, 'slip floor')::numeric, 5) AS s FROM note ORDER BY s DESC, id LIMIT 3
----
id integer | s numeric
31 | 5.96338
62 | 5.96338
93 | 5.96338

EXPLAIN SELECT id FROM note WHERE body @@ 'slip' AND id % 2 = 0 ORDER BY bm25_score(body, 'slip') DESC LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $1) DESC
  Rows: 3
  ->  Index Scan using note_body_title_idx on note
        Index Cond: (to_tsvector('english', body) @@ '''slip'''::tsquery)
        Order By: bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $1)
        Filter: ((to_tsvector('english', body) @@ '''slip'''::tsquery) AND ((id % 2) = 0))
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''slip'''::tsquery

SELECT round(bm25_score(body, 'slip')::numeric, 5) AS s FROM note WHERE body @@ 'slip' AND id % 2 = 0 ORDER BY bm25_score(body, 'slip') DESC LIMIT 3
----
s numeric
2.98169
2.98169
2.98169

EXPLAIN SELECT id FROM note ORDER BY bm25_score(body, 'slip floor') LIMIT 10
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score
  Rows: 10
  ->  Seq Scan on note
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''slip'' & ''floor'''::tsquery

EXPLAIN SELECT bm25_corpus(to_tsvector('english', body), 'slip | floor:*') FROM note
----
QUERY PLAN text
Aggregate
  ->  Index Scan using note_body_title_idx on note
        Counts: '''slip'' | ''floor'':*'::tsquery

SELECT bm25_corpus(to_tsvector('english', body), 'slip | floor:* | flor:~1') FROM note
----
bm25_corpus bigint[]
{2970,11935,151,151,151}

-- Weighted sums of columns of one index.
EXPLAIN SELECT id FROM note ORDER BY 2 * bm25_score(title, 'robot 3') + bm25_score(body, 'slip') DESC LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: (('2'::double precision * bm25_score(to_tsvector('english', title), '''robot'' & ''3'''::tsquery, $1)) + bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $2)) DESC
  Rows: 3
  ->  Index Scan using note_body_title_idx on note
        Order By: '2'::double precision * bm25_score(to_tsvector('english', title), '''robot'' & ''3'''::tsquery, $1) + bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $2)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''robot'' & ''3'''::tsquery
  InitPlan 2 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''slip'''::tsquery

EXPLAIN SELECT id FROM note ORDER BY 2 * bm25_score(title, 'robot 3') - bm25_score(body, 'slip') DESC LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: ?column? DESC
  Rows: 3
  ->  Seq Scan on note
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''robot'' & ''3'''::tsquery
  InitPlan 2 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''slip'''::tsquery

SELECT id FROM note WHERE title @@ 'robott' OR title @@ to_tsquery('robott:~1') ORDER BY bm25_score(title, to_tsquery('robott:~1 & 3')) DESC, id LIMIT 3
----
id integer
3
10
17

EXPLAIN SELECT id FROM note ORDER BY bm25_score(title, to_tsquery('robott:~1 & 3')) DESC LIMIT 3
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score(to_tsvector('english', title), '''robott'':~1 & ''3'''::tsquery, $1) DESC
  Rows: 3
  ->  Index Scan using note_body_title_idx on note
        Order By: bm25_score(to_tsvector('english', title), '''robott'':~1 & ''3'''::tsquery, $1)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using note_body_title_idx on note
                Counts: '''robott'':~1 & ''3'''::tsquery

SELECT id FROM note ORDER BY bm25_score(body, 'slip') DESC LIMIT 0
----
id integer
(no rows)

SELECT count(*) FROM (SELECT id FROM note ORDER BY bm25_score(body, 'slip') DESC LIMIT 100000) s
----
count bigint
3000

SELECT count(*) FROM (SELECT id FROM note ORDER BY bm25_score(body, NULL::text) DESC LIMIT 5) s
----
count bigint
5

SELECT id FROM note ORDER BY bm25_score(body, '') DESC, id LIMIT 2
----
id integer
1
2

SELECT id FROM note ORDER BY bm25_score(body, to_tsquery('slip & (')) DESC LIMIT 2
----
ERROR 42601: no operand in tsquery: "slip & ("

-- Text and vectors in one ranking.
CREATE TABLE doc (id int PRIMARY KEY, body text, e vector(2))
----
done

INSERT INTO doc SELECT g, CASE WHEN g % 5 = 0 THEN 'slip ' ELSE 'hold ' END || 'part ' || repeat('x ', g % 3), ARRAY[g % 13, g % 17]::vector FROM generate_series(1, 2000) g
----
2000 affected

CREATE INDEX doc_text ON doc USING bm25 (body)
----
done

CREATE INDEX doc_vector ON doc USING hnsw (e vector_l2_ops)
----
done

EXPLAIN WITH words AS (SELECT id, row_number() OVER (ORDER BY s DESC, id) AS rank FROM (SELECT id, bm25_score(body, 'slip') AS s FROM doc ORDER BY s DESC LIMIT 20) w), near AS (SELECT id, row_number() OVER (ORDER BY d, id) AS rank FROM (SELECT id, e <-> '[3,4]' AS d FROM doc ORDER BY d LIMIT 20) n) SELECT id, rrf(60, words.rank, near.rank) AS score FROM words FULL JOIN near USING (id) ORDER BY score DESC, id LIMIT 5
----
QUERY PLAN text
Top-N Sort
  Sort Key: score DESC, id
  Rows: 5
  ->  Hash Full Join
        Hash Cond: (doc.id = doc.id)
        ->  WindowAgg
              Order By: s DESC, doc.id
              ->  Top-N Sort
                    Sort Key: bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $1) DESC
                    Rows: 20
                    ->  Index Scan using doc_text on doc
                          Order By: bm25_score(to_tsvector('english', body), '''slip'''::tsquery, $1)
        ->  Hash
              ->  WindowAgg
                    Order By: d, doc.id
                    ->  Top-N Sort
                          Sort Key: (e <-> '[3,4]'::vector)
                          Rows: 20
                          ->  Index Scan using doc_vector on doc
                                Order By: (e <-> '[3,4]'::vector)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using doc_text on doc
                Counts: '''slip'''::tsquery

CREATE TABLE menu (id int PRIMARY KEY, body text)
----
done

INSERT INTO menu VALUES (1, 'Un café noir'), (2, 'deux cafes, SVP'), (3, 'Café crème'), (4, 'un thé')
----
4 affected

CREATE INDEX menu_fold ON menu USING bm25 (body) WITH (language = 'french', accents = 'fold')
----
done

CREATE INDEX menu_keep ON menu USING bm25 (body) WITH (language = french, accents = keep)
----
done

CREATE INDEX menu_same ON menu USING gin (to_tsvector('simple', unaccent(body)))
----
done

CREATE INDEX ON menu USING bm25 (body) WITH (accents = 'lose')
----
ERROR 22023: invalid value for enum option "accents": lose
DETAIL: Valid values are "keep", "fold".

SELECT indexdef FROM pg_indexes WHERE tablename = 'menu' ORDER BY indexname
----
indexdef text
CREATE INDEX menu_fold ON public.menu USING bm25 (to_tsvector('french_unaccent', body)) WITH (language=french, accents=fold)
CREATE INDEX menu_keep ON public.menu USING bm25 (to_tsvector('french', body)) WITH (language=french, accents=keep)
CREATE UNIQUE INDEX menu_pkey ON public.menu USING btree (id)
CREATE INDEX menu_same ON public.menu USING gin (to_tsvector('simple', unaccent(body)))

SELECT id FROM menu WHERE to_tsvector('french_unaccent', body) @@ plainto_tsquery('french_unaccent', 'CAFE') ORDER BY id
----
id integer
1
2
3

EXPLAIN SELECT id FROM menu WHERE to_tsvector('french_unaccent', body) @@ plainto_tsquery('french_unaccent', 'CAFE')
----
QUERY PLAN text
Index Scan using menu_fold on menu
  Index Cond: (to_tsvector('french_unaccent', body) @@ '''caf'''::tsquery)
  Filter: (to_tsvector('french_unaccent', body) @@ '''caf'''::tsquery)

EXPLAIN SELECT id FROM menu ORDER BY bm25_score(to_tsvector('french_unaccent', body), plainto_tsquery('french_unaccent', 'creme')) DESC LIMIT 1
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score(to_tsvector('french_unaccent', body), '''crem'''::tsquery, $1) DESC
  Rows: 1
  ->  Index Scan using menu_fold on menu
        Order By: bm25_score(to_tsvector('french_unaccent', body), '''crem'''::tsquery, $1)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Index Scan using menu_fold on menu
                Counts: '''crem'''::tsquery

SELECT id FROM menu ORDER BY bm25_score(to_tsvector('french_unaccent', body), plainto_tsquery('french_unaccent', 'creme')) DESC LIMIT 1
----
id integer
3

SELECT id FROM menu WHERE to_tsvector('simple', unaccent(body)) @@ to_tsquery('simple', unaccent('thé'))
----
id integer
4

EXPLAIN SELECT id FROM menu WHERE to_tsvector('simple', unaccent(body)) @@ to_tsquery('simple', unaccent('thé'))
----
QUERY PLAN text
Index Scan using menu_same on menu
  Index Cond: (to_tsvector('simple', unaccent(body)) @@ '''the'''::tsquery)
  Filter: (to_tsvector('simple', unaccent(body)) @@ '''the'''::tsquery)
