-- oid, regclass, regtype, regnamespace, name: what they read, print and are compared with.

create schema app
----
done

create table app.p (id int primary key, note varchar(10))
----
done

create table t (id int primary key, at timestamptz, p int references app.p (id))
----
done

create index t_at on t (at desc)
----
done

create sequence s
----
done

create type mood as enum ('ok', 'sad')
----
done

select 't'::regclass, 'app.p'::regclass, 'public.t'::regclass, 't_at'::regclass, 't_pkey'::regclass, 'pg_class'::regclass, 'pg_catalog.pg_type'::regclass::oid
----
regclass regclass | regclass regclass | regclass regclass | regclass regclass | regclass regclass | regclass regclass | oid oid
t | app.p | t | t_at | t_pkey | pg_class | 1247

select 't'::regclass::oid = (select oid from pg_class where relname = 't'), 't'::regclass::oid::regclass, 't'::regclass::text || '!', pg_typeof('t'::regclass::oid)
----
?column? boolean | regclass regclass | ?column? text | pg_typeof regtype
t | t | t! | oid

select relname from pg_class where oid = 'app.p'::regclass
----
relname name
p

select attname, atttypid::regtype, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'app.p'::regclass and attnum > 0 order by attnum
----
attname name | atttypid regtype | format_type text
id | integer | integer
note | character varying | character varying(10)

select relname, relnamespace::regnamespace from pg_class where relname in ('p', 't') order by 1
----
relname name | relnamespace regnamespace
p | app
t | public

select 'nope'::regclass
----
ERROR 42P01 at 8: relation "nope" does not exist

select 'nope.t'::regclass
----
ERROR 3F000 at 8: schema "nope" does not exist

select 'a.b.c'::regclass
----
ERROR 0A000 at 8: a reference to another database is not supported

select ''::regclass
----
ERROR 42602 at 8: invalid name syntax

select to_regclass('t'), to_regclass('nope'), to_regclass('nope.t'), to_regtype('int'), to_regtype('nope'), to_regnamespace('app'), to_regnamespace('nope')
----
to_regclass regclass | to_regclass regclass | to_regclass regclass | to_regtype regtype | to_regtype regtype | to_regnamespace regnamespace | to_regnamespace regnamespace
t | NULL | NULL | integer | NULL | app | NULL

select 'int'::regtype, 'character varying(10)'::regtype, 'timestamp with time zone'::regtype, 'mood'::regtype, 'mood[]'::regtype, 'int[]'::regtype, '23'::regtype, 0::oid::regtype, '-'::regclass
----
regtype regtype | regtype regtype | regtype regtype | regtype regtype | regtype regtype | regtype regtype | regtype regtype | regtype regtype | regclass regclass
integer | character varying | timestamp with time zone | mood | mood[] | integer[] | integer | - | -

select 'nope'::regtype
----
ERROR 42704 at 8: type "nope" does not exist

select 'app'::regnamespace, 'nope'::regnamespace
----
ERROR 3F000 at 29: schema "nope" does not exist

select pg_typeof(1), pg_typeof('x'), pg_typeof('x'::text), pg_typeof('x'::varchar(3)), pg_typeof(null), pg_typeof(1.5), pg_typeof(array[1]), pg_typeof('ok'::mood), pg_typeof('t'::regclass), pg_typeof(pg_typeof(1)), pg_typeof('a'::name)
----
pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype
integer | unknown | text | character varying | unknown | numeric | integer[] | mood | regclass | regtype | name

select pg_typeof(id) from t group by at
----
ERROR 42803 at 18: column "t.id" must appear in the GROUP BY clause or be used in an aggregate function

select 1::oid + 0
----
ERROR 42883 at 15: operator does not exist: oid + integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '4294967295'::oid, (-1)::oid, 7::oid = 7, 7::oid < '8', 7::oid::int, 7::oid::bigint
----
oid oid | oid oid | ?column? boolean | ?column? boolean | int4 integer | int8 bigint
4294967295 | 4294967295 | t | t | 7 | 7

select '4294967296'::oid
----
ERROR 22003 at 8: value "4294967296" is out of range for type oid

select 4294967296::oid
----
ERROR 22003: OID out of range

select 'x'::oid
----
ERROR 22P02 at 8: invalid input syntax for type oid: "x"

select 1.5::oid
----
ERROR 42846 at 11: cannot cast type numeric to oid

select 7::oid in (7, 8), 7::oid = any ('{7,8}'::oid[]), max(x), array_agg(x) from (values (3::oid), (9)) v (x)
----
?column? boolean | ?column? boolean | max oid | array_agg oid[]
t | t | 9 | {3,9}

select 't'::regclass = 't'
----
ERROR 22P02 at 24: invalid input syntax for type oid: "t"

select 't'::regclass = 't'::regclass::oid, 't'::regclass in ('t', 'app.p'), min('t'::regclass::oid) = 't'::regclass
----
?column? boolean | ?column? boolean | ?column? boolean
t | t | t

select case when true then 't'::regclass end, coalesce(null, 't'::regclass), array['t'::regclass, 'app.p']
----
case regclass | coalesce regclass | array regclass[]
t | t | {t,app.p}

select length(repeat('é', 40)::name), repeat('x', 70)::name = repeat('x', 63), 'a'::name || 'b', 'a'::name < 'b', upper('abc'::name), pg_typeof('a'::name || 'b')
----
length integer | ?column? boolean | ?column? text | ?column? boolean | upper text | pg_typeof regtype
31 | t | ab | t | ABC | text

create table names (n name primary key, r regclass, o oid, y regtype)
----
done

insert into names values ('b', 't', 5, 'int'), ('a', 'app.p', 4, 'text'), (repeat('z', 70), null, 4294967295, null)
----
3 affected

select n, r, o, y, length(n) from names order by n
----
n name | r regclass | o oid | y regtype | length integer
a | app.p | 4 | text | 1
b | t | 5 | integer | 1
zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz | NULL | 4294967295 | NULL | 63

select n from names where r = 't'::regclass or o = 4
----
n name
b
a

select nextval('s'::regclass), nextval('s'), currval('public.s'::regclass), setval('s'::regclass, 9)
----
nextval bigint | nextval bigint | currval bigint | setval bigint
1 | 2 | 2 | 9

create table d (id int default nextval('s'::regclass), x int)
----
done

insert into d (x) values (1) returning id
----
id integer
10

select pg_table_is_visible('t'::regclass), pg_table_is_visible('app.p'::regclass), pg_type_is_visible('int'::regtype), pg_table_is_visible(1)
----
pg_table_is_visible boolean | pg_table_is_visible boolean | pg_type_is_visible boolean | pg_table_is_visible boolean
t | f | t | NULL

select t.at, public.t.id from t where public.t.id = 1
----
at timestamp with time zone | id integer
(no rows)

select app.p.id from app.p
----
id integer
(no rows)

select pg_catalog.pg_class.relname from pg_catalog.pg_class where pg_catalog.pg_class.relname = 't'
----
relname name
t

select app.q.id from app.p q
----
ERROR 42P01 at 8: invalid reference to FROM-clause entry for table "q"
HINT: There is an entry for table "q", but it cannot be referenced from this part of the query.

select pg_get_serial_sequence('t', 'id'), pg_get_serial_sequence('app.p', 'id')
----
pg_get_serial_sequence text | pg_get_serial_sequence text
NULL | NULL

select pg_get_serial_sequence('t', 'nope')
----
ERROR 42703: column "nope" of relation "t" does not exist

select conname, conrelid::regclass, confrelid::regclass from pg_constraint where contype = 'f'
----
conname name | conrelid regclass | confrelid regclass
t_p_fkey | t | app.p

select indexrelid::regclass, indrelid::regclass, indoption from pg_index where indrelid = 't'::regclass order by 1::text
----
indexrelid regclass | indrelid regclass | indoption smallint[]
t_pkey | t | [0:0]={0}
t_at | t | [0:0]={3}

select count(*) from pg_trigger, pg_policy
----
count bigint
0

select amname from pg_am where oid = (select relam from pg_class where relname = 't_at')
----
amname name
btree

set search_path = app
----
done

select 'p'::regclass, 'public.t'::regclass, 'p'::regclass::text
----
regclass regclass | regclass regclass | text text
p | public.t | p
