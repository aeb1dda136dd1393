# numeric of any size
1e40 + 0.5
123456789012345678901234567890123456789012345678901234567890::numeric * 2
-1e50 - 1e-20
1e60 / 3
1 / 3e60
1e60 % 7
'NaN'::numeric
'Infinity'::numeric - 'Infinity'::numeric
'-inf'::numeric < -1e100
'NaN'::numeric = 'NaN'::numeric
'NaN'::numeric > 'Infinity'::numeric
1.5 / 0
'Infinity'::numeric / 0
round(1e40 / 7, 50)
round(-12345678901234567890123456789012345678901234567890.5)
trunc(1e45 + 0.999, 2)
ceil(1e40 + 0.1)
floor(-1e40 - 0.1)
abs(-1e45)
sign(-1e45)
sign('NaN'::numeric)
sqrt(2e80)
sqrt(2::numeric)
sqrt(-1e50)
exp(100::numeric)
exp(5000.5)
exp(7000::numeric)
ln(1e100)
ln(0.0)
log(1e100)
log(2, 1e50)
power(2::numeric, 200)
power(1.5, 0.333)
power(2::numeric, -200)
2::numeric ^ 0.5
power(-8, 1.0/3)
factorial(30)
factorial(-1)
gcd(1e40, 6)
lcm(1.5, 2)
div(1e40, 7)
mod(-1e40, 7)
scale(1e-100)
min_scale(1.5000)
trim_scale(1e40 + 1.500)
(1e40)::text
'1e40'::numeric::float8
'1e400'::numeric::float8
1e40::int8
'NaN'::numeric::int4
'Infinity'::numeric::int8
'NaN'::numeric::float4
1e300::float8::numeric
'NaN'::float8::numeric
'-Infinity'::float8::numeric
12345.678::numeric(50,20)
12345.678::numeric(10,-2)
12345.678::numeric(3,-3)
0.00123::numeric(2,5)
99999::numeric(3,-1)
'Infinity'::numeric(5,2)
'NaN'::numeric(5,2)
1::numeric(1001)
1::numeric(10,1001)
1.0 = 1.00000000000000000000000000000000000000000000
-(1e40)
+(1e40)
greatest(1e40, 1e39, 'NaN'::numeric)
1e131071 * 10
1e-16383 / 10
# character types
'abc'::varchar
'abcdef'::varchar(3)
'abcdef'::varchar(3) || 'x'
'ab'::char(5)
length('ab'::char(5))
octet_length('ab'::char(5))
'ab'::char(5) || 'x'
'ab'::char(5) = 'ab'
'ab '::char(5) = 'ab'::char(3)
'ab'::char(5)::text = 'ab'
'abcdef'::char(3)
'a'::char
'ab'::bpchar
'x'::varchar(0)
'x'::char(10485761)
'abc'::varchar < 'abd'
upper('abc'::varchar(10))
'abc'::varchar like 'a%'
coalesce(null::varchar(3), 'abcd')
case when true then 'a'::varchar else 'b'::text end
12::varchar
true::varchar(3)
'12'::varchar::int4
1.5::char(5)
nullif('a'::char(3), 'a')
'a'::varchar in ('a', 'b', 'c')
'a'::char(3) in ('a', 'b', 'c')
'abc'::varchar = 1
# uuid
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
'{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'::uuid
'a0eebc999c0b4ef8bb6d6bb9bd380a11'::uuid
'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11'::uuid
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1'::uuid
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11x'::uuid
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid < 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid::text
'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid + 1
gen_random_uuid() = gen_random_uuid()
length(gen_random_uuid()::text)
# time
'04:05:06'::time
'04:05:06.789'::time
'04:05'::time
'040506'::time
'04:05 PM'::time
'24:00:00'::time
'24:00:01'::time
'2003-04-12 04:05:06'::time
'allballs'::time
'x'::time
time '23:59:60'
'2024-01-02 03:04:05'::timestamp::time
'25 hours 3 minutes'::interval::time
'03:04:05'::time::interval
'03:04:05'::time < '03:04:06'
'03:04:05'::time::text
# arrays
'{1,2,3}'::int[]
'{1,NULL,3}'::int4[]
'{}'::text[]
'{a,"b c","d,e","f\"g","","NULL",null}'::text[]
'[0:2]={1,2,3}'::int[]
'{{1,2},{3,4}}'::int[]
'[1:2][-1:0]={{1,2},{3,4}}'::int[]
'{{1,2},{3}}'::int[]
'{1,2'::int[]
'{1,,2}'::int[]
'{1,x}'::int[]
'1,2'::int[]
'{1}}'::int[]
'[2:1]={}'::int[]
'[1:3]={1,2}'::int[]
' { 1 , 2 } '::int[]
'{a\b,c\\d}'::text[]
'{t,f,NULL}'::bool[]
'{1.50,2}'::numeric[]
'{2024-01-02,infinity}'::date[]
'{"2024-01-02 03:04:05"}'::timestamp[]
'{1,2}'::int[]::text
'{1,2}'::int[]::text[]
'{1.6,2.5}'::numeric[]::int[]
array[1,2,3]
array[1,2.5]
array['a','b']
array[[1,2],[3,4]]
array[]::int[]
array[]
array[1,null]
array[null]
array[array[1,2],array[3]]
array['1','2']::int[]
array[[1,2],[3,4]]::text[]
array[1,'x']
(array[1,2,3])[2]
(array[1,2,3])[4]
(array[1,2,3])[null]
(array[[1,2],[3,4]])[2][1]
(array[[1,2],[3,4]])[2]
(array[1,2,3,4])[2:3]
(array[1,2,3,4])[:2]
(array[1,2,3,4])[3:]
(array[1,2,3,4])[:]
(array[[1,2],[3,4],[5,6]])[2:3][1:1]
(array[[1,2],[3,4],[5,6]])[2:3]
(array[[1,2],[3,4],[5,6]])[1:2][2]
(array[1,2,3])[5:6]
('[0:2]={1,2,3}'::int[])[0]
('[0:2]={1,2,3}'::int[])[0:1]
(1)[1]
array[1,2] = array[1,2]
array[1,2] <> array[1,3]
array[1,2] < array[1,2,3]
array[1,null] > array[1,2]
array[1,2] = '{1,2}'
array[1,2,3] @> array[2]
array[2] <@ array[1,2,3]
array[1,null] @> array[null]::int[]
array[1,2] && array[2,3]
array[1,2] && '{5}'
array[1,2] || 3
1 || array[2,3]
array[1,2] || array[3,4]
array[1,2] || array[[3,4]]
array[[1,2]] || array[3,4]
array[1,2] || array[[3,4,5]]
array[1,2] || null
array[1,2] || '{3}'
null || array[1]
array['a'] || 'b'::text
array_append(array[1,2], 3)
array_append(null::int[], 3)
array_prepend(0, array[1,2])
array_cat(array[1], array[2,3])
array_length(array[1,2,3], 1)
array_length(array[1,2,3], 2)
array_length('{}'::int[], 1)
array_ndims(array[[1,2],[3,4]])
array_dims('[2:4]={1,2,3}'::int[])
array_lower('[2:4]={1,2,3}'::int[], 1)
array_upper('[2:4]={1,2,3}'::int[], 1)
cardinality(array[[1,2],[3,4]])
cardinality('{}'::int[])
array_remove(array[1,2,3,2], 2)
array_remove(array[1,null,3], null)
array_remove(array[[1,2]], 2)
array_replace(array[1,2,5,4], 5, 3)
array_replace(array[1,null], null, 9)
array_position(array['sun','mon','tue'], 'mon')
array_position(array[1,4,3,4], 4, 3)
array_position(array[1,null], null)
array_positions(array['A','A','B','A'], 'A')
array_to_string(array[1,2,3,null,5], ',')
array_to_string(array[1,2,3,null,5], ',', '*')
array_to_string(array[true,false], '|')
string_to_array('xx~~yy~~zz', '~~')
string_to_array('xx~~yy~~zz', '~~', 'yy')
string_to_array('abc', null)
string_to_array('abc', '')
string_to_array('', ',')
array_fill(7, array[3])
array_fill(7, array[2,2], array[2,3])
array_fill('x'::text, array[2])
array_fill(1, array[-1])
array_fill(1, null::int[])
trim_array(array[1,2,3,4,5,6], 2)
trim_array(array[1,2], 3)
1 = any(array[1,2])
1 = any('{1,2}'::int[])
3 = any(array[1,2])
3 = any(array[1,null])
1 = any(null::int[])
null::int = any(array[1])
1 <> all(array[2,3])
1 <> all(array[2,null])
1 < all('{}'::int[])
1 = any('{}'::int[])
'a' = any(array['a','b'])
'abc' like any(array['a%','b%'])
'a'::varchar = any(array['a','b'])
1 = any(5)
1 + any(array[1])
1.5 = any(array[1,2])
5 = any('{1,5}')
array_length(5, 1)
greatest(array[1,2], array[1,3])
array[1,2]::int[] is distinct from array[1,2]
unnest(5)
array[1,2]::json
row_to_json(1)
# json
'{"a": 1, "b": [1, 2, {"c": null}]}'::json
' {"a" : 1.50 } '::json
'{"a": 1.50, "b": 1e3, "a": 2}'::jsonb
'{"bb": 1, "a": 2, "c": 3}'::jsonb
'[1, "x", true, null, {"a": []}]'::jsonb
'"a\u00e9\n\t\"\\"'::jsonb
'"\ud83d\ude00"'::jsonb
'"\u0000"'::jsonb
'"\u0000"'::json
'"\ud83d"'::jsonb
'1e5'::jsonb
'-0'::jsonb
'1.'::jsonb
'01'::jsonb
'{"a":}'::json
'{a:1}'::json
'{"a" 1}'::json
'[1,]'::json
'[1'::json
'{"a":1'::json
'{"a":1,}'::json
''::json
'x'::json
'tru'::json
'1 2'::json
'"abc'::json
'"\x"'::json
'"\u12"'::json
'{"a":1}'::json -> 'a'
'{"a": {"b":  2}}'::json -> 'a'
'{"a": "x"}'::json ->> 'a'
'[1,2,3]'::json -> 1
'[1,2,3]'::json -> -1
'[1,2,3]'::json -> 5
'[1,2,3]'::json ->> 2
'{"a":1}'::jsonb -> 'a'
'{"a":1}'::jsonb -> 'b'
'{"a":null}'::jsonb -> 'a'
'{"a":null}'::jsonb ->> 'a'
'{"a":{"b":[1,2]}}'::jsonb #> '{a,b,1}'
'{"a":{"b":[1,2]}}'::jsonb #>> '{a,b,-1}'
'{"a":{"b":[1,2]}}'::json #> '{a,b}'
'{"a":{"b":[1,2]}}'::json #>> '{a,b,0}'
'{"a":1}'::jsonb #> '{}'
'{"a":{"b":1}}'::jsonb -> 'a' -> 'b'
'{"a":1,"b":2}'::jsonb @> '{"b":2}'
'[1,2,3]'::jsonb @> '[3,1]'
'[1,[2,3]]'::jsonb @> '[[2]]'
'["foo","bar"]'::jsonb @> '"bar"'
'"bar"'::jsonb @> '["bar"]'
'{"a":{"b":1}}'::jsonb @> '{"a":{}}'
'{"b":2}'::jsonb <@ '{"a":1,"b":2}'
'{"a":1,"b":2}'::jsonb ? 'b'
'["a","b"]'::jsonb ? 'b'
'"b"'::jsonb ? 'b'
'{"a":1,"b":2}'::jsonb ?| array['b','c']
'{"a":1,"b":2}'::jsonb ?& array['a','b']
'{"a":1}'::jsonb || '{"b":2,"a":3}'
'[1,2]'::jsonb || '[3]'
'[1,2]'::jsonb || '3'
'{"a":1}'::jsonb || '[2]'
'1'::jsonb || '2'
'{"a":1,"b":2}'::jsonb - 'a'
'["a","b","a"]'::jsonb - 'a'
'["a","b"]'::jsonb - 1
'["a","b"]'::jsonb - -1
'{"a":1,"b":2,"c":3}'::jsonb - '{a,b}'::text[]
'{"a":1}'::jsonb - 1
'1'::jsonb - 'a'
'{"a":{"b":1,"c":2}}'::jsonb #- '{a,b}'
'[1,{"b":2}]'::jsonb #- '{1,b}'
'[1,2,3]'::jsonb #- '{x}'
to_json('a"b'::text)
to_json(array[1,2,3])
to_json('2024-01-02 03:04:05'::timestamp)
to_json('2024-01-02'::date)
to_json(1.50)
to_json('NaN'::float8)
to_json(true)
to_json(null::int)
to_jsonb(array['a','b'])
to_jsonb(1.50)
to_jsonb('x'::varchar)
to_jsonb('{"a":1}'::json)
array_to_json('{{1,5},{99,100}}'::int[])
json_build_array(1,2,'foo',4,5)
jsonb_build_array(1,'a',null,true)
json_build_object('foo',1,'bar',2)
jsonb_build_object('foo',1,'bar',array[1,2],'n',null)
json_build_object('a')
json_build_object(null, 1)
json_build_object()
json_object('{a,1,b,"def",c,3.5}')
json_object('{{a,1},{b,"def"}}')
json_object('{a,b}', '{1,2}')
jsonb_object('{a,1,b,2}')
json_object('{a}')
json_typeof('-123.4'::json)
jsonb_typeof('[]')
jsonb_typeof('null')
json_array_length('[1,2,{"a":1}]')
jsonb_array_length('{"a":1}')
jsonb_array_length('1')
json_strip_nulls('{"f1":1, "f2":null, "a":[1,null,{"x":null}]}')
jsonb_strip_nulls('{"f1":1, "f2":null, "a":[1,null,{"x":null}]}')
jsonb_set('[{"f1":1,"f2":null},2,null,3]', '{0,f1}', '[2,3,4]', false)
jsonb_set('[{"f1":1,"f2":null},2]', '{0,f3}', '[2,3,4]')
jsonb_set('{"a":1}', '{b,c}', '1')
jsonb_set('{"a":{}}', '{a,c}', '1')
jsonb_set('[1,2]', '{-5}', '9')
jsonb_set('[1,2]', '{7}', '9')
jsonb_set('1', '{a}', '9')
jsonb_set('[1]', '{x}', '9')
jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"')
jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"', true)
jsonb_insert('{"a": 1}', '{a}', '2')
jsonb_insert('{"a": 1}', '{b}', '2')
jsonb_extract_path('{"f2":{"f3":1},"f4":{"f5":99,"f6":"foo"}}', 'f4', 'f6')
jsonb_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"foo"}}', 'f4', 'f6')
json_extract_path_text('{"a":[1,2]}', 'a', '1')
('{"a":[1,2]}'::jsonb)['a'][0]
('{"a":[1,2]}'::jsonb)['b']
'1'::jsonb = '1.0'::jsonb
'{"a":1,"b":2}'::jsonb = '{"b":2,"a":1}'::jsonb
'[]'::jsonb < 'null'::jsonb
'[1]'::jsonb > '5'::jsonb
'{}'::jsonb > '[1,2]'::jsonb
'[1,2]'::jsonb < '[1,2,3]'::jsonb
'"a"'::jsonb < '1'::jsonb
'true'::jsonb > '1'::jsonb
'{"a":1}'::jsonb < '{"b":1}'::jsonb
'{"a":1}'::json = '{"a":1}'::json
'5'::jsonb::int4
'5.5'::jsonb::numeric
'true'::jsonb::bool
'"5"'::jsonb::int4
'[1]'::jsonb::int4
'{"a":1}'::jsonb::text
'{"b":1, "a":2}'::json::jsonb
'{"b":1, "a":2}'::jsonb::json
'{"a":1}'::jsonb is distinct from '{"a": 1.0}'::jsonb
# intervals with fields
interval '3' month
interval '-2' year
interval '1.5' hour
interval '1-2' year to month
interval '1 day 02:03:04' day to minute
interval '1:30' minute to second
interval '1 year 2 mons 3 days' year
interval '90' second
# Times of day, OVERLAPS
time '23:00' + interval '2 h'
interval '25 h' + time '23:00'
time '01:00' - interval '2 days 3h'
time '10:00' - time '11:30'
date '2024-01-01' + time '10:00'
time '10:00' + date '2024-01-01'
extract(epoch from time '10:00:01.5')
extract(hour from time '10:00')
date_part('second', time '10:00:01.5')
extract(ms from time '1:0:1.5')
extract(year from time '10:00')
extract(foo from time '10:00')
make_time(8, 15, 23.5)
make_time(25, 0, 0)
make_time(1, 2, 61.5)
make_time(24, 0, 0)
(date '2001-02-16', date '2001-12-21') overlaps (date '2001-10-30', date '2002-10-30')
(timestamp '2001-02-16', interval '100 days') overlaps (timestamp '2001-10-30', timestamp '2002-10-30')
(timestamp '2001-02-16', interval '100 days') overlaps (timestamp '2001-03-30', interval '1 day')
(time '10:00', null::time) overlaps (time '09:00', time '11:00')
(time '10:00', time '11:00') overlaps (null::time, time '10:30')
(time '10:00', time '10:00') overlaps (time '10:00', time '12:00')
(null::time, null::time) overlaps (time '1:00', time '2:00')
(time '12:00', time '10:00') overlaps (time '09:00', time '10:00')
# Buckets between thresholds
width_bucket(5, array[1,3,6])
width_bucket(1.5::numeric, array[1,2])
width_bucket(5, '{}'::int[])
width_bucket('b'::text, array['a','b','c'])
width_bucket(5, array[1,null])
width_bucket(5, array[[1],[2]])
# Digests
sha224('abc')
sha256('')
sha384('abc')
sha512('abc')
sha256(repeat('a', 200)::bytea)
# Matches
regexp_match('foobarbequebaz', '(bar)(beque)')
regexp_match('foobarbequebaz', 'barbeque')
regexp_match('abc', 'x')
regexp_match('abc', '(x)?b')
regexp_match('aBc', 'b', 'i')
regexp_match('abc', 'b', 'g')
regexp_split_to_array('the quick brown', '\s+')
regexp_split_to_array('the', '\s*')
regexp_split_to_array('', ',')
regexp_split_to_array('a,b,', ',')
regexp_split_to_array(',', ',')
regexp_split_to_array('aXbxc', 'x', 'i')
regexp_split_to_array('a', 'b', 'g')
# Names
parse_ident('"SomeSchema".someTable')
parse_ident(' A . "b""c" ')
parse_ident('foo.boo[]', false)
parse_ident('x_$1é')
parse_ident('foo.boo[]')
parse_ident('')
parse_ident('a.')
parse_ident('.a')
parse_ident('"a')
parse_ident('""')
parse_ident('1a')
parse_ident('a..b')
# jsonb_set_lax
jsonb_set_lax('{"a":1}', '{a}', null)
jsonb_set_lax('{"a":1}', '{a}', null, true, 'delete_key')
jsonb_set_lax('{"a":1}', '{a}', null, true, 'return_target')
jsonb_set_lax('{"a":1}', '{a}', '5')
jsonb_set_lax('{"a":1}', '{b}', '5', false)
jsonb_set_lax('{"a":1}', '{a}', null, true, 'raise_exception')
jsonb_set_lax('{"a":1}', '{a}', null, true, 'x')
jsonb_set_lax('{"a":1}', '{a}', null, true, null)
jsonb_set_lax('{"a":1}', '{a}', '1', true, 'x')
# Sizes
pg_size_pretty(123456789::numeric)
pg_size_bytes('5 GB')
pg_size_bytes('1.5kB')
pg_size_bytes('12')
pg_size_bytes('-3mb')
pg_size_bytes('5 xx')
pg_size_bytes('abc')
# Subscripts of jsonb
('{"a":[1,{"b":2}]}'::jsonb)['a'][1]['b']
('[1,2]'::jsonb)[-1]
('[1,2]'::jsonb)['x']
('{"a":1}'::jsonb)[1.5]
# Blanks of character(n) in patterns
'ab'::char(4) like 'ab'
'ab'::char(4) like 'ab%'
'ab'::char(4) not ilike 'AB  '
'ab'::char(4) ~ 'ab$'
'ab'::char(4) ~ 'ab  $'
'ab'::char(4) !~* 'AB'
# Places within arrays and jsonb that are several
percentile_cont(0.5) within group (order by 1)
percentile_disc(array[0, 0.5]) within group (order by 'a'::text)
mode() within group (order by 1.50)
rank(2) within group (order by 1)
array(select 1)
