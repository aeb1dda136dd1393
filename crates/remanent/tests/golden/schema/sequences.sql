-- Sequences.

create sequence s increment 0
----
ERROR 22023: INCREMENT must not be zero

create sequence s minvalue 10 maxvalue 5
----
ERROR 22023: MINVALUE (10) must be less than MAXVALUE (5)

create sequence s start 0
----
ERROR 22023: START value (0) cannot be less than MINVALUE (1)

create sequence s as smallint maxvalue 100000
----
ERROR 22023: MAXVALUE (100000) is out of range for sequence data type smallint

create sequence s as text
----
ERROR 22023: sequence type must be smallint, integer, or bigint

create sequence s cache 0
----
ERROR 22023: CACHE (0) must be greater than zero

create table t3 (a int generated always as identity, b int, d serial)
----
done

create sequence s owned by t3.zz
----
ERROR 42703: column "zz" of relation "t3" does not exist

create sequence s owned by t3
----
ERROR 42601: invalid OWNED BY option
HINT: Specify OWNED BY table.column or OWNED BY NONE.

create sequence s owned by nope.b
----
ERROR 42P01 at 28: relation "nope" does not exist

create sequence s increment 1 increment 2
----
ERROR 42601 at 31: conflicting or redundant options

create sequence s minvalue 1 maxvalue 3 cycle
----
done

select nextval('s'), nextval('s'), nextval('s'), nextval('s')
----
nextval bigint | nextval bigint | nextval bigint | nextval bigint
1 | 2 | 3 | 1

select currval('s'), lastval()
----
currval bigint | lastval bigint
1 | 1

select setval('s', 4)
----
ERROR 22003: setval: value 4 is out of bounds for sequence "s" (1..3)

select setval('s', 2), nextval('s'), setval('s', 1, false), nextval('s')
----
setval bigint | nextval bigint | setval bigint | nextval bigint
2 | 3 | 1 | 1

select currval('t3_d_seq')
----
ERROR 55000: currval of sequence "t3_d_seq" is not yet defined in this session

select nextval('t3')
----
ERROR 42809: "t3" is not a sequence

select nextval('nope')
----
ERROR 42P01: relation "nope" does not exist

select nextval('nope.x')
----
ERROR 3F000: schema "nope" does not exist

select nextval('public.s'), nextval(' S '), nextval('"s"')
----
nextval bigint | nextval bigint | nextval bigint
2 | 3 | 1

create sequence s
----
ERROR 42P07: relation "s" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

create sequence if not exists s
----
done

drop sequence t3_d_seq
----
ERROR 2BP01: cannot drop sequence t3_d_seq because other objects depend on it
DETAIL: default value for column d of table t3 depends on sequence t3_d_seq
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop sequence t3_a_seq
----
ERROR 2BP01: cannot drop sequence t3_a_seq because column a of table t3 requires it
HINT: You can drop column a of table t3 instead.

drop sequence nope
----
ERROR 42P01 at 15: sequence "nope" does not exist

drop sequence if exists nope
----
done

drop table s
----
ERROR 42809 at 12: "s" is not a table
HINT: Use DROP SEQUENCE to remove a sequence.

drop sequence t3
----
ERROR 42809 at 15: "t3" is not a sequence
HINT: Use DROP TABLE to remove a table.

alter sequence s restart
----
done

alter sequence s restart 2 no cycle
----
done

select nextval('s'), nextval('s')
----
nextval bigint | nextval bigint
2 | 3

select nextval('s')
----
ERROR 2200H: nextval: reached maximum value of sequence "s" (3)

alter sequence s maxvalue 1
----
ERROR 22023: MINVALUE (1) must be less than MAXVALUE (1)

alter sequence s minvalue 5
----
ERROR 22023: MINVALUE (5) must be less than MAXVALUE (3)

alter sequence s as smallint
----
done

alter sequence nope restart
----
ERROR 42P01: relation "nope" does not exist

alter sequence if exists nope restart
----
done

alter sequence t3_a_seq owned by none
----
ERROR 0A000: cannot change ownership of identity sequence
DETAIL: Sequence "t3_a_seq" is linked to table "t3".

alter sequence s start 100
----
ERROR 22023: START value (100) cannot be greater than MAXVALUE (3)

select last_value, is_called from s
----
last_value bigint | is_called boolean
3 | t

create sequence down increment -1
----
done

select nextval('down'), nextval('down')
----
nextval bigint | nextval bigint
-1 | -2

create sequence small as smallint start 32767
----
done

select nextval('small')
----
nextval bigint
32767

select nextval('small')
----
ERROR 2200H: nextval: reached maximum value of sequence "small" (32767)

-- A number that was given is not taken back, a change of the sequence is.

create sequence n
----
done

begin
----
done

select nextval('n'), nextval('n')
----
nextval bigint | nextval bigint
1 | 2

alter sequence n restart 100 increment 10
----
done

select nextval('n'), nextval('n')
----
nextval bigint | nextval bigint
100 | 110

rollback
----
done

select nextval('n')
----
nextval bigint
3

begin
----
done

select nextval('n')
----
nextval bigint
4

savepoint a
----
done

alter sequence n restart 50
----
done

select nextval('n')
----
nextval bigint
50

rollback to a
----
done

select nextval('n')
----
nextval bigint
5

commit
----
done

select nextval('n')
----
nextval bigint
6

begin
----
done

create sequence fresh start 5
----
done

select nextval('fresh'), nextval('fresh')
----
nextval bigint | nextval bigint
5 | 6

commit
----
done

select nextval('fresh')
----
nextval bigint
7

-- reopen

select nextval('fresh'), nextval('n')
----
nextval bigint | nextval bigint
8 | 7

select currval('n')
----
currval bigint
7

select lastval()
----
lastval bigint
7

create table owned (id int)
----
done

create sequence of_it owned by owned.id
----
done

drop table owned
----
done

select nextval('of_it')
----
ERROR 42P01: relation "of_it" does not exist

create table uses (id int default nextval('n'), b int)
----
done

drop sequence n
----
ERROR 2BP01: cannot drop sequence n because other objects depend on it
DETAIL: default value for column id of table uses depends on sequence n
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop sequence n cascade
----
done

insert into uses (b) values (1) returning *
----
id integer | b integer
NULL | 1

truncate t3 restart identity
----
done

insert into t3 (b) values (1), (2) returning *
----
a integer | b integer | d integer
1 | 1 | 1
2 | 2 | 2

truncate t3
----
done

insert into t3 (b) values (1) returning *
----
a integer | b integer | d integer
3 | 1 | 3

insert into s values (1)
----
ERROR 42809 at 13: cannot change sequence "s"

update s set last_value = 1
----
ERROR 42809 at 8: cannot change sequence "s"

truncate s
----
ERROR 42809 at 10: "s" is not a table

-- Numbers are given to the rows that come out, in their order.
CREATE TABLE src (a integer)
----
done

INSERT INTO src VALUES (3), (1), (2)
----
3 affected

CREATE SEQUENCE given
----
done

SELECT a, nextval('given') FROM src ORDER BY a DESC LIMIT 2
----
a integer | nextval bigint
3 | 1
2 | 2

SELECT a, nextval('given') FROM src ORDER BY a
----
a integer | nextval bigint
1 | 3
2 | 4
3 | 5

SELECT nextval('given') FROM src LIMIT 1
----
nextval bigint
6

SELECT currval('given')
----
currval bigint
6

SELECT nextval('given'), nextval('given'), currval('given') FROM src
----
nextval bigint | nextval bigint | currval bigint
7 | 8 | 8
9 | 10 | 10
11 | 12 | 12

CREATE TABLE twice (a integer DEFAULT nextval('given'), b integer DEFAULT -1 * currval('given'), c integer)
----
done

INSERT INTO twice (c) SELECT a FROM src ORDER BY a RETURNING *
----
a integer | b integer | c integer
13 | -13 | 1
14 | -14 | 2
15 | -15 | 3

INSERT INTO twice (c) VALUES (8), (9) RETURNING *
----
a integer | b integer | c integer
16 | -16 | 8
17 | -17 | 9

SELECT nextval('given') AS n FROM src ORDER BY n LIMIT 1
----
n bigint
18

BEGIN READ ONLY
----
done

SELECT nextval('given')
----
ERROR 25006: cannot execute nextval() in a read-only transaction

ROLLBACK
----
done

BEGIN READ ONLY
----
done

SELECT setval('given', 1)
----
ERROR 25006: cannot execute setval() in a read-only transaction

ROLLBACK
----
done

CREATE TEMPORARY SEQUENCE own
----
done

BEGIN READ ONLY
----
done

SELECT nextval('own'), currval('own')
----
nextval bigint | currval bigint
1 | 1

ROLLBACK
----
done

SELECT sequencename, last_value FROM pg_sequences WHERE sequencename IN ('given', 'own', 'unused') ORDER BY 1
----
sequencename text | last_value bigint
given | 20
own | 1
