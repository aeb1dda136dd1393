-- ON DELETE and ON UPDATE.
create table p (id int primary key, note text)
----
done

create table cas (id int primary key, pid int default 9 references p on delete cascade on update cascade)
----
done

create table nul (id int primary key, pid int default 9 references p on delete set null on update set null)
----
done

create table def (id int primary key, pid int default 9 references p on delete set default on update set default)
----
done

insert into p select i from generate_series(1, 9) i
----
9 affected

insert into cas select i, i from generate_series(1, 5) i
----
5 affected

insert into nul select i, i from generate_series(1, 5) i
----
5 affected

insert into def select i, i from generate_series(1, 5) i
----
5 affected

delete from p where id = 1
----
1 affected

update p set id = 12 where id = 2
----
1 affected

delete from p where id = 3 returning id
----
id integer
3

update p set id = id + 100 where id = 4 returning id, note
----
id integer | note text
104 | NULL

select * from cas order by id
----
id integer | pid integer
2 | 12
4 | 104
5 | 5

select * from nul order by id
----
id integer | pid integer
1 | NULL
2 | NULL
3 | NULL
4 | NULL
5 | 5

select * from def order by id
----
id integer | pid integer
1 | 9
2 | 9
3 | 9
4 | 9
5 | 5

delete from p where id = 9
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "def_pid_fkey" on table "def"
DETAIL: Key (id)=(9) is still referenced from table "def".

update p set id = 19 where id = 9
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "def_pid_fkey" on table "def"
DETAIL: Key (id)=(9) is still referenced from table "def".

delete from def
----
5 affected

delete from p where id = 9
----
1 affected

insert into def values (1, 5)
----
1 affected

delete from p where id = 5
----
ERROR 23503: insert or update on table "def" violates foreign key constraint "def_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

delete from p where id in (5, 6) returning id
----
ERROR 23503: insert or update on table "def" violates foreign key constraint "def_pid_fkey"
DETAIL: Key (pid)=(9) is not present in table "p".

drop table cas, nul, def
----
done

-- NO ACTION and RESTRICT.
create table noa (pid int references p)
----
done

create table res (pid int references p on delete restrict on update restrict)
----
done

insert into p values (1), (2), (3), (4), (5)
----
ERROR 23505: duplicate key value violates unique constraint "p_pkey"
DETAIL: Key (id)=(5) already exists.

insert into noa values (1)
----
ERROR 23503: insert or update on table "noa" violates foreign key constraint "noa_pid_fkey"
DETAIL: Key (pid)=(1) is not present in table "p".

insert into res values (2)
----
ERROR 23503: insert or update on table "res" violates foreign key constraint "res_pid_fkey"
DETAIL: Key (pid)=(2) is not present in table "p".

delete from p where id = 1
----
done

delete from p where id = 2
----
done

update p set id = 10 where id = 1
----
done

update p set id = 20 where id = 2
----
done

update p set id = id where id = 2
----
done

update p set id = case id when 1 then 2 when 2 then 1 else id end
----
6 affected

drop table noa, res
----
done

-- Chains, circles, trees.
create table a (id int primary key)
----
done

create table b (id int primary key, a int references a on delete cascade on update cascade)
----
done

create table c (id int primary key, b int references b on delete cascade)
----
done

create table d (c int references c on delete set null, note text)
----
done

insert into a values (1), (2)
----
2 affected

insert into b values (1, 1), (2, 1), (3, 2)
----
3 affected

insert into c values (1, 1), (2, 2), (3, 3)
----
3 affected

insert into d values (1, 'x'), (2, 'y'), (3, 'z')
----
3 affected

delete from a where id = 1
----
1 affected

select * from b
----
id integer | a integer
3 | 2

select * from c
----
id integer | b integer
3 | 3

select * from d order by note
----
c integer | note text
NULL | x
NULL | y
3 | z

create table e (c int references c)
----
done

insert into e values (3)
----
1 affected

delete from a where id = 2
----
ERROR 23503: update or delete on table "c" violates foreign key constraint "e_c_fkey" on table "e"
DETAIL: Key (id)=(3) is still referenced from table "e".

select count(*) from a
----
count bigint
1

drop table a, b, c, d, e
----
done

create table t (id int primary key, up int references t on delete cascade on update cascade)
----
done

insert into t values (1, null), (2, 1), (3, 2), (4, 3), (5, 5), (6, 5)
----
6 affected

update t set id = id + 10
----
6 affected

select * from t order by id
----
id integer | up integer
11 | NULL
12 | 11
13 | 12
14 | 13
15 | 15
16 | 15

delete from t where id = 11
----
1 affected

delete from t where id = 15
----
1 affected

select count(*) from t
----
count bigint
0

insert into t values (1, 2), (2, 3), (3, 1)
----
3 affected

delete from t where id = 2
----
1 affected

select count(*) from t
----
count bigint
0

drop table t
----
done

create table x (id int primary key, y int)
----
done

create table y (id int primary key, x int references x on delete cascade)
----
done

alter table x add foreign key (y) references y on delete cascade
----
done

insert into x values (1, null)
----
1 affected

insert into y values (1, 1)
----
1 affected

update x set y = 1
----
1 affected

delete from x
----
1 affected

select (select count(*) from x), (select count(*) from y)
----
count bigint | count bigint
0 | 0

drop table x, y
----
done

drop table x, y cascade
----
ERROR 42P01 at 12: table "x" does not exist

-- Several columns; of some only.
create table m (a int, b int, primary key (a, b))
----
done

create table n (id int primary key, a int default 7, b int default 7, foreign key (b, a) references m (b, a) on delete set null on update cascade)
----
done

create table o (id int primary key, a int default 7, b int default 7, foreign key (a, b) references m on delete set null (b))
----
done

create table q (id int primary key, a int default 7, b int default 2, foreign key (a, b) references m on delete set default (a))
----
done

insert into m values (1, 2), (3, 4), (5, 6), (7, 2)
----
4 affected

insert into n values (1, 1, 2), (2, 3, 4), (3, 1, null)
----
3 affected

insert into o values (1, 1, 2), (2, 3, 4)
----
2 affected

insert into q values (1, 1, 2)
----
1 affected

delete from m where a = 1
----
1 affected

update m set b = 40 where a = 3
----
ERROR 23503: update or delete on table "m" violates foreign key constraint "o_a_b_fkey" on table "o"
DETAIL: Key (a, b)=(3, 4) is still referenced from table "o".

delete from o where id = 2
----
1 affected

update m set b = 40 where a = 3
----
1 affected

select * from n order by id
----
id integer | a integer | b integer
1 | NULL | NULL
2 | 3 | 40
3 | 1 | NULL

select * from o order by id
----
id integer | a integer | b integer
1 | 1 | NULL

select * from q order by id
----
id integer | a integer | b integer
1 | 7 | 2

drop table m, n, o, q
----
done

drop table m, n, o, q cascade
----
ERROR 42P01 at 12: table "m" does not exist

-- What the changed rows must meet.
create table m (id int primary key)
----
done

create table n (id int primary key, m int not null references m on delete set null on update cascade check (m < 100))
----
done

insert into m values (1), (2)
----
2 affected

insert into n values (1, 1)
----
1 affected

delete from m where id = 1
----
ERROR 23502: null value in column "m" of relation "n" violates not-null constraint
DETAIL: Failing row contains (1, null).

update m set id = 100 where id = 1
----
ERROR 23514: new row for relation "n" violates check constraint "n_m_check"
DETAIL: Failing row contains (1, 100).

update m set id = 99 where id = 1
----
1 affected

select * from n
----
id integer | m integer
1 | 99

drop table n
----
done

create table n (m int unique references m on update set default, note text)
----
done

insert into n values (2, 'two'), (null, 'none')
----
2 affected

update m set id = id + 1000 where id = 2
----
1 affected

create table g (m int references m on update cascade, twice int generated always as (m * 2) stored)
----
done

insert into g values (99)
----
1 affected

update m set id = 50 where id = 99
----
1 affected

select * from g
----
m integer | twice integer
50 | 100

drop table n, g, m
----
done

create table m (id bigint primary key, code varchar(10) unique)
----
done

create table n (m smallint references m on update cascade, code varchar(3) references m (code) on update cascade)
----
done

insert into m values (1, 'abc')
----
1 affected

insert into n values (1, 'abc')
----
1 affected

update m set id = 100000
----
ERROR 22003: smallint out of range

update m set code = 'abcdef'
----
ERROR 22001: value too long for type character varying(3)

update m set id = 30000, code = 'abd'
----
1 affected

select * from n
----
m smallint | code character varying(3)
30000 | abd

drop table m, n
----
done

-- Keys without an index, keys with one, keys of the primary key; NULLs stay.
create table m (id int primary key)
----
done

create table n (id int, k int references m on delete cascade, primary key (k, id))
----
done

create table o (k int references m on delete cascade)
----
done

create index o_k on o (k desc)
----
done

insert into m select i from generate_series(1, 3000) i
----
3000 affected

insert into n select i, i from generate_series(1, 3000) i
----
3000 affected

insert into o select i % 1500 + 1 from generate_series(1, 3000) i
----
3000 affected

insert into o values (null)
----
1 affected

delete from m where id % 3 = 0
----
1000 affected

select (select count(*) from n), (select count(*) from o)
----
count bigint | count bigint
2000 | 2001

delete from m where id = 1
----
1 affected

select (select count(*) from n), (select count(*) from o)
----
count bigint | count bigint
1999 | 1999

delete from m
----
1999 affected

select (select count(*) from n), (select count(*) from o)
----
count bigint | count bigint
0 | 1

drop table m, n, o
----
done

-- Within WITH, all is written before anything is looked at.
create table m (id int primary key)
----
done

create table n (id int primary key, m int references m on delete cascade)
----
done

insert into m values (1), (2)
----
2 affected

insert into n values (1, 1)
----
1 affected

with x as (delete from n), y as (delete from m where id = 2) select 1
----
?column? integer
1

insert into m values (3)
----
1 affected

insert into n values (3, 3)
----
1 affected

with x as (update m set id = 4 where id = 3 returning id) delete from n where m = 3
----
1 affected

select * from m
----
id integer
1
4
