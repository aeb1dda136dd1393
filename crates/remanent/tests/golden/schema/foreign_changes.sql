-- FOREIGN KEY beside ALTER, DROP, TRUNCATE and RENAME.
create table p (id int primary key, code text unique)
----
done

create table c (id int primary key, pid int)
----
done

insert into p values (1, 'one'), (2, 'two')
----
2 affected

insert into c values (1, 1), (2, 5)
----
2 affected

alter table c add foreign key (pid) references p
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(5) is not present in table "p".

alter table c add constraint c_fk foreign key (pid) references p not valid
----
done

select conname, convalidated from pg_constraint where conname = 'c_fk'
----
conname name | convalidated boolean
c_fk | f

insert into c values (3, 6)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_fk"
DETAIL: Key (pid)=(6) is not present in table "p".

update c set pid = 6 where id = 1
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_fk"
DETAIL: Key (pid)=(6) is not present in table "p".

update c set id = 20 where id = 2
----
1 affected

update c set pid = pid where id = 20
----
1 affected

delete from p where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "c_fk" on table "c"
DETAIL: Key (id)=(1) is still referenced from table "c".

alter table c validate constraint c_fk
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_fk"
DETAIL: Key (pid)=(5) is not present in table "p".

update c set pid = 2 where id = 20
----
1 affected

alter table c validate constraint c_fk
----
done

select conname, convalidated from pg_constraint where conname = 'c_fk'
----
conname name | convalidated boolean
c_fk | t

alter table c validate constraint c_fk
----
done

alter table c validate constraint nope
----
ERROR 42704 at 35: constraint "nope" of relation "c" does not exist

alter table c validate constraint c_pkey
----
ERROR 42809: constraint "c_pkey" of relation "c" is not a foreign key or check constraint

alter table c add constraint c_fk foreign key (pid) references p
----
ERROR 42710 at 30: constraint "c_fk" for relation "c" already exists

alter table c add code text references p (code)
----
done

alter table c add code2 text default 'none' references p (code)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_code2_fkey"
DETAIL: Key (code2)=(none) is not present in table "p".

alter table c add code2 text default 'one' references p (code)
----
done

select * from c order by id
----
id integer | pid integer | code text | code2 text
1 | 1 | NULL | one
20 | 2 | NULL | one

-- What depends.
drop table p
----
ERROR 2BP01: cannot drop table p because other objects depend on it
DETAIL: constraint c_fk on table c depends on table p
constraint c_code_fkey on table c depends on table p
constraint c_code2_fkey on table c depends on table p
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop table p restrict
----
ERROR 2BP01: cannot drop table p because other objects depend on it
DETAIL: constraint c_fk on table c depends on table p
constraint c_code_fkey on table c depends on table p
constraint c_code2_fkey on table c depends on table p
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table p drop constraint p_pkey
----
ERROR 2BP01: cannot drop constraint p_pkey on table p because other objects depend on it
DETAIL: constraint c_fk on table c depends on index p_pkey
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table p drop constraint p_code_key
----
ERROR 2BP01: cannot drop constraint p_code_key on table p because other objects depend on it
DETAIL: constraint c_code_fkey on table c depends on index p_code_key
constraint c_code2_fkey on table c depends on index p_code_key
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table p drop column id
----
ERROR 2BP01: cannot drop column id of table p because other objects depend on it
DETAIL: constraint c_fk on table c depends on column id of table p
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table p drop column code
----
ERROR 2BP01: cannot drop column code of table p because other objects depend on it
DETAIL: constraint c_code_fkey on table c depends on column code of table p
constraint c_code2_fkey on table c depends on column code of table p
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table p drop column code cascade
----
done

select conname from pg_constraint where conrelid = (select oid from pg_class where relname = 'c') order by 1
----
conname name
c_fk
c_pkey

alter table p add code text
----
done

create unique index p_code_idx on p (code)
----
done

alter table c add constraint c_code foreign key (code) references p (code) not valid
----
done

drop index p_code_idx
----
ERROR 2BP01: cannot drop index p_code_idx because other objects depend on it
DETAIL: constraint c_code on table c depends on index p_code_idx
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop index p_code_idx cascade
----
done

select conname from pg_constraint where contype = 'f' order by 1
----
conname name
c_fk

alter table p drop constraint p_pkey cascade
----
done

select conname from pg_constraint where contype = 'f' order by 1
----
conname name
(no rows)

alter table p add primary key (id)
----
done

alter table c add constraint c_fk foreign key (pid) references p
----
done

alter table c drop constraint c_fk
----
done

alter table c drop constraint c_fk
----
ERROR 42704 at 31: constraint "c_fk" of relation "c" does not exist

alter table c drop constraint if exists c_fk
----
done

insert into c values (9, 9)
----
1 affected

delete from c where id = 9
----
1 affected

alter table c add constraint c_fk foreign key (pid) references p
----
done

alter table c drop column pid
----
done

select count(*) from pg_constraint where contype = 'f'
----
count bigint
0

alter table c add pid int references p
----
done

update c set pid = 1
----
2 affected

drop table p cascade
----
done

select count(*) from pg_constraint where contype = 'f'
----
count bigint
0

drop table c
----
done

-- Types that change.
create table p (id int primary key)
----
done

create table c (pid int references p)
----
done

insert into p values (1), (2)
----
2 affected

insert into c values (1)
----
1 affected

alter table c alter pid type text
----
ERROR 42804: foreign key constraint "c_pid_fkey" cannot be implemented
DETAIL: Key columns "pid" and "id" are of incompatible types: text and integer.

alter table p alter id type text
----
ERROR 42804: foreign key constraint "c_pid_fkey" cannot be implemented
DETAIL: Key columns "pid" and "id" are of incompatible types: integer and text.

alter table c alter pid type bigint
----
done

alter table p alter id type bigint
----
done

insert into c values (10000000000)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(10000000000) is not present in table "p".

insert into c values (2)
----
1 affected

alter table c alter pid type int using pid + 1
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(3) is not present in table "p".

delete from p where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "c_pid_fkey" on table "c"
DETAIL: Key (id)=(1) is still referenced from table "c".

delete from p where id = 2
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "c_pid_fkey" on table "c"
DETAIL: Key (id)=(2) is still referenced from table "c".

-- Names that change.
alter table p rename to q
----
done

alter table q rename id to key
----
done

alter table c rename pid to up
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (up)=(9) is not present in table "q".

delete from q where key = 2
----
ERROR 23503: update or delete on table "q" violates foreign key constraint "c_pid_fkey" on table "c"
DETAIL: Key (key)=(2) is still referenced from table "c".

alter table c rename constraint c_pid_fkey to other
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "other"
DETAIL: Key (up)=(9) is not present in table "q".

create schema s
----
done

alter table q set schema s
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "other"
DETAIL: Key (up)=(9) is not present in table "q".

insert into s.q values (9)
----
1 affected

insert into c values (9)
----
1 affected

alter table c rename to cc
----
done

insert into cc values (8)
----
ERROR 23503: insert or update on table "cc" violates foreign key constraint "other"
DETAIL: Key (up)=(8) is not present in table "q".

drop table s.q
----
ERROR 2BP01: cannot drop table s.q because other objects depend on it
DETAIL: constraint other on table cc depends on table s.q
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop schema s cascade
----
done

insert into cc values (8)
----
1 affected

drop table cc
----
done

-- A table that refers to itself.
create table t (id int primary key, up int references t, note text)
----
done

insert into t values (1, 1), (2, 1)
----
2 affected

alter table t rename id to key
----
done

alter table t rename to tt
----
done

insert into tt values (3, 4)
----
ERROR 23503: insert or update on table "tt" violates foreign key constraint "t_up_fkey"
DETAIL: Key (up)=(4) is not present in table "tt".

delete from tt where key = 1
----
ERROR 23503: update or delete on table "tt" violates foreign key constraint "t_up_fkey" on table "tt"
DETAIL: Key (key)=(1) is still referenced from table "tt".

alter table tt drop column key
----
ERROR 2BP01: cannot drop column key of table tt because other objects depend on it
DETAIL: constraint t_up_fkey on table tt depends on column key of table tt
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table tt drop column key cascade
----
done

select count(*) from pg_constraint where contype = 'f'
----
count bigint
0

drop table tt
----
done

-- TRUNCATE.
create table p (id int primary key, up int references p)
----
done

create table c (id int primary key, pid int references p)
----
done

create table d (cid int references c)
----
done

insert into p values (1, 1)
----
1 affected

insert into c values (1, 1)
----
1 affected

insert into d values (1)
----
1 affected

truncate p
----
ERROR 0A000: cannot truncate a table referenced in a foreign key constraint
DETAIL: Table "c" references "p".
HINT: Truncate table "c" at the same time, or use TRUNCATE ... CASCADE.

truncate c
----
ERROR 0A000: cannot truncate a table referenced in a foreign key constraint
DETAIL: Table "d" references "c".
HINT: Truncate table "d" at the same time, or use TRUNCATE ... CASCADE.

truncate p, c
----
ERROR 0A000: cannot truncate a table referenced in a foreign key constraint
DETAIL: Table "d" references "c".
HINT: Truncate table "d" at the same time, or use TRUNCATE ... CASCADE.

truncate d, c, p
----
done

insert into p values (1, 1)
----
1 affected

insert into c values (1, 1)
----
1 affected

insert into d values (1)
----
1 affected

truncate p cascade
----
done

select (select count(*) from p), (select count(*) from c), (select count(*) from d)
----
count bigint | count bigint | count bigint
0 | 0 | 0

insert into c values (1, 1)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(1) is not present in table "p".

truncate d
----
done

-- DROP of several at once.
drop table p, c
----
ERROR 2BP01: cannot drop desired object(s) because other objects depend on them
DETAIL: constraint d_cid_fkey on table d depends on table c
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop table p, c, d
----
done

-- LIKE takes no foreign keys along.
create table p (id int primary key)
----
done

create table c (pid int references p)
----
done

create table l (like c including all)
----
done

insert into l values (9)
----
1 affected

select count(*) from pg_constraint where contype = 'f'
----
count bigint
1

drop table l
----
done

-- ALTER CONSTRAINT
alter table c alter constraint c_pid_fkey deferrable
----
done

select condeferrable, condeferred from pg_constraint where conname = 'c_pid_fkey'
----
condeferrable boolean | condeferred boolean
t | f

alter table c alter constraint c_pid_fkey initially deferred
----
done

select condeferrable, condeferred from pg_constraint where conname = 'c_pid_fkey'
----
condeferrable boolean | condeferred boolean
t | t

alter table c alter constraint c_pid_fkey not deferrable
----
done

select condeferrable, condeferred from pg_constraint where conname = 'c_pid_fkey'
----
condeferrable boolean | condeferred boolean
f | f

alter table p alter constraint p_pkey deferrable
----
ERROR 42809: constraint "p_pkey" of relation "p" is not a foreign key constraint

alter table c alter constraint nope deferrable
----
ERROR 42704 at 32: constraint "nope" of relation "c" does not exist

-- Definitions are undone with their transaction.
begin
----
done

drop table p cascade
----
done

rollback
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

begin
----
done

alter table c drop constraint c_pid_fkey
----
done

insert into c values (9)
----
1 affected

savepoint s
----
done

alter table c add foreign key (pid) references p
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

rollback to s
----
done

delete from c
----
1 affected

alter table c add foreign key (pid) references p
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

rollback
----
done

insert into c values (9)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

begin
----
done

create table p2 (id int primary key)
----
done

create table c2 (id int references p2)
----
done

insert into c2 values (1)
----
ERROR 23503: insert or update on table "c2" violates foreign key constraint "c2_id_fkey"
DETAIL: Key (id)=(1) is not present in table "p2".

rollback
----
done

select count(*) from pg_constraint where contype = 'f'
----
count bigint
1
