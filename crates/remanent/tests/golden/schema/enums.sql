-- Enum types: values ordered as they were declared, stored by their places. Answers are PostgreSQL's

create type mood as enum ('sad', 'ok', 'happy')
----
done

create table person (id int primary key, name text, m mood default 'ok', history mood[])
----
done

insert into person values (1, 'ann', 'happy', '{sad,happy}'), (2, 'bob', 'sad', array['ok','sad']::mood[]), (3, 'cyd', null, null), (4, 'dee', default, '{}')
----
4 affected

select * from person order by m, id
----
id integer | name text | m mood | history mood[]
2 | bob | sad | {ok,sad}
4 | dee | ok | {}
1 | ann | happy | {sad,happy}
3 | cyd | NULL | NULL

select name from person where m > 'sad' order by m desc
----
name text
ann
dee

select m, count(*) from person group by m order by m
----
m mood | count bigint
sad | 1
ok | 1
happy | 1
NULL | 1

select min(m), max(m), count(m), count(distinct m) from person
----
min mood | max mood | count bigint | count bigint
sad | happy | 3 | 3

select pg_typeof(m), pg_typeof(history) from person where id = 1
----
pg_typeof regtype | pg_typeof regtype
mood | mood[]

select m::text || '!', upper(m::text), m || '?' from person where m is not null order by id
----
?column? text | upper text | ?column? text
happy! | HAPPY | happy?
sad! | SAD | sad?
ok! | OK | ok?

select 'happy'::mood > 'sad'::mood, 'ok'::text::mood = 'ok', cast('sad' as mood), mood 'sad' < 'ok'
----
?column? boolean | ?column? boolean | mood mood | ?column? boolean
t | t | sad | t

select m::varchar(2), m::char(8) || '|' from person where id = 1
----
m character varying(2) | ?column? text
ha | happy|

select 'nope'::mood
----
ERROR 22P02 at 8: invalid input value for enum mood: "nope"

select 'nope'::text::mood
----
ERROR 22P02: invalid input value for enum mood: "nope"

select m = 'Happy' from person
----
ERROR 22P02 at 12: invalid input value for enum mood: "Happy"

insert into person (id, m) values (9, 'x')
----
ERROR 22P02 at 39: invalid input value for enum mood: "x"

insert into person (id, history) values (9, '{sad,x}')
----
ERROR 22P02 at 45: invalid input value for enum mood: "x"

update person set m = name where id = 1
----
ERROR 42804 at 23: column "m" is of type mood but expression is of type text
HINT: You will need to rewrite or cast the expression.

update person set m = name::mood where id = 1
----
ERROR 22P02: invalid input value for enum mood: "ann"

select m = name from person
----
ERROR 42883 at 10: operator does not exist: mood = text
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select m + 1 from person
----
ERROR 42883 at 10: operator does not exist: mood + integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select m::int from person
----
ERROR 42846 at 9: cannot cast type mood to integer

select 1::mood
----
ERROR 42846 at 9: cannot cast type integer to mood

select m like 's%' from person
----
ERROR 42883 at 10: operator does not exist: mood ~~ unknown
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select lower(m) from person
----
ERROR 42883 at 8: function lower(mood) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select coalesce(m, 'sad') as c, nullif(m, 'ok'), greatest(m, 'ok'), least(m, 'ok'), case when id = 1 then m else 'ok' end from person order by id
----
c mood | nullif mood | greatest mood | least mood | case mood
happy | happy | happy | ok | happy
sad | sad | ok | sad | ok
sad | NULL | ok | ok | ok
ok | NULL | ok | ok | ok

select case when true then 'ok'::mood else 'sad' end, case when true then 'ok'::mood else 'x' end
----
ERROR 22P02 at 91: invalid input value for enum mood: "x"

select m from person where m in ('sad', 'happy') order by m
----
m mood
sad
happy

select m from person where m = any ('{sad,ok}') order by m
----
m mood
sad
ok

select id from person where 'sad' = any (history) order by id
----
id integer
1
2

select unnest(history) from person where id = 2
----
unnest mood
ok
sad

select history[1], history || 'ok'::mood, array_append(history, 'sad'), array_length(history, 1), array_position(history, 'happy') from person where id = 1
----
history mood | ?column? mood[] | array_append mood[] | array_length integer | array_position integer
sad | {sad,happy,ok} | {sad,happy,sad} | 2 | 2

select array_to_string(history, ','), history::text, to_json(history), to_jsonb(m), json_build_object('m', m) from person where id = 1
----
array_to_string text | history text | to_json json | to_jsonb jsonb | json_build_object json
sad,happy | {sad,happy} | ["sad","happy"] | "happy" | {"m" : "happy"}

select array_agg(m order by m desc), string_agg(m::text, ',' order by m), json_agg(m order by m) from person where m is not null
----
array_agg mood[] | string_agg text | json_agg json
{happy,ok,sad} | sad,ok,happy | ["sad", "ok", "happy"]

select format('%s %L', m, m), concat(m, 1), quote_literal(m) from person where id = 1
----
format text | concat text | quote_literal text
happy 'happy' | happy1 | 'happy'

select enum_first(null::mood), enum_last('ok'::mood), enum_range(null::mood), enum_range('ok'::mood, null), enum_range('sad', 'ok'::mood), enum_range('happy'::mood, 'sad')
----
enum_first mood | enum_last mood | enum_range mood[] | enum_range mood[] | enum_range mood[] | enum_range mood[]
sad | happy | {sad,ok,happy} | {ok,happy} | {sad,ok} | {}

select enum_first(null)
----
ERROR 42883 at 8: function enum_first(unknown) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select enum_range(1)
----
ERROR 42883 at 8: function enum_range(integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select e from unnest(enum_range(null::mood)) e order by e desc
----
e mood
happy
ok
sad

-- Keys and indexes.
create table ticket (state mood, n int, primary key (state, n))
----
done

insert into ticket values ('happy', 1), ('sad', 2), ('ok', 3), ('sad', 1)
----
4 affected

insert into ticket values ('sad', 1)
----
ERROR 23505: duplicate key value violates unique constraint "ticket_pkey"
DETAIL: Key (state, n)=(sad, 1) already exists.

select * from ticket order by state, n
----
state mood | n integer
sad | 1
sad | 2
ok | 3
happy | 1

select * from ticket where state = 'sad' order by n
----
state mood | n integer
sad | 1
sad | 2

select * from ticket where state >= 'ok' order by state
----
state mood | n integer
ok | 3
happy | 1

create unique index person_m on person (m)
----
done

create table one (m mood unique, check (m <> 'sad'), up text generated always as (case when m = 'happy' then 'up' else 'down' end) stored)
----
done

insert into one values ('happy'), ('ok')
----
2 affected

insert into one values ('happy')
----
ERROR 23505: duplicate key value violates unique constraint "one_m_key"
DETAIL: Key (m)=(happy) already exists.

insert into one values ('sad')
----
ERROR 23514: new row for relation "one" violates check constraint "one_m_check"
DETAIL: Failing row contains (sad, down).

insert into one values (null), ('x')
----
ERROR 22P02 at 33: invalid input value for enum mood: "x"

select * from one order by m
----
m mood | up text
ok | down
happy | up

insert into one values ('ok') on conflict (m) do update set m = null returning m, up
----
m mood | up text
NULL | down

create index ticket_state on ticket (state desc)
----
done

select distinct state from ticket order by state desc
----
state mood
happy
ok
sad

-- Joins, windows, sets.
select p.name, t.n from person p join ticket t on t.state = p.m order by 1, 2
----
name text | n integer
ann | 1
bob | 1
bob | 2
dee | 3

select state, n, rank() over (order by state), lag(state) over (order by state, n) from ticket order by state, n
----
state mood | n integer | rank bigint | lag mood
sad | 1 | 1 | NULL
sad | 2 | 1 | sad
ok | 3 | 3 | sad
happy | 1 | 4 | ok

select m from person union select state from ticket order by 1
----
m mood
sad
ok
happy
NULL

select m from person union all select 'ok' order by 1
----
m mood
sad
ok
ok
happy
NULL

select m from person except select 'sad' order by 1
----
m mood
ok
happy
NULL

with recursive r (s) as (select 'sad'::mood union all select 'ok'::mood from r where s = 'sad') select s from r
----
s mood
sad
ok

values ('ok'::mood), ('sad')
----
column1 mood
ok
sad

-- Values added before others: what is stored stays as it is.
alter type mood add value 'so so' before 'ok'
----
done

alter type mood add value 'great'
----
done

alter type mood add value 'fine' after 'ok'
----
done

alter type mood add value 'fine'
----
ERROR 42710: enum label "fine" already exists

alter type mood add value if not exists 'fine'
----
done

alter type mood add value 'x' before 'nope'
----
ERROR 22023: "nope" is not an existing enum label

alter type mood add value ''
----
done

alter type mood add value 'a234567890123456789012345678901234567890123456789012345678901234'
----
ERROR 42602: invalid enum label "a234567890123456789012345678901234567890123456789012345678901234"
DETAIL: Labels must be 63 bytes or less.

select enum_range(null::mood)
----
enum_range mood[]
{sad,"so so",ok,fine,happy,great,""}

insert into ticket values ('so so', 1), ('great', 1), ('fine', 1)
----
3 affected

select * from ticket order by state, n
----
state mood | n integer
sad | 1
sad | 2
so so | 1
ok | 3
fine | 1
happy | 1
great | 1

select * from ticket order by state desc, n
----
state mood | n integer
great | 1
happy | 1
fine | 1
ok | 3
so so | 1
sad | 1
sad | 2

select state, count(*) from ticket where state between 'so so' and 'fine' group by state order by state
----
state mood | count bigint
so so | 1
ok | 1
fine | 1

select max(state), min(state) from ticket
----
max mood | min mood
great | sad

-- reopen

select * from ticket order by state, n
----
state mood | n integer
sad | 1
sad | 2
so so | 1
ok | 3
fine | 1
happy | 1
great | 1

select enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid where typname = 'mood' order by enumsortorder
----
enumlabel name
sad
so so
ok
fine
happy
great


select t.typname, t.typtype, t.typcategory, t.typlen, a.typname, a.typcategory from pg_type t join pg_type a on a.oid = t.typarray where t.typname = 'mood'
----
typname name | typtype text | typcategory text | typlen smallint | typname name | typcategory text
mood | e | E | 4 | _mood | A

select column_name, data_type from information_schema.columns where table_name = 'ticket' order by ordinal_position
----
column_name text | data_type text
state | USER-DEFINED
n | integer

select a.attname, t.typname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid where c.relname = 'person' and attnum > 0 order by attnum
----
attname name | typname name
id | int4
name | text
m | mood
history | _mood

-- A value added by a transaction is not to be used by it, unless the type is the transaction's own.
begin
----
done

alter type mood add value 'new'
----
done

select enum_range(null::mood, 'ok')
----
enum_range mood[]
{sad,"so so",ok}

select 'new'::mood
----
ERROR 55P04 at 8: unsafe use of new value "new" of enum type mood
HINT: New enum values must be committed before they can be used.

rollback
----
done

begin
----
done

create type fresh as enum ('a')
----
done

alter type fresh add value 'b'
----
done

select 'b'::fresh, enum_last(null::fresh)
----
ERROR 55P04 at 8: unsafe use of new value "b" of enum type fresh
HINT: New enum values must be committed before they can be used.

rollback
----
done

select 'b'::fresh
----
ERROR 42704 at 13: type "fresh" does not exist

select 'new'::mood
----
ERROR 22P02 at 8: invalid input value for enum mood: "new"

-- Names.
alter type mood rename value 'so so' to 'meh'
----
done

alter type mood rename value 'nope' to 'x'
----
ERROR 22023: "nope" is not an existing enum label

alter type mood rename value 'meh' to 'sad'
----
ERROR 42710: enum label "sad" already exists

select distinct state from ticket order by state
----
state mood
sad
meh
ok
fine
happy
great

alter type mood rename to feeling
----
done

select 'meh'::feeling, pg_typeof('meh'::feeling)
----
feeling feeling | pg_typeof regtype
meh | feeling

select 'meh'::mood
----
ERROR 42704 at 15: type "mood" does not exist

create type feeling as enum ('a')
----
ERROR 42710: type "feeling" already exists

create table feeling (a int)
----
ERROR 42710: type "feeling" already exists
HINT: A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.

create type person as enum ('a')
----
ERROR 42710: type "person" already exists

alter type feeling rename to person
----
ERROR 42710: type "person" already exists

alter type feeling rename to mood
----
done

create type nothing as enum ()
----
done

select enum_range(null::nothing), null::nothing
----
enum_range nothing[] | nothing nothing
{} | NULL

select enum_first(null::nothing)
----
ERROR 55000: enum nothing contains no values

select 'a'::nothing
----
ERROR 22P02 at 8: invalid input value for enum nothing: "a"

create type long as enum ('a234567890123456789012345678901234567890123456789012345678901234')
----
ERROR 42602: invalid enum label "a234567890123456789012345678901234567890123456789012345678901234"
DETAIL: Labels must be 63 bytes or less.

create type nope.t as enum ('a')
----
ERROR 3F000: schema "nope" does not exist

create schema lab
----
done

create type lab.state as enum ('on', 'off')
----
done

create table lab.lamp (s lab.state default 'on', t text default 'off'::lab.state)
----
done

insert into lab.lamp default values returning *
----
s lab.state | t text
on | off

select 'on'::state
----
ERROR 42704 at 14: type "state" does not exist

select 'on'::lab.state = 'ok'::mood
----
ERROR 42883 at 24: operator does not exist: lab.state = mood
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

set search_path = lab, public
----
done

select 'on'::state
----
state state
on

insert into lamp default values returning *
----
s state | t text
on | off

set search_path = public
----
done

insert into lab.lamp default values returning *
----
s lab.state | t text
on | off

insert into lab.lamp values ('x')
----
ERROR 22P02 at 30: invalid input value for enum lab.state: "x"

update lab.lamp set s = 'ok'::mood
----
ERROR 42804 at 25: column "s" is of type lab.state but expression is of type mood
HINT: You will need to rewrite or cast the expression.

alter type lab.state set schema public
----
done

insert into lab.lamp default values returning *
----
s state | t text
on | off

select 'on'::state
----
state state
on

alter type state set schema nope
----
ERROR 3F000: schema "nope" does not exist

alter type nope rename to x
----
ERROR 42704: type "nope" does not exist

alter type nope add value 'x'
----
ERROR 42704: type "nope" does not exist

alter type int4 add value 'x'
----
ERROR 42809: integer is not an enum

-- ALTER TABLE.
alter table person alter name type mood using 'ok'
----
done

alter table person alter m type text
----
done

alter table person alter m type mood using m::mood
----
done

alter table person alter m drop default
----
done

alter table person alter m type mood using m::mood
----
done

alter table person alter m set default 'x'
----
ERROR 22P02 at 40: invalid input value for enum mood: "x"

alter table person alter m set default 'sad'
----
done

insert into person (id) values (10) returning *
----
ERROR 23505: duplicate key value violates unique constraint "person_m"
DETAIL: Key (m)=(sad) already exists.

alter table person add column again mood not null default 'great'
----
done

select again, count(*) from person group by again
----
again mood | count bigint
great | 4

-- Dropping.
create view sorted as select state, n from ticket where state > 'sad'
----
done

select * from sorted order by 1, 2
----
state mood | n integer
meh | 1
ok | 3
fine | 1
happy | 1
great | 1

drop type nope
----
ERROR 42704: type "nope" does not exist

drop type if exists nope
----
done

drop type mood, nope
----
ERROR 42704: type "nope" does not exist

create table only_column (m mood)
----
done

create type small as enum ('a')
----
done

create table uses_small (s small, t small[])
----
done

create view shows_small as select s from uses_small
----
done

drop type small
----
ERROR 2BP01: cannot drop type small because other objects depend on it
DETAIL: column t of table uses_small depends on type small[]
column s of table uses_small depends on type small
view shows_small depends on column s of table uses_small
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop type small restrict
----
ERROR 2BP01: cannot drop type small because other objects depend on it
DETAIL: column t of table uses_small depends on type small[]
column s of table uses_small depends on type small
view shows_small depends on column s of table uses_small
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop type small cascade
----
done

select count(*) from uses_small
----
count bigint
0

select * from shows_small
----
ERROR 42P01 at 15: relation "shows_small" does not exist

create type alone as enum ('z')
----
done

drop type alone
----
done

select 'z'::alone
----
ERROR 42704 at 13: type "alone" does not exist

create schema shed
----
done

create type shed.tool as enum ('saw')
----
done

create table tools (t shed.tool, n int)
----
done

drop schema shed
----
ERROR 2BP01: cannot drop schema shed because other objects depend on it
DETAIL: type shed.tool depends on schema shed
column t of table tools depends on type shed.tool
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop schema shed cascade
----
done

select * from tools
----
n integer
(no rows)

select 'saw'::shed.tool
----
ERROR 3F000 at 15: schema "shed" does not exist

comment on type mood is 'how it is'
----
done

select obj_description(oid, 'pg_type') from pg_type where typname = 'mood'
----
obj_description text
how it is

create table copy_of (like person including defaults)
----
done

create table made as select id, m, history from person
----
4 affected

select * from made order by id limit 1
----
id integer | m mood | history mood[]
1 | happy | {sad,happy}

-- Without indexes, as PostgreSQL scans three rows.
set enable_indexscan = off
----
done

explain (costs off) select * from ticket where state = 'sad'
----
QUERY PLAN text
Seq Scan on ticket
  Range Cond: (state = 'sad'::mood)
  Filter: (state = 'sad'::mood)

set enable_indexscan = on
----
done

drop type mood cascade
----
done

select * from ticket order by n
----
n integer
1
1
1
1
1
2
3

select * from person order by 1
----
id integer
1
2
3
4

-- Labels can be renamed, so no index and no generated column keeps them.
create type lamp as enum ('on', 'off')
----
done

create table lamps (l lamp)
----
done

create index on lamps ((l::text))
----
ERROR 42P17: functions in index expression must be marked IMMUTABLE

create table worse (l lamp, t text generated always as (l::text) stored)
----
ERROR 42P17 at 57: generation expression is not immutable

create index on lamps ((l = 'on')) where l > 'on'
----
done

insert into lamps values ('on'), ('off')
----
2 affected

alter type lamp rename value 'on' to 'lit'
----
done

select * from lamps where l = 'lit'
----
l lamp
lit

alter table lamps add check (l <> 'off')
----
ERROR 23514: check constraint "lamps_l_check" of relation "lamps" is violated by some row

alter table lamps add constraint known check (l in ('lit', 'off'))
----
done

alter table lamps alter l set default 'lit'
----
done

alter type lamp rename value 'lit' to 'it''s lit'
----
done

insert into lamps default values returning l
----
l lamp
it's lit

create view lit as select l, 'off'::lamp as other from lamps where l = 'it''s lit'
----
done

alter type lamp rename value 'it''s lit' to 'on'
----
done

select * from lit
----
l lamp | other lamp
on | off
on | off

alter type lamp rename to light
----
done

insert into lamps default values
----
1 affected

select count(*), max(other) from lit
----
count bigint | max light
3 | off

insert into lamps select 'off'
----
1 affected
