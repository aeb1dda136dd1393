set time zone 'Europe/Oslo'
----
done

show timezone
----
TimeZone text
Europe/Oslo

select timestamptz '2024-03-30 12:00' + interval '1 day', timestamptz '2024-03-30 12:00' + interval '24 hours', timestamptz '2024-03-30 12:00'
----
?column? timestamp with time zone | ?column? timestamp with time zone | timestamptz timestamp with time zone
2024-03-31 12:00:00+02 | 2024-03-31 13:00:00+02 | 2024-03-30 12:00:00+01

select timestamptz '2024-03-31 02:30', timestamptz '2024-10-27 02:30', timestamptz '2024-10-27 00:30+00', timestamptz '1850-01-01 00:00', timestamptz '9500-07-01', timestamptz '4000-01-01 BC', timestamptz 'infinity'
----
timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone
2024-03-31 03:30:00+02 | 2024-10-27 02:30:00+01 | 2024-10-27 02:30:00+02 | 1850-01-01 00:00:00+00:43 | 9500-07-01 00:00:00+02 | 4000-01-01 00:00:00+00:43 BC | infinity

select timestamptz '2024-07-01 10:00' at time zone 'UTC', timestamptz '2024-07-01 10:00' at time zone 'America/New_York', timestamp '2024-07-01 10:00' at time zone 'asia/tokyo', timestamp '2024-07-01 10:00' at time zone 'EST', timestamp '2024-07-01 10:00' at time zone 'CEST', timestamptz '2024-07-01 10:00' at time zone '+02', timestamptz '2024-07-01 10:00' at time zone interval '2 hours'
----
timezone timestamp without time zone | timezone timestamp without time zone | timezone timestamp with time zone | timezone timestamp with time zone | timezone timestamp with time zone | timezone timestamp without time zone | timezone timestamp without time zone
2024-07-01 08:00:00 | 2024-07-01 04:00:00 | 2024-07-01 03:00:00+02 | 2024-07-01 17:00:00+02 | 2024-07-01 10:00:00+02 | 2024-07-01 06:00:00 | 2024-07-01 10:00:00

select timestamptz '2024-07-01 10:00 America/New_York', timestamptz '2024-07-01 10:00 PST', timestamptz '2024-07-01 10:00 europe/London', timestamptz '2024-07-01 10:00-03:30', timestamptz '2024-07-01 10:00Z', timestamptz '2024-07-01 10:00 MSK', '2024-07-01 10:00 EST5EDT'::timestamptz
----
timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone
2024-07-01 16:00:00+02 | 2024-07-01 20:00:00+02 | 2024-07-01 11:00:00+02 | 2024-07-01 15:30:00+02 | 2024-07-01 12:00:00+02 | 2024-07-01 09:00:00+02 | 2024-07-01 16:00:00+02

select timestamptz '2024-07-01 10:00 Europe/Nowhere'
----
ERROR 22023 at 20: time zone "europe/nowhere" not recognized

select timestamptz '2024-07-01 10:00 XYZ'
----
ERROR 22007 at 20: invalid input syntax for type timestamp with time zone: "2024-07-01 10:00 XYZ"

select timestamp '2024-07-01 10:00' at time zone 'Nowhere'
----
ERROR 22023: time zone "Nowhere" not recognized

select timestamp '2024-07-01 10:00' at time zone interval '1 month'
----
ERROR 22023: interval time zone "1 mon" must not include months or days

set time zone 'Nowhere'
----
ERROR 22023: invalid value for parameter "TimeZone": "Nowhere"

select date_trunc('day', timestamptz '2024-07-01 00:30'), date_trunc('month', timestamptz '2024-07-01 00:30'), date_trunc('hour', timestamptz '2024-10-27 01:30+01'), date_trunc('day', timestamptz '2024-07-01 00:30', 'America/New_York'), date_trunc('week', timestamptz '2024-03-31 12:00', 'utc')
----
date_trunc timestamp with time zone | date_trunc timestamp with time zone | date_trunc timestamp with time zone | date_trunc timestamp with time zone | date_trunc timestamp with time zone
2024-07-01 00:00:00+02 | 2024-07-01 00:00:00+02 | 2024-10-27 02:00:00+02 | 2024-06-30 06:00:00+02 | 2024-03-25 01:00:00+01

select extract(timezone from timestamptz '2024-07-01'), extract(timezone_hour from timestamptz '2024-01-01'), extract(timezone_minute from timestamptz '2024-01-01'), extract(hour from timestamptz '2024-07-01 00:00Z'), extract(epoch from timestamptz '2024-07-01 00:00Z'), date_part('day', timestamptz '2024-06-30 23:00Z'), extract(timezone from timestamptz '1850-01-01')
----
extract numeric | extract numeric | extract numeric | extract numeric | extract numeric | date_part double precision | extract numeric
7200 | 1 | 0 | 2 | 1719792000.000000 | 1 | 2580

select to_char(timestamptz '2024-07-01 10:00', 'HH24:MI TZ tz OF TZH:TZM'), to_char(timestamptz '2024-01-01 10:00', 'HH24:MI TZ OF'), to_char(timestamp '2024-01-01 10:00', 'HH24 TZ|OF')
----
to_char text | to_char text | to_char text
10:00 CEST cest +02 +02:00 | 10:00 CET +01 | 10 |+00

select to_timestamp('2024-07-01 10:00', 'YYYY-MM-DD HH24:MI'), to_timestamp('2024-07-01 10:00 +05', 'YYYY-MM-DD HH24:MI TZH')
----
to_timestamp timestamp with time zone | to_timestamp timestamp with time zone
2024-07-01 10:00:00+02 | 2024-07-01 07:00:00+02

select make_timestamptz(2024, 7, 1, 10, 0, 0), make_timestamptz(2024, 7, 1, 10, 0, 0, 'America/New_York'), make_timestamptz(2024, 7, 1, 10, 0, 0, 'UTC')
----
make_timestamptz timestamp with time zone | make_timestamptz timestamp with time zone | make_timestamptz timestamp with time zone
2024-07-01 10:00:00+02 | 2024-07-01 16:00:00+02 | 2024-07-01 12:00:00+02

select timestamptz '2024-07-01 01:00' :: date, timestamptz '2024-07-01 01:00' :: time, timestamptz '2024-07-01 01:00' :: timestamp, date '2024-07-01' :: timestamptz, timestamp '2024-07-01 01:00' :: timestamptz, '2024-07-01 01:00'::text::timestamptz, (timestamptz '2024-07-01 01:00')::text || '!'
----
date date | time time without time zone | timestamp timestamp without time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | timestamptz timestamp with time zone | ?column? text
2024-07-01 | 01:00:00 | 2024-07-01 01:00:00 | 2024-07-01 00:00:00+02 | 2024-07-01 01:00:00+02 | 2024-07-01 01:00:00+02 | 2024-07-01 01:00:00+02!

select timestamptz '2024-07-01 00:00' = timestamp '2024-07-01 00:00', timestamptz '2024-07-01 00:00' = date '2024-07-01', date '2024-07-01' < timestamptz '2024-07-01 00:00Z', timestamptz '2024-07-01 02:00+02' - timestamp '2024-06-30 00:00'
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? interval
t | t | t | 1 day 02:00:00

select g from generate_series(timestamptz '2024-03-30 00:00', timestamptz '2024-04-01 00:00', interval '1 day') g
----
g timestamp with time zone
2024-03-30 00:00:00+01
2024-03-31 00:00:00+01
2024-04-01 00:00:00+02

select age(timestamptz '2024-04-01 00:00', timestamptz '2024-03-01 00:00'), timestamptz '2024-04-01' - timestamptz '2024-03-01'
----
age interval | ?column? interval
1 mon | 30 days 23:00:00

select array[timestamptz '2024-07-01 10:00', null], '{2024-07-01 10:00,"2024-01-01 10:00+00"}'::timestamptz[], array_to_string(array[timestamptz '2024-07-01 10:00'], ';'), concat(timestamptz '2024-07-01 10:00', 1), format('%s', timestamptz '2024-07-01 10:00'), to_json(timestamptz '2024-07-01 10:00'), jsonb_build_object('t', timestamptz '2024-01-01 10:00'), to_jsonb(array[timestamptz '2024-07-01 10:00'])
----
array timestamp with time zone[] | timestamptz timestamp with time zone[] | array_to_string text | concat text | format text | to_json json | jsonb_build_object jsonb | to_jsonb jsonb
{"2024-07-01 10:00:00+02",NULL} | {"2024-07-01 10:00:00+02","2024-01-01 11:00:00+01"} | 2024-07-01 10:00:00+02 | 2024-07-01 10:00:00+021 | 2024-07-01 10:00:00+02 | "2024-07-01T10:00:00+02:00" | {"t": "2024-01-01T10:00:00+01:00"} | ["2024-07-01T10:00:00+02:00"]

select jsonb_agg(t), json_object_agg(1, t), string_agg(t::text, ','), min(t) from (values (timestamptz '2024-07-01 10:00'), ('2024-01-01 10:00')) v(t)
----
jsonb_agg jsonb | json_object_agg json | string_agg text | min timestamp with time zone
["2024-07-01T10:00:00+02:00", "2024-01-01T10:00:00+01:00"] | { "1" : "2024-07-01T10:00:00+02:00", "1" : "2024-01-01T10:00:00+01:00" } | 2024-07-01 10:00:00+02,2024-01-01 10:00:00+01 | 2024-01-01 10:00:00+01

create table moments (id int primary key, at timestamptz, day date, wall timestamp)
----
done

insert into moments values (1, '2024-07-01 00:30', '2024-07-01', '2024-07-01 00:30'), (2, '2024-10-27 02:30', '2024-10-27', '2024-10-27 02:30')
----
2 affected

select id, at, at::date = day, at = wall, at >= day, date_trunc('day', at) from moments order by at
----
id integer | at timestamp with time zone | ?column? boolean | ?column? boolean | ?column? boolean | date_trunc timestamp with time zone
1 | 2024-07-01 00:30:00+02 | t | t | t | 2024-07-01 00:00:00+02
2 | 2024-10-27 02:30:00+01 | t | t | t | 2024-10-27 00:00:00+02

select id from moments where at = '2024-07-01 00:30' or at in ('2024-10-27 02:30', '2024-01-01')
----
id integer
1
2

select id from moments where at > wall - interval '1 hour' and at < day + 1 order by id
----
id integer
1
2

set time zone 'America/New_York'
----
done

select id, at, at::date = day, at = wall from moments order by id
----
id integer | at timestamp with time zone | ?column? boolean | ?column? boolean
1 | 2024-06-30 18:30:00-04 | f | f
2 | 2024-10-26 21:30:00-04 | f | f

select id from moments where at = '2024-07-01 00:30'
----
id integer
(no rows)

set time zone 3
----
done

show timezone
----
TimeZone text
<+03>-03

select timestamptz '2024-07-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ OF')
----
timestamptz timestamp with time zone | to_char text
2024-07-01 03:00:00+03 | +03 +03

set time zone '-3.5'
----
done

select timestamptz '2024-07-01 00:00Z', current_setting('timezone')
----
timestamptz timestamp with time zone | current_setting text
2024-06-30 20:30:00-03:30 | <-03:30>+03:30

set timezone = 'utc'
----
done

show timezone
----
TimeZone text
UTC

select timestamptz '2024-07-01 00:00Z'
----
timestamptz timestamp with time zone
2024-07-01 00:00:00+00

set time zone 'CST7CDT'
----
done

select timestamptz '2024-07-01 00:00Z', timestamptz '2024-12-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ')
----
timestamptz timestamp with time zone | timestamptz timestamp with time zone | to_char text
2024-06-30 18:00:00-06 | 2024-11-30 17:00:00-07 | CDT

set time zone 'FOO+3'
----
done

select timestamptz '2024-07-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ')
----
timestamptz timestamp with time zone | to_char text
2024-06-30 21:00:00-03 | FOO

set time zone default
----
done

select timestamptz '2024-07-01 00:00Z'
----
timestamptz timestamp with time zone
2024-07-01 00:00:00+00

select setseed(0.5) is null
----
?column? boolean
f

select random(), random() < 1
----
random double precision | ?column? boolean
0.9851677175347999 | t

select current_schema, current_schemas(false), current_setting('nosuch', true)
----
current_schema text | current_schemas text[] | current_setting text
public | {public} | NULL

select current_setting('nosuch')
----
ERROR 42704: unrecognized configuration parameter "nosuch"

select set_config('statement_timeout', '5s', false)
----
set_config text
5s

show statement_timeout
----
statement_timeout text
5s

select set_config(null, 'x', false)
----
ERROR 22004: SET requires parameter name

select set_config('statement_timeout', 'abc', false)
----
ERROR 22023: invalid value for parameter "statement_timeout": "abc"
HINT: Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".

select timestamptz 'now' = now(), timestamp 'now' = localtimestamp, date 'today' = current_date, timestamp 'tomorrow' = current_date + 1, ' Yesterday '::timestamptz = (current_date - 1)::timestamptz, date 'now' = current_date, time 'now' = localtime
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | t | t | t | t | t | t

select timestamptz 'now' + interval '1 day' > now(), 'now'::text
----
?column? boolean | text text
t | now

select time 'today'
----
ERROR 0A000 at 13: "today" is not supported inside a literal of type time
HINT: Use now() or current_date.

select count(*) from moments where at < 'now' and day < 'tomorrow'
----
count bigint
2

set time zone 'Europe/Oslo'
----
done

select jsonb_path_query_tz('"2024-07-01"', '$.datetime() < "2024-06-30 22:30:00+00".datetime()')
----
jsonb_path_query_tz jsonb
true

select timestamptz '4714-11-24 00:00:00+00 BC' at time zone '+02'
----
ERROR 22008: timestamp out of range

select timestamptz '2024-01-01 00:00:00+00' at time zone 'FOO+999999999'
----
ERROR 22023: time zone "FOO+999999999" not recognized

set time zone 'Asia/Kolkata'
----
done

select timetz '10:00', '10:00'::timetz, time '10:00'::timetz, timestamptz '2024-07-01 10:00+00'::timetz, timetz '10:00+02'::text, '2003-07-12 04:05 Europe/Oslo'::timetz, '10:00'::text::timetz, '{10:00+01,11:00+02}'::timetz[]
----
timetz time with time zone | timetz time with time zone | timetz time with time zone | timetz time with time zone | text text | timetz time with time zone | timetz time with time zone | timetz time with time zone[]
10:00:00+05:30 | 10:00:00+05:30 | 10:00:00+05:30 | 15:30:00+05:30 | 10:00:00+02 | 04:05:00+02 | 10:00:00+05:30 | {10:00:00+01,11:00:00+02}

select timetz '10:00' at time zone 'UTC', timetz '10:00+00' at time zone 'asia/kolkata', date '2024-01-01' + timetz '10:00', extract(timezone from current_time), current_time = now()::timetz
----
timezone time with time zone | timezone time with time zone | ?column? timestamp with time zone | extract numeric | ?column? boolean
04:30:00+00 | 15:30:00+05:30 | 2024-01-01 10:00:00+05:30 | 19800 | t

create table times (id int primary key, at timetz, soon timetz(0) default '10:00:00.6')
----
done

insert into times values (1, '09:00', '10:00'), (2, time '08:00', '12:00:00.5+00'), (3, '08:00+08', default)
----
3 affected

select * from times order by at
----
id integer | at time with time zone | soon time(0) with time zone
3 | 08:00:00+08 | 10:00:01+05:30
2 | 08:00:00+05:30 | 12:00:01+00
1 | 09:00:00+05:30 | 10:00:00+05:30

select id from times where at < '08:30' order by id
----
id integer
2
3

SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE
----
done

SHOW TIME ZONE
----
TimeZone text
<-08>+08

SET TIME ZONE INTERVAL '1 day'
----
ERROR 22023: invalid value for parameter "TimeZone": "'1 day'::interval"

SET timezone = '05:30'
----
done

SELECT timestamp '2024-01-01 00:00' AT TIME ZONE '5', timestamp '2024-01-01 00:00' AT TIME ZONE '05:30', timestamptz '2024-01-01 00:00+00' = timestamptz '2023-12-31 18:30'
----
timezone timestamp with time zone | timezone timestamp with time zone | ?column? boolean
2023-12-31 23:30:00-05:30 | 2024-01-01 00:00:00-05:30 | t

RESET timezone
----
done

SELECT time '10:00 America/New_York'
----
ERROR 22007 at 13: invalid input syntax for type time: "10:00 America/New_York"

SELECT time '2003-07-07 10:00 America/New_York', time '10:00 PST'
----
time time without time zone | time time without time zone
10:00:00 | 10:00:00

SELECT interval '1 2' DAY TO HOUR, interval '1 2:03' DAY TO MINUTE
----
interval interval day to hour | interval interval day to minute
1 day 02:00:00 | 1 day 02:03:00

SELECT interval '1 2' DAY TO MINUTE
----
ERROR 22007 at 17: invalid input syntax for type interval: "1 2"

SELECT interval '1 2' DAY TO SECOND
----
ERROR 22007 at 17: invalid input syntax for type interval: "1 2"
