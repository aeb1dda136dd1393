# Expressions over a small table, for every row, and aggregates over it. Recorded in columns.txt by record.py.
# "table" names the types of the columns c0, c1, …; "row" is a row; "each" is evaluated for each row;
# "sum" is an aggregate, over all rows and then for each c8 in order.

table int2 | int4 | int8 | float4 | float8 | numeric | numeric(10,2) | text | bool | date | timestamp | timestamptz | interval | bytea
row 1 | 10 | 100 | 1.5 | 1.25 | 1.5 | 1.50 | alpha | t | 2024-01-15 | 2024-01-15 10:30:00 | 2024-01-15 10:30:00+00 | 1 day | \x01
row 2 | -20 | 5000000000 | -2.25 | -0 | 2.250 | 2.25 | beta | f | 2024-02-29 | 2024-02-29 23:59:59.5 | 2024-02-29 23:59:59.5+00 | 2 hours | \x0203
row NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
row -3 | 0 | -7 | 0 | NaN | -3.000 | -3.00 | alphabet soup, rather long | t | 1999-12-31 | 1999-12-31 00:00:00 | 1999-12-31 00:00:00+00 | -1 mons | \x
row 4 | 2147483647 | 9223372036854775807 | Infinity | -Infinity | 12345678901234567890.5 | 12345678.90 |  | f | infinity | infinity | infinity | 1 mon 30 days | \xffffffffffffffffffffffffffffffff
row 32767 | -2147483648 | -9223372036854775808 | 3e38 | 1e300 | 0.0001 | 0.01 | Tromsø by night | t | -infinity | -infinity | -infinity | 1 year 2 mons 3 days 04:05:06.5 | \x01
row 1 | 10 | 100 | 1.5 | 1.25 | 1.50 | 1.50 | alpha | NULL | 2024-01-15 | 2024-01-15 10:30:00 | 2024-01-15 10:30:00+00 | 24 hours | \x01

each c0 = 1
each c0 < c1
each c1 > 0
each c1 <= c2
each c2 >= 100
each c2 <> 100
each 10 = c1
each 10 < c2
each c1 < 5000000000
each c1 = c1
each c3 = 1.5
each c3 < c4
each c4 > 0
each c4 <= 1.25
each c4 = 'NaN'
each c4 > 'NaN'
each c4 >= c4
each c3 <> 'Infinity'
each c5 = 1.5
each c5 < c6
each c6 = 1.5
each c6 > 2
each c6 > 2.255
each c6 >= 12345678.9
each c6 = c6
each c7 = 'alpha'
each c7 <> 'alpha'
each c7 = 'alphabet soup, rather long'
each c7 < 'b'
each c7 >= 'alpha'
each c7 = c7
each c7 < c7 || 'x'
each c8 = true
each c8 <> c8
each c8 < true
each c8
each not c8
each c9 = '2024-01-15'
each c9 < c10
each c9 = c11
each c10 >= timestamp '2024-01-15 10:30'
each c10 = c11
each c11 > '2024-01-01'
each c12 = interval '1 day'
each c12 > interval '59 days'
each c12 < c12 + interval '1 second'
each c13 = '\x01'
each c13 < '\x02'
each c13 = '\xffffffffffffffffffffffffffffffff'
each c0 is null
each c7 is not null
each c8 is true
each c8 is not false
each c8 is null
each c1 is distinct from 10
each c7 is not distinct from 'alpha'
each c4 is distinct from c4
each c1 + 1
each c1 - 1
each c1 / 3
each c1 % 7
each c1 * 2
each c0 + c0
each c0::int4 + c0
each c2 - 1
each c2::numeric + 1
each c2 / 10
each c2 % 10
each c4 + 1
each c4 * 2
each c4 / 2
each c4 * 1e10
each c3 + 1
each c3 * 2
each c3 + c4
each c5 + c6
each c5 * c6
each c5 / 3
each c6 / 7
each c6 * 2
each c6 - c5
each - c6
each abs(c6)
each - c0
each abs(c3)
each round(c5, 1)
each round(c6)
each trunc(c6, 1)
each c5::numeric(25,1)
each c6::int
each c6::numeric(12,1)
each c6::numeric
each c6::float8
each c6::text
each c0::int8
each c0::text
each c1::float8
each c1::numeric
each c1::int2
each c1::bool
each c2::int4
each c2::float4
each c3::float8
each c0::float4::numeric
each c4::text
each c4::float4
each c8::int
each c8::text
each c9::timestamp
each c10::date
each c10::timestamptz
each c11::timestamp
each c12::text
each c13::text
each c7::bytea
each c9 + 1
each c9 - date '2024-01-01'
each c10 + interval '1 month'
each c11 - interval '1 hour'
each c10 - timestamp '2024-01-01'
each c12 * 2
each c12 + interval '1 day'
each - c12
each date_trunc('hour', c10)
each date_trunc('month', c11)
each date_bin('15 minutes', c10, timestamp '2024-01-01')
each extract(year from c12)
each date_part('epoch', c11)
each date_part('dow', c10)
each isfinite(c9)
each c7 || '!'
each c7 || c1
each c1 || c7
each c13 || '\x00'
each length(c7)
each length(c13)
each upper(c7) like 'A%'
each lower(c7) = 'alpha'
each left(c7, 3)
each right(c7, 3)
each substr(c7, 2, 3)
each replace(c7, 'a', 'AA')
each strpos(c7, 'h')
each reverse(c7)
each lpad(c7, 8, '*')
each md5(c7)
each c7 like 'alpha%'
each c7 like '%a'
each c7 like '%ph%'
each c7 like '_l%b_t%'
each c7 not like 'a%'
each c7 ilike 'ALPHA%'
each c7 like c7
each 'alpha' like c7
each c1 in (10, 0)
each c1 in (10, null)
each c1 not in (10, 0)
each c1 not in (10, null)
each c1 in (c0, 10)
each c7 in ('alpha', 'beta')
each c7 in ('alpha', 'beta', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'Tromsø by night')
each c1 in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
each c1 in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, null)
each c2 not in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100)
each c6 in (1.5, 2.25)
each c4 in ('NaN', 1.25)
each c9 in ('2024-01-15', 'infinity')
each c1 between 0 and 10
each c1 not between 0 and 10
each c5 between c6 and 2.25
each c1 > 0 and c2 > 0
each c1 > 0 or c2 > 0
each c8 and c1 > 0
each c8 or c1 > 0
each not (c8 or c1 > 0)
each c1 <> 0 and 100 / c1 > 5
each c1 = 0 or c1 is null or 100 / c1 > 5
each c8 and c1 > 0 and c7 like 'a%'
each c8 or c1 > 0 or c7 like 'T%'
each case when c1 = 0 then 0 else 100 / c1 end
each case when c8 then c7 else 'no' end
each case when c8 then 1 when c1 > 0 then 2 end
each case c1 when 10 then 'ten' when 0 then 'zero' else c7 end
each case c8 when true then c1 when false then c1 / 2 end
each case when c8 then c6 else 0 end
each case when c8 then 1 else c5 end
each coalesce(c7, 'none')
each coalesce(c1, 0)
each coalesce(c8, c1 > 0, false)
each coalesce(c6, 0)
each nullif(c1, 10)
each nullif(c7, 'alpha')
each nullif(c6, c5)
each greatest(c0, c1, 5)
each least(c7, 'm')
each greatest(c5, c6)
each greatest(c4, 0)
each concat(c7, '-', c1, c8)
each concat_ws(',', c7, c1, c8)
each sign(c4)
each ceil(c4)
each floor(c6)
each power(c6, 2)
each c1 & 15
each ~ c1
each c1 << 1
each to_hex(c1)
each sqrt(c0::float8)
each ln(c4)
each 1 / c1
each c1::date
each c7 + 1

sum count(*)
sum count(c1)
sum count(c7)
sum sum(c0)
sum sum(c1)
sum sum(c2)
sum sum(c5)
sum sum(c6)
sum sum(c6 * 2)
sum sum(c12)
sum avg(c0)
sum avg(c1)
sum avg(c2)
sum avg(c5)
sum avg(c6)
sum avg(c1::float8)
sum avg(c6::float8)
sum avg(c0::float4)
sum avg(c12)
sum min(c0)
sum max(c0)
sum min(c1)
sum max(c1)
sum min(c2)
sum max(c2)
sum min(c3)
sum max(c3)
sum min(c4)
sum max(c4)
sum min(c5)
sum max(c5)
sum min(c6)
sum max(c6)
sum min(c7)
sum max(c7)
sum min(c9)
sum max(c9)
sum min(c10)
sum max(c11)
sum min(c12)
sum max(c12)
sum stddev(c0)
sum stddev(c1)
sum stddev(c6)
sum stddev(c0::float8)
sum stddev_pop(c0)
sum stddev_samp(c6::float8)
sum variance(c0)
sum variance(c6)
sum var_pop(c0)
sum var_pop(c6)
sum var_samp(c1::float8)
sum var_pop(c1::float4)
sum bool_and(c8)
sum bool_or(c1 > 0)
sum every(c1 >= 0)
sum bit_and(c0)
sum bit_or(c1)
sum bit_xor(c2)
sum string_agg(c7, ', ')
sum string_agg(c13, '\x2c')
sum min(c8)
sum sum(c7)
sum avg(c9)
sum max(c13)
sum stddev(c7)
sum sum(c1, c2)
sum string_agg(c1, ',')
sum corr(c0, c1)
sum corr(c4, c0)
sum covar_pop(c0, c1)
sum covar_samp(c0, c1)
sum regr_avgx(c0, c1)
sum regr_avgy(c0, c1)
sum regr_count(c0, c1)
sum regr_intercept(c0, c1)
sum regr_r2(c0, c1)
sum regr_slope(c0, c1)
sum regr_sxx(c0, c1)
sum regr_sxy(c0, c1)
sum regr_syy(c0, c1)
sum regr_syy(c4, c0)
sum corr(c2, c2)
