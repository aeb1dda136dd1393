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
