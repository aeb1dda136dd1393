-- Time in buckets, as TimescaleDB has them: time_bucket, time_bucket_gapfill with locf and interpolate, first, last, histogram.

SELECT time_bucket('5 min', timestamp '2024-03-05 10:07:30'), time_bucket('1 day', timestamp '2024-03-05 10:07:30'), time_bucket('1 week', timestamp '2024-03-05 10:07:30'), time_bucket('10 days', timestamp '2000-01-12 23:00')
----
time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone
2024-03-05 10:05:00 | 2024-03-05 00:00:00 | 2024-03-04 00:00:00 | 2000-01-03 00:00:00

SELECT time_bucket('1 month', timestamp '2024-03-05 10:07'), time_bucket('3 months', timestamp '2024-03-05 10:07'), time_bucket('1 year', timestamp '1999-12-31'), time_bucket('5 months', timestamp '1999-12-31'), time_bucket('1 month', date '2024-02-29')
----
time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket date
2024-03-01 00:00:00 | 2024-01-01 00:00:00 | 1999-01-01 00:00:00 | 1999-08-01 00:00:00 | 2024-02-01

SELECT time_bucket('5 min', timestamptz '2024-03-05 10:07:30+01'), time_bucket('1 week', date '2024-03-05'), time_bucket('2 weeks', date '2024-03-05')
----
time_bucket timestamp with time zone | time_bucket date | time_bucket date
2024-03-05 09:05:00+00 | 2024-03-04 | 2024-02-26

SELECT time_bucket('1 week', timestamp '2024-03-05', timestamp '2000-01-01'), time_bucket('5 min', timestamp '2024-03-05 10:07:30', interval '2 min'), time_bucket('1 day', timestamp '2024-03-05 04:00', interval '6 hours'), time_bucket('3 months', timestamp '2024-03-05', timestamp '2024-02-10')
----
time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp without time zone
2024-03-02 00:00:00 | 2024-03-05 10:07:00 | 2024-03-04 06:00:00 | 2024-02-01 00:00:00

SELECT time_bucket('1 week', date '2024-03-05', date '2024-03-01'), time_bucket('1 day', date '2024-03-05', interval '1 day'), time_bucket('5 min', timestamptz '2024-03-05 10:07:30Z', timestamptz '2024-01-01 00:02Z')
----
time_bucket date | time_bucket date | time_bucket timestamp with time zone
2024-03-01 | 2024-03-05 | 2024-03-05 10:07:00+00

SELECT time_bucket('1 day', timestamptz '2024-07-01 22:30Z', 'Europe/Oslo'), time_bucket('1 month', timestamptz '2024-03-31 22:30Z', 'Europe/Oslo'), time_bucket('1 day', timestamptz '2024-07-01 22:30Z', 'Europe/Oslo', NULL, interval '6 hours'), time_bucket('1 week', timestamptz '2024-07-01 22:30Z', 'UTC', timestamptz '2024-01-03')
----
time_bucket timestamp with time zone | time_bucket timestamp with time zone | time_bucket timestamp with time zone | time_bucket timestamp with time zone
2024-07-01 22:00:00+00 | 2024-03-31 22:00:00+00 | 2024-07-01 04:00:00+00 | 2024-06-26 00:00:00+00

SELECT time_bucket(bucket_width => '1 day', ts => timestamp '2024-03-05 04:00', "offset" => '6 hours'), time_bucket('1 week', timestamp '2024-03-05', origin => '2000-01-01'), time_bucket('1 day', timestamptz '2024-07-01 22:30Z', timezone => 'Europe/Oslo')
----
time_bucket timestamp without time zone | time_bucket timestamp without time zone | time_bucket timestamp with time zone
2024-03-04 06:00:00 | 2024-03-02 00:00:00 | 2024-07-01 22:00:00+00

SELECT time_bucket(5, 7), time_bucket(5, -1), time_bucket(5::smallint, 7::smallint, 3::smallint), time_bucket(10, 7::bigint), time_bucket(5, 2, 3), time_bucket(5, NULL::int)
----
time_bucket integer | time_bucket integer | time_bucket smallint | time_bucket bigint | time_bucket integer | time_bucket integer
5 | -5 | 3 | 0 | -2 | NULL

SELECT time_bucket('1 day', timestamp 'infinity'), time_bucket('1 month', '-infinity'::timestamptz)
----
time_bucket timestamp without time zone | time_bucket timestamp with time zone
infinity | -infinity

SELECT time_bucket('0 s', timestamp '2024-01-01')
----
ERROR 22023: period must be greater than 0

SELECT time_bucket(0, 1)
----
ERROR 22023: period must be greater than 0

SELECT time_bucket('1 month 1 day', timestamp '2024-01-01')
----
ERROR 22023: month intervals cannot have day or time component

SELECT time_bucket('1 hour', date '2024-01-01')
----
ERROR 22023: interval must not have sub-day precision

SELECT time_bucket('-1 month', timestamp '2024-01-01')
----
ERROR 22023: period must be greater than 0

SELECT time_bucket(10::smallint, (-32768)::smallint)
----
ERROR 22008: timestamp out of range

SELECT time_bucket('1 day', timestamp '2024-01-01', 'Nowhere/At_All')
----
ERROR 42725 at 8: function time_bucket(unknown, timestamp without time zone, unknown) is not unique
HINT: Could not choose a best candidate function. You might need to add explicit type casts.

SELECT time_bucket('1 day', start => timestamp '2024-01-01')
----
ERROR 42883 at 8: function time_bucket does not exist

CREATE TABLE m (at timestamptz, dev text, v double precision, n int)
----
done

INSERT INTO m VALUES ('2024-01-01 00:01', 'a', 1, 10), ('2024-01-01 00:04', 'a', 3, 20), ('2024-01-01 00:12', 'a', 8, 0), ('2024-01-01 00:07', 'b', 5, 7), ('2024-01-01 00:21', 'b', NULL, 8), (NULL, 'b', 99, 9)
----
6 affected

SELECT dev, first(v, at), last(v, at), first(n, at), last(n, at), last(dev, n), last(at, v) FROM m GROUP BY dev ORDER BY dev
----
dev text | first double precision | last double precision | first integer | last integer | last text | last timestamp with time zone
a | 1 | 8 | 10 | 0 | a | 2024-01-01 00:12:00+00
b | 5 | NULL | 7 | 8 | b | NULL

SELECT first(v, at), last(v, at), last(v, at) FILTER (WHERE v IS NOT NULL), first(ARRAY[n, 1], at), first(v, at) FILTER (WHERE false) FROM m
----
first double precision | last double precision | last double precision | first integer[] | first double precision
1 | NULL | 8 | {10,1} | NULL

SELECT last(n, at) OVER (PARTITION BY dev ORDER BY at) FROM m WHERE at IS NOT NULL ORDER BY dev, at
----
last integer
10
20
0
7
8

SELECT histogram(v, 0, 10, 5), histogram(n, 0, 10, 2), histogram(v, 0, 1, 1) FILTER (WHERE false) FROM m
----
histogram integer[] | histogram integer[] | histogram integer[]
{0,1,1,1,0,1,1} | {0,1,3,2} | NULL

SELECT dev, histogram(v, 1, 8, 2) FROM m GROUP BY dev ORDER BY dev
----
dev text | histogram integer[]
a | {0,2,0,1}
b | {0,0,1,1}

SELECT histogram(v, 1, 1, 2) FROM m
----
ERROR 2201G: lower bound cannot equal upper bound

SELECT histogram(v, 2, 1, 2) FROM m
----
ERROR 2201G: lower bound cannot exceed upper bound

SELECT histogram(v, 1, 2, 0) FROM m
----
ERROR 2201G: count must be greater than zero

SELECT histogram(v, 1, 2, 2147483647) FROM m
----
ERROR 54000: a histogram has at most 1048576 buckets

SELECT histogram(v, 0, 100, n + 1) FROM m
----
ERROR 22023: number of buckets must not change between calls

SELECT time_bucket_gapfill('5 min', at) AS bucket, avg(v), locf(avg(v)), interpolate(avg(v)) FROM m WHERE dev = 'a' AND at >= '2024-01-01' AND at < '2024-01-01 00:20' GROUP BY bucket ORDER BY bucket
----
bucket timestamp with time zone | avg double precision | locf double precision | interpolate double precision
2024-01-01 00:00:00+00 | 2 | 2 | 2
2024-01-01 00:05:00+00 | NULL | 2 | 5
2024-01-01 00:10:00+00 | 8 | 8 | 8
2024-01-01 00:15:00+00 | NULL | 8 | NULL

SELECT time_bucket_gapfill('5 min', at) AS bucket, dev, sum(n), locf(sum(n)), interpolate(sum(n)::int), count(*) FROM m WHERE at >= '2023-12-31 23:55' AND at < '2024-01-01 00:25' GROUP BY bucket, dev ORDER BY dev, bucket
----
bucket timestamp with time zone | dev text | sum bigint | locf bigint | interpolate integer | count bigint
2023-12-31 23:55:00+00 | a | NULL | NULL | NULL | NULL
2024-01-01 00:00:00+00 | a | 30 | 30 | 30 | 2
2024-01-01 00:05:00+00 | a | NULL | 30 | 15 | NULL
2024-01-01 00:10:00+00 | a | 0 | 0 | 0 | 1
2024-01-01 00:15:00+00 | a | NULL | 0 | NULL | NULL
2024-01-01 00:20:00+00 | a | NULL | 0 | NULL | NULL
2023-12-31 23:55:00+00 | b | NULL | NULL | NULL | NULL
2024-01-01 00:00:00+00 | b | NULL | NULL | NULL | NULL
2024-01-01 00:05:00+00 | b | 7 | 7 | 7 | 1
2024-01-01 00:10:00+00 | b | NULL | 7 | 7 | NULL
2024-01-01 00:15:00+00 | b | NULL | 7 | 7 | NULL
2024-01-01 00:20:00+00 | b | 8 | 8 | 8 | 1

SELECT time_bucket_gapfill('5 min', at, '2024-01-01 00:00', '2024-01-01 00:15') AS bucket, max(v) FROM m GROUP BY 1 ORDER BY 1
----
bucket timestamp with time zone | max double precision
2024-01-01 00:00:00+00 | 3
2024-01-01 00:05:00+00 | 5
2024-01-01 00:10:00+00 | 8
2024-01-01 00:20:00+00 | NULL
NULL | 99

SELECT time_bucket_gapfill('5 min', at, start => '2024-01-01 00:00', finish => '2024-01-01 00:15') AS bucket, max(v) FROM m WHERE dev = 'b' AND at IS NOT NULL GROUP BY 1 ORDER BY 1
----
bucket timestamp with time zone | max double precision
2024-01-01 00:00:00+00 | NULL
2024-01-01 00:05:00+00 | 5
2024-01-01 00:10:00+00 | NULL
2024-01-01 00:20:00+00 | NULL

SELECT time_bucket_gapfill('5 min', at) AS bucket, max(v) FROM m WHERE at BETWEEN '2024-01-01 00:05' AND '2024-01-01 00:10' AND dev = 'a' GROUP BY 1 ORDER BY 1
----
bucket timestamp with time zone | max double precision
2024-01-01 00:05:00+00 | NULL
2024-01-01 00:10:00+00 | NULL

SELECT time_bucket_gapfill(1, x, 1, 6) AS t, min(y), locf(min(y)), locf(min(y), 7), locf(min(y), NULL, true), locf(min(y), treat_null_as_missing => true) FROM (VALUES (3, 5), (4, NULL)) v (x, y) GROUP BY 1 ORDER BY 1
----
t integer | min integer | locf integer | locf integer | locf integer | locf integer
1 | NULL | NULL | 7 | NULL | NULL
2 | NULL | NULL | 7 | NULL | NULL
3 | 5 | 5 | 5 | 5 | 5
4 | NULL | NULL | NULL | 5 | 5
5 | NULL | NULL | NULL | 5 | 5

SELECT time_bucket_gapfill(1, x, 0, 8) AS t, min(y), interpolate(min(y)), interpolate(min(y), (-2, 14), (9, 30)), interpolate(min(y), (SELECT (-2, 14)), NULL) FROM (VALUES (2, 10), (5, 0)) v (x, y) GROUP BY 1 ORDER BY 1
----
t integer | min integer | interpolate integer | interpolate integer | interpolate integer
0 | NULL | NULL | 12 | 12
1 | NULL | NULL | 11 | 11
2 | 10 | 10 | 10 | 10
3 | NULL | 6 | 6 | 6
4 | NULL | 3 | 3 | 3
5 | 0 | 0 | 0 | 0
6 | NULL | NULL | 7 | NULL
7 | NULL | NULL | 15 | NULL

SELECT g, time_bucket_gapfill(10, x, 0, 40) AS t, sum(y), locf(sum(y), (SELECT max(z) FROM (VALUES ('a', 1), ('b', 2)) p (k, z) WHERE k = g)) FROM (VALUES ('a', 10, 5), ('b', 30, 6)) v (g, x, y) GROUP BY 1, 2 ORDER BY 1, 2
----
g text | t integer | sum bigint | locf bigint
a | 0 | NULL | 1
a | 10 | 5 | 5
a | 20 | NULL | 5
a | 30 | NULL | 5
b | 0 | NULL | 2
b | 10 | NULL | 2
b | 20 | NULL | 2
b | 30 | 6 | 6

SELECT time_bucket_gapfill('1 month', d, '2024-01-15', '2024-05-01') AS t, count(*) FROM (VALUES (date '2024-03-20')) v (d) GROUP BY 1 ORDER BY 1
----
t date | count bigint
2024-01-01 | NULL
2024-02-01 | NULL
2024-03-01 | 1
2024-04-01 | NULL

SELECT time_bucket_gapfill('1 day', at, 'Europe/Oslo', '2024-03-30', '2024-04-01') AS t, count(*) FROM (VALUES (timestamptz '2024-03-31 12:00Z')) v (at) GROUP BY 1 ORDER BY 1
----
t timestamp with time zone | count bigint
2024-03-29 23:00:00+00 | NULL
2024-03-30 23:00:00+00 | 1
2024-03-31 22:00:00+00 | NULL

SELECT time_bucket_gapfill(1, x, 1, 4) AS t, count(*) AS n FROM (VALUES (9)) v (x) WHERE x < 0 GROUP BY 1 ORDER BY 1
----
t integer | n bigint
1 | NULL
2 | NULL
3 | NULL

SELECT time_bucket_gapfill(1, x, 1, 4) AS t, g, count(*) AS n FROM (VALUES (9, 1)) v (x, g) WHERE x < 0 GROUP BY 1, 2 ORDER BY 1
----
t integer | g integer | n bigint
(no rows)

SELECT time_bucket_gapfill(10, x, 10, 30) AS t, count(*) FROM (VALUES (-5), (12), (55)) v (x) GROUP BY 1 ORDER BY 1
----
t integer | count bigint
-10 | 1
10 | 1
20 | NULL
50 | 1

SELECT time_bucket_gapfill(1, x, 1, 5) AS t, sum(y), lag(locf(sum(y))) OVER (ORDER BY time_bucket_gapfill(1, x, 1, 5)) FROM (VALUES (2, 5)) v (x, y) GROUP BY 1 ORDER BY 1
----
t integer | sum bigint | lag bigint
1 | NULL | NULL
2 | 5 | NULL
3 | NULL | 5
4 | NULL | 5

SELECT time_bucket_gapfill(1, x, 1, 5) AS t, sum(y) FROM (VALUES (2, 5), (3, 1)) v (x, y) GROUP BY 1 HAVING sum(y) > 2 ORDER BY t DESC LIMIT 2
----
t integer | sum bigint
4 | NULL
3 | NULL

SELECT round(interpolate(avg(y)), 1) FROM (VALUES (2, 5), (4, 8)) v (x, y) GROUP BY time_bucket_gapfill(1, x, 2, 5)
----
ERROR 42883 at 8: function round(double precision, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT round(interpolate(avg(y))::numeric, 1) FROM (VALUES (2, 5), (4, 8)) v (x, y) GROUP BY time_bucket_gapfill(1, x, 2, 5)
----
round numeric
5.0
6.5
8.0

EXPLAIN SELECT time_bucket_gapfill('5 min', at) AS bucket, dev, locf(avg(v)) FROM m WHERE at >= '2024-01-01' AND at < '2024-01-02' GROUP BY bucket, dev ORDER BY 1
----
QUERY PLAN text
Sort
  Sort Key: bucket
  ->  GapFill
        Width: '00:05:00'::interval
        From: '2024-01-01 00:00:00+00'::timestamp with time zone
        To: '2024-01-02 00:00:00+00'::timestamp with time zone
        ->  Sort
              Sort Key: dev, time_bucket_gapfill('00:05:00'::interval, at)
              ->  HashAggregate
                    Group Key: time_bucket_gapfill('00:05:00'::interval, at), dev
                    ->  Seq Scan on m
                          Range Cond: (at >= '2024-01-01 00:00:00+00'::timestamp with time zone) AND (at < '2024-01-02 00:00:00+00'::timestamp with time zone)
                          Filter: ((at >= '2024-01-01 00:00:00+00'::timestamp with time zone) AND (at < '2024-01-02 00:00:00+00'::timestamp with time zone))

SELECT time_bucket_gapfill('5 min', at), max(v) FROM m GROUP BY 1
----
ERROR 22023: missing time_bucket_gapfill argument: could not infer start from WHERE clause
HINT: Specify start and finish as arguments or in the WHERE clause.

SELECT time_bucket_gapfill('5 min', at), max(v) FROM m WHERE at > '2024-01-01' GROUP BY 1
----
ERROR 22023: missing time_bucket_gapfill argument: could not infer finish from WHERE clause
HINT: Specify start and finish as arguments or in the WHERE clause.

SELECT time_bucket_gapfill('5 min', at, '2024-01-02', '2024-01-01'), max(v) FROM m GROUP BY 1
----
ERROR 22023: invalid time_bucket_gapfill argument: start must be before finish

SELECT time_bucket_gapfill('5 min', at, '2024-01-02', 'infinity'), max(v) FROM m GROUP BY 1
----
ERROR 22023: invalid time_bucket_gapfill argument: finish cannot be infinity

SELECT time_bucket_gapfill('5 min', at) FROM m
----
ERROR 0A000: no top level time_bucket_gapfill in group by clause

SELECT time_bucket_gapfill('5 min', at)::date FROM m WHERE at >= '2024-01-01' AND at < '2024-01-02' GROUP BY 1
----
ERROR 0A000: no top level time_bucket_gapfill in group by clause

SELECT locf(avg(v)) FROM m
----
ERROR 0A000: locf can only be used in an aggregation query with time_bucket_gapfill

SELECT interpolate(v) FROM m
----
ERROR 0A000: interpolate can only be used in an aggregation query with time_bucket_gapfill

SELECT time_bucket_gapfill(1, n, 1, 2), time_bucket_gapfill(2, n, 1, 2) FROM m GROUP BY 1, 2
----
ERROR 0A000: multiple time_bucket_gapfill calls not allowed
