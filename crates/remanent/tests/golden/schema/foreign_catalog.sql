-- What the catalog says of foreign keys, and that they are there after opening again.
create schema s
----
done

create table s.p (id int primary key, code text, x int, y int, constraint p_code unique (code))
----
done

create unique index p_yx on s.p (y, x)
----
done

create table c (id int primary key, pid int references s.p on delete cascade, code text references s.p (code) match full on update set null deferrable, x int, y int, up int references c deferrable initially deferred, foreign key (x, y) references s.p (x, y) on delete set default (y), constraint ck check (x > 0 and id > 0))
----
done

alter table c add constraint nv foreign key (pid) references s.p not valid
----
done

select constraint_schema, constraint_name, table_schema, table_name, constraint_type, is_deferrable, initially_deferred from information_schema.table_constraints where table_name in ('c', 'p') and constraint_name not like '%not_null' order by 2
----
constraint_schema text | constraint_name text | table_schema text | table_name text | constraint_type text | is_deferrable text | initially_deferred text
public | c_code_fkey | public | c | FOREIGN KEY | YES | NO
public | c_pid_fkey | public | c | FOREIGN KEY | NO | NO
public | c_pkey | public | c | PRIMARY KEY | NO | NO
public | c_up_fkey | public | c | FOREIGN KEY | YES | YES
public | c_x_y_fkey | public | c | FOREIGN KEY | NO | NO
public | ck | public | c | CHECK | NO | NO
public | nv | public | c | FOREIGN KEY | NO | NO
s | p_code | s | p | UNIQUE | NO | NO
s | p_pkey | s | p | PRIMARY KEY | NO | NO

select constraint_name, table_name, column_name, ordinal_position, position_in_unique_constraint from information_schema.key_column_usage where table_name in ('c', 'p') order by 1, 4
----
constraint_name text | table_name text | column_name text | ordinal_position integer | position_in_unique_constraint integer
c_code_fkey | c | code | 1 | 1
c_pid_fkey | c | pid | 1 | 1
c_pkey | c | id | 1 | NULL
c_up_fkey | c | up | 1 | 1
c_x_y_fkey | c | x | 1 | 2
c_x_y_fkey | c | y | 2 | 1
nv | c | pid | 1 | 1
p_code | p | code | 1 | NULL
p_pkey | p | id | 1 | NULL

select constraint_schema, constraint_name, unique_constraint_schema, unique_constraint_name, match_option, update_rule, delete_rule from information_schema.referential_constraints order by 2
----
constraint_schema text | constraint_name text | unique_constraint_schema text | unique_constraint_name text | match_option text | update_rule text | delete_rule text
public | c_code_fkey | s | p_code | FULL | SET NULL | NO ACTION
public | c_pid_fkey | s | p_pkey | NONE | NO ACTION | CASCADE
public | c_up_fkey | public | c_pkey | NONE | NO ACTION | NO ACTION
public | c_x_y_fkey | NULL | NULL | NONE | NO ACTION | SET DEFAULT
public | nv | s | p_pkey | NONE | NO ACTION | NO ACTION

select table_schema, table_name, column_name, constraint_schema, constraint_name from information_schema.constraint_column_usage where table_schema in ('public', 's') and constraint_name not like '%not_null' order by 5, 3
----
table_schema text | table_name text | column_name text | constraint_schema text | constraint_name text
s | p | code | public | c_code_fkey
s | p | id | public | c_pid_fkey
public | c | id | public | c_pkey
public | c | id | public | c_up_fkey
s | p | x | public | c_x_y_fkey
s | p | y | public | c_x_y_fkey
public | c | id | public | ck
public | c | x | public | ck
s | p | id | public | nv
s | p | code | s | p_code
s | p | id | s | p_pkey

select conname, contype, condeferrable, condeferred, convalidated, conrelid = (select oid from pg_class where relname = 'c') as own, (select relname from pg_class where oid = confrelid) as parent, (select relname from pg_class where oid = conindid) as index, confupdtype, confdeltype, confmatchtype, conkey, confkey, confdelsetcols from pg_constraint where conrelid = (select oid from pg_class where relname = 'c') order by conname
----
conname name | contype text | condeferrable boolean | condeferred boolean | convalidated boolean | own boolean | parent name | index name | confupdtype text | confdeltype text | confmatchtype text | conkey smallint[] | confkey smallint[] | confdelsetcols smallint[]
c_code_fkey | f | t | f | t | t | p | p_code | n | a | f | {3} | {2} | NULL
c_pid_fkey | f | f | f | t | t | p | p_pkey | a | c | s | {2} | {1} | NULL
c_pkey | p | f | f | t | t | NULL | c_pkey |   |   |   | {1} | NULL | NULL
c_up_fkey | f | t | t | t | t | c | c_pkey | a | a | s | {6} | {1} | NULL
c_x_y_fkey | f | f | f | t | t | p | p_yx | a | d | s | {4,5} | {3,4} | {5}
ck | c | f | f | t | t | NULL | NULL |   |   |   | {1,4} | NULL | NULL
nv | f | f | f | f | t | p | p_pkey | a | a | s | {2} | {1} | NULL

insert into s.p values (1, 'one', 1, 1)
----
1 affected

insert into c values (1, 1, 'one', 1, 1, 1)
----
1 affected

-- reopen

insert into c values (2, 2, 'one', 1, 1, 1)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(2) is not present in table "p".

insert into c values (2, 1, 'two', 1, 1, 1)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_code_fkey"
DETAIL: Key (code)=(two) is not present in table "p".

insert into c values (2, 1, 'one', 1, 2, 1)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_x_y_fkey"
DETAIL: Key (x, y)=(1, 2) is not present in table "p".

begin
----
done

insert into c values (2, 1, 'one', 1, 1, 3)
----
1 affected

insert into c values (3, 1, 'one', 1, 1, 3)
----
1 affected

commit
----
done

delete from s.p
----
1 affected

select id from c order by id
----
id integer
(no rows)

select conname from pg_constraint where contype = 'f' order by 1
----
conname name
c_code_fkey
c_pid_fkey
c_up_fkey
c_x_y_fkey
nv

-- A transaction that declares and loads.
begin
----
done

create table a (id int primary key)
----
done

create table b (id int references a)
----
done

insert into a values (1), (2)
----
2 affected

insert into b values (1), (2)
----
2 affected

insert into b values (3)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(3) is not present in table "a".

rollback
----
done

begin
----
done

create table a (id int primary key)
----
done

create table b (id int references a on delete cascade)
----
done

insert into a values (1), (2)
----
2 affected

insert into b values (1), (2)
----
2 affected

delete from a where id = 1
----
1 affected

alter table a add note text default 'x'
----
done

delete from a where id = 2
----
1 affected

commit
----
done

select (select count(*) from a), (select count(*) from b)
----
count bigint | count bigint
0 | 0

-- reopen

insert into b values (1)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(1) is not present in table "a".
