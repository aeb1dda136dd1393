set time zone 'Europe/Oslo'
----

show timezone
----

select timestamptz '2024-03-30 12:00' + interval '1 day', timestamptz '2024-03-30 12:00' + interval '24 hours', timestamptz '2024-03-30 12:00'
----

select timestamptz '2024-03-31 02:30', timestamptz '2024-10-27 02:30', timestamptz '2024-10-27 00:30+00', timestamptz '1850-01-01 00:00', timestamptz '9500-07-01', timestamptz '4000-01-01 BC', timestamptz 'infinity'
----

select timestamptz '2024-07-01 10:00' at time zone 'UTC', timestamptz '2024-07-01 10:00' at time zone 'America/New_York', timestamp '2024-07-01 10:00' at time zone 'asia/tokyo', timestamp '2024-07-01 10:00' at time zone 'EST', timestamp '2024-07-01 10:00' at time zone 'CEST', timestamptz '2024-07-01 10:00' at time zone '+02', timestamptz '2024-07-01 10:00' at time zone interval '2 hours'
----

select timestamptz '2024-07-01 10:00 America/New_York', timestamptz '2024-07-01 10:00 PST', timestamptz '2024-07-01 10:00 europe/London', timestamptz '2024-07-01 10:00-03:30', timestamptz '2024-07-01 10:00Z', timestamptz '2024-07-01 10:00 MSK', '2024-07-01 10:00 EST5EDT'::timestamptz
----

select timestamptz '2024-07-01 10:00 Europe/Nowhere'
----

select timestamptz '2024-07-01 10:00 XYZ'
----

select timestamp '2024-07-01 10:00' at time zone 'Nowhere'
----

select timestamp '2024-07-01 10:00' at time zone interval '1 month'
----

set time zone 'Nowhere'
----

select date_trunc('day', timestamptz '2024-07-01 00:30'), date_trunc('month', timestamptz '2024-07-01 00:30'), date_trunc('hour', timestamptz '2024-10-27 01:30+01'), date_trunc('day', timestamptz '2024-07-01 00:30', 'America/New_York'), date_trunc('week', timestamptz '2024-03-31 12:00', 'utc')
----

select extract(timezone from timestamptz '2024-07-01'), extract(timezone_hour from timestamptz '2024-01-01'), extract(timezone_minute from timestamptz '2024-01-01'), extract(hour from timestamptz '2024-07-01 00:00Z'), extract(epoch from timestamptz '2024-07-01 00:00Z'), date_part('day', timestamptz '2024-06-30 23:00Z'), extract(timezone from timestamptz '1850-01-01')
----

select to_char(timestamptz '2024-07-01 10:00', 'HH24:MI TZ tz OF TZH:TZM'), to_char(timestamptz '2024-01-01 10:00', 'HH24:MI TZ OF'), to_char(timestamp '2024-01-01 10:00', 'HH24 TZ|OF')
----

select to_timestamp('2024-07-01 10:00', 'YYYY-MM-DD HH24:MI'), to_timestamp('2024-07-01 10:00 +05', 'YYYY-MM-DD HH24:MI TZH')
----

select make_timestamptz(2024, 7, 1, 10, 0, 0), make_timestamptz(2024, 7, 1, 10, 0, 0, 'America/New_York'), make_timestamptz(2024, 7, 1, 10, 0, 0, 'UTC')
----

select timestamptz '2024-07-01 01:00' :: date, timestamptz '2024-07-01 01:00' :: time, timestamptz '2024-07-01 01:00' :: timestamp, date '2024-07-01' :: timestamptz, timestamp '2024-07-01 01:00' :: timestamptz, '2024-07-01 01:00'::text::timestamptz, (timestamptz '2024-07-01 01:00')::text || '!'
----

select timestamptz '2024-07-01 00:00' = timestamp '2024-07-01 00:00', timestamptz '2024-07-01 00:00' = date '2024-07-01', date '2024-07-01' < timestamptz '2024-07-01 00:00Z', timestamptz '2024-07-01 02:00+02' - timestamp '2024-06-30 00:00'
----

select g from generate_series(timestamptz '2024-03-30 00:00', timestamptz '2024-04-01 00:00', interval '1 day') g
----

select age(timestamptz '2024-04-01 00:00', timestamptz '2024-03-01 00:00'), timestamptz '2024-04-01' - timestamptz '2024-03-01'
----

select array[timestamptz '2024-07-01 10:00', null], '{2024-07-01 10:00,"2024-01-01 10:00+00"}'::timestamptz[], array_to_string(array[timestamptz '2024-07-01 10:00'], ';'), concat(timestamptz '2024-07-01 10:00', 1), format('%s', timestamptz '2024-07-01 10:00'), to_json(timestamptz '2024-07-01 10:00'), jsonb_build_object('t', timestamptz '2024-01-01 10:00'), to_jsonb(array[timestamptz '2024-07-01 10:00'])
----

select jsonb_agg(t), json_object_agg(1, t), string_agg(t::text, ','), min(t) from (values (timestamptz '2024-07-01 10:00'), ('2024-01-01 10:00')) v(t)
----

create table moments (id int primary key, at timestamptz, day date, wall timestamp)
----

insert into moments values (1, '2024-07-01 00:30', '2024-07-01', '2024-07-01 00:30'), (2, '2024-10-27 02:30', '2024-10-27', '2024-10-27 02:30')
----

select id, at, at::date = day, at = wall, at >= day, date_trunc('day', at) from moments order by at
----

select id from moments where at = '2024-07-01 00:30' or at in ('2024-10-27 02:30', '2024-01-01')
----

select id from moments where at > wall - interval '1 hour' and at < day + 1 order by id
----

set time zone 'America/New_York'
----

select id, at, at::date = day, at = wall from moments order by id
----

select id from moments where at = '2024-07-01 00:30'
----

set time zone 3
----

show timezone
----

select timestamptz '2024-07-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ OF')
----

set time zone '-3.5'
----

select timestamptz '2024-07-01 00:00Z', current_setting('timezone')
----

set timezone = 'utc'
----

show timezone
----

select timestamptz '2024-07-01 00:00Z'
----

set time zone 'CST7CDT'
----

select timestamptz '2024-07-01 00:00Z', timestamptz '2024-12-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ')
----

set time zone 'FOO+3'
----

select timestamptz '2024-07-01 00:00Z', to_char(timestamptz '2024-07-01 00:00Z', 'TZ')
----

set time zone default
----

select timestamptz '2024-07-01 00:00Z'
----

select setseed(0.5) is null
----

select random(), random() < 1
----

select current_schema, current_schemas(false), current_setting('nosuch', true)
----

select current_setting('nosuch')
----

select set_config('statement_timeout', '5s', false)
----

show statement_timeout
----

select set_config(null, 'x', false)
----

select set_config('statement_timeout', 'abc', false)
----
