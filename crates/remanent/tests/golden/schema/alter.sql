-- ALTER TABLE, CREATE TABLE AS, LIKE.

create table t (id int primary key, a int, b text default 'x')
----
done

insert into t (id, a) values (1, 10), (2, 20), (3, null)
----
3 affected

alter table t add column c int default 7
----
done

select * from t order by id
----
id integer | a integer | b text | c integer
1 | 10 | x | 7
2 | 20 | x | 7
3 | NULL | x | 7

alter table t add column d int not null
----
ERROR 23502: column "d" of relation "t" contains null values

alter table t add d int not null default 5, add column e serial, add check (c > 0)
----
done

select * from t order by id
----
id integer | a integer | b text | c integer | d integer | e integer
1 | 10 | x | 7 | 5 | 1
2 | 20 | x | 7 | 5 | 2
3 | NULL | x | 7 | 5 | 3

insert into t (id) values (4) returning *
----
id integer | a integer | b text | c integer | d integer | e integer
4 | NULL | x | 7 | 5 | 4

alter table t add column a int
----
ERROR 42701 at 26: column "a" of relation "t" already exists

alter table t add column if not exists a int
----
done

alter table t drop column zz
----
ERROR 42703 at 27: column "zz" of relation "t" does not exist

alter table t drop column if exists zz
----
done

alter table t drop column c
----
done

insert into t (id, d) values (5, 6) returning *
----
id integer | a integer | b text | d integer | e integer
5 | NULL | x | 6 | 5

alter table t rename column a to "A b"
----
done

alter table t rename "A b" to a
----
done

alter table t rename to u
----
done

select nextval('t_e_seq')
----
nextval bigint
6

insert into u (id) values (6) returning *
----
id integer | a integer | b text | d integer | e integer
6 | NULL | x | 5 | 7

alter table u rename to t
----
done

alter table t alter column a type bigint
----
done

alter table t alter a type text using 'n' || a::text, alter b set default 'y'
----
done

insert into t (id) values (7) returning *
----
id integer | a text | b text | d integer | e integer
7 | NULL | y | 5 | 8

alter table t alter a type int
----
ERROR 42804: column "a" cannot be cast automatically to type integer
HINT: You might need to specify "USING a::integer".

alter table t alter column a set data type numeric(6,2) using length(a)
----
done

select id, a from t order by id
----
id integer | a numeric(6,2)
1 | 3.00
2 | 3.00
3 | NULL
4 | NULL
5 | NULL
6 | NULL
7 | NULL

alter table t alter b drop default, alter a set not null
----
ERROR 23502: column "a" of relation "t" contains null values

update t set a = 1 where a is null
----
5 affected

alter table t alter a set not null
----
done

insert into t (id) values (8)
----
ERROR 23502: null value in column "a" of relation "t" violates not-null constraint
DETAIL: Failing row contains (8, null, y, 5, 9).

alter table t alter a drop not null, alter id drop not null
----
ERROR 42P16: column "id" is in a primary key

alter table t add constraint pos check (a > 2)
----
ERROR 23514: check constraint "pos" of relation "t" is violated by some row

alter table t add constraint pos check (a > 2) not valid
----
done

insert into t (id, a) values (8, 1)
----
ERROR 23514: new row for relation "t" violates check constraint "pos"
DETAIL: Failing row contains (8, 1.00, y, 5, 10).

alter table t validate constraint pos
----
ERROR 23514: check constraint "pos" of relation "t" is violated by some row

update t set a = 3 where a <= 2
----
5 affected

alter table t validate constraint pos
----
done

alter table t add constraint pos check (a > 0)
----
ERROR 42710 at 30: constraint "pos" for relation "t" already exists

alter table t rename constraint pos to positive
----
done

insert into t (id, a) values (8, 1)
----
ERROR 23514: new row for relation "t" violates check constraint "positive"
DETAIL: Failing row contains (8, 1.00, y, 5, 11).

alter table t drop constraint pos
----
ERROR 42704 at 31: constraint "pos" of relation "t" does not exist

alter table t drop constraint if exists pos
----
done

alter table t drop constraint positive
----
done

insert into t (id, a) values (8, 1)
----
1 affected

alter table t add primary key (a)
----
ERROR 42P16 at 19: multiple primary keys for table "t" are not allowed

alter table t drop constraint t_pkey
----
done

alter table t add primary key (a)
----
ERROR 23505: could not create unique index "t_pkey"
DETAIL: Key (a)=(3.00) is duplicated.

alter table t add constraint k primary key (id, b)
----
done

select id, b from t where id = 8
----
id integer | b text
8 | y

delete from t where b is null
----
done

alter table t add constraint k primary key (id, b)
----
ERROR 42P16 at 19: multiple primary keys for table "t" are not allowed

insert into t (id, a, b) values (1, 5, 'x')
----
ERROR 23505: duplicate key value violates unique constraint "k"
DETAIL: Key (id, b)=(1, x) already exists.

create table g (a int, b int generated always as (a * 2) stored, c int generated always as (a + 1) stored)
----
done

insert into g values (1), (2)
----
2 affected

alter table g alter a type bigint
----
ERROR 0A000: cannot alter type of a column used by a generated column
DETAIL: Column "a" is used by generated column "b".

alter table g drop column a
----
ERROR 2BP01: cannot drop column a of table g because other objects depend on it
DETAIL: column b of table g depends on column a of table g
column c of table g depends on column a of table g
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table g rename a to z
----
done

insert into g values (5) returning *
----
z integer | b integer | c integer
5 | 10 | 6

alter table g alter b drop expression
----
done

alter table g alter c drop expression, alter b set default 4
----
done

alter table g alter b drop expression if exists
----
done

insert into g (z) values (9)
----
1 affected

select * from g order by z
----
z integer | b integer | c integer
1 | 2 | 2
2 | 4 | 3
5 | 10 | 6
9 | 4 | NULL

alter table g add column h int generated always as (z * 100) stored
----
done

select * from g order by z
----
z integer | b integer | c integer | h integer
1 | 2 | 2 | 100
2 | 4 | 3 | 200
5 | 10 | 6 | 500
9 | 4 | NULL | 900

alter table g alter h set default 3
----
ERROR 42601: column "h" of relation "g" is a generated column

alter table g drop column z cascade
----
done

select * from g order by b, c
----
b integer | c integer
2 | 2
4 | 3
4 | NULL
10 | 6

create table i (a int not null, b int)
----
done

insert into i values (1), (2)
----
2 affected

alter table i alter b add generated always as identity
----
ERROR 55000: column "b" of relation "i" must be declared NOT NULL before identity can be added

alter table i alter a add generated always as identity (start 10)
----
done

alter table i alter a add generated always as identity
----
ERROR 55000: column "a" of relation "i" is already an identity column

insert into i (b) values (3) returning *
----
a integer | b integer
10 | 3

alter table i alter a set generated by default set start 50 restart
----
done

insert into i (b) values (3) returning *
----
a integer | b integer
50 | 3

insert into i values (7, 7) returning *
----
a integer | b integer
7 | 7

alter table i alter a drop identity
----
done

alter table i alter a drop identity
----
ERROR 55000: column "a" of relation "i" is not an identity column

alter table i alter a drop identity if exists
----
done

insert into i (b) values (1)
----
ERROR 23502: null value in column "a" of relation "i" violates not-null constraint
DETAIL: Failing row contains (null, 1).

-- All of it is undone.

begin
----
done

alter table i add column k int default 3
----
done

alter table i rename b to bb
----
done

savepoint s
----
done

alter table i alter a type text
----
done

select a, bb, k from i order by a
----
a text | bb integer | k integer
1 | NULL | 3
10 | 3 | 3
2 | NULL | 3
50 | 3 | 3
7 | 7 | 3

rollback to s
----
done

select a, bb, k from i order by a
----
a integer | bb integer | k integer
1 | NULL | 3
2 | NULL | 3
7 | 7 | 3
10 | 3 | 3
50 | 3 | 3

alter table i rename to ii
----
done

rollback
----
done

select * from i order by a
----
a integer | b integer
1 | NULL
2 | NULL
7 | 7
10 | 3
50 | 3

-- reopen

select * from i order by a
----
a integer | b integer
1 | NULL
2 | NULL
7 | 7
10 | 3
50 | 3

alter table nope add a int
----
ERROR 42P01: relation "nope" does not exist

alter table if exists nope add a int
----
done

alter sequence t_e_seq add column a int
----
ERROR 42601 at 24: syntax error at or near "add"

alter sequence t_e_seq rename to other
----
done

insert into t (id, a, b) values (100, 5, 'x') returning e
----
e integer
14

alter sequence t rename to x
----
ERROR 42809 at 16: "t" is not a sequence

alter table other rename to t
----
ERROR 42P07: relation "t" already exists

create table copy as select id, a as b, id * 2 from t order by id
----
9 affected

select * from copy order by id
----
id integer | b numeric(6,2) | ?column? integer
1 | 3.00 | 2
2 | 3.00 | 4
3 | 3.00 | 6
4 | 3.00 | 8
5 | 3.00 | 10
6 | 3.00 | 12
7 | 3.00 | 14
8 | 1.00 | 16
100 | 5.00 | 200

create table copy as select 1
----
ERROR 42P07: relation "copy" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

create table if not exists copy as select 1
----
done

create table two as select 1, 2
----
ERROR 42701: column "?column?" specified more than once

create table named (x, y) as select 1, 'a'
----
1 affected

select * from named
----
x integer | y text
1 | a

create table named2 (x, y, z) as select 1, 'a'
----
ERROR 42601 at 28: too many column names were specified

create table empty as select * from t with no data
----
done

select * from empty
----
id integer | a numeric(6,2) | b text | d integer | e integer
(no rows)

select id, b into into_t from t where id < 3
----
2 affected

select count(*) from into_t
----
count bigint
2

create table l (like g, z text)
----
done

create table src (id int primary key, a int default 4 check (a > 1), b serial, c int generated always as (a * 2) stored, d int generated always as identity)
----
done

create table l1 (like src)
----
done

insert into l1 values (1, 0, 1, 1, 1) returning *
----
id integer | a integer | b integer | c integer | d integer
1 | 0 | 1 | 1 | 1

create table l2 (like src including all)
----
done

insert into l2 (id) values (1) returning *
----
id integer | a integer | b integer | c integer | d integer
1 | 4 | 1 | 8 | 1

insert into l2 (id, a) values (2, 0)
----
ERROR 23514: new row for relation "l2" violates check constraint "src_a_check"
DETAIL: Failing row contains (2, 0, 2, 0, 2).

create table l3 (x int, like src including defaults excluding defaults including constraints, y int)
----
done

insert into l3 values (1, 1, 0)
----
ERROR 23502: null value in column "b" of relation "l3" violates not-null constraint
DETAIL: Failing row contains (1, 1, 0, null, null, null, null).

select * from l3
----
x integer | id integer | a integer | b integer | c integer | d integer | y integer
(no rows)

create table l4 (like nope)
----
ERROR 42P01 at 23: relation "nope" does not exist
HINT: Perhaps you meant the table "copy".

create table l5 (like src, like g)
----
ERROR 42701: column "b" specified more than once

create table gg (k int, a int, b int generated always as (a + 1) stored, c int generated always as (a * 2) stored, d int default 5)
----
done

insert into gg (k, a) values (1, 2)
----
1 affected

alter table gg drop column a
----
ERROR 2BP01: cannot drop column a of table gg because other objects depend on it
DETAIL: column b of table gg depends on column a of table gg
column c of table gg depends on column a of table gg
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table gg drop column a cascade
----
done

select * from gg
----
k integer | d integer
1 | 5

-- Actions are taken in the order of PostgreSQL, not as they are written: what goes, types, new columns, keys, the rest.
CREATE TABLE turns (a integer, b text)
----
done

INSERT INTO turns VALUES (1, '2'), (3, '4')
----
2 affected

ALTER TABLE turns ADD FOREIGN KEY (c) REFERENCES turns (a), ADD CHECK (d > a), ADD UNIQUE (a), ADD c integer, ADD d bigint GENERATED ALWAYS AS (a + b) STORED, ALTER b TYPE integer USING b::integer
----
done

ALTER TABLE turns ADD b text DEFAULT 'new', DROP b CASCADE
----
done

SELECT * FROM turns
----
a integer | c integer | b text
1 | NULL | new
3 | NULL | new
