-- BM25: scores over all documents of a table, without an index.

CREATE TABLE note (id int PRIMARY KEY, body text, title text)
----
done

INSERT INTO note VALUES (1, 'The gripper slipped', 'grip'), (2, 'slip slip slip and nothing else', 'slip'), (3, 'The floor is wet, parts slip on the floor', 'floor'), (4, NULL, NULL), (5, '', 'floor slips'), (6, 'holds', 'robot')
----
6 affected

SELECT id, round(bm25_score(body, 'slip')::numeric, 6) AS score FROM note ORDER BY 2 DESC, 1
----
id integer | score numeric
2 | 0.707124
1 | 0.595185
3 | 0.391251
4 | 0.000000
5 | 0.000000
6 | 0.000000

SELECT bm25_corpus(to_tsvector(body), plainto_tsquery('slip & floor & slip')) FROM note
----
bm25_corpus bigint[]
{5,13,3,1}

SELECT id, bm25_score(body, 'slip') = bm25_score(to_tsvector('english', body), plainto_tsquery('english', 'slip'), (SELECT bm25_corpus(to_tsvector('english', body), plainto_tsquery('english', 'slip')) FROM note)) AS same FROM note ORDER BY id
----
id integer | same boolean
1 | t
2 | t
3 | t
4 | t
5 | t
6 | t

EXPLAIN SELECT id FROM note WHERE bm25_score(body, 'slip') > 0.1 ORDER BY bm25_score(body, 'slip') DESC LIMIT 2
----
QUERY PLAN text
Top-N Sort
  Sort Key: bm25_score DESC
  Rows: 2
  ->  Seq Scan on note
        Filter: (bm25_score(to_tsvector('english'::regconfig, body), '''slip'''::tsquery, $2) > '0.1'::double precision)
  InitPlan 1 (returns its value)
    ->  Aggregate
          ->  Seq Scan on note
  InitPlan 2 (returns its value)
    ->  Aggregate
          ->  Seq Scan on note

SELECT id FROM note WHERE bm25_score(body, 'slip') > 0.1 ORDER BY bm25_score(body, 'slip') DESC LIMIT 2
----
id integer
2
1

SELECT id, round(bm25_score(body, to_tsquery('slip & !floor'))::numeric, 4), round(bm25_score(body, to_tsquery('fl:* | flor:~1'))::numeric, 4) FROM note ORDER BY id
----
id integer | round numeric | round numeric
1 | 0.5952 | 0.0000
2 | 0.7071 | 0.0000
3 | 0.3913 | 3.0266
4 | 0.0000 | 0.0000
5 | 0.0000 | 0.0000
6 | 0.0000 | 0.0000

SELECT to_tsquery('simple', 'robott:~1 & x:~2B'), 'a:*~1'::tsquery
----
ERROR 42601 at 51: syntax error in tsquery: "a:*~1"

SELECT 'a:~3'::tsquery
----
ERROR 42601 at 8: syntax error in tsquery: "a:~3"

SELECT 'a:~'::tsquery
----
ERROR 42601 at 8: syntax error in tsquery: "a:~"

SELECT id FROM note WHERE body @@ to_tsquery('grippr:~1 | wte:~1') ORDER BY id
----
id integer
1
3

SELECT id, round((2 * bm25_score(title, 'slip') + bm25_score(body, 'slip'))::numeric, 4) AS s FROM note ORDER BY s DESC, id LIMIT 3
----
id integer | s numeric
2 | 2.5862
5 | 1.3757
1 | 0.5952

-- Through a view, a join, a query of WITH: the documents are the table's.
CREATE VIEW slips AS SELECT id AS k, body AS b FROM note WHERE id < 4
----
done

SELECT k, round(bm25_score(b, 'slip')::numeric, 6) FROM slips ORDER BY k
----
k integer | round numeric
1 | 0.595185
2 | 0.707124
3 | 0.391251

WITH w AS MATERIALIZED (SELECT * FROM note WHERE id > 1) SELECT w.id, round(bm25_score(w.body, 'slip')::numeric, 6) FROM w JOIN note n ON n.id = w.id ORDER BY 1
----
id integer | round numeric
2 | 0.707124
3 | 0.391251
4 | 0.000000
5 | 0.000000
6 | 0.000000

SELECT q, (SELECT id FROM note ORDER BY bm25_score(body, q) DESC, id LIMIT 1) FROM (VALUES ('floor'), ('slip'), ('hold')) v (q) ORDER BY q
----
q text | id integer
floor | 3
hold | 6
slip | 2

SELECT v.q, n.id FROM (VALUES ('floor'), ('slip')) v (q), LATERAL (SELECT id FROM note ORDER BY bm25_score(body, q) DESC, id LIMIT 2) n ORDER BY 1, 2
----
q text | id integer
floor | 1
floor | 3
slip | 1
slip | 2

SELECT bm25_score(body, title) FROM note
----
ERROR 0A000: bm25_score is not told here which documents there are
HINT: Its document must be made of columns of one table, and its query be the same for all rows. Otherwise give it a third argument, of bm25_corpus.

SELECT bm25_score(n.body || m.body, 'slip') FROM note n, note m
----
ERROR 0A000: bm25_score is not told here which documents there are
HINT: Its document must be made of columns of one table, and its query be the same for all rows. Otherwise give it a third argument, of bm25_corpus.

SELECT bm25_score('a slip', 'slip')
----
ERROR 0A000: bm25_score is not told here which documents there are
HINT: Its document must be made of columns of one table, and its query be the same for all rows. Otherwise give it a third argument, of bm25_corpus.

SELECT bm25_score('a:1', 'a'::tsquery, ARRAY[1, 2]::int8[])
----
ERROR 22023: the numbers of documents are not of this query
HINT: They are what bm25_corpus gives for the same query.

SELECT bm25_score('a:1', 'a'::tsquery, ARRAY[3, 4, 1]::int8[]), bm25_score(NULL, 'a'::tsquery, ARRAY[3, 4, 1]::int8[]), bm25_score('a:1', NULL, ARRAY[3, 4, 1]::int8[])
----
bm25_score double precision | bm25_score double precision | bm25_score double precision
1.0925692944940748 | 0 | NULL

SELECT bm25_corpus(v, q) FROM (VALUES ('a:1'::tsvector, 'a'::tsquery), ('b:1', 'b')) v (v, q)
----
ERROR 22023: bm25_corpus was given several queries

SELECT q, bm25_corpus(v, q) FROM (VALUES ('a:1'::tsvector, 'a'::tsquery), ('b:1', 'b'), (NULL, 'b')) v (v, q) GROUP BY q ORDER BY q
----
q tsquery | bm25_corpus bigint[]
'a' | {1,1,1}
'b' | {1,1,1}

SELECT id, bm25_score(body, '') AS empty, bm25_score(body, 'the') AS stop, bm25_score(body, NULL::text) AS none FROM note WHERE id < 3 ORDER BY id
----
id integer | empty double precision | stop double precision | none double precision
1 | 0 | 0 | NULL
2 | 0 | 0 | NULL

SELECT id FROM note WHERE body @@ to_tsquery('slip &')
----
ERROR 42601: no operand in tsquery: "slip &"

-- Reciprocal rank fusion.
SELECT rrf(60, 1, 3), rrf(60, 1, NULL), rrf(60, NULL, NULL), rrf(NULL, 1), rrf(0, 1)
----
rrf double precision | rrf double precision | rrf double precision | rrf double precision | rrf double precision
0.032266458495966696 | 0.01639344262295082 | 0 | NULL | 1

SELECT rrf(-1, 1)
----
ERROR 22023: the constant of rrf must be zero or greater

SELECT rrf(60, 0)
----
ERROR 22023: a rank of rrf must be one or greater
