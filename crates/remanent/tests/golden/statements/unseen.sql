select x, row_number() over (order by x rows between -1 preceding and current row) from (values (1), (2)) v(x)

select x, rank() over (order by x rows between null preceding and current row) from (values (1), (2)) v(x)

select x, lag(x) over (order by x range between -1 preceding and current row) from (values (1), (2)) v(x)

select x, ntile(0) over (order by x groups between 1 preceding and -1 following) from (values (1), (2)) v(x)

select x, row_number() over (order by x rows between -1 preceding and current row) from (values (1)) v(x) where x > 1

select x, dense_rank() over (order by x rows between 1 preceding and current row) from (values (1), (2), (2)) v(x)

select x, sum(x) over (order by x range between interval '1 day' preceding and current row) from (values (1), (2)) v(x)

select sum(x) over (order by x range between 1 preceding and current row) from (values (1.5::float8), (2)) v(x)

select max(x) over (order by x range between 1 preceding and current row) from (values (timestamp '2024-01-01')) v(x)

select overlay('abc' placing 'XX' from 2 for 2147483647)

select overlay('\x0102'::bytea placing '\x03'::bytea from 2147483647), 1

select overlay('abc' placing 'XX' from 2 for -1), overlay('abc' placing 'XX' from 2147483646 for 1)

select to_date('2024-01-01 +05', 'YYYY-MM-DD TZH'), to_date('2024-01-01 23:30 -05:30', 'YYYY-MM-DD HH24:MI TZH:TZM'), to_timestamp('2024-01-01 +05', 'YYYY-MM-DD TZH')

select to_char(99999, '9.99EEEE'), to_char(99999::int8, '9.99EEEE'), to_char(99999::numeric, '9.99EEEE'), to_char(-12345, '9.9EEEE'), to_char(0, '9.9EEEE')

select to_char(interval '-1 day', 'DD DDD DDth'), to_char(interval '-1 hour', 'HH24'), to_char(interval '3 days', 'DD DDD')

select to_timestamp('20181102123456123456', 'YYYYMMDDHH24MISSFF3')

select '23:59:60'::time, '23:59:59.9999999'::time

select '23:59:60.01'::time

select '23:59:60.01+00'::timetz

select timestamp '2024-12-31 23:59:60.01'

select interval '-2147483648 days ago'

select interval '-2147483648 months ago'

select '{1,2}'::_int4, array['a']::_text, '{{1.5}}'::_numeric

select 1::_nothing

select * from json_to_record('{"a": [1, "2", null]}') as x(a _int4)

select upper(a => 'x')

select nothing(1, b => 2)

select * from nothing(a := 1)

select '1'::jsonb @? '$x', '1'::jsonb @@ '$x == null', '2'::jsonb @? '$ ? (@ > $x)'

select jsonb_path_exists('1', '$x')

select jsonb_path_query('1', '$x', '{"x": 5}')

select '"a"'::jsonb @? '-$', '"a"'::jsonb @? '(-$).type()', '"a"'::jsonb @? 'strict -$', '["a", 1]'::jsonb @? '+$[*]', '"a"'::jsonb @@ '-$'

select jsonb_path_query_first('"a"', '-$')

create table tagged (id int primary key, tags text[], n int)

insert into tagged values (1, '{a,b}', 1), (2, '{b,c}', 2), (3, '{}', 3), (4, null, 4), (5, '{b,null}', 5)

select unnest(tags), count(*), sum(n) from tagged group by 1 order by 1

select unnest(tags) as tag, count(*) from tagged where id < 5 group by tag having count(*) > 1

select unnest(tags) || '!', count(*) from tagged group by unnest(tags) order by 1 nulls first

select upper(unnest(tags)) as up, max(id) from tagged group by up order by up

select count(*) from tagged group by unnest(tags) order by unnest(tags)

select unnest(tags) as tag, count(*), generate_series(1, 2) as g from tagged where id = 1 group by tag order by tag, g

select unnest(tags) as tag, id % 2, count(*) from tagged group by rollup (tag, 2) order by 1, 2, 3

select id, unnest(tags) from tagged group by id order by id, 2

select unnest(tags), tags from tagged group by 1

select count(*) from tagged where unnest(tags) = 'a'

select generate_series(1, 3) as g, rank() over (order by count(*)) from tagged group by g order by g

select row_number() over (order by id) as r from tagged group by r

select count(*) as c from tagged group by c

select concat(variadic array[1, 2, 3]), concat_ws(',', variadic array['a', null, 'b']), format('%2$s, %1$s', variadic array['first', 'second'])

select id, concat_ws('-', variadic tags), num_nulls(variadic tags), json_build_array(variadic tags) from tagged order by id

select jsonb_build_object(variadic '{a,1,b,2}'::text[]), jsonb_extract_path('{"a": {"b": 7}}', variadic '{a,b}'), concat(variadic null::int[]), concat(variadic '{}'::text[])

select json_build_object(variadic '{a,b,c}'::text[])

select concat('|', variadic array[1, 2])

select nothing(1, variadic array['x'])

select abs(variadic array[1])

select concat(variadic 'a')

select '12'::text || '\x0102'::bytea, '\x0102'::bytea || 'ab'::char(4), '\x01'::bytea || '\x02'::bytea, '\x01'::bytea || '\x41'

select array[1, 2] = any('{}')

select 1 = any('{}'), '{1}'::int[] is distinct from null

select '[1]'::json is distinct from null, null is not distinct from '[1]'::json, null is distinct from null, 1 is distinct from null

select 5 collate "C"

select array[1] collate "C"

select 'a' collate "C", array['a'] collate "C", 'a'::char(3) collate "C"

select sum(n) over w from tagged window w as (order by id), w as (order by n)

select (timestamp 'today 10:30') - (timestamp 'today'), (timestamp '16:00 tomorrow') - (timestamp 'today'), date 'yesterday 23:00' = date 'yesterday', 'tomorrow 01:00'::timestamptz - 'tomorrow'::timestamptz

select timestamp 'today x'

select * from jsonb_populate_record(null::tagged, '{"id": 7, "tags": ["x", "y"], "more": 1}')

select id, n from json_populate_recordset(null::public.tagged, '[{"id": 1}, {"n": "5"}]') as x

insert into tagged select * from jsonb_populate_recordset(null::tagged, '[{"id": 8, "tags": null}, {"id": 9, "n": 3}]')

select * from tagged where id > 7 order by id

select * from jsonb_populate_record(null::tagged, '{"id": "x"}')

select * from jsonb_populate_record(null::tagged, '{}') as x(a int)

select * from jsonb_populate_record(null::nothing, '{}')

select * from json_populate_record(null::record, '{"x": 776}') as (x int, y int)

select * from json_populate_record(null::record, '{"x": 776}')

select * from jsonb_populate_recordset(null::record, '[]') as (x int, y int)

select nowhere.f(1)

select hashtext(''), hashtext('a'), hashtext('orders/17'), hashtext('twelve bytes'), hashtext('thirteen byte'), hashtext('Ünïcödé ' || repeat('x', 40)), hashtext(null)

select hashtextextended('', 0), hashtextextended('orders/17', 0), hashtextextended('orders/17', -5), hashtextextended('orders/17', 1234567890123)

select (1, 2) between (1, 1) and (2, 0), (1, 2) not between (1, 3) and (2, 0), (1, null) between (0, 1) and (2, 0), (1, null) between (1, 1) and (2, 0), row(3, 'b') between (3, 'a') and (3, 'c')

select (1, 2) between (1, 2, 3) and (5, 5)

select id from tagged where (n, id) between (2, 0) and (3, 9) order by id
