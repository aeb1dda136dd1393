SELECT * FROM json_to_record('{"a": 1, "b": "x", "c": [1, "2", null, 4], "d": {"e": [true]}, "f": "2020-01-02"}') AS x(a int, b text, c int[], d json, f date, g numeric)
----
a integer | b text | c integer[] | d json | f date | g numeric
1 | x | {1,2,NULL,4} | {"e": [true]} | 2020-01-02 | NULL

SELECT * FROM jsonb_to_recordset('[{"a": 1, "b": "foo"}, {"a": "2", "c": "bar"}, {}]') AS (a int, b text) ORDER BY a
----
a integer | b text
1 | foo
2 | NULL
NULL | NULL

SELECT x.k, t.* FROM (VALUES (1, '[{"v": 1.5}, {"v": null}]'::jsonb), (2, '[]'), (3, NULL)) AS x(k, j) LEFT JOIN LATERAL jsonb_to_recordset(x.j) AS t(v double precision) ON true ORDER BY x.k, t.v
----
k integer | v double precision
1 | 1.5
1 | NULL
2 | NULL
3 | NULL

SELECT * FROM json_to_record(NULL) AS x(a int, b text)
----
a integer | b text
NULL | NULL

SELECT * FROM jsonb_to_record('{"a": [[1, 2], [3, 4]], "b": "{5,6}", "c": [{"d": 1}, "e"], "t": ["q\"r", "s,t"]}') AS x(a int[], b int[], c jsonb[], t text[])
----
a integer[] | b integer[] | c jsonb[] | t text[]
{{1,2},{3,4}} | {5,6} | {"{\"d\": 1}","\"e\""} | {"q\"r","s,t"}

SELECT * FROM jsonb_to_record('{"a": 5}') AS x(a int[])
----
ERROR 22P02: expected JSON array
HINT: See the value of key "a".

SELECT * FROM jsonb_to_recordset('{"a": 5}') AS x(a int)
----
ERROR 22023: cannot call jsonb_to_recordset on a non-array

SELECT * FROM jsonb_to_recordset('[1]') AS x(a int)
----
ERROR 22023: argument of jsonb_to_recordset must be an array of objects

SELECT * FROM jsonb_to_record('{"a": "x"}') AS x(a int)
----
ERROR 22P02: invalid input syntax for type integer: "x"

SELECT * FROM jsonb_to_record('{"a": "abcd"}') AS x(a varchar(3))
----
ERROR 22001: value too long for type character varying(3)

SELECT * FROM jsonb_to_record('{"a": "abc", "b": "101", "c": 1.256, "d": ["ab", "c"]}') AS x(a varchar(3) COLLATE "C", b bit(3), c numeric(4, 2), d char(3)[])
----
a character varying(3) | b bit(3) | c numeric(4,2) | d character(3)[]
abc | 101 | 1.26 | {"ab ","c  "}

SELECT * FROM jsonb_to_record('{"a": "abc"}') AS x(a text COLLATE "en-x-icu")
----
ERROR 0A000 at 67: collation "en-x-icu" is not supported

SELECT * FROM jsonb_to_record('{"a": 5}') AS x(a int, b int, a text)
----
ERROR 42701 at 62: column name "a" specified more than once

SELECT * FROM jsonb_to_record('{"a": 5}')
----
ERROR 42601 at 15: a column definition list is required for functions returning "record"

SELECT * FROM generate_series(1, 2) AS x(a int)
----
ERROR 42601 at 42: a column definition list is only allowed for functions returning "record"

SELECT x.* FROM ROWS FROM (json_to_record('{"a": 5}') AS (a int), generate_series(1, 2)) AS x
----
a integer | generate_series integer
5 | 1
NULL | 2

SELECT make_interval(days => 10), make_interval(1, hours => 2, secs => 3.5), make_date(month => 2, day => 29, year => 2024)
----
make_interval interval | make_interval interval | make_date date
10 days | 1 year 02:00:03.5 | 2024-02-29

SELECT make_date(month => 2, year => 2024)
----
ERROR 42883 at 8: function make_date(integer, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT make_interval(days => 10, days => 2)
----
ERROR 42601 at 34: argument name "days" used more than once

SELECT make_interval(days => 10, 2)
----
ERROR 42601 at 34: positional argument cannot follow named argument

SELECT jsonb_set('{"a": 1}', '{b}', '2', create_if_missing => false), jsonb_set('{"a": 1}', path => '{b}', replacement => '2')
----
jsonb_set jsonb | jsonb_set jsonb
{"a": 1} | {"a": 1, "b": 2}

SELECT jsonb_path_query_first('[1, 2, 3]', '$[*] ? (@ > $min)', vars => '{"min": 1}'), jsonb_path_query_array('{}', 'strict $.a', silent => true)
----
jsonb_path_query_first jsonb | jsonb_path_query_array jsonb
2 | []

SELECT * FROM jsonb_path_query('[1, 2, 3]', '$[*] ? (@ > $min)', vars => '{"min": 1}')
----
jsonb_path_query jsonb
2
3

SELECT jsonb_path_query('[1, 2, 3]', '$[*] ? (@ > $min)', vars => '{"min": 1}')
----
jsonb_path_query jsonb
2
3

SELECT ST_AsText(ST_TileEnvelope(1, 0, 0, margin => 0.1)), ST_AsText(ST_TileEnvelope(1, 0, 0))
----
st_astext text | st_astext text
POLYGON((-22041259.177068166 -2003750.8342789263,-22041259.177068166 20037508.342789244,2003750.8342789263 20037508.342789244,2003750.8342789263 -2003750.8342789263,-22041259.177068166 -2003750.8342789263)) | POLYGON((-20037508.342789244 0,-20037508.342789244 20037508.342789244,0 20037508.342789244,0 0,-20037508.342789244 0))

SELECT abs(x => 1)
----
ERROR 42883 at 8: function abs does not exist
