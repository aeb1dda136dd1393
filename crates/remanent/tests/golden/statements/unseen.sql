select x, row_number() over (order by x rows between -1 preceding and current row) from (values (1), (2)) v(x)
----
ERROR 22013: frame starting offset must not be negative

select x, rank() over (order by x rows between null preceding and current row) from (values (1), (2)) v(x)
----
ERROR 22004: frame starting offset must not be null

select x, lag(x) over (order by x range between -1 preceding and current row) from (values (1), (2)) v(x)
----
ERROR 22013: invalid preceding or following size in window function

select x, ntile(0) over (order by x groups between 1 preceding and -1 following) from (values (1), (2)) v(x)
----
ERROR 22013: frame ending offset must not be negative

select x, dense_rank() over (order by x rows between 1 preceding and current row) from (values (1), (2), (2)) v(x)
----
x integer | dense_rank bigint
1 | 1
2 | 2
2 | 2

select x, sum(x) over (order by x range between interval '1 day' preceding and current row) from (values (1), (2)) v(x)
----
ERROR 0A000 at 58: RANGE with offset PRECEDING/FOLLOWING is not supported for column type integer and offset type interval

select sum(x) over (order by x range between 1 preceding and current row) from (values (1.5::float8), (2)) v(x)
----
sum double precision
1.5
3.5

select max(x) over (order by x range between 1 preceding and current row) from (values (timestamp '2024-01-01')) v(x)
----
ERROR 0A000 at 46: RANGE with offset PRECEDING/FOLLOWING is not supported for column type timestamp without time zone and offset type integer

select overlay('abc' placing 'XX' from 2 for 2147483647)
----
ERROR 22003: integer out of range

select overlay('\x0102'::bytea placing '\x03'::bytea from 2147483647), 1
----
ERROR 22003: integer out of range

select overlay('abc' placing 'XX' from 2 for -1), overlay('abc' placing 'XX' from 2147483646 for 1)
----
overlay text | overlay text
aXXabc | abcXX

select to_date('2024-01-01 +05', 'YYYY-MM-DD TZH'), to_date('2024-01-01 23:30 -05:30', 'YYYY-MM-DD HH24:MI TZH:TZM'), to_timestamp('2024-01-01 +05', 'YYYY-MM-DD TZH')
----
to_date date | to_date date | to_timestamp timestamp with time zone
2024-01-01 | 2024-01-01 | 2023-12-31 19:00:00+00

select to_char(99999, '9.99EEEE'), to_char(99999::int8, '9.99EEEE'), to_char(99999::numeric, '9.99EEEE'), to_char(-12345, '9.9EEEE'), to_char(0, '9.9EEEE')
----
to_char text | to_char text | to_char text | to_char text | to_char text
 1.00e+05 |  10.00e+04 |  10.00e+04 | -1.2e+04 |  0.0e+00

select to_char(interval '-1 day', 'DD DDD DDth'), to_char(interval '-1 hour', 'HH24'), to_char(interval '3 days', 'DD DDD')
----
to_char text | to_char text | to_char text
-1 -01 -1st | -01 | 03 003

select to_timestamp('20181102123456123456', 'YYYYMMDDHH24MISSFF3')
----
to_timestamp timestamp with time zone
2018-11-02 12:34:56.123+00

select '23:59:60'::time, '23:59:59.9999999'::time
----
time time without time zone | time time without time zone
24:00:00 | 24:00:00

select '23:59:60.01'::time
----
ERROR 22008 at 8: date/time field value out of range: "23:59:60.01"

select '23:59:60.01+00'::timetz
----
ERROR 22008 at 8: date/time field value out of range: "23:59:60.01+00"

select timestamp '2024-12-31 23:59:60.01'
----
ERROR 22008 at 18: date/time field value out of range: "2024-12-31 23:59:60.01"

select interval '-2147483648 days ago'
----
ERROR 22015 at 17: interval field value out of range: "-2147483648 days ago"

select interval '-2147483648 months ago'
----
ERROR 22015 at 17: interval field value out of range: "-2147483648 months ago"

select '{1,2}'::_int4, array['a']::_text, '{{1.5}}'::_numeric
----
_int4 integer[] | array text[] | _numeric numeric[]
{1,2} | {a} | {{1.5}}

select 1::_nothing
----
ERROR 42704 at 11: type "_nothing" does not exist

select * from json_to_record('{"a": [1, "2", null]}') as x(a _int4)
----
a integer[]
{1,2,NULL}

select upper(a => 'x')
----
ERROR 42883 at 8: function upper does not exist

select nothing(1, b => 2)
----
ERROR 42883 at 8: function nothing does not exist

select * from nothing(a := 1)
----
ERROR 42883 at 15: function nothing does not exist

select '1'::jsonb @? '$x', '1'::jsonb @@ '$x == null', '2'::jsonb @? '$ ? (@ > $x)'
----
?column? boolean | ?column? boolean | ?column? boolean
t | t | f

select jsonb_path_exists('1', '$x')
----
ERROR 42704: could not find jsonpath variable "x"

select jsonb_path_query('1', '$x', '{"x": 5}')
----
jsonb_path_query jsonb
5

select '"a"'::jsonb @? '-$', '"a"'::jsonb @? '(-$).type()', '"a"'::jsonb @? 'strict -$', '["a", 1]'::jsonb @? '+$[*]', '"a"'::jsonb @@ '-$'
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
f | NULL | NULL | t | NULL

select jsonb_path_query_first('"a"', '-$')
----
ERROR 2203B: operand of unary jsonpath operator - is not a numeric value

create table tagged (id int primary key, tags text[], n int)
----
done

insert into tagged values (1, '{a,b}', 1), (2, '{b,c}', 2), (3, '{}', 3), (4, null, 4), (5, '{b,null}', 5)
----
5 affected

select unnest(tags), count(*), sum(n) from tagged group by 1 order by 1
----
unnest text | count bigint | sum bigint
a | 1 | 1
b | 3 | 8
c | 1 | 2
NULL | 1 | 5

select unnest(tags) as tag, count(*) from tagged where id < 5 group by tag having count(*) > 1
----
tag text | count bigint
b | 2

select unnest(tags) || '!', count(*) from tagged group by unnest(tags) order by 1 nulls first
----
?column? text | count bigint
NULL | 1
a! | 1
b! | 3
c! | 1

select upper(unnest(tags)) as up, max(id) from tagged group by up order by up
----
up text | max integer
A | 1
B | 5
C | 2
NULL | 5

select count(*) from tagged group by unnest(tags) order by unnest(tags)
----
count bigint
1
3
1
1

select unnest(tags) as tag, count(*), generate_series(1, 2) as g from tagged where id = 1 group by tag order by tag, g
----
tag text | count bigint | g integer
a | 1 | 1
a | 1 | 2
b | 1 | 1
b | 1 | 2

select unnest(tags) as tag, id % 2, count(*) from tagged group by rollup (tag, 2) order by 1, 2, 3
----
tag text | ?column? integer | count bigint
a | 1 | 1
a | NULL | 1
b | 0 | 1
b | 1 | 2
b | NULL | 3
c | 0 | 1
c | NULL | 1
NULL | 1 | 1
NULL | NULL | 1
NULL | NULL | 6

select id, unnest(tags) from tagged group by id order by id, 2
----
id integer | unnest text
1 | a
1 | b
2 | b
2 | c
5 | b
5 | NULL

select unnest(tags), tags from tagged group by 1
----
ERROR 42803 at 22: column "tagged.tags" must appear in the GROUP BY clause or be used in an aggregate function

select count(*) from tagged where unnest(tags) = 'a'
----
ERROR 0A000 at 35: set-returning functions are not allowed in WHERE

select generate_series(1, 3) as g, rank() over (order by count(*)) from tagged group by g order by g
----
g integer | rank bigint
1 | 1
2 | 1
3 | 1

select row_number() over (order by id) as r from tagged group by r
----
ERROR 42P20 at 8: window functions are not allowed in GROUP BY

select count(*) as c from tagged group by c
----
ERROR 42803 at 8: aggregate functions are not allowed in GROUP BY

select concat(variadic array[1, 2, 3]), concat_ws(',', variadic array['a', null, 'b']), format('%2$s, %1$s', variadic array['first', 'second'])
----
concat text | concat_ws text | format text
123 | a,b | second, first

select id, concat_ws('-', variadic tags), num_nulls(variadic tags), json_build_array(variadic tags) from tagged order by id
----
id integer | concat_ws text | num_nulls integer | json_build_array json
1 | a-b | 0 | ["a", "b"]
2 | b-c | 0 | ["b", "c"]
3 |  | 0 | []
4 | NULL | NULL | NULL
5 | b | 1 | ["b", null]

select jsonb_build_object(variadic '{a,1,b,2}'::text[]), jsonb_extract_path('{"a": {"b": 7}}', variadic '{a,b}'), concat(variadic null::int[]), concat(variadic '{}'::text[])
----
jsonb_build_object jsonb | jsonb_extract_path jsonb | concat text | concat text
{"a": "1", "b": "2"} | 7 | NULL | 

select json_build_object(variadic '{a,b,c}'::text[])
----
ERROR 22023: argument list must have even number of elements
HINT: The arguments of json_build_object() must consist of alternating keys and values.

select concat('|', variadic array[1, 2])
----
ERROR 42883 at 8: function concat(unknown, integer[]) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select nothing(1, variadic array['x'])
----
ERROR 42883 at 8: function nothing(integer, text[]) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select abs(variadic array[1])
----
ERROR 42883 at 8: function abs(integer[]) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select '12'::text || '\x0102'::bytea, '\x0102'::bytea || 'ab'::char(4), '\x01'::bytea || '\x02'::bytea, '\x01'::bytea || '\x41'
----
?column? text | ?column? text | ?column? bytea | ?column? bytea
12\x0102 | \x0102ab | \x0102 | \x0141

select array[1, 2] = any('{}')
----
ERROR 42704 at 20: could not find array type for data type integer[]

select 1 = any('{}'), '{1}'::int[] is distinct from null
----
?column? boolean | ?column? boolean
f | t

select '[1]'::json is distinct from null, null is not distinct from '[1]'::json, null is distinct from null, 1 is distinct from null
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | f | f | t

select 'a' collate "C", array['a'] collate "C", 'a'::char(3) collate "C"
----
?column? text | array text[] | bpchar character(3)
a | {a} | a  

select (timestamp 'today 10:30') - (timestamp 'today'), (timestamp '16:00 tomorrow') - (timestamp 'today'), date 'yesterday 23:00' = date 'yesterday', 'tomorrow 01:00'::timestamptz - 'tomorrow'::timestamptz
----
?column? interval | ?column? interval | ?column? boolean | ?column? interval
10:30:00 | 1 day 16:00:00 | t | 01:00:00

select * from jsonb_populate_record(null::tagged, '{"id": 7, "tags": ["x", "y"], "more": 1}')
----
id integer | tags text[] | n integer
7 | {x,y} | NULL

select id, n from json_populate_recordset(null::public.tagged, '[{"id": 1}, {"n": "5"}]') as x
----
id integer | n integer
1 | NULL
NULL | 5

insert into tagged select * from jsonb_populate_recordset(null::tagged, '[{"id": 8, "tags": null}, {"id": 9, "n": 3}]')
----
2 affected

select * from tagged where id > 7 order by id
----
id integer | tags text[] | n integer
8 | NULL | NULL
9 | NULL | 3

select * from jsonb_populate_record(null::tagged, '{"id": "x"}')
----
ERROR 22P02: invalid input syntax for type integer: "x"

select * from jsonb_populate_record(null::tagged, '{}') as x(a int)
----
ERROR 42601 at 62: a column definition list is only allowed for functions returning "record"

select * from jsonb_populate_record(null::nothing, '{}')
----
ERROR 42704 at 43: type "nothing" does not exist

select * from json_populate_record(null::record, '{"x": 776}') as (x int, y int)
----
x integer | y integer
776 | NULL

select * from json_populate_record(null::record, '{"x": 776}')
----
ERROR 42601 at 15: a column definition list is required for functions returning "record"

select * from jsonb_populate_recordset(null::record, '[]') as (x int, y int)
----
x integer | y integer
(no rows)

select nowhere.f(1)
----
ERROR 3F000 at 8: schema "nowhere" does not exist

select hashtext(''), hashtext('a'), hashtext('orders/17'), hashtext('twelve bytes'), hashtext('thirteen byte'), hashtext('Ünïcödé ' || repeat('x', 40)), hashtext(null)
----
hashtext integer | hashtext integer | hashtext integer | hashtext integer | hashtext integer | hashtext integer | hashtext integer
-1477818771 | 1075015857 | -34170337 | 652846557 | -1367827268 | 1260268268 | NULL

select hashtextextended('', 0), hashtextextended('orders/17', 0), hashtextextended('orders/17', -5), hashtextextended('orders/17', 1234567890123)
----
hashtextextended bigint | hashtextextended bigint | hashtextextended bigint | hashtextextended bigint
-6939563903564495251 | 2447618075734219295 | -5166420520521075778 | 401139683694050057

select (1, 2) between (1, 1) and (2, 0), (1, 2) not between (1, 3) and (2, 0), (1, null) between (0, 1) and (2, 0), (1, null) between (1, 1) and (2, 0), row(3, 'b') between (3, 'a') and (3, 'c')
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | t | t | NULL | t

select (1, 2) between (1, 2, 3) and (5, 5)
----
ERROR 42601 at 15: unequal number of entries in row expressions

select id from tagged where (n, id) between (2, 0) and (3, 9) order by id
----
id integer
2
3
9
