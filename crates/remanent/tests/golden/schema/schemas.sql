-- Schemas, search_path, views.

create schema a
----
done

create schema a
----
ERROR 42P06: schema "a" already exists

create schema if not exists a
----
done

create schema pg_x
----
ERROR 42939: unacceptable schema name "pg_x"
DETAIL: The prefix "pg_" is reserved for system schemas.

create table a.t (id serial primary key, n int check (n > 0))
----
done

create table t (id int, note text)
----
done

insert into a.t (n) values (1), (2) returning id
----
id integer
1
2

insert into t values (1, 'public')
----
1 affected

select * from t
----
id integer | note text
1 | public

select * from a.t order by id
----
id integer | n integer
1 | 1
2 | 2

select a.t.id, t.n from a.t order by id
----
id integer | n integer
1 | 1
2 | 2

select public.t.id from a.t
----
ERROR 42P01 at 8: invalid reference to FROM-clause entry for table "t"
HINT: Perhaps you meant to reference the table alias "t".

create table nope.t (id int)
----
ERROR 3F000 at 14: schema "nope" does not exist

select * from nope.t
----
ERROR 42P01 at 15: relation "nope.t" does not exist
HINT: Perhaps you meant the table "t".

insert into nope.t values (1)
----
ERROR 42P01 at 13: relation "nope.t" does not exist
HINT: Perhaps you meant the table "t".

drop table nope.t
----
ERROR 3F000 at 12: schema "nope" does not exist

set search_path = a, public
----
done

select * from t order by id
----
id integer | n integer
1 | 1
2 | 2

create table only_a (x int)
----
done

select * from a.only_a
----
x integer
(no rows)

select nextval('t_id_seq')
----
nextval bigint
3

select nextval('a.t_id_seq')
----
nextval bigint
4

insert into t (n) values (0)
----
ERROR 23514: new row for relation "t" violates check constraint "t_n_check"
DETAIL: Failing row contains (5, 0).

set search_path = nowhere
----
done

create table x (id int)
----
ERROR 3F000 at 14: no schema has been selected to create in

select * from t
----
ERROR 42P01 at 15: relation "t" does not exist
HINT: Perhaps you meant the table "t".

reset search_path
----
done

select * from only_a
----
ERROR 42P01 at 15: relation "only_a" does not exist
HINT: Perhaps you meant the table "only_a".

alter table a.only_a set schema public
----
done

select * from only_a
----
x integer
(no rows)

alter table only_a set schema nope
----
ERROR 3F000 at 31: schema "nope" does not exist

drop schema a
----
ERROR 2BP01: cannot drop schema a because other objects depend on it
DETAIL: table a.t depends on schema a
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop schema nope
----
ERROR 3F000 at 13: schema "nope" does not exist

drop schema if exists nope
----
done

create view v as select * from a.t where n > 1
----
done

select * from v
----
id integer | n integer
2 | 2

insert into a.t (n) values (5)
----
1 affected

select v.id, v.n + 1 as m from v order by v.n desc
----
id integer | m integer
6 | 6
2 | 3

create view v as select 1
----
ERROR 42P07: relation "v" already exists
HINT: Choose another name, or use CREATE TABLE IF NOT EXISTS.

create view w (x, y, z) as select id, n from v
----
ERROR 42601 at 22: CREATE VIEW specifies more column names than columns

create view w (x) as select id, n from v
----
done

select * from w order by x
----
x integer | n integer
2 | 2
6 | 5

select x from w join v on w.x = v.id order by 1
----
x integer
2
6

create view bad as select 1 as a, 2 as a
----
ERROR 42701: column "a" specified more than once

create view bad as select * from nope
----
ERROR 42P01 at 34: relation "nope" does not exist

create view bad as select $1
----
ERROR 42P02: there is no parameter $1

create or replace view w as select id as x from v
----
ERROR 42P16: cannot drop columns from view

create or replace view w as select id as y, n from v
----
ERROR 42P16: cannot change name of view column "x" to "y"
HINT: Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.

create or replace view w as select id::text as x, n from v
----
ERROR 42P16: cannot change data type of view column "x" from integer to text

create or replace view w as select id as x, n, n * 2 as d from v
----
done

select * from w order by x
----
x integer | n integer | d integer
2 | 2 | 4
6 | 5 | 10

create or replace view t as select 1
----
ERROR 42809: "t" is not a view

create view strings as select 'a' as s, null as n, count(*) from v
----
done

select * from strings
----
s text | n text | count bigint
a | NULL | 2

truncate v
----
ERROR 42809 at 10: "v" is not a table

drop table v
----
ERROR 42809 at 12: "v" is not a table
HINT: Use DROP VIEW to remove a view.

drop view t
----
ERROR 42809 at 11: "t" is not a view
HINT: Use DROP TABLE to remove a table.

drop view nope
----
ERROR 42P01 at 11: view "nope" does not exist

drop view v
----
ERROR 2BP01: cannot drop view v because other objects depend on it
DETAIL: view w depends on view v
view strings depends on view v
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table a.t add column later int default 1
----
done

select * from v order by id
----
id integer | n integer
2 | 2
6 | 5

alter table a.t drop column later
----
done

alter table a.t drop column n
----
ERROR 2BP01: cannot drop column n of table t because other objects depend on it
DETAIL: view v depends on column n of table t
view w depends on view v
view strings depends on view v
HINT: Use DROP ... CASCADE to drop the dependent objects too.

alter table a.t alter n type bigint
----
ERROR 0A000: cannot alter type of a column used by a view or rule

alter view w rename to ww
----
done

select count(*) from ww
----
count bigint
2

drop table a.t
----
ERROR 2BP01: cannot drop table a.t because other objects depend on it
DETAIL: view v depends on table a.t
view ww depends on view v
view strings depends on view v
HINT: Use DROP ... CASCADE to drop the dependent objects too.

drop schema a
----
ERROR 2BP01: cannot drop schema a because other objects depend on it
DETAIL: table a.t depends on schema a
view v depends on table a.t
view ww depends on view v
view strings depends on view v
HINT: Use DROP ... CASCADE to drop the dependent objects too.

begin
----
done

drop schema a cascade
----
done

select * from v
----
ERROR 42P01 at 15: relation "v" does not exist

rollback
----
done

select count(*) from v
----
count bigint
2

with v as (select 7 as id) select * from v
----
id integer
7

set search_path = a
----
done

create view here as select t.*, other.note from t left join public.t as other on other.id = t.id
----
done

reset search_path
----
done

select * from a.here order by id
----
id integer | n integer | note text
1 | 1 | public
2 | 2 | NULL
6 | 5 | NULL

create view u as select * from t join a.t as s using (id)
----
done

select * from u
----
id integer | note text | n integer
1 | public | 1

create view f as select * from t full join a.t as s using (id)
----
done

select * from f order by id
----
id integer | note text | n integer
1 | public | 1
2 | NULL | 2
6 | NULL | 5

-- reopen

select * from a.here order by id
----
id integer | n integer | note text
1 | 1 | public
2 | 2 | NULL
6 | 5 | NULL

alter table a.t drop column n cascade
----
done

select * from a.t order by id
----
id integer
1
2
6

select * from v
----
ERROR 42P01 at 15: relation "v" does not exist

drop schema a cascade
----
done

select * from t
----
id integer | note text
1 | public

-- a view that would read itself
CREATE VIEW ring0 AS SELECT 1 AS a
----
done

CREATE VIEW ring1 AS SELECT * FROM ring0
----
done

CREATE OR REPLACE VIEW ring0 AS SELECT * FROM ring1
----
ERROR 42P17: infinite recursion detected in rules for relation "ring0"

CREATE OR REPLACE VIEW ring0 AS SELECT a FROM ring0
----
ERROR 42P17: infinite recursion detected in rules for relation "ring0"

CREATE OR REPLACE VIEW ring0 AS SELECT 2 AS a
----
done

SELECT * FROM ring1
----
a integer
2
