create table p1 (a timestamp(0), b timestamptz(3), c time(2), d interval(1), e interval day to second(0), f interval year, g timestamp(6), h timestamp(0)[], i interval hour to minute, k varchar(4), l bit(3))
----
done

insert into p1 values ('2024-01-01 00:00:00.5', '2024-01-01 00:00:00.1235', '10:00:00.555', '1.25 s', '1 day 2:03:04.6', '1 year 5 mon', '2024-01-01 00:00:00.1234567', '{"2024-01-01 00:00:00.6"}', '1 day 02:03:04', 'a', B'101')
----
1 affected

insert into p1 (a, c, d) values (timestamp '2024-01-01 00:00:00.4', time '23:59:59.999', interval '1 mon 1 day 0.06 s')
----
1 affected

select * from p1 where b is not null
----
a timestamp(0) without time zone | b timestamp(3) with time zone | c time(2) without time zone | d interval(1) | e interval day to second(0) | f interval year | g timestamp(6) without time zone | h timestamp(0) without time zone[] | i interval hour to minute | k character varying(4) | l bit(3)
2024-01-01 00:00:01 | 2024-01-01 00:00:00.124+00 | 10:00:00.56 | 00:00:01.3 | 1 day 02:03:05 | 1 year | 2024-01-01 00:00:00.123457 | {"2024-01-01 00:00:01"} | 1 day 02:03:00 | a | 101

select a, c, d from p1 order by a
----
a timestamp(0) without time zone | c time(2) without time zone | d interval(1)
2024-01-01 00:00:00 | 24:00:00 | 1 mon 1 day 00:00:00.1
2024-01-01 00:00:01 | 10:00:00.56 | 00:00:01.3

select column_name, data_type, character_maximum_length, datetime_precision, interval_type, udt_name from information_schema.columns where table_name = 'p1' order by ordinal_position
----
column_name text | data_type text | character_maximum_length integer | datetime_precision integer | interval_type text | udt_name text
a | timestamp without time zone | NULL | 0 | NULL | timestamp
b | timestamp with time zone | NULL | 3 | NULL | timestamptz
c | time without time zone | NULL | 2 | NULL | time
d | interval | NULL | 1 | NULL | interval
e | interval | NULL | 0 | DAY TO SECOND(0) | interval
f | interval | NULL | 6 | YEAR | interval
g | timestamp without time zone | NULL | 6 | NULL | timestamp
h | ARRAY | NULL | NULL | NULL | _timestamp
i | interval | NULL | 6 | HOUR TO MINUTE | interval
k | character varying | 4 | NULL | NULL | varchar
l | bit | 3 | NULL | NULL | bit

select attname, atttypmod, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'p1'::regclass and attnum > 0 order by attnum
----
attname name | atttypmod integer | format_type text
a | 0 | timestamp(0) without time zone
b | 3 | timestamp(3) with time zone
c | 2 | time(2) without time zone
d | 2147418113 | interval(1)
e | 470286336 | interval day to second(0)
f | 327679 | interval year
g | 6 | timestamp(6) without time zone
h | 0 | timestamp(0) without time zone[]
i | 201392127 | interval hour to minute
k | 8 | character varying(4)
l | 3 | bit(3)

create table p2 (a interval(3) day)
----
ERROR 42601 at 32: syntax error at or near "day"

create table p2 (a interval year(3))
----
ERROR 42601 at 33: syntax error at or near "("

create table p2 (a timestamp(1, 2))
----
ERROR 42601 at 31: syntax error at or near ","

create table p2 (a timestamp(-1))
----
ERROR 42601 at 30: syntax error at or near "-"

alter table p1 alter a type timestamp(3), alter b type timestamptz(0), alter c type time, alter d type interval
----
done

select a, b, c, d from p1 order by a
----
a timestamp(3) without time zone | b timestamp(0) with time zone | c time without time zone | d interval
2024-01-01 00:00:00 | NULL | 24:00:00 | 1 mon 1 day 00:00:00.1
2024-01-01 00:00:01 | 2024-01-01 00:00:00+00 | 10:00:00.56 | 00:00:01.3

create table p3 as select a, b, a + interval '1 s' as x, coalesce(a, a) as y, case when true then b end as z from p1
----
2 affected

select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'p3'::regclass and attnum > 0 order by attnum
----
attname name | format_type text
a | timestamp(3) without time zone
b | timestamp(0) with time zone
x | timestamp without time zone
y | timestamp(3) without time zone
z | timestamp(0) with time zone

create table p4 (like p1)
----
done

select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'p4'::regclass and attnum > 0 order by attnum
----
attname name | format_type text
a | timestamp(3) without time zone
b | timestamp(0) with time zone
c | time without time zone
d | interval
e | interval day to second(0)
f | interval year
g | timestamp(6) without time zone
h | timestamp(0) without time zone[]
i | interval hour to minute
k | character varying(4)
l | bit(3)

create view pv as select a, b::timestamptz(1), h, f from p1
----
done

select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'pv'::regclass and attnum > 0 order by attnum
----
attname name | format_type text
a | timestamp(3) without time zone
b | timestamp(1) with time zone
h | timestamp(0) without time zone[]
f | interval year

select * from pv order by a
----
a timestamp(3) without time zone | b timestamp(1) with time zone | h timestamp(0) without time zone[] | f interval year
2024-01-01 00:00:00 | NULL | NULL | NULL
2024-01-01 00:00:01 | 2024-01-01 00:00:00+00 | {"2024-01-01 00:00:01"} | 1 year

update p1 set a = '2024-01-01 00:00:00.9996', b = timestamptz '2024-01-01 00:00:00.5'
----
2 affected

select a, b from p1
----
a timestamp(3) without time zone | b timestamp(0) with time zone
2024-01-01 00:00:01 | 2024-01-01 00:00:01+00
2024-01-01 00:00:01 | 2024-01-01 00:00:01+00

select count(*) from p1 where a = '2024-01-01 00:00:01'
----
count bigint
2

select count(*) from p1 where a = timestamp '2024-01-01 00:00:00.9996'
----
count bigint
0

create table p5 (id int primary key, a timestamp(3) default '2024-01-01 00:00:00.12345', c interval day default '1 day 3 h', t timestamp(0) unique)
----
done

insert into p5 values (1, default, default, '2024-01-01 00:00:00.7')
----
1 affected

insert into p5 (id, t) values (2, '2024-01-01 00:00:01')
----
ERROR 23505: duplicate key value violates unique constraint "p5_t_key"
DETAIL: Key (t)=(2024-01-01 00:00:01) already exists.

insert into p5 (id, t) values (1, '2024-01-01 00:00:05') on conflict (id) do update set a = '2024-01-01 00:00:00.9999'
----
1 affected

select * from p5
----
id integer | a timestamp(3) without time zone | c interval day | t timestamp(0) without time zone
1 | 2024-01-01 00:00:01 | 1 day | 2024-01-01 00:00:01

select id from p5 where t = '2024-01-01 00:00:01'
----
id integer
1

create table p6 (t timestamp(0) references p5 (t) on update cascade, n timestamp)
----
done

insert into p6 values ('2024-01-01 00:00:00.6', '2024-01-01 00:00:01')
----
1 affected

update p5 set t = '2024-01-01 00:00:09.5'
----
1 affected

select p5.t, p6.t from p5 join p6 using (t)
----
t timestamp(0) without time zone | t timestamp(0) without time zone
2024-01-01 00:00:10 | 2024-01-01 00:00:10

select p5.t from p5 join p6 on p5.t = p6.n + interval '9 s'
----
t timestamp(0) without time zone
2024-01-01 00:00:10

select t from p5 union select n from p6 order by 1
----
t timestamp without time zone
2024-01-01 00:00:01
2024-01-01 00:00:10

select max(t), min(c), array_agg(t), count(distinct t) from p5
----
max timestamp without time zone | min interval | array_agg timestamp without time zone[] | count bigint
2024-01-01 00:00:10 | 1 day | {"2024-01-01 00:00:10"} | 1

select a, row_number() over (order by t desc), lag(a) over (order by t range between interval '1 s' preceding and current row) from p5
----
a timestamp(3) without time zone | row_number bigint | lag timestamp without time zone
2024-01-01 00:00:01 | 1 | NULL

select date_trunc('minute', t), extract(second from t), t::date, t::time, age(t, '2024-01-01'), to_char(t, 'SS') from p5
----
date_trunc timestamp without time zone | extract numeric | t date | t time without time zone | age interval | to_char text
2024-01-01 00:00:00 | 10.000000 | 2024-01-01 | 00:00:10 | 00:00:10 | 10

select '2024-01-01 00:00:00.5'::timestamp(0) - interval '1 s', array[t, '2024-01-01'] from p5
----
?column? timestamp without time zone | array timestamp without time zone[]
2024-01-01 00:00:00 | {"2024-01-01 00:00:10","2024-01-01 00:00:00"}

set time zone 'Europe/Oslo'
----
done

select '2024-07-01 10:00:00.5'::timestamptz(0), '2024-07-01 10:00:00.5+00'::timestamptz(0)::timestamp(0), timestamp '2024-07-01 10:00:00.5'::timestamptz(0), '{"2024-07-01 10:00:00.5"}'::timestamptz(0)[], a < b, b::date from p1 limit 1
----
timestamptz timestamp(0) with time zone | timestamp timestamp(0) without time zone | timestamptz timestamp(0) with time zone | timestamptz timestamp(0) with time zone[] | ?column? boolean | b date
2024-07-01 10:00:01+02 | 2024-07-01 12:00:01 | 2024-07-01 10:00:01+02 | {"2024-07-01 10:00:01+02"} | t | 2024-01-01
