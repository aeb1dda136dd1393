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
# strings of bits
B'101'
X'1f'
b''
length(B'')
bit '101'
bit(3) '101'
bit(5) '101'
bit varying '101'
bit varying(2) '101'
varbit(2) '10'
B'101'::bit(5)
B'101'::bit(2)
B'101'::varbit(2)
'101'::bit
'101'::bit(2)
'10'::bit(3)
'101'::varbit(2)
'xF0'::varbit
'b01'::varbit
B'12'
X'1FG'
'1012'::bit(4)
'x1G'::varbit
' 1'::varbit
'ø'::varbit
'y'::bit
null::bit(3)
44::bit(10)
44::bit(3)
(-44)::bit(12)
44::bit
(1::bigint << 40)::bit(64)
(-1)::bit(40)
(-1::bigint)::bit(70)
cast(-44 as bit(12))
44::varbit
44::int2::bit(4)
B'101'::int
B'101'::bigint
X'FFFFFFFF'::int
X'FFFFFFFF'::bigint
X'1FFFFFFFF'::int
X'FFFFFFFFFFFFFFFF'::bigint
X'01FFFFFFFFFFFFFFFF'::bigint
B''::int
B'101'::smallint
B'101'::boolean
B'101'::bytea
B'101'::text
B'101'::varchar(2)
B'101'::varbit::int
'abc'::text::bit(3)
'101'::text::bit(3)
B'101'::varbit::bit(2)
B'10'::bit(3)::bit(2)::varbit(1)
'101'::bit(0)
'101'::bit(83886081)
'101'::varbit(0)
'101'::bit(1,2)
B'1010' || B'11'
B'1' || '0'
'1'::text || B'1'
B'1' || null
B'1' || 1
'a' || B'1'
B'101' & B'01'
B'101' | B'01'
B'101' # B'01'
B'101' & B'011'
B'101' | B'011'
B'101' # B'011'
~B'101'
~B''
~X'00FF00'
B'101' << 1
B'101' >> 1
B'101' << -1
B'101' >> -1
B'101' << 5
B'101' >> 70
B'101' << 2147483647
B'101' >> (-2147483647 - 1)
X'123456789abcdef0' << 13
X'123456789abcdef0' >> 13
X'123456789abcdef0' & X'0ff00ff00ff00ff0'
get_bit(B'101', 0)
get_bit(B'101', 1)
get_bit(B'101', 3)
get_bit(B'', 0)
get_bit(B'101', 1::bigint)
set_bit(B'101', 1, 1)
set_bit(B'101', 0, 0)
set_bit(B'101', -1, 0)
set_bit(B'101', 1, 2)
substring(B'110010111' from 2 for 3)
substring(B'110010111' from 2)
substring(B'110' from -1 for 3)
substring(B'110' from 5)
substring(B'110', 2, 2147483647)
substring(B'110', 2, -1)
substring(B'110', -5, 2)
substring(B'1101'::varbit from 2 for 2)
overlay(B'0101011100' placing '001' from 2 for 3)
overlay(B'0101011100' placing '101' from 6)
overlay(B'0101' placing B'1' from 9)
overlay(B'0101' placing '1' from 0)
overlay(B'0101' placing '1' from 2 for -1)
overlay(B'0101', B'1', 2147483647, 2147483647)
overlay(B'0101', B'1', 3, -2147483648)
position(B'010' in B'000001010')
position(B'' in B'00010')
position(B'11' in B'00010')
position(B'1111' in B'111')
position(B'' in B'')
position(B'1011' in B'10101011011')
position(B'0001' in B'00000000000000000001')
length(B'101')
bit_length(B'101')
octet_length(B'101010101')
octet_length(B'')
bit_count(B'10101')
bit_count(X'ffffffffff01')
char_length(B'101')
B'1' < B'10'
B'1' = B'10'
B'11' > B'10000000001'
B'' < B'0'
B'01' < B'0'
'1' < B'10'
B'1'::varbit = B'1'::bit
B'1000000' < B'10000000'
B'1' = 1
B'1' + 1
- B'1'
max(B'1')
sum(B'1')
bit_and(B'101')
bit_xor('101'::varbit)
(select bit_and(x) from (values (B'101'), (B'110'), (null)) t(x))
(select bit_or(x) from (values (B'101'), (B'110'), (null)) t(x))
(select bit_xor(x) from (values (B'101'), (B'110'), (null)) t(x))
(select bit_and(x) from (values (B'101'), (B'11')) t(x))
(select bit_or(x) from (values (B'101'), (B'11')) t(x))
(select bit_xor(x) from (values (B'101'), (B'11')) t(x))
(select bit_and(x) from (values (B'101')) t(x) where false)
array[B'101', B'11']
'{101,111}'::bit(3)[]
'{101,1}'::varbit[]
array[B'1', B'0']::varbit(3)[]
(select array_agg(x order by x) from (values (B'1'::varbit), (B'10'), (B'0'), (B''), (B'1')) t(x))
(select count(distinct x) from (values (B'1'::varbit), (B'10'), (B'0'), (B''), (B'1')) t(x))
coalesce(B'1', B'10'::varbit)
case when true then B'1' else B'11' end
case when true then B'1' else '11' end
'101'::bit(3) in ('101', '111')
B'101' in (B'1', B'101')
B'101' between B'1' and B'11'
B'1' is distinct from B'10'
nullif(B'1', B'1')
greatest(B'1', B'01')
least(B'1'::varbit, B'01')
to_jsonb(B'101')
format('%s', B'1')
concat(B'1', 2)
"bit"(B'101', 2, true)
"bit"(B'101', 2, false)
"bit"(5, 3)
varbit(B'101', 2, true)
varbit(B'101', 2, false)
format_type(1560, -1)
format_type(1560, null)
format_type(1560, 3)
format_type(1562, 7)
format_type(1562, -1)
format_type(1561, 3)
# time with time zone
timetz '04:05:06'
'04:05:06.789-08'::timetz
'04:05 PM +05:30'::timetz
'040506+0130'::timetz
'04:05:06 PST'::timetz
'2003-04-12 04:05:06 America/New_York'::timetz
'2003-01-12 04:05:06 America/New_York'::timetz
'04:05:06 America/New_York'::timetz
'allballs'::timetz
'24:00:00+00'::timetz
'24:00:01+00'::timetz
'23:59:60+01'::timetz
'12:00:00+15:59:59'::timetz
'12:00:00-15:59'::timetz
'12:00:00+16'::timetz
'12:00:00+05:30:15'::timetz
'25:00'::timetz
'abc'::timetz
''::timetz
'2024-01-01'::timetz
'04:05:06.1234567+00'::timetz
'04:05:06.789-08'::timetz(1)
'04:05:06.789-08'::time(0) with time zone
time with time zone '10:00+02'
time(2) with time zone '10:00:00.555+02'
'23:59:59.6+02'::timetz(0)
null::timetz
timetz '10:00+02' = timetz '09:00+01'
timetz '10:00+02' < timetz '09:00+01'
timetz '10:00+02' > timetz '09:00+01'
timetz '10:00+02' = timetz '10:00:00+02:00'
timetz '01:00+10' < timetz '23:00-10'
timetz '10:00+02' between timetz '00:00+00' and timetz '12:00+00'
'10:00+02' = timetz '10:00+02'
time '10:00' = timetz '10:00+00'
timetz '10:00+02' = timestamptz '2024-01-01 10:00+02'
time '10:00'::timetz
timetz '10:00:00.5+02'::time
timestamptz '2024-07-01 10:00+02'::timetz
'infinity'::timestamptz::timetz
timestamp '2024-01-01 10:00'::timetz
date '2024-01-01'::timetz
interval '2 h'::timetz
timetz '10:00+02'::interval
timetz '10:00+02'::timestamptz
timetz '10:00+02'::text
'10:00+02'::text::timetz
timetz '10:00+02'::varchar(5)
timetz '10:00+02' + interval '3 h'
timetz '23:00+02' + interval '3 h'
timetz '01:00+02' - interval '3 h'
interval '1 mon 2 days 1 h' + timetz '10:00+02'
timetz '24:00:00+02' + interval '0'
timetz '10:00+02' - timetz '09:00+02'
timetz '10:00+02' + timetz '09:00+02'
date '2024-01-01' + timetz '10:00+02'
timetz '01:00+02' + date '2024-01-01'
date 'infinity' + timetz '01:00+02'
timestamptz(date '2024-01-01', timetz '10:00+02')
timestamp '2024-01-01 10:00' + timetz '01:00+02'
timetz '10:00+02' at time zone 'UTC'
timetz '01:00+02' at time zone '-03:30'
timetz '10:00+02' at time zone interval '5 h'
timetz '10:00+02' at time zone interval '-30 min'
timetz '10:00+02' at time zone interval '1 day'
timetz '10:00+02' at time zone 'EST'
timetz '10:00+02' at time zone 'nowhere'
timezone('UTC', timetz '10:00+02')
timetz '24:00:00+00' at time zone 'UTC'
extract(hour from timetz '10:20:30.5+02:30')
extract(minute from timetz '10:20:30.5+02:30')
extract(second from timetz '10:20:30.5+02:30')
extract(millisecond from timetz '10:20:30.5+02:30')
extract(microseconds from timetz '10:20:30.5+02:30')
extract(epoch from timetz '10:20:30.5+02:30')
extract(epoch from timetz '01:00+02:30')
extract(timezone from timetz '10:20:30.5+02:30')
extract(timezone_hour from timetz '10:20:30.5-02:30')
extract(timezone_minute from timetz '10:20:30.5-02:30')
extract(day from timetz '10:20:30.5+02:30')
date_part('hour', timetz '10:20:30.5+02:30')
date_part('second', timetz '10:20:30.5+02:30')
date_part('timezone', timetz '10:20:30.5-02:30')
date_part('dow', timetz '10:20:30.5-02:30')
(timetz '10:00+00', timetz '12:00+00') overlaps (timetz '12:00+02', timetz '13:00+00')
(timetz '10:00+00', timetz '12:00+00') overlaps (timetz '15:00+02', timetz '13:30+00')
min(timetz '10:00+00')
(select min(x) from (values (timetz '10:00+02'), ('09:30+00'), (null), ('23:00-10')) t(x))
(select max(x) from (values (timetz '10:00+02'), ('09:30+00'), (null), ('23:00-10')) t(x))
(select array_agg(x order by x) from (values (timetz '10:00+02'), ('09:00+01'), ('08:00+00'), ('23:00-10')) t(x))
(select count(distinct x) from (values (timetz '10:00+02'), ('09:00+01'), ('10:00+02')) t(x))
greatest(timetz '10:00+02', '11:00+00')
array[timetz '10:00+02', '11:00']
'{10:00+02,11:00}'::timetz[]
coalesce(null, timetz '10:00+02')
case when true then timetz '10:00+02' else time '10:00' end
to_json(timetz '10:00+02')
current_time = now()::timetz
current_time(0) = now()::timetz(0)
extract(timezone from current_time)
current_time::time = localtime
timetz('10:00+02'::timetz, 1)
timetz(time '10:00')
format_type(1266, -1)
format_type(1266, 0)
format_type(1266, 3)
format_type(1270, 3)
date_trunc('hour', timetz '10:20+02')
to_char(timetz '10:20+02', 'HH24')
sum(timetz '10:20+02')
- timetz '10:00+02'
timetz '10:00+02' || 'x'
char 'abc'
character varying 'abc'
nchar 'ab'
# moments and spans of a precision, and of fields
'2024-01-01 00:00:00.5'::timestamp(0)
timestamp(2) '2024-01-01 00:00:00.567'
timestamptz(0) '2024-01-01 00:00:00.5'
timestamp(3) with time zone '2024-01-01 00:00:00.1235+02'
time(0) '23:59:59.6'
time(1) '10:00:00.25'
time(1) '10:00:00.25'::timetz
interval(0) '1.5 s'
'1.5 s'::interval(3)
interval '1.555' second(1)
interval '1-2' year to month
interval '5' year
interval '1 day 2:03:04' hour to minute
interval '90' minute
interval '1' month
interval '1.5' hour
interval '1' day
'1'::interval day
'1'::interval month
'1.5'::interval minute
'2:03'::interval minute to second
interval '2:03' minute to second
interval '2:03' hour to minute
'5 4:03:02.7'::interval day to second(0)
'400 days'::interval month
'400 days 5 h'::interval day
'25 mon 3 days'::interval year to month
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval year
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval month
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval day
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval hour
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval minute
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval second(0)
'1 y 2 mon 3 d 4 h 5 m 6.7 s'::interval hour to second(0)
'-1.5 s'::interval second(0)
'-1 h -30 m -29 s'::interval minute
'-0.5 s'::interval(0)
'-1.5 s'::interval(0)
'2000-01-01 00:00:00.5'::timestamp(0)
'1999-12-31 23:59:59.5'::timestamp(0)
'1999-12-31 23:59:58.5'::timestamp(0)
'infinity'::timestamp(0)
'294276-12-31 23:59:59.9'::timestamp(0)
now()::timestamp(0) = date_trunc('second', now()::timestamp + interval '0.5 s')
null::timestamp(3)
'1 day'::interval::interval year
(interval '1.25 s')::interval(1)
timestamp '2024-01-01 00:00:00.5'::timestamptz(0)
timestamptz '2024-01-01 00:00:00.5'::timestamp(0)
timestamp '2024-01-01 10:00:00.55'::time(1)
date '2024-01-01'::timestamp(0)
'10:00:00.55'::text::time(1)
'2024-01-01 00:00:00.5'::timestamp(0) = timestamp '2024-01-01 00:00:01'
'2024-01-01 00:00:00.5'::timestamp(0) + interval '1 s'
'2024-01-01 00:00:00.5'::timestamp(0) - '2024-01-01'::timestamp(3)
extract(second from '2024-01-01 00:00:00.55'::timestamp(1))
date_trunc('hour', '2024-01-01 10:20:00.5'::timestamptz(0))
array['2024-01-01 00:00:00.5'::timestamp(0)]
'{"2024-01-01 00:00:00.5",2024-01-02}'::timestamp(0)[]
array[timestamp '2024-01-01 00:00:00.5']::timestamp(0)[]
('{"2024-01-01 00:00:00.5"}'::timestamp(0)[])[1]
coalesce('2024-01-01 00:00:00.5'::timestamp(0), now()::timestamp)
greatest('2024-01-01 00:00:00.5'::timestamp(0), '2024-01-01 00:00:01.5'::timestamp(1))
(select max(x) from (values ('2024-01-01 00:00:00.5'::timestamp(0)), ('2024-01-01 00:00:00.7')) t(x))
(select array_agg(x order by x) from (values ('10:00:00.5'::time(0)), ('09:00')) t(x))
(select count(*) from (values ('10:00:00.5'::time(0)), ('10:00:01')) t(x) group by x)
'2024-01-01 00:00:00.5'::timestamp(0) in ('2024-01-01 00:00:01', now()::timestamp)
to_char('2024-01-01 00:00:00.5'::timestamp(0), 'SS.MS')
format_type(1114, 0)
format_type(1184, 3)
format_type(1083, 2)
format_type(1115, 2)
format_type(1186, 2147418113)
format_type(1186, 470286336)
format_type(1186, 327679)
format_type(1186, 201392127)
format_type(1186, -1)
