-- Temporary relations: of this session, before all others in its path. Answers are PostgreSQL's

create table t (id int, note text)
----
done

insert into t values (1, 'permanent')
----
1 affected

create temp table t (id serial primary key, note text unique check (note <> ''))
----
done

insert into t (note) values ('a'), ('b') returning id
----
id integer
1
2

select * from t order by id
----
id integer | note text
1 | a
2 | b

select * from public.t
----
id integer | note text
1 | permanent

select * from pg_temp.t order by id
----
id integer | note text
1 | a
2 | b

insert into t (note) values ('a')
----
ERROR 23505: duplicate key value violates unique constraint "t_note_key"
DETAIL: Key (note)=(a) already exists.

insert into t (note) values ('')
----
ERROR 23514: new row for relation "t" violates check constraint "t_note_check"
DETAIL: Failing row contains (4, ).

create index t_note on t (lower(note))
----
done

select id from t where lower(note) = 'b'
----
id integer
2

alter table t add column more int default 7
----
done

select * from t order by id
----
id integer | note text | more integer
1 | a | 7
2 | b | 7

update t set more = id where note = 'a'
----
1 affected

delete from t where note = 'b'
----
1 affected

select id, more from t
----
id integer | more integer
1 | 1

select table_name, table_type from information_schema.tables where table_name = 't' order by table_type
----
table_name text | table_type text
t | BASE TABLE
t | LOCAL TEMPORARY

select relname, relpersistence, relkind from pg_class where relname in ('t', 't_pkey', 't_id_seq') order by relpersistence, relname
----
relname name | relpersistence text | relkind text
t | p | r
t | t | r
t_id_seq | t | S
t_pkey | t | i

truncate t
----
done

insert into t (note) values ('c') returning id
----
id integer
5

select currval('t_id_seq'), nextval('pg_temp.t_id_seq')
----
currval bigint | nextval bigint
5 | 6

drop table t
----
done

select * from t
----
id integer | note text
1 | permanent

drop table if exists pg_temp.t
----
done

create temporary table if not exists u (a int)
----
done

create temp table if not exists u (b text)
----
done

select * from u
----
a integer
(no rows)

create temp table u (a int)
----
ERROR 42P07: relation "u" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

create temp table public.w (a int)
----
ERROR 42P16 at 19: cannot create temporary relation in non-temporary schema

create table pg_temp.w (a int)
----
done

select relpersistence from pg_class where relname = 'w'
----
relpersistence text
t

create local temp table x as select 1 as a, 'x'::text as b
----
1 affected

select * from x
----
a integer | b text
1 | x

create temp table y (like x including all, c int)
----
done

select * from y
----
a integer | b text | c integer
(no rows)

select 1 as a into temp z
----
1 affected

select * from z
----
a integer
1

create temp sequence s
----
done

select nextval('s'), nextval('s')
----
nextval bigint | nextval bigint
1 | 2

create temp view v as select a + 1 as b from x
----
done

select * from v
----
b integer
2

-- A view of what is temporary is temporary.
create view w2 as select * from x
----
done

select relname, relpersistence from pg_class where relname in ('v', 'w2') order by 1
----
relname name | relpersistence text
v | t
w2 | t

create view public.w3 as select * from x
----
ERROR 42P16: cannot create temporary relation in non-temporary schema

drop table x
----
ERROR 2BP01: cannot drop table x because other objects depend on it
DETAIL: view v depends on table x
view w2 depends on table x
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop table x cascade
----
done

select * from v
----
ERROR 42P01 at 15: relation "v" does not exist

-- ON COMMIT.
create temp table rows_go (a int) on commit delete rows
----
done

insert into rows_go values (1)
----
1 affected

select count(*) from rows_go
----
count bigint
0

begin
----
done

insert into rows_go values (1), (2)
----
2 affected

select count(*) from rows_go
----
count bigint
2

savepoint a
----
done

insert into rows_go values (3)
----
1 affected

rollback to a
----
done

select count(*) from rows_go
----
count bigint
2

commit
----
done

select count(*) from rows_go
----
count bigint
0

begin
----
done

create temp table goes (a serial) on commit drop
----
done

insert into goes default values
----
1 affected

select * from goes
----
a integer
1

commit
----
done

select * from goes
----
ERROR 42P01 at 15: relation "goes" does not exist

create temp table goes_at_once (a int) on commit drop
----
done

select * from goes_at_once
----
ERROR 42P01 at 15: relation "goes_at_once" does not exist

begin
----
done

create temp table kept (a int primary key) on commit preserve rows
----
done

insert into kept values (1)
----
1 affected

commit
----
done

select * from kept
----
a integer
1

create table not_temporary (a int) on commit drop
----
ERROR 42P16: ON COMMIT can only be used on temporary tables

begin
----
done

create temp table undone (a int)
----
done

rollback
----
done

select * from undone
----
ERROR 42P01 at 15: relation "undone" does not exist

create unlogged table unlogged (a int)
----
ERROR 0A000 at 23: an unlogged table is not supported

-- In a read-only transaction rows of temporary tables may be written.
begin read only
----
done

insert into kept values (2)
----
1 affected

select count(*) from kept
----
count bigint
2

insert into t values (2)
----
ERROR 25006: cannot execute INSERT in a read-only transaction

rollback
----
done

begin read only
----
done

create temp table no (a int)
----
ERROR 25006: cannot execute CREATE TABLE in a read-only transaction

rollback
----
done

-- Where the path names it, it stands there.
create temp table t (id int)
----
done

set search_path = public, pg_temp
----
done

select * from t
----
id integer | note text
1 | permanent

reset search_path
----
done

select * from t
----
id integer
(no rows)

-- Types and comments.
comment on table kept is 'of the session'
----
done

select obj_description(oid, 'pg_class') from pg_class where relname = 'kept'
----
obj_description text
of the session

-- What is discarded.
begin
----
done

discard all
----
ERROR 25001: DISCARD ALL cannot run inside a transaction block

rollback
----
done

set application_name = 'x'
----
done

select pg_advisory_lock(7)
----
pg_advisory_lock text


create temp sequence s2
----
done

select nextval('s2')
----
nextval bigint
1

discard sequences
----
done

select lastval()
----
ERROR 55000: lastval is not yet defined in this session

discard plans
----
done

discard temp
----
done

select * from kept
----
ERROR 42P01 at 15: relation "kept" does not exist

select * from t
----
id integer | note text
1 | permanent

create temp table kept (a int)
----
done

discard all
----
done

select * from kept
----
ERROR 42P01 at 15: relation "kept" does not exist

select pg_advisory_unlock(7)
----
pg_advisory_unlock boolean
f

show application_name
----
application_name text


discard nothing
----
ERROR 42601 at 9: syntax error at or near "nothing"

-- They end with the session.
create temp table last (a int)
----
done

insert into last values (1)
----
1 affected

-- reopen

select * from last
----
ERROR 42P01 at 15: relation "last" does not exist

select * from t
----
id integer | note text
1 | permanent

select count(*) from pg_class where relpersistence = 't'
----
count bigint
0
