# Expressions, one a line, whose type and value (or error) are recorded in functions.txt by record.py.
# Not here, since Remanent differs: numerics of more than 36 digits, infinite numerics, the type time,
# lower() and upper() of what is not ASCII (PostgreSQL's C locale leaves it alone).

# literals and operators of integers
1 + 1
1 + 2147483647
2147483647 + 2147483648
2147483647::int4 + 1::int2
32767::int2 + 1::int2
32767::int2 * 2::int2
9223372036854775807 + 1
9223372036854775807 - (-1)
-9223372036854775808 - 1
3000000000 * 3000000000
3037000500 * 3037000500
46341 * 46341
7 / 2
-7 / 2
7 / -2
7 % 3
-7 % 3
7 % -3
1 / 0
1 % 0
1::int2 / 0::int2
-2147483648 / -1
(-9223372036854775808) / -1
(-2147483648) % -1
(-9223372036854775808) % -1
(-32768)::int2 / (-1)::int2
- (-32768)::int2
- (-2147483648)
- 5
+ 5
- '5'
abs(-5)
abs(-2147483648)
@ -7
5 & 3
5 | 3
5 # 3
~5
1 << 4
1 << 33
-16 >> 2
1::int2 << 15
1::int8 << 40
mod(7, 3)
mod(7::int2, 3::int2)
mod(7.5, 2)
gcd(12, 18)
lcm(4, 6)
div(7.5, 2)
div(-7.5, 2)

# mixed types and resolution
1 + 1.5
1.5 + 1
1 + 1.5::float8
1.5 + 1.5::float8
1::float4 + 1::float8
1::int8 + 1::float4
1::int2 + 1::int8
1 + '2'
'1' + 2
'1' + '2'
1.5 + '2'
1 + 'x'
1 + true
true + true
'a' + 'b'
date '2024-01-01' + 1
1 + date '2024-01-01'
date '2024-01-01' - 1
date '2024-03-01' - date '2024-02-01'
date '2024-01-01' + interval '1 month'
date '2024-01-31' + interval '1 month'
date '2024-01-01' - interval '1 day'
timestamp '2024-01-31 10:00' + interval '1 month 2 days 3 hours'
timestamptz '2024-01-31 10:00+02' - interval '90 minutes'
interval '1 day' + timestamp '2024-01-01'
timestamp '2024-01-01 12:00' - timestamp '2023-12-31 11:00'
timestamptz '2024-01-01 12:00+00' - timestamptz '2023-12-31 11:00+00'
timestamp '2024-01-01' + '1 day'
timestamp '2024-01-01' - '2023-01-01'
timestamptz '2024-01-01' - '1 day'
interval '1 day' * 2
interval '1 day' * 1.5
2.5 * interval '1 hour'
interval '1 month' / 2
interval '1 day' / 0
interval '1 mon 1 day' - interval '1 hour'
- interval '1 mon 1 day'
interval '1 day' + '2 hours'

# floats
1.5::float8 + 2
1e308::float8 * 10
1e-308::float8 * 1e-308
1.0::float8 / 0
0.0::float8 / 0
'nan'::float8 / 0
'infinity'::float8 / 0
'infinity'::float8 - 'infinity'::float8
1::float8 / 'infinity'::float8
3.5::float4 * 2::float4
1e38::float4 * 10::float4
1::float4 / 3::float4
1::float8 / 3
0.1::float8 + 0.2::float8
0.1::float4 + 0.2::float4
0.1::float4::float8
-0.0::float8
2.0::float8 ^ 10
2 ^ 10
2 ^ 0.5
2.0 ^ 0.5
(-8)::float8 ^ (1.0/3)
0::float8 ^ -1
10::float8 ^ 400

# numeric
1.10 + 2.205
1.10 - 2.205
1.10 * 2.205
1.0 / 3
2.0 / 3
10.0 / 4
1 / 3.0
100.0 / 0.0003
0.0001 / 3
1.0 / 0
1e10 / 3
123456789.123456789 / 987654321.987654321
7.5 % 2
-7.5 % 2
7.5 % 0
1.5 = 1.50
1.5::numeric(10,3)
1.2345::numeric(4,2)
99.995::numeric(4,2)
12345.678::numeric(6,2)
1e3
1.5e-5
123.456::numeric(5)
- 1.50
abs(-1.50)
power(2, 3)
power(2.0, 3)
power(2.0, -3)
power(2.5, 2)
power(2.0, 0.5)
power(0.5, 17)
power(1.1, 30)
power(0.0, 0)
power(0.0, 0.5)
power(0.0, -1)
power(-2.0, 3)
power(-2.0, 0.5)
2.0 ^ 3
sqrt(2.0)
sqrt(2)
sqrt(4.00)
sqrt(0.0001)
sqrt(123456.789)
sqrt(0.0)
sqrt(-1.0)
sqrt(-1)
sqrt(2::float8)
|/ 25
||/ 8
cbrt(8)
exp(1)
exp(1.0)
exp(0.0)
exp(-1.0)
exp(10.5)
exp(0.001)
exp(1::float8)
exp(1000::float8)
exp(-1000::float8)
ln(2)
ln(2.0)
ln(10.0)
ln(1.0)
ln(0.5)
ln(1.05)
ln(0.99)
ln(123456789.0)
ln(0.000012)
ln(0.0)
ln(-1.0)
ln(2::float8)
ln(0::float8)
ln(-1::float8)
log(100)
log(100.0)
log(2.0)
log(0.001)
log(2.0, 64.0)
log(2, 10)
log(10.0, 2.0)
log10(1000)
log10(1000::float8)
round(2.5)
round(-2.5)
round(3.5)
round(2.5::float8)
round(3.5::float8)
round(-2.5::float8)
round(2.567, 2)
round(2.565, 2)
round(-2.565, 2)
round(1234.5, -2)
round(1250, -2)
round(5)
round(2.5::float8, 1)
trunc(2.567, 2)
trunc(-2.567, 1)
trunc(2.9)
trunc(-2.9::float8)
trunc(1299, -2)
ceil(2.1)
ceil(-2.1)
ceil(2.1::float8)
ceiling(-0.5::float8)
floor(2.9)
floor(-2.1)
floor(-2.1::float8)
floor(5)
sign(-3)
sign(-3.5)
sign(0.0)
sign(2::float8)
pi()
sin(0)
sin(1)
cos(1)
tan(1)
cot(1)
asin(1)
acos(0.5)
asin(2)
atan(1)
atan2(1, 2)
sinh(1)
cosh(1)
tanh(1)
sin('infinity')
degrees(1)
radians(180)
degrees(pi())
scale(1.500)
min_scale(1.500)
trim_scale(1.500)
random() < 1

# comparisons
1 = 1
1 = 1.0
1 < 2::int8
1::int2 >= 1
1 <> 2
1 != 2
'a' < 'b'
'a' < 'B'
'abc' = 'abc'
'a' = 1
'1' = 1
'abc' < 'abd'
'ab' < 'abc'
'' = ''
true > false
true = 'yes'
null = 1
null = null
1 = null
'nan'::float8 = 'nan'::float8
'nan'::float8 > 'infinity'::float8
-0.0::float8 = 0.0::float8
1.5::float4 = 1.5
0.1::float4 = 0.1
0.1::float4 = 0.1::float8
1.5::float4 = 1.5::float8
date '2024-01-01' = timestamp '2024-01-01'
date '2024-01-01' < timestamptz '2024-01-01 00:00:01+00'
timestamp '2024-01-01' = timestamptz '2024-01-01 00:00+00'
date '2024-01-01' > '2023-12-31'
interval '1 month' = interval '30 days'
interval '24 hours' = interval '1 day'
interval '1 day' < '25 hours'
'\x01'::bytea < '\x02'::bytea
1 = true
'a'::text = 1
1 = '1'::text
date '2024-01-01' = 1
1 between 0 and 2
1 not between 0 and 2
3 between symmetric 5 and 1
1.5 between 1 and 2
'b' between 'a' and 'c'
null between 1 and 2
1 between null and 0
1 between null and 2

# in, case, coalesce, null logic
1 in (1, 2)
3 in (1, 2)
3 in (1, null)
1 in (1, null)
null in (1, 2)
1 not in (1, 2)
3 not in (1, null)
1.5 in (1, 1.5)
'a' in ('a', 'b')
1 in ('1', '2')
1 in ('x')
1 in (true)
1 in (1, true)
date '2024-01-01' in ('2024-01-01')
5 in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
50 in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
50 in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, null)
'k' in ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k')
case when true then 1 end
case when false then 1 end
case when false then 1 else 2 end
case when null then 1 else 2 end
case 1 when 1 then 'a' when 2 then 'b' end
case 2 when 1 then 'a' when 2 then 'b' end
case 3 when 1 then 'a' when 2 then 'b' end
case when true then 1 else 1.5 end
case when true then 1 else 'x' end
case when true then '1' else 2 end
case when true then 1 else true end
case when 1 then 2 end
case when true then 1 else 1/0 end
case when 1 = 1 or 1/0 = 1 then 'ok' end
case 'a' when 'a' then 1 else 2 end
case null when null then 1 else 2 end
case 1 when '1' then 'one' end
case 1 when 'x' then 'one' end
false and 1/0 = 1
true or 1/0 = 1
null and false
null and true
null or true
null or false
not null
not true
not 1
1 and true
true and 'f'
true or 'x'
coalesce(null, 1)
coalesce(null, null)
coalesce(1, 1/0)
coalesce(null, 1, 2.5)
coalesce(1, 'x')
coalesce(null, 'x')
coalesce(1, true)
nullif(1, 1)
nullif(1, 2)
nullif(1, 1.0)
nullif(1.5, 2)
nullif('a', 'b')
nullif(null, 1)
nullif(1, true)
greatest(1, 2, 3)
greatest(1, 2.5)
greatest(null, 1)
greatest(null, null)
least(1, 2, 3)
least('b', 'a')
least(1, '0')
greatest(1, true)
least(3.0, 3)
greatest(3, 3.0)
least(date '2024-01-01', timestamp '2023-01-01')
1 is null
null is null
null is not null
1 is not null
1 is distinct from 2
1 is distinct from null
null is distinct from null
null is not distinct from null
1 is not distinct from 1.0
1 is distinct from true
true is true
null is true
null is not true
false is false
null is unknown
true is not unknown
1 is true

# casts
1::text
1.50::text
true::text
'1'::int
' 12 '::int
'1.5'::int
'x'::int
''::int
'99999999999'::int
'40000'::int2
'1e3'::float8
'abc'::float8
'1e400'::float8
1.5::int
2.5::int
-2.5::int
2.5::float8::int
3.5::float8::int
-2.5::float8::int
2.5::float4::int
1e10::float8::int
1e10::int
3e9::int8
1e19::int8
1e19::float8::int8
9223372036854775807::float8::int8
'nan'::float8::int
40000::int2
2147483648::int4
70000::int8::int2
1::bool
0::bool
2::bool
1::int2::bool
1::int8::bool
true::int
true::int2
true::int8
1.5::bool
'yes'::bool
'of'::bool
'maybe'::bool
't'::text::bool
1::numeric
1.5::float8::numeric
0.1::float4::numeric
0.1::float8::numeric
1e-20::float8::numeric
123456789012345678::float8::numeric
1.23456789::float4::numeric
1.1::numeric::float4
1.1::numeric::float8
1e39::float8::float4
1e-50::float8::float4
1::date
date '2024-01-15'::timestamp
date '2024-01-15'::timestamptz
timestamp '2024-01-15 13:45:10.5'::date
timestamptz '2024-01-15 13:45:10.5+00'::date
timestamptz '2024-01-15 13:45:10.5+00'::timestamp
timestamp '2024-01-15 13:45:10.5'::timestamptz
timestamp '2024-01-15 13:45:10.5'::text
timestamptz '2024-01-15 13:45:10.5+02'::text
date '2024-01-15'::text
interval '1 day 2 hours'::text
'2024-02-30'::date
'2024-13-01'::date
'nonsense'::date
'infinity'::timestamp
'-infinity'::date::timestamp
'1 day'::interval
'abc'::interval
'2024-01-15'::text::date
'abc'::bytea
'\x6162'::bytea
'abc'::text::bytea
'\x6162'::bytea::text
null::int
null::text
cast(1.7 as int)
cast('2024-01-01' as date)
1::interval
interval '1 day'::int
date '2024-01-01'::int
true::date
int4('5')
int4(5.6)
float8('1.5')
date('2024-01-01')
text(5)
int8(5)
bool(1)

# text
'a' || 'b'
'a' || 1
1 || 'a'
1 || 2
'a' || null
'a' || true
'a' || 1.50
'a'::text || date '2024-01-01'
date '2024-01-01' || 'a'
'\x01'::bytea || '\x02'::bytea
length('hello')
length('')
length('Tromsø')
length(null)
length(5)
length('\x0102'::bytea)
char_length('Tromsø')
character_length('abc')
octet_length('Tromsø')
octet_length('\x0102'::bytea)
bit_length('abc')
lower('HeLLo')
upper('HeLLo')
initcap('hello wORLD foo-bar 2nd')
reverse('abc')
reverse('Trømsø')
trim('  a  ')
trim(leading from '  a  ')
trim(trailing 'x' from 'axx')
trim(both 'xy' from 'xyaxy')
btrim('xxaxx', 'x')
ltrim('xxaxx', 'x')
rtrim('xxaxx', 'x')
ltrim('  a ')
rtrim('aaa', 'a')
trim('', 'x')
substr('hello', 2)
substr('hello', 2, 3)
substr('hello', 0, 3)
substr('hello', -2, 5)
substr('hello', 10)
substr('hello', 2, -1)
substr('hello', 2, 2147483647)
substring('hello' from 2 for 3)
substring('hello' from 2)
substring('hello' for 2)
substring('Tromsø' from 5)
substring('\x01020304'::bytea from 2 for 2)
left('hello', 2)
left('hello', -2)
left('hello', -10)
left('hello', 0)
right('hello', 2)
right('hello', 0)
right('hello', 5)
right('hello', -2)
right('hello', -10)
right('Tromsø', 2)
lpad('5', 3, '0')
lpad('hello', 3, '0')
lpad('5', 3)
lpad('5', 5, 'ab')
lpad('5', 3, '')
lpad('5', -1, 'x')
rpad('5', 3, '0')
rpad('hello', 3)
rpad('5', 6, 'abc')
replace('hello', 'l', 'L')
replace('hello', '', 'L')
replace('hello', 'xyz', 'L')
replace('aaa', 'aa', 'b')
position('l' in 'hello')
position('' in 'hello')
position('z' in 'hello')
position('ø' in 'Tromsø')
strpos('hello', 'lo')
repeat('ab', 3)
repeat('ab', 0)
repeat('ab', -1)
starts_with('hello', 'he')
'hello' ^@ 'he'
split_part('a,b,c', ',', 2)
split_part('a,b,c', ',', -1)
split_part('a,b,c', ',', 5)
split_part('a,b,c', ',', 0)
split_part('a,b,c', '', 1)
split_part('a,b,c', '', 2)
split_part('', ',', 1)
concat('a', 1, null, true, 2.50)
concat(null)
concat_ws(',', 'a', null, 'b')
concat_ws(null, 'a', 'b')
concat_ws(',', null, null)
ascii('A')
ascii('')
ascii('ø')
chr(65)
chr(248)
chr(0)
chr(-1)
chr(1114112)
chr(55296)
to_hex(255)
to_hex(-1)
to_hex(-1::int8)
md5('abc')
md5('\x616263'::bytea)
translate('12345', '143', 'ax')
lower(5)
upper(null)
substr(12345, 2)

# like
'abc' like 'a%'
'abc' like 'a_c'
'abc' like 'a_'
'abc' like '%b%'
'abc' like '%c'
'abc' like 'abc'
'abc' like ''
'' like ''
'' like '%'
'abc' like '%'
'abc' like '_%_'
'abc' like '____'
'abc' like '%a%b%c%'
'abc' like '%c%b%'
'a%c' like 'a\%c'
'abc' like 'a\%c'
'a%c' like 'a!%c' escape '!'
'a!c' like 'a!!c' escape '!'
'a_c' like 'a__c' escape '_'
'abc' like 'abc\'
'abc' like 'x\'
'ab\' like 'ab\\'
'abc' like 'abc' escape 'xx'
'abc' like 'abc' escape ''
'a\c' like 'a\c' escape ''
'ABC' like 'a%'
'ABC' ilike 'a%'
'abc' not like 'a%'
'ABC' not ilike 'a%'
null like 'a'
'a' like null
'øl' like '_l'
'aaab' like '%aab'
'mississippi' like '%iss%ip%'
5 like '5'
'5' like 5

# dates and times
date_trunc('hour', timestamp '2024-05-17 13:45:10.5')
date_trunc('day', timestamptz '2024-05-17 13:45:10.5+00')
date_trunc('month', timestamp '2024-05-17 13:45:10.5')
date_trunc('week', timestamp '2024-05-17 13:45:10.5')
date_trunc('quarter', timestamp '2024-05-17')
date_trunc('year', date '2024-05-17')
date_trunc('decade', timestamp '2024-05-17')
date_trunc('century', timestamp '2024-05-17')
date_trunc('milliseconds', timestamp '2024-05-17 13:45:10.123456')
date_trunc('nonsense', timestamp '2024-05-17')
date_trunc('timezone', timestamp '2024-05-17')
date_trunc('hour', interval '1 day 13:45:10')
date_trunc('month', interval '1 year 5 months 3 days')
date_trunc('hour', null::timestamp)
date_trunc(null, timestamp '2024-05-17')
date_trunc('day', '2024-05-17 10:00')
date_bin('15 minutes', timestamp '2024-05-17 13:44:17', timestamp '2001-01-01')
date_bin('250 ms', timestamp '2024-05-17 13:44:17.6', timestamp '2001-01-01')
date_bin('1 day', timestamptz '2024-05-17 13:44:17+00', timestamptz '2024-05-17 06:00+00')
date_bin('1 day', timestamp '2020-05-17 13:44:17', timestamp '2024-05-17 06:00')
date_bin('1 month', timestamp '2024-05-17', timestamp '2001-01-01')
date_bin('0 days', timestamp '2024-05-17', timestamp '2001-01-01')
extract(year from timestamp '2024-05-17 13:45:10.5')
extract(month from date '2024-05-17')
extract(day from timestamptz '2024-05-17 13:45:10.5+00')
extract(hour from timestamp '2024-05-17 13:45:10.5')
extract(minute from timestamp '2024-05-17 13:45:10.5')
extract(second from timestamp '2024-05-17 13:45:10.5')
extract(milliseconds from timestamp '2024-05-17 13:45:10.5')
extract(microseconds from timestamp '2024-05-17 13:45:10.5')
extract(epoch from timestamp '2024-05-17 13:45:10.5')
extract(epoch from timestamptz '2024-05-17 13:45:10.5+00')
extract(epoch from date '2024-05-17')
extract(epoch from interval '1 day 2 hours')
extract(dow from date '2024-05-17')
extract(isodow from date '2024-05-19')
extract(doy from date '2024-05-17')
extract(week from date '2024-12-30')
extract(isoyear from date '2024-12-30')
extract(quarter from date '2024-05-17')
extract(decade from date '2024-05-17')
extract(century from date '2024-05-17')
extract(millennium from date '2024-05-17')
extract(julian from date '2024-05-17')
extract(hour from date '2024-05-17')
extract(nonsense from date '2024-05-17')
extract(day from interval '3 days 4 hours')
extract(hour from interval '3 days 4 hours')
extract(year from interval '14 months')
extract(month from interval '14 months')
extract(day from timestamp 'infinity')
date_part('hour', timestamp '2024-05-17 13:45:10.5')
date_part('epoch', timestamptz '2024-05-17 13:45:10.5+00')
date_part('second', timestamp '2024-05-17 13:45:10.5')
date_part('day', date '2024-05-17')
date_part('year', timestamp 'infinity')
date_part('hour', interval '3 hours')
age(timestamp '2024-05-17', timestamp '2023-03-20')
age(timestamp '2023-03-20', timestamp '2024-05-17')
age(timestamptz '2024-05-17+00', timestamptz '2024-05-16 12:00+00')
to_timestamp(0)
to_timestamp(1715953510.5)
to_timestamp('infinity')
to_timestamp('nan')
to_timestamp(1e20)
make_date(2024, 5, 17)
make_date(2024, 2, 30)
make_date(-44, 3, 15)
make_timestamp(2024, 5, 17, 13, 45, 10.5)
make_timestamp(2024, 5, 17, 25, 0, 0)
make_timestamp(2024, 13, 17, 2, 0, 0)
make_timestamptz(2024, 5, 17, 13, 45, 10.5)
make_interval(1, 2, 3, 4, 5, 6, 7.5)
make_interval(1, 2)
make_interval()
justify_hours(interval '27 hours')
justify_days(interval '35 days')
justify_interval(interval '1 mon -1 hour')
isfinite(timestamp 'infinity')
isfinite(date '2024-01-01')
isfinite(interval '1 day')
timestamp '2024-05-17 12:00' at time zone 'UTC'
timestamptz '2024-05-17 12:00+00' at time zone 'UTC'
timestamptz '2024-05-17 12:00+00' at time zone '+02'
timestamp '2024-05-17 12:00' at time zone '-05:30'
timestamptz '2024-05-17 12:00+00' at time zone 'Nowhere/Land'
now() = transaction_timestamp()
now() <= clock_timestamp()
now() > timestamptz '2020-01-01+00'
current_date > date '2020-01-01'
current_timestamp = now()
localtimestamp > timestamp '2020-01-01'
statement_timestamp() > timestamptz '2020-01-01+00'
now() - interval '3 s' < now()

# what does not exist
foo(1)
foo('a', 1)
length(1, 2)
round('a', 'b', 'c')
sqrt('x')
sqrt(true)
1 <-> 2
@@ 5

# bytes as text, bits
encode('\x00ff10'::bytea, 'hex')
encode('\x00ff'::bytea, 'base64')
encode('abc'::bytea, 'BASE64')
encode('abcd'::bytea, 'base64')
encode(''::bytea, 'base64')
length(encode(decode(repeat('ab', 100), 'hex'), 'base64'))
encode('a\\b\000\377'::bytea, 'escape')
encode('abc'::bytea, 'rot13')
decode('AP8=', 'base64')
decode('YWJj ZA= =', 'base64')
decode('YWJ', 'base64')
decode('=', 'base64')
decode('YW*j', 'base64')
decode('00 ff', 'hex')
decode('00f', 'hex')
decode('0g', 'hex')
decode('a\\b\000\377', 'escape')
decode('a\9', 'escape')
overlay('Txxxxas' placing 'hom' from 2 for 4)
overlay('Txxxxas' placing 'hom' from 2)
overlay('äöü' placing 'x' from 2)
overlay('abc' placing 'x' from 0)
overlay('abc' placing 'xyz' from 9 for 2)
overlay('abcdef' placing 'x' from 3 for -1)
overlay('\x0102030405'::bytea placing '\xffff'::bytea from 2 for 3)
get_byte('\x1234567890'::bytea, 4)
get_byte('\x12'::bytea, 1)
get_bit('\x1234567890'::bytea, 30)
get_bit('\x12'::bytea, 8)
get_bit(''::bytea, 0)
set_byte('\x1234567890'::bytea, 4, 64)
set_byte('\x1234'::bytea, 0, 300)
set_bit('\x1234567890'::bytea, 30, 0)
set_bit('\x12'::bytea, 0, 2)
bit_count('\x1234567890'::bytea)
position('\x5678'::bytea in '\x1234567890'::bytea)
btrim('\x1234567890'::bytea, '\x9012'::bytea)
ltrim('\x1234567890'::bytea, '\x9012'::bytea)
rtrim('\x1234567890'::bytea, '\x9012'::bytea)
convert_from('\xc3a4'::bytea, 'UTF8')
convert_from('\xff'::bytea, 'UTF8')
convert_to('ä', 'utf-8')

# quoting
quote_ident('Foo bar')
quote_ident('foo')
quote_ident('select')
quote_ident('name')
quote_ident('left')
quote_ident('between')
quote_ident('a"b')
quote_ident('1a')
quote_ident('')
quote_literal('O''Reilly')
quote_literal('a\b')
quote_literal(42.5)
quote_literal(NULL)
quote_nullable(NULL)
quote_nullable(42)
format('Hello %s', 'World')
format('%s %s %1$s', 'a', 'b')
format('INSERT INTO %I VALUES(%L)', 'Foo bar', E'O\'Reilly')
format('%L %s %%', NULL, NULL)
format('%I', NULL)
format('|%10s|%-10s|', 'foo', 'bar')
format('|%*s|%-*s|', 5, 'foo', -6, 'bar')
format('|%1$*2$s|', 'foo', 7)
format('%s')
format('%x', 1)
format('%', 1)
format('%0$s', 1)
format('Testing %3$s, %2$s, %s', 'one', 'two', 'three')
format('%s', true)
format('plain')
format(NULL, 1)
unistr('d\0061t\+000061')
unistr('\uD83D\uDE00')
unistr('\\ok')
unistr('\zz')
unistr('\D83D')

# regular expressions
'thomas' ~ 't.*ma'
'thomas' ~* 'T.*ma'
'thomas' !~ 't.*max'
'thomas' !~* 'T.*ma'
'abc' ~ 'abc'
'abc' ~ '^a'
'abc' ~ '(b|d)'
'abc' ~ '^(b|c)'
'abc' ~ NULL
'a' ~ '('
'a' ~ ')'
'a' ~ '*'
'a' ~ 'a**'
'a' ~ '['
'a' ~ '[b-a]'
'a' ~ '[[:foo:]]'
'a' ~ 'a{2,1}'
'a' ~ 'a{999}'
'a' ~ 'a{1'
'a{x' ~ 'a{x'
'a' ~ '\'
'a' ~ '\q'
'foo bar' ~ '\mbar\M'
'foobar' ~ '\mbar'
'foo bar' ~ '[[:<:]]bar[[:>:]]'
'foo bar' ~ '\yfoo\y'
E'a\nb' ~ 'a.b'
E'a\nb' ~ '(?n)a.b'
E'a\nb' ~ 'a[^x]b'
E'a\nb' ~ '(?n)a[^x]b'
E'a\nb' ~ '(?w)^b'
E'a\nb' ~ '^b'
E'a\n' ~ 'a$'
'a.b' ~ '***=a.b'
'axb' ~ '***=a.b'
'AB' ~ '(?i)ab'
'a b' ~ '(?x)a \s b # comment'
'a]b' ~ 'a[]]b'
'a-b' ~ 'a[x-]b'
'a\b' ~ 'a\\b'
'12' ~ '^\d{1,3}$'
'x' ~ '\u0078'
'ü' ~ '^.$'
'a_1' ~ '^\w+$'
'foo' ~ 'f(?#nothing)oo'
'abc' similar to 'abc'
'abc' similar to 'a'
'abc' similar to '%(b|d)%'
'abc' similar to '(b|c)%'
'a.c' similar to 'a.c'
'abc' similar to 'a.c'
'abc' not similar to 'a_c'
'a%c' similar to 'a#%c' escape '#'
'abc' similar to 'a\_c'
'ab' similar to 'a' escape 'xx'
'xaby' similar to 'x[ab]+y'
substring('foobar' from 'o.b')
substring('foobar' from 'o(.)b')
substring('foobar' from 'zz')
substring('foobar' similar '%#"o_b#"%' escape '#')
substring('foobar' similar '#"o_b#"%' escape '#')
regexp_like('Hello World', 'world', 'i')
regexp_like('Hello World', 'world')
regexp_like('a', 'a', 'g')
regexp_like('a', 'a', 'z')
regexp_count('ABCABCAXYaxy', 'A.')
regexp_count('ABCABCAXYaxy', 'A.', 1, 'i')
regexp_count('ABCABCABC', 'Abc', 4, 'i')
regexp_count('123123123', '\d{3}', 2)
regexp_count('abc', 'x*')
regexp_count('abc', 'b', 9)
regexp_count('abc', 'b', 0)
regexp_instr('ABCDEFGHI', 'd', 1, 1, 0, 'i')
regexp_instr('number of your street, town zip, FR', '[^,]+', 1, 2)
regexp_instr('abcabcabc', 'a.c', 1, 3)
regexp_instr('abcabcabc', 'a.c', 1, 4)
regexp_instr('abcabcabc', 'a.c', 1, 2, 1)
regexp_instr('abcabcabc', 'a(.)c', 1, 2, 0, '', 1)
regexp_instr('abcabcabc', 'a(.)c', 1, 2, 2, '', 1)
regexp_substr('abcabcabc', 'a.c')
regexp_substr('abcabcabc', 'a.c', 2)
regexp_substr('number of your street, town zip, FR', '[^,]+', 1, 2)
regexp_substr('ABCDEFGHI', '(c)(.*)(f)', 1, 1, 'i', 2)
regexp_substr('abc', 'x')
regexp_replace('foobarbaz', 'b..', 'X')
regexp_replace('foobarbaz', 'b..', 'X', 'g')
regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g')
regexp_replace('Thomas', '.[mN]a.', 'M')
regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 0, 'i')
regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i')
regexp_replace('abc', '', '-', 'g')
regexp_replace('abc', 'x*', '-', 'g')
regexp_replace('abc', 'b*', '-', 'g')
regexp_replace('abc', 'b', '<\&>\\\2')
regexp_replace('abc', 'b', 'x', '1')
regexp_replace('äbc', 'b', 'x', 2)

# to_char of times
to_char(timestamp '2026-03-01 09:05:06.789012', 'YYYY-MM-DD HH24:MI:SS.US')
to_char(timestamp '2026-03-01 21:05:06.789012', 'Day, DD Month YYYY HH12:MI:SS AM')
to_char(timestamp '2026-03-01 21:05:06.789012', 'FMDay, FMDD FMMonth YYYY FMHH:FMMI:FMSS p.m.')
to_char(timestamp '2026-03-01 21:05:06.789012', 'DAY day Dy DY dy MONTH month Mon MON mon')
to_char(timestamp '2026-03-01 21:05:06.789012', 'DDD IDDD D ID W WW IW CC J Q RM rm')
to_char(timestamp '2026-03-01 21:05:06.789012', 'Y,YYY YYYY YYY YY Y IYYY IYY IY I')
to_char(timestamp '2026-03-01 21:05:06.789012', 'MS US FF1 FF2 FF3 FF4 FF5 FF6 SSSS SSSSS')
to_char(timestamp '2026-03-01 21:05:06.789012', 'DDth DDTH FMDDth HH24th YYYYth FMMMth')
to_char(timestamp '2026-03-22 21:05:06', 'FMDDth FMDDTH FMMIth')
to_char(timestamp '2026-03-11 21:02:03', 'FMDDth FMMIth FMSSth')
to_char(timestamp '2026-03-01 21:05:06', '"YYYY" \"YYYY\" yyyy\m')
to_char(timestamp '2026-03-01 21:05:06', 'AD A.D. ad a.d. bc B.C. am P.M.')
to_char(timestamp '0044-03-15 00:00:00 BC', 'YYYY-MM-DD BC CC YY')
to_char(timestamp '2026-03-01 00:05:06', 'HH HH12 HH24')
to_char(timestamptz '2026-03-01 21:05:06+02', 'HH24 TZ tz TZH:TZM OF')
to_char(timestamp '2026-03-01 21:05:06', 'TZ OF TZH')
to_char(date '2024-12-30', 'IYYY-IW-ID YYYY')
to_char(timestamp 'infinity', 'YYYY')
to_char(timestamp '2026-03-01', '')
to_char(timestamp '2026-03-01', 'TMMonth TMDay FMTMMonth')
to_char(timestamp '2026-03-01', 'Yyyy Hh24 MONth mONTH')
to_char(timestamp '2026-03-01', 'YYYY年MM月')
to_char(interval '15h 2m 12s', 'HH24:MI:SS')
to_char(interval '1 year 2 months 3 days 27 hours', 'YYYY MM DD HH24 DDD Q RM')
to_char(interval '-3 hours -2 minutes', 'HH24:MI:SS HH12')
to_char(interval '1 day', 'Month')
to_char(interval '1 day', 'AM Y,YYY CC WW J')
to_char(NULL::timestamp, 'YYYY')

# to_char of numbers
to_char(125, '999')
to_char(-125, '999')
to_char(125, '0999')
to_char(1234, '999')
to_char(12345.678, '99,999.99')
to_char(12345.678, '99G999D99')
to_char(485, '9 9 9')
to_char(1485, '9,999')
to_char(148.5, '999.999')
to_char(148.5, 'FM999.999')
to_char(148.5, 'FM999.990')
to_char(148.5, '999D999')
to_char(3148.5, '9G999D999')
to_char(-485, '999S')
to_char(-485, '999MI')
to_char(485, '999MI')
to_char(485, 'FM999MI')
to_char(485, 'PL999')
to_char(485, 'SG999')
to_char(-485, 'SG999')
to_char(-485, '9SG99')
to_char(-485, '999PR')
to_char(485, '999PR')
to_char(485, 'L999')
to_char(485, 'RN')
to_char(485, 'FMRN')
to_char(5.2, 'FMRN')
to_char(4000, 'FMRN')
to_char(482, '999th')
to_char(483, 'FM999TH')
to_char(485, '"Good number:"999')
to_char(485.8, '"Pre:"999" Post:" .999')
to_char(12, '99V999')
to_char(12.4, '99V999')
to_char(12.45, '99V9')
to_char(0.0004859, '9.99EEEE')
to_char(12345.678, '9.99EEEE')
to_char(0, '9.9EEEE')
to_char(9.999, '9.9EEEE')
to_char(-1.5, '9EEEE')
to_char(0.1, '0.9')
to_char(0.1, '9.9')
to_char(0.1, 'FM9.9')
to_char(-0.1, '99.99')
to_char(-0.1, 'FM9.99')
to_char(0, 'FM9.9')
to_char(0, '9.9')
to_char(0, '999')
to_char(0, '0')
to_char(0, 'B9')
to_char(12, '9990999.9')
to_char(12, 'FM9990999.9')
to_char(-12, 'S9990999.9')
to_char(-12, '9990999.9S')
to_char(-12, 'FM9990999.9PR')
to_char(1234567.891, 'FM9,999,999.00')
to_char(1234567.891, '9,999,990.00')
to_char(7, 'FM000')
to_char(7, '000')
to_char(-7, '000')
to_char(-7, 'S000')
to_char(1e10::float8, '9999999999')
to_char(1.5::float8, '999D9')
to_char(123456789012345678::float8, '999999999999999999.99')
to_char(1.23456789012345678::float8, '9.99999999999999999999')
to_char(1.5::float4, '9.9999999999')
to_char('NaN'::float8, '999')
to_char('NaN'::float8, '9.99EEEE')
to_char(1234.5::float8, '9.99EEEE')
to_char(-1234.5::float8, '9.99EEEE')
to_char(1, '9.9.9')
to_char(1, 'S9S')
to_char(1, 'S9MI')
to_char(1, '9V9.9')
to_char(1, '9PRS')
to_char(1, 'PR9')
to_char(1, 'EEEE9')
to_char(1, 'FM9EEEE')
to_char(1, 'abc')
to_char(1, '')
to_char(12, '$99')
to_char(-9223372036854775808, '9999999999999999999')

# to_number
to_number('12,454.8-', '99G999D9S')
to_number('-34,338,492', '99G999G999')
to_number('-34,338,492.654,878', '99G999G999D999G999')
to_number('<564646.654564>', '999999.999999PR')
to_number('0.00001-', '9.999999S')
to_number('5.01-', 'FM9.999999S')
to_number('5.01-', 'FM9.999999MI')
to_number('5 4 4 4 4 8 . 7 8', '9 9 9 9 9 9 . 9 9')
to_number('.01', 'FM9.99')
to_number('.0', '99999999.99999999')
to_number('0', '99.99')
to_number('.-01', 'S99.99')
to_number('.01-', '99.99S')
to_number(' . 0 1-', ' 9 9 . 9 9 S')
to_number('34,50', '999,99')
to_number('123,000', '999G')
to_number('123456', '999G999')
to_number('$1234.56', 'L9,999.99')
to_number('$1,234.56', 'L99,999.99')
to_number('12345', '99')
to_number('abc', '999')
to_number('42nd', '99th')
to_number('1234', '99V99')

# to_timestamp and to_date
to_timestamp('05 Dec 2000', 'DD Mon YYYY')
to_timestamp('0097/Feb/16 --> 08:14:30', 'YYYY/Mon/DD --> HH:MI:SS')
to_timestamp('97/2/16 8:14:30', 'FMYYYY/FMMM/FMDD FMHH:FMMI:FMSS')
to_timestamp('2011$03!18 23_38_15', 'YYYY-MM-DD HH24:MI:SS')
to_timestamp('1985 January 12', 'YYYY FMMonth DD')
to_timestamp('1985 FMMonth 12', 'YYYY "FMMonth" DD')
to_timestamp('My birthday-> Year: 1976, Month: May, Day: 16', '"My birthday-> Year:" YYYY, "Month:" FMMonth, "Day:" DD')
to_timestamp('1,582nd VIII 21', 'Y,YYYth FMRM DD')
to_timestamp('15 "text between quote marks" 98 54 45', E'HH24 "\\"text between quote marks\\"" YY MI SS')
to_timestamp('05121445482000', 'MMDDHH24MISSYYYY')
to_timestamp('2000January09Sunday', 'YYYYFMMonthDDFMDay')
to_timestamp('97/Feb/16', 'YYMonDD')
to_timestamp('97/Feb/16', 'YY:Mon:DD')
to_timestamp('97/Feb/16', 'FXYY:Mon:DD')
to_timestamp('97/Feb/16', 'FXYY/Mon/DD')
to_timestamp('19971116', 'YYYYMMDD')
to_timestamp('20000-1116', 'YYYY-MMDD')
to_timestamp('1997 AD 11 16', 'YYYY BC MM DD')
to_timestamp('1997 BC 11 16', 'YYYY BC MM DD')
to_timestamp('9-1116', 'Y-MMDD')
to_timestamp('95-1116', 'YY-MMDD')
to_timestamp('995-1116', 'YYY-MMDD')
to_timestamp('2005426', 'YYYYWWD')
to_timestamp('2005300', 'YYYYDDD')
to_timestamp('2005527', 'IYYYIWID')
to_timestamp('005527', 'IYYIWID')
to_timestamp('05527', 'IYIWID')
to_timestamp('5527', 'IIWID')
to_timestamp('2005364', 'IYYYIDDD')
to_timestamp('20050302', 'YYYYMMDD')
to_timestamp('2005 03 02', 'YYYYMMDD')
to_timestamp(' 2005 03 02', 'YYYYMMDD')
to_timestamp('  20050302', 'YYYYMMDD')
to_timestamp('2011-12-18 11:38 AM', 'YYYY-MM-DD HH12:MI PM')
to_timestamp('2011-12-18 11:38 PM', 'YYYY-MM-DD HH12:MI PM')
to_timestamp('2011-12-18 11:38 A.M.', 'YYYY-MM-DD HH12:MI P.M.')
to_timestamp('2011-12-18 11:38 -05', 'YYYY-MM-DD HH12:MI TZH')
to_timestamp('2011-12-18 11:38 +05:20', 'YYYY-MM-DD HH12:MI TZH:TZM')
to_timestamp('2011-12-18 11:38 20', 'YYYY-MM-DD HH12:MI TZM')
to_timestamp('2011-12-18 11:38 EST', 'YYYY-MM-DD HH12:MI TZ')
to_timestamp('2018-11-02 12:34:56.025', 'YYYY-MM-DD HH24:MI:SS.MS')
to_timestamp('2018-11-02 12:34:56.1', 'YYYY-MM-DD HH24:MI:SS.FF6')
to_timestamp('2018-11-02 12:34:56.123456', 'YYYY-MM-DD HH24:MI:SS.US')
to_timestamp('1 4 1902', 'Q MM YYYY')
to_timestamp('3 4 21 01', 'W MM CC YY')
to_timestamp('2458872', 'J')
to_timestamp('44-02-01 BC', 'YYYY-MM-DD BC')
to_timestamp('-44-02-01', 'YYYY-MM-DD')
to_timestamp('2016-06-13 15:50:60', 'YYYY-MM-DD HH24:MI:SS')
to_timestamp('2016-06-13 25:00:00', 'YYYY-MM-DD HH24:MI:SS')
to_timestamp('2016-02-30 15:50:55', 'YYYY-MM-DD HH24:MI:SS')
to_timestamp('2016-13-10', 'YYYY-MM-DD')
to_timestamp('15 1985 foo', 'HH12 YYYY')
to_timestamp('2015-02-11 86000', 'YYYY-MM-DD SSSSS')
to_timestamp('2015-02-11 86400', 'YYYY-MM-DD SSSSS')
to_timestamp('199711xy', 'YYYYMMDD')
to_timestamp('19971', 'YYYYMMDD')
to_timestamp('10000000000', 'FMYYYY')
to_timestamp('1997-11-16 foo', 'YYYY-MM-DD Month')
to_timestamp('2005 2006', 'YYYY YYYY')
to_timestamp('2005527', 'YYYYIWID')
to_timestamp('', 'YYYY')
to_timestamp('x', '')
to_date('2011 12  18', 'YYYY MM DD')
to_date('2011   12 18', 'YYYYxMMxDD')
to_date('2011x 12x 18', 'YYYYxMMxDD')
to_date('365 1', 'DDD CC')
to_date('2016 366', 'YYYY DDD')
to_date('2015 366', 'YYYY DDD')
to_date('2021-w27-4', 'IYYY-"w"IW-ID')
to_date('19 12', 'CC MM')
to_date('0', 'YYYY')

# degrees, buckets, counts
sind(30)
sind(-150)
sind(37.5)
sind(1e10)
cosd(60)
cosd(-120)
cosd(90)
tand(45)
tand(135)
tand(0)
cotd(45)
cotd(0)
asind(0.5)
asind(-1)
asind(2)
acosd(0.5)
acosd(-0.5)
atand(1)
atan2d(1, -1)
sind('Infinity')
asinh(1)
acosh(2)
acosh(0.5)
atanh(0.5)
atanh(1)
width_bucket(5.35, 0.024, 10.06, 5)
width_bucket(5.35::float8, 0.024, 10.06, 5)
width_bucket(0, 0.024, 10.06, 5)
width_bucket(11, 0.024, 10.06, 5)
width_bucket(3, 10, 0, 4)
width_bucket(3::float8, 10, 0, 4)
width_bucket(1, 1, 1, 4)
width_bucket(1, 0, 1, 0)
width_bucket('NaN'::float8, 0, 1, 2)
width_bucket(0.5::float8, '-Infinity', 1, 2)
factorial(20)
factorial(0)
factorial(-1)
num_nulls(1, NULL, 2)
num_nonnulls(1, NULL, 'x')

# replacements with backslashes
regexp_replace('abc', 'b', '\')
regexp_replace('abc', 'b', 'x\')
regexp_replace('abc', 'b', '\\')
regexp_replace('abc', 'b', '\\\\x')
regexp_replace('abc', 'b', '\\\&')
regexp_replace('abc', '(b)', '\1\1\2')
regexp_replace('abc', '(b)', '\q\1ü')
regexp_replace('abc', '(b)', '\10')

# what a run of PostgreSQL's own statements found
make_timestamptz(1973, 07, 15, 08, 15, 55.33, '+2')
make_timestamptz(1973, 07, 15, 08, 15, 55.33, '-02:30')
make_timestamptz(1973, 07, 15, 08, 15, 55.33, '-0230')
make_timestamptz(2014, 12, 10, 0, 0, 0, '2')
make_timestamptz(2014, 12, 10, 0, 0, 0, '+16')
make_timestamptz(2014, 12, 10, 0, 0, 0, 'PST8PDT')
to_timestamp('2018-11-02 12:34:56.123', 'YYYY-MM-DD HH24:MI:SS.FF1')
to_timestamp('2018-11-02 12:34:56.12345', 'YYYY-MM-DD HH24:MI:SS.FF4')
to_timestamp('2018-11-02 12:34:56.999', 'YYYY-MM-DD HH24:MI:SS.FF2')
to_char(interval '-1 mon', 'RM')
to_char(interval '-11 mon', 'rm')
to_char(interval '-12 mon', 'RM')
to_char(interval '-13 mon', 'RM')
to_char(interval '12 mon', 'RM')
no_such_aggregate(distinct 1)
no_such_aggregate(1 order by 1)
pg_is_in_recovery()
pg_backend_pid() > 0
pg_postmaster_start_time() <= now()
pg_sleep(0) is null
pg_sleep_for('-1 s') is null
regexp_match('abcd', '(a|ab)(c|bcd)(d*)')
substring('foobar' from 'foo|foobar')
substring('XY1234Z' from 'Y*([0-9]{1,3})')
substring('XY1234Z' from 'Y*?([0-9]{1,3})')
regexp_match('abc01234xyz', '(.*)(\d+)(.*)')
regexp_match('abc01234xyz', '(.*?)(\d+)(.*)')
regexp_match('abc01234xyz', '(?:(.*?)(\d+)(.*)){1,1}')
regexp_replace('ab', 'a?(ab)?', '<\&>')
regexp_match('aaa', '(a*)(a*)')
regexp_match('aaa', '(a*?)(a*)')
regexp_match('aaa', '(a*?)(a*?)')
regexp_match('ababab', '(ab){2}')
regexp_match('ababab', '(a|ab|b)*')
regexp_match('abcde', '(a|abc)(d|cde|e)?')
regexp_match('xyz', '(x|y)*?z')
regexp_match('foo bar', '(\w+)\s+(?:baz|(bar))')
regexp_match('abcabc', '(abc)\1')
regexp_match('abcABC', '(abc)\1')
regexp_match('abcABC', '(abc)\1', 'i')
regexp_replace('hello  wonderful world', '(\w)\1', '<\&>', 'g')
'abab' ~ '^(..)\1$'
'abac' ~ '^(..)\1$'
regexp_match('aabaab', '^(a*)b\1b$')
regexp_match('xaaay', '(a)\1{2}')
regexp_match('abcd', '(.)(.)\2?')
regexp_match('price: 100 dollars', '\d+(?= dollars)')
regexp_match('price: 100 euros', '\d+(?! euros)')
regexp_match('price: $100', '(?<=\$)\d+')
regexp_match('a1 b2', '(?<!a)\d')
regexp_replace('1234567', '(?<=\d)(?=(?:\d{3})+$)', ',', 'g')
regexp_replace('foobar', '(?=b)', '-')
'foobar' ~ 'foo(?=bar)'
'foobaz' ~ 'foo(?=bar)'
'foobar' ~ 'foo(?!bar)'
'foobaz' ~ 'foo(?!bar)'
regexp_match('abc', '(?=(a))a')
regexp_match('abc', '(a)(?=\1)')
'a' ~ '\1'
'a' ~ '(a\1)'
'ab' ~ '(?=a)*b'
'ab' ~ 'a(?!b'
'a' ~ '(?<a)'
regexp_split_to_array('a1b22c', '\d|\d\d')
regexp_match('foobarbequebaz', '(bar|barbeque)(que)?')
regexp_match('aXb', '(?i)x')
regexp_match('a.c', '***=a.c')
'abc' ~ 'a{2}'
regexp_match('aaaa', 'a{2,3}?')
regexp_match('aaaa', '(a{2}){1,2}?')
regexp_match('aaaa', '(?:a{2}){1,2}')
regexp_match('ab' || chr(10) || 'cd', '^c.$', 'n')
regexp_match('ab' || chr(10) || 'cd', 'b.c', 'n')
regexp_match('a-b', '[[:alpha:]](-|\W)[^-[:digit:]]')
regexp_match('the cat', '\mc\w*\M')
regexp_match('x' || chr(7) || 'y', '\x07|\a')
regexp_match('A1', '\101\61')
regexp_match('ab12', '([[:alpha:]]+)([[:digit:]]+)|([[:alnum:]]+)')
regexp_match('', '()|a')
regexp_match('b', '(a*)*b')
regexp_match('aab', '(a*)*b')
regexp_match('aab', '(a*)+b')
regexp_match('abab', '((a)|(b))*')
regexp_match('ab', '((a)|(b))+')
regexp_match('abcabd', '(ab(c|d))*')
regexp_match('xay', '(x)?(y)?(a)?y')
regexp_match('foo', '(f)(o)(o)(b)?')
similar_to_escape('a|b')
'abc' SIMILAR TO '(a|ab)(c|bc)'
substring('foobar' similar '%#"o_b#"%' escape '#')
regexp_match('aaa', 'a**')
regexp_match('aaa', '*a')
regexp_match('ABC', '[[:word:]]+')
localtime(0) is null
