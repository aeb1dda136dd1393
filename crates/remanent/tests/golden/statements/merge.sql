CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v < 1000), s text DEFAULT 'new', g int GENERATED ALWAYS AS (v * 2) STORED)
----
done

CREATE TABLE s (id int, v int, gone boolean)
----
done

INSERT INTO t (id, v) VALUES (1, 10), (2, 20), (3, 30), (4, 40)
----
4 affected

INSERT INTO s VALUES (2, 200, false), (3, 300, true), (5, 500, false), (6, NULL, true), (NULL, 7, false)
----
5 affected

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v, s = 'old' WHEN NOT MATCHED AND s.id IS NOT NULL THEN INSERT (id, v) VALUES (s.id, s.v)
----
4 affected

SELECT * FROM t ORDER BY id
----
id integer | v integer | s text | g integer
1 | 10 | new | 20
2 | 200 | old | 400
4 | 40 | new | 80
5 | 500 | new | 1000
6 | NULL | new | NULL

MERGE INTO t USING (VALUES (1, 'x'), (9, 'y')) AS n(k, w) ON id = k WHEN MATCHED THEN UPDATE SET (v, s) = (v + 1, w) WHEN NOT MATCHED THEN INSERT VALUES (k, 0, w)
----
2 affected

SELECT * FROM t ORDER BY id
----
id integer | v integer | s text | g integer
1 | 11 | x | 22
2 | 200 | old | 400
4 | 40 | new | 80
5 | 500 | new | 1000
6 | NULL | new | NULL
9 | 0 | y | 0

MERGE INTO t AS target USING s AS source ON target.id = source.id WHEN MATCHED AND source.v > 100 THEN DO NOTHING WHEN MATCHED THEN UPDATE SET v = DEFAULT WHEN NOT MATCHED THEN DO NOTHING
----
1 affected

MERGE INTO t USING t AS u ON t.id = u.id + 1 WHEN MATCHED THEN UPDATE SET v = u.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (u.id + 1, u.v)
----
6 affected

SELECT * FROM t ORDER BY id
----
id integer | v integer | s text | g integer
1 | 11 | x | 22
2 | 11 | old | 22
3 | 200 | new | 400
4 | 40 | new | 80
5 | 40 | new | 80
6 | 500 | new | 1000
7 | NULL | new | NULL
9 | 0 | y | 0
10 | 0 | new | 0

WITH top AS (SELECT id, max(v) OVER () AS m FROM t) MERGE INTO t USING top ON t.id = top.id WHEN MATCHED AND t.v < (SELECT avg(v) FROM s) THEN UPDATE SET v = (SELECT count(*) FROM s WHERE s.id <= t.id)
----
7 affected

SELECT * FROM t ORDER BY id
----
id integer | v integer | s text | g integer
1 | 0 | x | 0
2 | 1 | old | 2
3 | 2 | new | 4
4 | 2 | new | 4
5 | 3 | new | 6
6 | 500 | new | 1000
7 | NULL | new | NULL
9 | 4 | y | 8
10 | 4 | new | 8

MERGE INTO t USING s ON true WHEN MATCHED THEN UPDATE SET v = 1
----
ERROR 21000: MERGE command cannot affect row a second time
HINT: Ensure that not more than one source row matches any one target row.

MERGE INTO t USING (SELECT 1 AS id FROM s) x ON t.id = x.id WHEN MATCHED THEN DELETE
----
ERROR 21000: MERGE command cannot affect row a second time
HINT: Ensure that not more than one source row matches any one target row.

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE WHEN MATCHED THEN DO NOTHING
----
ERROR 42601: unreachable WHEN clause specified after unconditional WHEN clause

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (t.id)
----
ERROR 42P01 at 79: missing FROM-clause entry for table "t"

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED AND t.v > 1 THEN DO NOTHING
----
ERROR 42P01 at 58: missing FROM-clause entry for table "t"

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s)
----
ERROR 42804 at 79: column "id" is of type integer but expression is of type record
HINT: You will need to rewrite or cast the expression.

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (1)
----
ERROR 42601 at 71: INSERT has more target columns than expressions

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (1, 2)
----
ERROR 42601 at 82: INSERT has more expressions than target columns

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, g) VALUES (77, 2)
----
ERROR 428C9: cannot insert a non-DEFAULT value into column "g"
DETAIL: Column "g" is a generated column.

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET g = 2
----
ERROR 428C9: column "g" can only be updated to DEFAULT
DETAIL: Column "g" is a generated column.

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 1, v = 2
----
ERROR 42601: multiple assignments to same column "v"

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND count(*) > 1 THEN DELETE
----
ERROR 42803 at 54: aggregate functions are not allowed in MERGE WHEN conditions

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND 1 THEN DELETE
----
ERROR 42804 at 54: argument of WHEN must be type boolean, not type integer

MERGE INTO t USING t ON true WHEN MATCHED THEN DELETE
----
ERROR 42712: name "t" specified more than once
DETAIL: The name is used both as MERGE target table and data source.

MERGE INTO t USING s ON t.id = s.id
----
ERROR 42601 at 36: syntax error at end of input

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN INSERT VALUES (1)
----
ERROR 42601 at 55: syntax error at or near "INSERT"

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN DELETE
----
ERROR 42601 at 59: syntax error at or near "DELETE"

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT SELECT 1
----
ERROR 42601 at 66: syntax error at or near "SELECT"

MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING *
----
ERROR 42601 at 62: syntax error at or near "RETURNING"

MERGE INTO nothing USING s ON true WHEN MATCHED THEN DELETE
----
ERROR 42P01 at 12: relation "nothing" does not exist

MERGE INTO t USING nothing ON true WHEN MATCHED THEN DELETE
----
ERROR 42P01 at 20: relation "nothing" does not exist

WITH RECURSIVE x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE
----
ERROR 42601: WITH RECURSIVE is not supported for MERGE statement

WITH x AS (MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE) SELECT 1
----
ERROR 0A000 at 6: MERGE in WITH is not supported

MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED AND s.id = 6 THEN INSERT (id, v) VALUES (s.id, 5000)
----
0 affected

MERGE INTO t USING s ON t.id = s.id AND s.id < 3 WHEN NOT MATCHED AND s.id = 5 THEN INSERT (id) VALUES (s.id)
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(5) already exists.

CREATE VIEW w AS SELECT * FROM t
----
done

MERGE INTO w USING s ON w.id = s.id WHEN MATCHED THEN DELETE
----
ERROR 0A000: cannot execute MERGE on relation "w"
DETAIL: This operation is not supported for views.

WITH gone AS (DELETE FROM s WHERE gone RETURNING id) MERGE INTO t USING gone ON t.id = gone.id WHEN MATCHED THEN DELETE
----
2 affected

SELECT * FROM t ORDER BY id
----
id integer | v integer | s text | g integer
1 | 0 | x | 0
2 | 1 | old | 2
4 | 2 | new | 4
5 | 3 | new | 6
7 | NULL | new | NULL
9 | 4 | y | 8
10 | 4 | new | 8

CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE)
----
done

INSERT INTO child VALUES (1, 1), (2, 2)
----
2 affected

MERGE INTO t USING (SELECT 1 AS id) x ON t.id = x.id WHEN MATCHED THEN DELETE
----
1 affected

SELECT * FROM child
----
id integer | t integer
2 | 2

MERGE INTO child USING (VALUES (2, 2), (3, 99)) x(id, t) ON child.id = x.id WHEN MATCHED THEN UPDATE SET t = NULL WHEN NOT MATCHED THEN INSERT VALUES (x.id, x.t)
----
ERROR 23503: insert or update on table "child" violates foreign key constraint "child_t_fkey"
DETAIL: Key (t)=(99) is not present in table "t".

CREATE TABLE loose (k text, n int)
----
done

INSERT INTO loose VALUES ('a', 1), ('a', 2), ('b', 3)
----
3 affected

MERGE INTO loose USING (VALUES ('a'), ('c')) x(k) ON loose.k = x.k WHEN MATCHED AND n = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET n = n * 10 WHEN NOT MATCHED THEN INSERT DEFAULT VALUES
----
3 affected

SELECT * FROM loose ORDER BY k, n
----
k text | n integer
a | 20
b | 3
NULL | NULL

MERGE INTO loose AS l USING loose AS m ON l.k = m.k AND l.n < m.n WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (k) VALUES (m.k || '!')
----
3 affected

SELECT * FROM loose ORDER BY k, n
----
k text | n integer
a | 20
a! | NULL
b | 3
b! | NULL
NULL | NULL
NULL | NULL

EXPLAIN MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
----
QUERY PLAN text
With
  ->  Hash Right Join
        Hash Cond: (t.id = s.id)
        ->  Seq Scan on t
        ->  Hash
              ->  Seq Scan on s
  ->  Merge on t
        ->  Delete on t
              ->  CTE Scan on joined
                    Filter: (action = '0'::bigint)
        ->  Update on t
              ->  CTE Scan on joined
                    Filter: (action = '1'::bigint)
        ->  Insert on t
              ->  CTE Scan on joined
                    Filter: (action = '2'::bigint)

EXPLAIN MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
----
QUERY PLAN text
Merge on t
  ->  Insert on t
        ->  Hash Right Join
              Hash Cond: (t.id = s.id)
              Filter: (CASE WHEN (present IS NOT NULL) THEN NULL::bigint ELSE '0'::bigint END = '0'::bigint)
              ->  Seq Scan on t
              ->  Hash
                    ->  Seq Scan on s
