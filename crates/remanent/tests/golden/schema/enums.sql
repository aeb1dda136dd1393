-- Enum types: values ordered as they were declared, stored by their places. Answers are PostgreSQL's

create type mood as enum ('sad', 'ok', 'happy')

create table person (id int primary key, name text, m mood default 'ok', history mood[])

insert into person values (1, 'ann', 'happy', '{sad,happy}'), (2, 'bob', 'sad', array['ok','sad']::mood[]), (3, 'cyd', null, null), (4, 'dee', default, '{}')

select * from person order by m, id

select name from person where m > 'sad' order by m desc

select m, count(*) from person group by m order by m

select min(m), max(m), count(m), count(distinct m) from person

select pg_typeof(m), pg_typeof(history) from person where id = 1

select m::text || '!', upper(m::text), m || '?' from person where m is not null order by id

select 'happy'::mood > 'sad'::mood, 'ok'::text::mood = 'ok', cast('sad' as mood), mood 'sad' < 'ok'

select m::varchar(2), m::char(8) || '|' from person where id = 1

select 'nope'::mood

select 'nope'::text::mood

select m = 'Happy' from person

insert into person (id, m) values (9, 'x')

insert into person (id, history) values (9, '{sad,x}')

update person set m = name where id = 1

update person set m = name::mood where id = 1

select m = name from person

select m + 1 from person

select m::int from person

select 1::mood

select m like 's%' from person

select lower(m) from person

select coalesce(m, 'sad') as c, nullif(m, 'ok'), greatest(m, 'ok'), least(m, 'ok'), case when id = 1 then m else 'ok' end from person order by id

select case when true then 'ok'::mood else 'sad' end, case when true then 'ok'::mood else 'x' end

select m from person where m in ('sad', 'happy') order by m

select m from person where m = any ('{sad,ok}') order by m

select id from person where 'sad' = any (history) order by id

select unnest(history) from person where id = 2

select history[1], history || 'ok'::mood, array_append(history, 'sad'), array_length(history, 1), array_position(history, 'happy') from person where id = 1

select array_to_string(history, ','), history::text, to_json(history), to_jsonb(m), json_build_object('m', m) from person where id = 1

select array_agg(m order by m desc), string_agg(m::text, ',' order by m), json_agg(m order by m) from person where m is not null

select format('%s %L', m, m), concat(m, 1), quote_literal(m) from person where id = 1

select enum_first(null::mood), enum_last('ok'::mood), enum_range(null::mood), enum_range('ok'::mood, null), enum_range('sad', 'ok'::mood), enum_range('happy'::mood, 'sad')

select enum_first(null)

select enum_range(1)

select e from unnest(enum_range(null::mood)) e order by e desc

-- Keys and indexes.
create table ticket (state mood, n int, primary key (state, n))

insert into ticket values ('happy', 1), ('sad', 2), ('ok', 3), ('sad', 1)

insert into ticket values ('sad', 1)

select * from ticket order by state, n

select * from ticket where state = 'sad' order by n

select * from ticket where state >= 'ok' order by state

create unique index person_m on person (m)

create table one (m mood unique, check (m <> 'sad'), up text generated always as (case when m = 'happy' then 'up' else 'down' end) stored)

insert into one values ('happy'), ('ok')

insert into one values ('happy')

insert into one values ('sad')

insert into one values (null), ('x')

select * from one order by m

insert into one values ('ok') on conflict (m) do update set m = null returning m, up

create index ticket_state on ticket (state desc)

select distinct state from ticket order by state desc

-- Joins, windows, sets.
select p.name, t.n from person p join ticket t on t.state = p.m order by 1, 2

select state, n, rank() over (order by state), lag(state) over (order by state, n) from ticket order by state, n

select m from person union select state from ticket order by 1

select m from person union all select 'ok' order by 1

select m from person except select 'sad' order by 1

with recursive r (s) as (select 'sad'::mood union all select 'ok'::mood from r where s = 'sad') select s from r

values ('ok'::mood), ('sad')

-- Values added before others: what is stored stays as it is.
alter type mood add value 'so so' before 'ok'

alter type mood add value 'great'

alter type mood add value 'fine' after 'ok'

alter type mood add value 'fine'

alter type mood add value if not exists 'fine'

alter type mood add value 'x' before 'nope'

alter type mood add value ''

alter type mood add value 'a234567890123456789012345678901234567890123456789012345678901234'

select enum_range(null::mood)

insert into ticket values ('so so', 1), ('great', 1), ('fine', 1)

select * from ticket order by state, n

select * from ticket order by state desc, n

select state, count(*) from ticket where state between 'so so' and 'fine' group by state order by state

select max(state), min(state) from ticket

-- reopen

select * from ticket order by state, n

select enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid where typname = 'mood' order by enumsortorder

select t.typname, t.typtype, t.typcategory, t.typlen, a.typname, a.typcategory from pg_type t join pg_type a on a.oid = t.typarray where t.typname = 'mood'

select column_name, data_type from information_schema.columns where table_name = 'ticket' order by ordinal_position

select a.attname, t.typname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid where c.relname = 'person' and attnum > 0 order by attnum

-- A value added by a transaction is not to be used by it, unless the type is the transaction's own.
begin

alter type mood add value 'new'

select enum_range(null::mood, 'ok')

select 'new'::mood

rollback

begin

create type fresh as enum ('a')

alter type fresh add value 'b'

select 'b'::fresh, enum_last(null::fresh)

rollback

select 'b'::fresh

select 'new'::mood

-- Names.
alter type mood rename value 'so so' to 'meh'

alter type mood rename value 'nope' to 'x'

alter type mood rename value 'meh' to 'sad'

select distinct state from ticket order by state

alter type mood rename to feeling

select 'meh'::feeling, pg_typeof('meh'::feeling)

select 'meh'::mood

create type feeling as enum ('a')

create table feeling (a int)

create type person as enum ('a')

alter type feeling rename to person

alter type feeling rename to mood

create type nothing as enum ()

select enum_range(null::nothing), null::nothing

select enum_first(null::nothing)

select 'a'::nothing

create type long as enum ('a234567890123456789012345678901234567890123456789012345678901234')

create type nope.t as enum ('a')

create schema lab

create type lab.state as enum ('on', 'off')

create table lab.lamp (s lab.state default 'on', t text default 'off'::lab.state)

insert into lab.lamp default values returning *

select 'on'::state

select 'on'::lab.state = 'ok'::mood

set search_path = lab, public

select 'on'::state

insert into lamp default values returning *

set search_path = public

insert into lab.lamp default values returning *

insert into lab.lamp values ('x')

update lab.lamp set s = 'ok'::mood

alter type lab.state set schema public

insert into lab.lamp default values returning *

select 'on'::state

alter type state set schema nope

alter type nope rename to x

alter type nope add value 'x'

alter type int4 add value 'x'

-- ALTER TABLE.
alter table person alter name type mood using 'ok'

alter table person alter m type text

alter table person alter m type mood using m::mood

alter table person alter m drop default

alter table person alter m type mood using m::mood

alter table person alter m set default 'x'

alter table person alter m set default 'sad'

insert into person (id) values (10) returning *

alter table person add column again mood not null default 'great'

select again, count(*) from person group by again

-- Dropping.
create view sorted as select state, n from ticket where state > 'sad'

select * from sorted order by 1, 2

drop type nope

drop type if exists nope

drop type mood, nope

create table only_column (m mood)

create type small as enum ('a')

create table uses_small (s small, t small[])

create view shows_small as select s from uses_small

drop type small

drop type small restrict

drop type small cascade

select count(*) from uses_small

select * from shows_small

create type alone as enum ('z')

drop type alone

select 'z'::alone

create schema shed

create type shed.tool as enum ('saw')

create table tools (t shed.tool, n int)

drop schema shed

drop schema shed cascade

select * from tools

select 'saw'::shed.tool

comment on type mood is 'how it is'

select obj_description(oid, 'pg_type') from pg_type where typname = 'mood'

create table copy_of (like person including defaults)

create table made as select id, m, history from person

select * from made order by id limit 1

-- Without indexes, as PostgreSQL scans three rows.
set enable_indexscan = off

explain (costs off) select * from ticket where state = 'sad'

set enable_indexscan = on

drop type mood cascade

select * from ticket order by n

select * from person order by 1
