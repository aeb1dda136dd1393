-- What a run of statements of PostgreSQL's own tests found; answers are PostgreSQL's
select json '{"a": "null \u0000 escape"}' ->> 'a'
----
ERROR 22P05: unsupported Unicode escape sequence
DETAIL: \u0000 cannot be converted to text.

select json '{"a": "null \\u0000 escape"}' ->> 'a'
----
?column? text
null \u0000 escape

select json '["\u0000"]' #>> '{0}'
----
ERROR 22P05: unsupported Unicode escape sequence
DETAIL: \u0000 cannot be converted to text.

select interval '1 2' day to hour, interval '-1 2' day to hour, interval '1 2:03' day to hour
----
interval interval day to hour | interval interval day to hour | interval interval day to hour
1 day 02:00:00 | -1 days +02:00:00 | 1 day 02:00:00

select interval '1 2:03' minute to second, interval '1 -2:03' minute to second, interval '2:03' minute to second, interval '1 2:03.5678' minute to second(2)
----
interval interval minute to second | interval interval minute to second | interval interval minute to second | interval interval minute to second(2)
1 day 00:02:03 | 1 day -00:02:03 | 00:02:03 | 1 day 00:02:03.57

select no_such_aggregate(distinct 1)
----
ERROR 42883 at 8: function no_such_aggregate(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select abs(distinct 1)
----
ERROR 42809 at 8: DISTINCT specified, but abs is not an aggregate function

create table one (a int)
----
done

insert into one values (1)
----
1 affected

select 0 except select null::int from one
----
?column? integer
0

values (0), (5) intersect select null::int from one
----
column1 integer
(no rows)

select 0 union select null::int from one order by 1
----
?column? integer
0
NULL

select a, count(*) from (select 0 as a union all select null::int from one) u group by a order by a
----
a integer | count bigint
0 | 1
NULL | 1

select b from (values (0), (5)) v(b) where b not in (select null::int from one)
----
b integer
(no rows)

select b from (values (0), (5)) v(b) join (select null::int as c from one) w on b = c
----
b integer
(no rows)
