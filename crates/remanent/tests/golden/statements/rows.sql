-- Whole rows as values. Answers are PostgreSQL's, but for the type, which is record where it is the table's there.

CREATE TABLE t (id integer PRIMARY KEY, name text, n numeric(10,2), at timestamptz, tags text[])
----
done

INSERT INTO t VALUES (1, 'abc', 1.50, '2024-01-02 03:04:05+00', '{a,"b c"}'), (2, 'x y', NULL, NULL, NULL), (3, '', 0, NULL, '{}'), (4, 'a"b\c(,)', NULL, NULL, NULL), (5, NULL, NULL, NULL, NULL)
----
5 affected

CREATE TABLE u (a integer, t integer)
----
done

INSERT INTO u VALUES (1, 1), (2, NULL), (NULL, NULL), (7, 7)
----
4 affected

CREATE TABLE empty (a integer)
----
done

SELECT t FROM t ORDER BY id
----
t record
(1,abc,1.50,"2024-01-02 03:04:05+00","{a,""b c""}")
(2,"x y",,,)
(3,"",0.00,,{})
(4,"a""b\\c(,)",,,)
(5,,,,)

SELECT t::text FROM t WHERE id = 1
----
t text
(1,abc,1.50,"2024-01-02 03:04:05+00","{a,""b c""}")

SELECT row_to_json(t) FROM t ORDER BY id
----
row_to_json json
{"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]}
{"id":2,"name":"x y","n":null,"at":null,"tags":null}
{"id":3,"name":"","n":0.00,"at":null,"tags":[]}
{"id":4,"name":"a\"b\\c(,)","n":null,"at":null,"tags":null}
{"id":5,"name":null,"n":null,"at":null,"tags":null}

SELECT row_to_json(t, true) FROM t WHERE id < 3 ORDER BY id
----
row_to_json json
{"id":1,
 "name":"abc",
 "n":1.50,
 "at":"2024-01-02T03:04:05+00:00",
 "tags":["a","b c"]}
{"id":2,
 "name":"x y",
 "n":null,
 "at":null,
 "tags":null}

SELECT row_to_json(t, false), to_json(t), to_jsonb(t) FROM t WHERE id = 1
----
row_to_json json | to_json json | to_jsonb jsonb
{"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]} | {"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]} | {"n": 1.50, "at": "2024-01-02T03:04:05+00:00", "id": 1, "name": "abc", "tags": ["a", "b c"]}

SELECT json_agg(t ORDER BY id) FROM t WHERE id < 3
----
json_agg json
[{"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]}, 
 {"id":2,"name":"x y","n":null,"at":null,"tags":null}]

SELECT jsonb_agg(t ORDER BY id DESC) FROM t WHERE id < 3
----
jsonb_agg jsonb
[{"n": null, "at": null, "id": 2, "name": "x y", "tags": null}, {"n": 1.50, "at": "2024-01-02T03:04:05+00:00", "id": 1, "name": "abc", "tags": ["a", "b c"]}]

SELECT json_agg(t.* ORDER BY id) FROM t WHERE id < 3
----
json_agg json
[{"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]}, 
 {"id":2,"name":"x y","n":null,"at":null,"tags":null}]

SELECT count(t), count(t.*), count(*), count(DISTINCT t) FROM t
----
count bigint | count bigint | count bigint | count bigint
5 | 5 | 5 | 5

SELECT count(DISTINCT (a, t)), count(u) FROM u
----
count bigint | count bigint
4 | 4

SELECT t IS NULL, t IS NOT NULL, u IS NULL, u IS NOT NULL FROM t LEFT JOIN u ON u.a = t.id ORDER BY id
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
f | t | f | t
t | f | f | f
t | f | t | f
t | f | t | f
t | f | t | f

SELECT a, t FROM u ORDER BY a
----
a integer | t integer
1 | 1
2 | NULL
7 | 7
NULL | NULL

SELECT u.t, u FROM u ORDER BY a
----
t integer | u record
1 | (1,1)
NULL | (2,)
7 | (7,7)
NULL | (,)

SELECT row_to_json(v), v FROM t LEFT JOIN u v ON v.a = t.id ORDER BY id
----
row_to_json json | v record
{"a":1,"t":1} | (1,1)
{"a":2,"t":null} | (2,)
NULL | NULL
NULL | NULL
NULL | NULL

SELECT v, row_to_json(v), v IS NULL FROM (VALUES (1), (9)) AS w(k) LEFT JOIN u v ON v.a = w.k ORDER BY k
----
v record | row_to_json json | ?column? boolean
(1,1) | {"a":1,"t":1} | f
NULL | NULL | t

SELECT x = y, x <> y, x < y, x >= y, x IS DISTINCT FROM y FROM u x, u y WHERE x.a = 1 ORDER BY y.a
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | f | f | t | f
f | t | t | f | t
f | t | t | f | t
f | t | t | f | t

SELECT x, y FROM u x JOIN u y ON x = y ORDER BY x.a
----
x record | y record
(1,1) | (1,1)
(2,) | (2,)
(7,7) | (7,7)
(,) | (,)

SELECT (t).name, (t).id + 1 FROM t WHERE id = 1
----
name text | ?column? integer
abc | 2

SELECT (t).* FROM t WHERE id = 1
----
id integer | name text | n numeric(10,2) | at timestamp with time zone | tags text[]
1 | abc | 1.50 | 2024-01-02 03:04:05+00 | {a,"b c"}

SELECT (t).*, 1 AS more FROM t WHERE id = 2
----
id integer | name text | n numeric(10,2) | at timestamp with time zone | tags text[] | more integer
2 | x y | NULL | NULL | NULL | 1

SELECT (t).nope FROM t
----
ERROR 42703 at 9: column t.nope does not exist
HINT: Perhaps you meant to reference the column "t.name".

SELECT (t.id).x FROM t
----
ERROR 42809 at 9: column notation .x applied to type integer, which is not a composite type

SELECT row_to_json(row(1, 'a', NULL)), row(1, 'a', NULL), row(), row(row(1, 2), 3)
----
row_to_json json | row record | row record | row record
{"f1":1,"f2":"a","f3":null} | (1,a,) | () | ("(1,2)",3)

SELECT row_to_json(row(t.*, 9)) FROM t WHERE id = 1
----
row_to_json json
{"f1":1,"f2":"abc","f3":1.50,"f4":"2024-01-02T03:04:05+00:00","f5":["a","b c"],"f6":9}

SELECT (row(1, 'z')).f2, (row(1, 2)).f3
----
ERROR 42703 at 27: could not identify column "f3" in record data type

SELECT (row(1, 'z')).f2
----
f2 text
z

SELECT row_to_json(x) FROM (SELECT id, name AS c FROM t WHERE id < 3 ORDER BY id) x
----
row_to_json json
{"id":1,"c":"abc"}
{"id":2,"c":"x y"}

SELECT row_to_json(x) FROM (VALUES (1, 'a'), (2, NULL)) AS x(k, v)
----
row_to_json json
{"k":1,"v":"a"}
{"k":2,"v":null}

SELECT row_to_json(g) FROM generate_series(1, 2) g
----
ERROR 42883 at 8: function row_to_json(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT row_to_json(g) FROM generate_series(1, 2) AS g(n)
----
ERROR 42883 at 8: function row_to_json(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT jsonb_build_object('t', t), json_build_array(t, 1), json_build_object('t', t) FROM t WHERE id = 2
----
jsonb_build_object jsonb | json_build_array json | json_build_object json
{"t": {"n": null, "at": null, "id": 2, "name": "x y", "tags": null}} | [{"id":2,"name":"x y","n":null,"at":null,"tags":null}, 1] | {"t" : {"id":2,"name":"x y","n":null,"at":null,"tags":null}}

SELECT array_agg(u ORDER BY a) FROM u
----
array_agg record[]
{"(1,1)","(2,)","(7,7)","(,)"}

SELECT ARRAY(SELECT u FROM u ORDER BY a)
----
array record[]
{"(1,1)","(2,)","(7,7)","(,)"}

SELECT to_json(array_agg(u ORDER BY a)) FROM u
----
to_json json
[{"a":1,"t":1},{"a":2,"t":null},{"a":7,"t":7},{"a":null,"t":null}]

SELECT (SELECT row_to_json(t)) FROM t WHERE id = 2
----
row_to_json json
{"id":2,"name":"x y","n":null,"at":null,"tags":null}

SELECT (SELECT json_agg(y ORDER BY y.a) FROM u y WHERE y.a <= t.id) FROM t ORDER BY id
----
json_agg json
[{"a":1,"t":1}]
[{"a":1,"t":1}, 
 {"a":2,"t":null}]
[{"a":1,"t":1}, 
 {"a":2,"t":null}]
[{"a":1,"t":1}, 
 {"a":2,"t":null}]
[{"a":1,"t":1}, 
 {"a":2,"t":null}]

SELECT t FROM t ORDER BY t DESC LIMIT 2
----
t record
(5,,,,)
(4,"a""b\\c(,)",,,)

SELECT u, count(*) FROM u GROUP BY u ORDER BY u
----
u record | count bigint
(1,1) | 1
(2,) | 1
(7,7) | 1
(,) | 1

SELECT row_to_json(t), count(*) FROM t GROUP BY t.id ORDER BY id LIMIT 1
----
row_to_json json | count bigint
{"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]} | 1

SELECT DISTINCT u FROM (SELECT * FROM u UNION ALL SELECT * FROM u) u ORDER BY u
----
u record
(1,1)
(2,)
(7,7)
(,)

SELECT max(t) FROM t
----
ERROR 42883 at 8: function max(record) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT row_to_json(1)
----
ERROR 42883 at 8: function row_to_json(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT row_to_json(nope) FROM t
----
ERROR 42703 at 20: column "nope" does not exist
HINT: Perhaps you meant to reference the column "t.name".

SELECT nope FROM t
----
ERROR 42703 at 8: column "nope" does not exist
HINT: Perhaps you meant to reference the column "t.name".

SELECT t + 1 FROM t
----
ERROR 42883 at 10: operator does not exist: record + integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT t = 1 FROM t
----
ERROR 42883 at 10: operator does not exist: record = integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT row(1, 'a') = u FROM u
----
ERROR 42804: cannot compare dissimilar column types integer and text at record column 2

SELECT row(1, 1) = u, row(1, 1) < u FROM u ORDER BY a
----
?column? boolean | ?column? boolean
t | f
f | t
f | t
f | t

SELECT row(1, 2, 3) = u FROM u
----
?column? boolean
f
f
f
f

SELECT u IN (row(1, 1), row(7, 7)) FROM u ORDER BY a
----
?column? boolean
t
f
t
f

SELECT count(*) FROM u WHERE u IN (SELECT v FROM u v WHERE v.a = 7)
----
count bigint
1

SELECT count(*) FROM u WHERE u IS NOT NULL
----
count bigint
2

SELECT count(*) FROM u WHERE NOT (u IS NULL)
----
count bigint
3

SELECT (a, t) FROM u ORDER BY (a, t)
----
row record
(1,1)
(2,)
(7,7)
(,)

SELECT coalesce(v, w) FROM u v, u w WHERE w.a = 1 AND v.a = 7
----
coalesce record
(7,7)

SELECT CASE WHEN a = 1 THEN u END, (CASE WHEN a = 1 THEN u END) IS NULL FROM u ORDER BY a
----
case record | ?column? boolean
(1,1) | f
NULL | t
NULL | t
NULL | t

SELECT s.r, s.r IS NULL, s.r IS NOT NULL, row_to_json(s.r) FROM (SELECT u AS r FROM u) s ORDER BY r
----
r record | ?column? boolean | ?column? boolean | row_to_json json
(1,1) | f | t | {"a":1,"t":1}
(2,) | f | f | {"a":2,"t":null}
(7,7) | f | t | {"a":7,"t":7}
(,) | t | f | {"a":null,"t":null}

SELECT (s.r).a FROM (SELECT u AS r FROM u) s
----
a integer
1
2
NULL
7

INSERT INTO u VALUES (11, 12) RETURNING row_to_json(u), u, (u).*
----
row_to_json json | u record | a integer | t integer
{"a":11,"t":12} | (11,12) | 11 | 12

UPDATE u SET t = 13 WHERE a = 11 RETURNING to_jsonb(u)
----
to_jsonb jsonb
{"a": 11, "t": 13}

DELETE FROM u WHERE a = 11 RETURNING u.*, u
----
a integer | t integer | u record
11 | 13 | (11,13)

SELECT count(*) FROM u WHERE u = (7, 7)
----
count bigint
1

SELECT u IS DISTINCT FROM v FROM u, u v WHERE v.a = 7 ORDER BY u.a
----
?column? boolean
t
t
f
t

SELECT row(u.*) IS DISTINCT FROM row(v.*) FROM u, u v WHERE v.a = 7 ORDER BY u.a
----
?column? boolean
t
t
f
t

SELECT row(u.*) IS NULL, (u.*) IS NULL FROM u ORDER BY a
----
?column? boolean | ?column? boolean
f | f
f | f
f | f
t | t

WITH w AS (SELECT a, t FROM u) SELECT row_to_json(w) FROM w ORDER BY a LIMIT 1
----
row_to_json json
{"a":1,"t":1}

SELECT row_to_json(e) FROM empty e
----
row_to_json json
(no rows)

SELECT json_agg(e), count(e) FROM empty e
----
json_agg json | count bigint
NULL | 0

SELECT concat(u, '!'), u || '!', format('%s', u) FROM u WHERE a = 7
----
concat text | ?column? text | format text
(7,7)! | (7,7)! | (7,7)

SELECT row_number() OVER (ORDER BY u), u FROM u ORDER BY 1
----
row_number bigint | u record
1 | (1,1)
2 | (2,)
3 | (7,7)
4 | (,)

SELECT string_agg(u::text, ';' ORDER BY a) FROM u
----
string_agg text
(1,1);(2,);(7,7);(,)

SELECT row_to_json(j) FROM (u JOIN t ON t.id = u.a) AS j
----
row_to_json json
{"a":1,"t":1,"id":1,"name":"abc","n":1.50,"at":"2024-01-02T03:04:05+00:00","tags":["a","b c"]}
{"a":2,"t":null,"id":2,"name":"x y","n":null,"at":null,"tags":null}

SELECT row_to_json(u) FROM u NATURAL JOIN (SELECT 7 AS a) k
----
row_to_json json
{"a":7,"t":7}

CREATE TABLE c AS SELECT row(1, 2) AS r
----
ERROR 42P16: column "r" has pseudo-type record

CREATE TABLE c (r record)
----
ERROR 0A000 at 19: type record here is not supported

SELECT '(1,2)'::record
----
ERROR 0A000 at 17: type record here is not supported

SELECT u::json FROM u
----
ERROR 42846 at 9: cannot cast type record to json

SELECT count(v) FROM t LEFT JOIN u v ON v.a = t.id
----
count bigint
2

SELECT t.id, json_agg(v) FROM t LEFT JOIN u v ON v.a = t.id GROUP BY t.id ORDER BY id
----
id integer | json_agg json
1 | [{"a":1,"t":1}]
2 | [{"a":2,"t":null}]
3 | [null]
4 | [null]
5 | [null]

SELECT t.id, json_agg(v) FILTER (WHERE v.a IS NOT NULL), coalesce(json_agg(v) FILTER (WHERE v IS NOT NULL), '[]') FROM t LEFT JOIN u v ON v.a = t.id GROUP BY t.id ORDER BY id
----
id integer | json_agg json | coalesce json
1 | [{"a":1,"t":1}] | [{"a":1,"t":1}]
2 | [{"a":2,"t":null}] | []
3 | NULL | []
4 | NULL | []
5 | NULL | []

SELECT l.*, row_to_json(l) FROM t LEFT JOIN LATERAL (SELECT max(a) AS m FROM u WHERE u.a = t.id + 1) l ON true ORDER BY id
----
m integer | row_to_json json
2 | {"m":2}
NULL | {"m":null}
NULL | {"m":null}
NULL | {"m":null}
NULL | {"m":null}

SELECT row(1.0) = row(1.00), array[row(1, 2)] = array[row(1, 2)]
----
?column? boolean | ?column? boolean
t | t

SELECT json_object_agg(a, u ORDER BY a) FROM u WHERE a IS NOT NULL
----
json_object_agg json
{ "1" : {"a":1,"t":1}, "2" : {"a":2,"t":null}, "7" : {"a":7,"t":7} }

SELECT x FROM (SELECT 1 AS x) x
----
x integer
1

SELECT y.x, y FROM (SELECT 1 AS x) y
----
x integer | y record
1 | (1)

SELECT u.a FROM u WHERE (u.a, u.t) = (7, 7)
----
a integer
7

SELECT (1, 2) = 5
----
ERROR 42883 at 15: operator does not exist: record = integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

SELECT row_to_json(t.name) FROM t
----
ERROR 42883 at 8: function row_to_json(text) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT to_json(row(1, row(2, 'x'), array[row(1, null)]))
----
to_json json
{"f1":1,"f2":{"f1":2,"f2":"x"},"f3":[{"f1":1,"f2":null}]}

SELECT to_jsonb(row(1, row(2, 'x'), null))
----
to_jsonb jsonb
{"f1": 1, "f2": {"f1": 2, "f2": "x"}, "f3": null}

SELECT jsonb_agg(DISTINCT u) FROM u
----
jsonb_agg jsonb
[{"a": 1, "t": 1}, {"a": 2, "t": null}, {"a": 7, "t": 7}, {"a": null, "t": null}]

SELECT json_agg(x) FROM (SELECT u.*, t.name FROM u JOIN t ON t.id = u.a) x
----
json_agg json
[{"a":1,"t":1,"name":"abc"}, 
 {"a":2,"t":null,"name":"x y"}]

CREATE TABLE sys (id int, b text)
----
done

INSERT INTO sys VALUES (1, 'x')
----
1 affected

SELECT (SELECT sys FROM sys LIMIT 1).b
----
b text
x

SELECT (SELECT sys FROM sys ORDER BY id LIMIT 1).nope
----
ERROR 42703 at 16: column sys.nope does not exist

SELECT tableoid::regclass, s.tableoid = tableoid FROM sys s
----
tableoid regclass | ?column? boolean
sys | t

SELECT ctid FROM sys
----
ERROR 0A000 at 8: the system column ctid is not supported

SELECT s.xmin FROM sys s
----
ERROR 0A000 at 8: the system column xmin is not supported

SELECT tableoid FROM sys a, sys b
----
ERROR 42702 at 8: column reference "tableoid" is ambiguous

SELECT l.tableoid::regclass FROM (VALUES (1), (2)) v(x) LEFT JOIN sys l ON l.id = x ORDER BY x
----
tableoid regclass
sys
NULL

SELECT tableoid FROM (SELECT * FROM sys) x
----
ERROR 42703 at 8: column "tableoid" does not exist

CREATE TABLE bad (ctid int)
----
ERROR 42701 at 19: column name "ctid" conflicts with a system column name

SELECT 'array_in'::regproc, typinput, typreceive::oid FROM pg_type WHERE typname = '_int4'
----
regproc regproc | typinput regproc | typreceive oid
array_in | array_in | 2400

SELECT 'nothing'::regproc
----
ERROR 42883 at 8: function "nothing" does not exist

SELECT 10::regrole, to_regrole('nobody'), to_regproc('int4in(cstring)')
----
regrole regrole | to_regrole regrole | to_regproc regproc
remanent | NULL | int4in

SELECT * FROM pg_timezone_names
----
ERROR 0A000 at 15: pg_timezone_names is not supported
