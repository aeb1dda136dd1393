-- COMMENT ON: stored with the object, kept over renames, gone with it. Answers are PostgreSQL's, oids left out

create schema lab
----
done

create table lab.imu (ts bigint primary key, ax float8 constraint positive check (ax > 0), note text unique)
----
done

create index imu_ax on lab.imu (ts)
----
done

create view lab.recent as select ts, ax from lab.imu
----
done

create sequence lab.numbers
----
done

comment on table lab.imu is 'inertial unit'
----
done

comment on column lab.imu.ax is 'acceleration, m/s²'
----
done

comment on column lab.recent.ax is 'of the view'
----
done

comment on view lab.recent is 'what came last'
----
done

comment on index lab.imu_ax is 'by acceleration'
----
done

comment on index lab.imu_pkey is 'by time'
----
done

comment on sequence lab.numbers is 'numbers'
----
done

comment on schema lab is 'the laboratory'
----
done

comment on constraint positive on lab.imu is 'it moves'
----
done

comment on constraint imu_pkey on lab.imu is 'key'
----
done

select c.relname, d.objsubid, d.description from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 1259 order by 1, 2
----
relname name | objsubid integer | description text
imu | 0 | inertial unit
imu | 2 | acceleration, m/s²
imu_ax | 0 | by acceleration
imu_pkey | 0 | by time
numbers | 0 | numbers
recent | 0 | what came last
recent | 2 | of the view

select obj_description(oid, 'pg_class') from pg_class where relname = 'imu'
----
obj_description text
inertial unit

select obj_description(oid, 'pg_type') from pg_class where relname = 'imu'
----
obj_description text
NULL

select attname, col_description(attrelid, attnum) from pg_attribute where attrelid = (select oid from pg_class where relname = 'imu') and attnum > 0 order by attnum
----
attname name | col_description text
ts | NULL
ax | acceleration, m/s²
note | NULL

select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'lab'
----
obj_description text
the laboratory

select conname, obj_description(oid, 'pg_constraint') from pg_constraint where connamespace = (select oid from pg_namespace where nspname = 'lab') order by conname
----
conname name | obj_description text
imu_note_key | NULL
imu_pkey | key
positive | it moves

select obj_description(null, 'pg_class'), col_description(1, null), obj_description(1, 'nope')
----
obj_description text | col_description text | obj_description text
NULL | NULL | NULL

begin
----
done

comment on table lab.imu is 'other'
----
done

select obj_description(oid, 'pg_class') from pg_class where relname = 'imu'
----
obj_description text
other

rollback
----
done

select obj_description(oid, 'pg_class') from pg_class where relname = 'imu'
----
obj_description text
inertial unit

drop view lab.recent
----
done

alter table lab.imu rename to imu2
----
done

alter table lab.imu2 rename column ax to bx
----
done

alter table lab.imu2 rename constraint positive to moves
----
done

alter index lab.imu_ax rename to imu_bx
----
done

alter table lab.imu2 rename constraint imu_pkey to imu2_pkey
----
done

select c.relname, d.objsubid, d.description from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 1259 order by 1, 2
----
relname name | objsubid integer | description text
imu2 | 0 | inertial unit
imu2 | 2 | acceleration, m/s²
imu2_pkey | 0 | by time
imu_bx | 0 | by acceleration
numbers | 0 | numbers

select conname, obj_description(oid, 'pg_constraint') from pg_constraint where connamespace = (select oid from pg_namespace where nspname = 'lab') order by conname
----
conname name | obj_description text
imu2_pkey | key
imu_note_key | NULL
moves | it moves

-- What is laid out anew keeps what is said of it.
alter table lab.imu2 add column more int default 1
----
done

comment on column lab.imu2.note is 'gone with its column'
----
done

comment on index lab.imu_note_key is 'gone with its column, too'
----
done

alter table lab.imu2 drop column note
----
done

truncate lab.imu2
----
done

select attname, col_description(attrelid, attnum) from pg_attribute where attrelid = (select oid from pg_class where relname = 'imu2') and attnum > 0 and not attisdropped order by attnum
----
attname name | col_description text
ts | NULL
bx | acceleration, m/s²
more | NULL

select c.relname, d.objsubid, d.description from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 1259 where d.objsubid = 0 order by 1, 2
----
relname name | objsubid integer | description text
imu2 | 0 | inertial unit
imu2_pkey | 0 | by time
imu_bx | 0 | by acceleration
numbers | 0 | numbers

-- reopen

select conname, obj_description(oid, 'pg_constraint') from pg_constraint where connamespace = (select oid from pg_namespace where nspname = 'lab') order by conname
----
conname name | obj_description text
imu2_pkey | key
moves | it moves

-- LIKE copies them with INCLUDING COMMENTS, and those of what it copies.
create table plain (like lab.imu2 including indexes including constraints)
----
done

create table copied (like lab.imu2 including all)
----
done

select c.relname, d.objsubid, d.description from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 1259 where c.relname ~ '^(plain|copied)' order by 1, 2
----
relname name | objsubid integer | description text
copied | 2 | acceleration, m/s²
copied_pkey | 0 | by time
copied_ts_idx | 0 | by acceleration

select c.conname, d.description from pg_description d join pg_constraint c on c.oid = d.objoid and d.classoid = 2606 where c.conrelid in (select oid from pg_class where relname ~ '^(plain|copied)') order by 1, 2
----
conname name | description text
moves | it moves

comment on table copied is null
----
done

comment on column copied.ts is ''
----
done

select count(*) from pg_description d join pg_class c on c.oid = d.objoid and c.relname = 'copied' and d.objsubid = 0
----
count bigint
0

select col_description(attrelid, attnum) from pg_attribute where attrelid = (select oid from pg_class where relname = 'copied') and attname = 'ts'
----
col_description text
NULL

drop index copied_ts_idx
----
done

drop table copied
----
done

select count(*) from pg_description d join pg_class c on c.oid = d.objoid where c.relname ~ '^copied'
----
count bigint
0

drop schema lab cascade
----
done

select count(*) from pg_description where classoid = 2615 and description = 'the laboratory'
----
count bigint
0

-- Errors.
create table t (a int, constraint positive check (a > 0))
----
done

create view v as select a from t
----
done

create index t_a on t (a)
----
done

create sequence s
----
done

comment on table nope is 'x'
----
ERROR 42P01: relation "nope" does not exist

comment on table nope.t is 'x'
----
ERROR 3F000: schema "nope" does not exist

comment on table v is 'x'
----
ERROR 42809: "v" is not a table

comment on view t is 'x'
----
ERROR 42809: "t" is not a view

comment on sequence t is 'x'
----
ERROR 42809: "t" is not a sequence

comment on index t is 'x'
----
ERROR 42809: "t" is not an index

comment on index nope is 'x'
----
ERROR 42P01: relation "nope" does not exist

comment on table t_a is 'x'
----
ERROR 42809: "t_a" is not a table

comment on table s is 'x'
----
ERROR 42809: "s" is not a table

comment on schema nope is 'x'
----
ERROR 3F000: schema "nope" does not exist

comment on column t.nope is 'x'
----
ERROR 42703: column "nope" of relation "t" does not exist

comment on column nope.a is 'x'
----
ERROR 42P01: relation "nope" does not exist

comment on column a is 'x'
----
ERROR 42601: column name must be qualified

comment on column s.last_value is 'x'
----
ERROR 42809: cannot set comment on relation "s"
DETAIL: This operation is not supported for sequences.

comment on column t_a.a is 'x'
----
ERROR 42809: cannot set comment on relation "t_a"
DETAIL: This operation is not supported for indexes.

comment on constraint nope on t is 'x'
----
ERROR 42704: constraint "nope" for table "t" does not exist

comment on constraint positive on nope is 'x'
----
ERROR 42P01: relation "nope" does not exist

comment on constraint positive on v is 'x'
----
ERROR 42704: constraint "positive" for table "v" does not exist

comment on database nope is 'of another one'
----
done

select d.datname is not null as own, shobj_description(d.oid, 'pg_database') from pg_database d where d.datname = current_database()
----
own boolean | shobj_description text
t | NULL

comment on database golden is 'the golden one'
----
done

select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()
----
shobj_description text
the golden one

comment on type nope is 'x'
----
ERROR 42704: type "nope" does not exist

comment on table t is 5
----
ERROR 42601 at 23: syntax error at or near "5"

comment on function f() is 'x'
----
ERROR 0A000 at 1: COMMENT ON FUNCTION is not supported

comment on role r is 'x'
----
ERROR 0A000 at 1: COMMENT ON ROLE is not supported
