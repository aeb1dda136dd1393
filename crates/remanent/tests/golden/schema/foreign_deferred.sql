-- DEFERRABLE and SET CONSTRAINTS.
create table p (id int primary key)
----
done

create table c (id int primary key, pid int constraint later references p deferrable initially deferred)
----
done

create table i (id int primary key, pid int constraint sooner references p deferrable)
----
done

create table n (id int primary key, pid int constraint never references p)
----
done

insert into c values (1, 1)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(1) is not present in table "p".

begin
----
done

insert into c values (1, 1)
----
1 affected

insert into p values (1)
----
1 affected

commit
----
done

begin
----
done

insert into c values (2, 2), (3, 3)
----
2 affected

insert into p values (3)
----
1 affected

commit
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(2) is not present in table "p".

select * from c
----
id integer | pid integer
1 | 1

begin
----
done

delete from p where id = 1
----
1 affected

insert into p values (1)
----
1 affected

commit
----
done

begin
----
done

delete from p where id = 1
----
1 affected

commit
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "later" on table "c"
DETAIL: Key (id)=(1) is still referenced from table "c".

begin
----
done

delete from p where id = 1
----
1 affected

delete from c
----
1 affected

commit
----
done

insert into p values (1), (2)
----
2 affected

begin
----
done

insert into i values (1, 9)
----
ERROR 23503: insert or update on table "i" violates foreign key constraint "sooner"
DETAIL: Key (pid)=(9) is not present in table "p".

rollback
----
done

begin
----
done

set constraints sooner deferred
----
done

insert into i values (1, 9)
----
1 affected

set constraints sooner immediate
----
ERROR 23503: insert or update on table "i" violates foreign key constraint "sooner"
DETAIL: Key (pid)=(9) is not present in table "p".

rollback
----
done

begin
----
done

set constraints all deferred
----
done

insert into i values (1, 9)
----
1 affected

insert into n values (1, 9)
----
ERROR 23503: insert or update on table "n" violates foreign key constraint "never"
DETAIL: Key (pid)=(9) is not present in table "p".

rollback
----
done

begin
----
done

set constraints all deferred
----
done

insert into i values (1, 9)
----
1 affected

insert into p values (9)
----
1 affected

set constraints all immediate
----
done

insert into i values (2, 10)
----
ERROR 23503: insert or update on table "i" violates foreign key constraint "sooner"
DETAIL: Key (pid)=(10) is not present in table "p".

commit
----
done

begin
----
done

set constraints sooner, later deferred
----
done

insert into i values (2, 10)
----
1 affected

update i set pid = 1 where id = 2
----
1 affected

commit
----
done

begin
----
done

set constraints never deferred
----
ERROR 42809: constraint "never" is not deferrable

rollback
----
done

begin
----
done

set constraints never immediate
----
done

set constraints nope deferred
----
ERROR 42704: constraint "nope" does not exist

rollback
----
done

begin
----
done

set constraints nope.later deferred
----
ERROR 3F000: schema "nope" does not exist

rollback
----
done

begin
----
done

set constraints public.sooner deferred
----
done

insert into i values (3, 11)
----
1 affected

delete from i where id = 3
----
1 affected

commit
----
done

set constraints later immediate
----
done

select * from i order by id
----
id integer | pid integer
2 | 1

-- Savepoints.
begin
----
done

savepoint s
----
done

insert into c values (1, 77)
----
1 affected

rollback to s
----
done

commit
----
done

begin
----
done

insert into c values (1, 77)
----
1 affected

savepoint s
----
done

insert into p values (77)
----
1 affected

rollback to s
----
done

commit
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(77) is not present in table "p".

begin
----
done

insert into c values (1, 77)
----
1 affected

savepoint s
----
done

insert into p values (77)
----
1 affected

set constraints later immediate
----
done

rollback to s
----
done

commit
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(77) is not present in table "p".

begin
----
done

insert into c values (1, 77)
----
1 affected

savepoint s
----
done

set constraints later immediate
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(77) is not present in table "p".

rollback to s
----
done

insert into p values (77)
----
1 affected

set constraints later immediate
----
done

insert into c values (2, 78)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(78) is not present in table "p".

rollback to s
----
done

insert into p values (77)
----
1 affected

commit
----
done

select * from c order by id
----
id integer | pid integer
1 | 77

-- Actions are not deferred.
create table d (id int primary key, pid int references p on delete cascade on update restrict deferrable initially deferred)
----
done

begin
----
done

insert into d values (1, 1)
----
1 affected

update p set id = 50 where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "sooner" on table "i"
DETAIL: Key (id)=(1) is still referenced from table "i".

rollback
----
done

begin
----
done

insert into d values (1, 1)
----
1 affected

delete from p where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "sooner" on table "i"
DETAIL: Key (id)=(1) is still referenced from table "i".

select * from d
----
ERROR 25P02: current transaction is aborted, commands ignored until end of transaction block

rollback
----
done

-- Definitions must stay while something is open.
begin
----
done

insert into c values (5, 500)
----
1 affected

alter table c add x int
----
ERROR 55006: cannot ALTER TABLE "c" because it has pending trigger events

rollback
----
done

begin
----
done

insert into c values (5, 500)
----
1 affected

drop table c
----
ERROR 55006: cannot DROP TABLE "c" because it has pending trigger events

rollback
----
done

begin
----
done

insert into c values (5, 500)
----
1 affected

truncate c
----
ERROR 55006: cannot TRUNCATE "c" because it has pending trigger events

rollback
----
done

begin
----
done

insert into c values (5, 1)
----
1 affected

alter table p add x int
----
done

savepoint s
----
done

alter table p drop column x
----
done

create unique index on p (id desc)
----
done

rollback to s
----
done

set constraints all immediate
----
done

insert into c values (6, 1000)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(1000) is not present in table "p".

rollback
----
done

begin
----
done

insert into c values (5, 500)
----
1 affected

delete from c where id = 5
----
1 affected

alter table c add x int
----
ERROR 55006: cannot ALTER TABLE "c" because it has pending trigger events

rollback
----
done

begin
----
done

insert into c values (5, 500)
----
1 affected

insert into p values (500)
----
1 affected

set constraints all immediate
----
done

alter table c add x int
----
done

rollback
----
done

-- The transaction's end.
begin
----
done

insert into c values (6, 600)
----
1 affected

savepoint s
----
done

insert into c values (7, 700)
----
1 affected

release s
----
done

insert into p values (600)
----
1 affected

commit
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "later"
DETAIL: Key (pid)=(700) is not present in table "p".

begin
----
done

update p set id = 78 where id = 77
----
1 affected

update c set pid = 78
----
1 affected

commit
----
done

begin
----
done

update p set id = 79 where id = 78
----
1 affected

commit
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "later" on table "c"
DETAIL: Key (id)=(78) is still referenced from table "c".

select * from c
----
id integer | pid integer
1 | 78

select conname, condeferrable, condeferred from pg_constraint where contype = 'f' order by conname
----
conname name | condeferrable boolean | condeferred boolean
d_pid_fkey | t | t
later | t | t
never | f | f
sooner | t | f
