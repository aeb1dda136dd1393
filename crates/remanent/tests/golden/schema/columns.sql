-- Columns that come while the rows stay.

create table t (id int primary key, a text);
insert into t select i, 'a' || i from generate_series(1, 2000) i
----
2000 affected

-- reopen

insert into t select i, 'a' || i from generate_series(2001, 2003) i
----
3 affected

alter table t add column b int default 6 * 7, add column c text, add column d numeric(6,2) not null default 1.5
----
done

select count(*), sum(b), count(c), min(d), max(d), sum(d), avg(b) from t
----
count bigint | sum bigint | count bigint | min numeric | max numeric | sum numeric | avg numeric
2003 | 84126 | 0 | 1.50 | 1.50 | 3004.50 | 42.0000000000000000

select * from t where id in (1, 2000, 2003) order by id
----
id integer | a text | b integer | c text | d numeric(6,2)
1 | a1 | 42 | NULL | 1.50
2000 | a2000 | 42 | NULL | 1.50
2003 | a2003 | 42 | NULL | 1.50

insert into t values (3000, 'new', 1, 'c', 2.25);
insert into t (id) values (3001)
----
1 affected

select * from t where id >= 2003 order by id
----
id integer | a text | b integer | c text | d numeric(6,2)
2003 | a2003 | 42 | NULL | 1.50
3000 | new | 1 | c | 2.25
3001 | NULL | 42 | NULL | 1.50

select id, b from t where b <> 42 or b is null order by id
----
id integer | b integer
3000 | 1

select count(*) from t where b = 42 and d = 1.5 and c is null
----
count bigint
2004

select count(*) from t where b > 42
----
count bigint
0

select count(*) from t where c = 'c'
----
count bigint
1

update t set c = 'x' || id where id in (5, 2002, 3001);
delete from t where id between 6 and 1999;
update t set b = b + 1 where id = 2000
----
1 affected

select * from t order by id
----
id integer | a text | b integer | c text | d numeric(6,2)
1 | a1 | 42 | NULL | 1.50
2 | a2 | 42 | NULL | 1.50
3 | a3 | 42 | NULL | 1.50
4 | a4 | 42 | NULL | 1.50
5 | a5 | 42 | x5 | 1.50
2000 | a2000 | 43 | NULL | 1.50
2001 | a2001 | 42 | NULL | 1.50
2002 | a2002 | 42 | x2002 | 1.50
2003 | a2003 | 42 | NULL | 1.50
3000 | new | 1 | c | 2.25
3001 | NULL | 42 | x3001 | 1.50

-- reopen

select * from t order by id
----
id integer | a text | b integer | c text | d numeric(6,2)
1 | a1 | 42 | NULL | 1.50
2 | a2 | 42 | NULL | 1.50
3 | a3 | 42 | NULL | 1.50
4 | a4 | 42 | NULL | 1.50
5 | a5 | 42 | x5 | 1.50
2000 | a2000 | 43 | NULL | 1.50
2001 | a2001 | 42 | NULL | 1.50
2002 | a2002 | 42 | x2002 | 1.50
2003 | a2003 | 42 | NULL | 1.50
3000 | new | 1 | c | 2.25
3001 | NULL | 42 | x3001 | 1.50

create index on t (b);
create index on t (c) where b = 42
----
done

select id from t where b = 43
----
id integer
2000

select id from t where b = 42 and c is not null order by id
----
id integer
5
2002
3001

select b, count(*) from t group by b order by b
----
b integer | count bigint
1 | 1
42 | 9
43 | 1

-- Each default is evaluated once.

alter table t add column at timestamptz default now(), add column r float8 default random()
----
done

select count(distinct at), count(distinct r) > 1 from t
----
count bigint | ?column? boolean
1 | t

begin
----
done

alter table t add column gone int default 1
----
done

alter table t add column gone2 int default 2
----
done

select gone, gone2, count(*) from t group by 1, 2
----
gone integer | gone2 integer | count bigint
1 | 2 | 11

insert into t (id, gone) values (1, 5)
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(1) already exists.

rollback
----
done

select gone from t
----
ERROR 42703 at 8: column "gone" does not exist

begin
----
done

savepoint s
----
done

alter table t add column one int default 1;
insert into t (id, one) values (4000, 11)
----
1 affected

rollback to s
----
done

insert into t (id) values (4000)
----
1 affected

alter table t add column two text default 'zwei'
----
done

insert into t (id, two) values (4001, 'two')
----
1 affected

select id, two from t where id > 3000 order by id
----
id integer | two text
3001 | zwei
4000 | zwei
4001 | two

alter table t add column three int default 3
----
done

select id, two, three from t where id > 3000 order by id
----
id integer | two text | three integer
3001 | zwei | 3
4000 | zwei | 3
4001 | two | 3

commit
----
done

-- reopen

select id, b, two, three from t where id > 2002 order by id
----
id integer | b integer | two text | three integer
2003 | 42 | zwei | 3
3000 | 1 | zwei | 3
3001 | 42 | zwei | 3
4000 | 42 | zwei | 3
4001 | 42 | two | 3

-- What is wrong is found once, where there are rows.

create table e (a int)
----
done

alter table e add column b int not null, add column c int default -1 check (c > 0)
----
done

insert into e values (1, 2, 3)
----
1 affected

alter table e add column d int not null
----
ERROR 23502: column "d" of relation "e" contains null values

alter table e add column d int default -1 check (d > 0)
----
ERROR 23514: check constraint "e_d_check" of relation "e" is violated by some row

alter table e add column d int default null check (d > 0)
----
done

alter table e add column f int not null default null::int
----
ERROR 23502: column "f" of relation "e" contains null values

alter table e add column f varchar(3) default 'abcd'
----
ERROR 22001 at 47: value too long for type character varying(3)

alter table e add column f int default 1 / 0
----
ERROR 22012: division by zero

alter table e add column f int not null default 4 check (f > a)
----
done

select * from e
----
a integer | b integer | c integer | d integer | f integer
1 | 2 | 3 | NULL | 4

-- Keys, generated columns and numbers of their own.

alter table e add column u int unique default 1
----
done

insert into e values (2, 2, 3, 4, 5, 1)
----
ERROR 23505: duplicate key value violates unique constraint "e_u_key"
DETAIL: Key (u)=(1) already exists.

insert into e values (2, 2, 3, 4, 5, 2)
----
1 affected

alter table e add column v int default 8 unique
----
ERROR 23505: could not create unique index "e_v_key"
DETAIL: Key (v)=(8) is duplicated.

alter table e add column g int generated always as (a * 10) stored
----
done

alter table e add column s serial
----
done

alter table e add column i int generated by default as identity
----
done

alter table e add column w int default 9
----
done

select * from e order by a
----
a integer | b integer | c integer | d integer | f integer | u integer | g integer | s integer | i integer | w integer
1 | 2 | 3 | NULL | 4 | 1 | 10 | 1 | 1 | 9
2 | 2 | 3 | 4 | 5 | 2 | 20 | 2 | 2 | 9

alter table e add primary key (u)
----
done

alter table e add column x int default 10
----
done

select a, u, g, s, i, w, x from e order by a
----
a integer | u integer | g integer | s integer | i integer | w integer | x integer
1 | 1 | 10 | 1 | 1 | 9 | 10
2 | 2 | 20 | 2 | 2 | 9 | 10

-- Foreign keys, views, LIKE, TRUNCATE.

create table p (id int primary key); insert into p values (7)
----
1 affected

alter table e add column r int references p default 7, add column z int references p
----
done

alter table e add column bad int references p default 8
----
ERROR 23503: insert or update on table "e" violates foreign key constraint "e_bad_fkey"
DETAIL: Key (bad)=(8) is not present in table "p".

select a, r, z from e order by a
----
a integer | r integer | z integer
1 | 7 | NULL
2 | 7 | NULL

create view v as select a, x from e;
create table l (like e including defaults)
----
done

alter table e add column y text default 'y' || 1
----
done

select * from v order by a
----
a integer | x integer
1 | 10
2 | 10

insert into l (a, b, d, f, u, s, i) values (1, 1, 1, 1, 1, 1, 1) returning a, w, x
----
a integer | w integer | x integer
1 | 9 | 10

truncate e
----
done

insert into e (a, b) values (5, 5) returning a, b, x, y
----
ERROR 23514: new row for relation "e" violates check constraint "e_c_check"
DETAIL: Failing row contains (5, 5, -1, null, 4, 1, 50, 3, 3, 9, 10, 7, null, y1).

alter table e add column yy int default 3
----
done

select a, yy from e
----
a integer | yy integer
(no rows)

-- Types.

create table ty (a int);
insert into ty values (1), (2);
create type mood as enum ('sad', 'ok');
alter table ty add b bool default true, add c bytea default '\xdead', add d date default '2024-02-29',
  add e interval default '1 month 2 days', add f float4 default 'nan', add g float8 default -0.0,
  add h numeric default 1e40, add i jsonb default '{"a": [1]}', add j uuid default 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  add k int[] default '{1,2}', add l mood default 'ok', add m char(4) default 'ab', add n timestamp(0) default '2024-01-01 00:00:00.7',
  add o bigint default 9223372036854775807, add p smallint default -1
----
done

select * from ty
----
a integer | b boolean | c bytea | d date | e interval | f real | g double precision | h numeric | i jsonb | j uuid | k integer[] | l mood | m character(4) | n timestamp(0) without time zone | o bigint | p smallint
1 | t | \xdead | 2024-02-29 | 1 mon 2 days | NaN | 0 | 10000000000000000000000000000000000000000 | {"a": [1]} | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | {1,2} | ok | ab   | 2024-01-01 00:00:01 | 9223372036854775807 | -1
2 | t | \xdead | 2024-02-29 | 1 mon 2 days | NaN | 0 | 10000000000000000000000000000000000000000 | {"a": [1]} | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | {1,2} | ok | ab   | 2024-01-01 00:00:01 | 9223372036854775807 | -1

select sum(o), sum(p), max(f), min(g), max(h), max(d) from ty
----
sum numeric | sum bigint | max real | min double precision | max numeric | max date
18446744073709551614 | -2 | NaN | 0 | 10000000000000000000000000000000000000000 | 2024-02-29

select a from ty where l = 'ok' and b and d = '2024-02-29' and p < 0 and h > 1e39 and k[1] = 1 order by a
----
a integer
1
2

-- A table with an index on an expression is copied.

create table x (a text);
insert into x values ('A'), ('B');
create index on x (lower(a))
----
done

alter table x add column b int default 3
----
done

select * from x where lower(a) = 'b'
----
a text | b integer
B | 3

-- Temporary tables.

create temp table tt (a int);
insert into tt values (1)
----
1 affected

alter table tt add column b int default 2
----
done

insert into tt values (3, 4)
----
1 affected

select * from tt order by a
----
a integer | b integer
1 | 2
3 | 4

-- reopen

select a, b, p from ty order by a
----
a integer | b boolean | p smallint
1 | t | -1
2 | t | -1

select attname, attnum, atthasdef from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum
----
attname name | attnum smallint | atthasdef boolean
id | 1 | f
a | 2 | f
b | 3 | t
c | 4 | f
d | 5 | t
at | 6 | t
r | 7 | t
two | 8 | t
three | 9 | t

-- Columns that go while the rows stay.

create table g (id int primary key, a int, b text, c int, d text);
insert into g select i, i * 10, 'b' || i, i % 3, 'd' || i from generate_series(1, 2000) i;
create index on g (c);
create index on g (lower(d)) where c > 0
----
done

-- reopen

insert into g values (3000, 1, 'x', 2, 'D')
----
1 affected

alter table g drop column a
----
done

select * from g where id in (1, 2000, 3000) order by id
----
id integer | b text | c integer | d text
1 | b1 | 1 | d1
2000 | b2000 | 2 | d2000
3000 | x | 2 | D

select id from g where c = 2 and id > 1995 order by id
----
id integer
1997
2000
3000

select id from g where lower(d) = 'd' and c > 0
----
id integer
3000

insert into g values (3001, 'y', 1, 'E')
----
1 affected

begin
----
done

alter table g drop column b, add column a text default 'new', add column z int default 5
----
done

select * from g where id > 1999 order by id
----
id integer | c integer | d text | a text | z integer
2000 | 2 | d2000 | new | 5
3000 | 2 | D | new | 5
3001 | 1 | E | new | 5

insert into g (id, c, d) values (3002, 1, 'F')
----
1 affected

select id, z from g where lower(d) = 'f' and c > 0
----
id integer | z integer
3002 | 5

commit
----
done

-- reopen

select * from g where id > 1999 order by id
----
id integer | c integer | d text | a text | z integer
2000 | 2 | d2000 | new | 5
3000 | 2 | D | new | 5
3001 | 1 | E | new | 5
3002 | 1 | F | new | 5

select count(*), sum(z), min(a), count(d) from g
----
count bigint | sum bigint | min text | count bigint
2003 | 10015 | new | 2003

select id from g where lower(d) = 'f' and c > 0
----
id integer
3002

alter table g drop column c
----
done

select * from g where id > 3000 order by id
----
id integer | d text | a text | z integer
3001 | E | new | 5
3002 | F | new | 5

select indexrelid::regclass from pg_index where indrelid = 'g'::regclass order by 1
----
indexrelid regclass
g_pkey

alter table g drop column id
----
done

select count(*), count(distinct d) from g
----
count bigint | count bigint
2003 | 2003

alter table g drop column z, drop column a
----
done

update g set d = 'upd' where d = 'F'
----
1 affected

select * from g where d < 'd' or d = 'upd' order by d
----
d text
D
E
upd
