-- FOREIGN KEY: what may be declared, what it is called, what is refused.
create table p (id int primary key, code text unique, x int, y int, note text, unique (x, y))
----
done

create table a (id int references p)
----
done

create table b (id int references p (id), code text references p (code), x int, y int, foreign key (x, y) references p (x, y), constraint named foreign key (y, x) references p (y, x))
----
done

create table c (id int primary key, up int references c, foreign key (id) references c (id))
----
done

select conname, contype, conkey, confkey, confupdtype, confdeltype, confmatchtype, condeferrable, condeferred, convalidated from pg_constraint where contype = 'f' order by conname
----
conname name | contype text | conkey smallint[] | confkey smallint[] | confupdtype text | confdeltype text | confmatchtype text | condeferrable boolean | condeferred boolean | convalidated boolean
a_id_fkey | f | {1} | {1} | a | a | s | f | f | t
b_code_fkey | f | {2} | {2} | a | a | s | f | f | t
b_id_fkey | f | {1} | {1} | a | a | s | f | f | t
b_x_y_fkey | f | {3,4} | {3,4} | a | a | s | f | f | t
c_id_fkey | f | {1} | {1} | a | a | s | f | f | t
c_up_fkey | f | {2} | {1} | a | a | s | f | f | t
named | f | {4,3} | {4,3} | a | a | s | f | f | t

-- Names.
create table long_name_of_a_table_that_goes_on_and_on_and_on (another_long_name_of_a_column_that_goes_on int references p)
----
done

select conname from pg_constraint where conname like 'long%' and contype = 'f'
----
conname name
long_name_of_a_table_that_goe_another_long_name_of_a_colum_fkey

create table d (id int references p references p (id), constraint d_id_fkey1 foreign key (id) references p)
----
ERROR 42710 at 67: constraint "d_id_fkey1" for relation "d" already exists

create table d (id int references p references p (id), constraint d_id_fkey2 foreign key (id) references p)
----
done

select conname from pg_constraint where conname like 'd_id%' order by 1
----
conname name
d_id_fkey
d_id_fkey1
d_id_fkey2

create table e (id int constraint x references p, constraint x foreign key (id) references p)
----
ERROR 42710 at 62: constraint "x" for relation "e" already exists

alter table d rename to dd
----
done

create table d (id int references p)
----
done

select conname from pg_constraint where conname like 'd_id%' order by 1
----
conname name
d_id_fkey
d_id_fkey1
d_id_fkey2
d_id_fkey3

drop table d, dd
----
done

-- Refused.
create table f (id int references nowhere)
----
ERROR 42P01: relation "nowhere" does not exist

create table f (id int references nowhere.p)
----
ERROR 3F000: schema "nowhere" does not exist

create table f (id int references pg_class)
----
ERROR 42501: permission denied: "pg_class" is a system catalog

create table f (id int, foreign key (nope) references p)
----
ERROR 42703: column "nope" referenced in foreign key constraint does not exist

create table f (id int, foreign key (id) references p (nope))
----
ERROR 42703: column "nope" referenced in foreign key constraint does not exist

create table f (id int references p (x))
----
ERROR 42830: there is no unique constraint matching given keys for referenced table "p"

create table f (id int references p (id, x))
----
ERROR 42830: there is no unique constraint matching given keys for referenced table "p"

create table f (id int, x int, foreign key (id, x) references p)
----
ERROR 42830: number of referencing and referenced columns for foreign key disagree

create table f (x int, y int, foreign key (x, y) references p (x, x))
----
ERROR 42830: foreign key referenced-columns list must not contain duplicates

create table f (x int, foreign key (x) references p (x, y))
----
ERROR 42830: number of referencing and referenced columns for foreign key disagree

create table f (id text references p)
----
ERROR 42804: foreign key constraint "f_id_fkey" cannot be implemented
DETAIL: Key columns "id" and "id" are of incompatible types: text and integer.

create table f (id numeric references p)
----
ERROR 42804: foreign key constraint "f_id_fkey" cannot be implemented
DETAIL: Key columns "id" and "id" are of incompatible types: numeric and integer.

create table f (id float8 references p)
----
ERROR 42804: foreign key constraint "f_id_fkey" cannot be implemented
DETAIL: Key columns "id" and "id" are of incompatible types: double precision and integer.

create table f (id bool references p)
----
ERROR 42804: foreign key constraint "f_id_fkey" cannot be implemented
DETAIL: Key columns "id" and "id" are of incompatible types: boolean and integer.

create table f (code int references p (code))
----
ERROR 42804: foreign key constraint "f_code_fkey" cannot be implemented
DETAIL: Key columns "code" and "code" are of incompatible types: integer and text.

create table f (x int, y text, foreign key (x, y) references p (x, y))
----
ERROR 42804: foreign key constraint "f_x_y_fkey" cannot be implemented
DETAIL: Key columns "y" and "y" are of incompatible types: text and integer.

create table nokey (id int)
----
done

create table f (id int references nokey)
----
ERROR 42704: there is no primary key for referenced table "nokey"

create table f (id int references nokey (id))
----
ERROR 42830: there is no unique constraint matching given keys for referenced table "nokey"

create view v as select * from p
----
done

create table f (id int references v)
----
ERROR 42809: referenced relation "v" is not a table

create table f (id int references p match partial)
----
ERROR 0A000 at 37: MATCH PARTIAL not yet implemented

create table f (id int references p on update set null (id))
----
ERROR 0A000 at 37: a column list with SET NULL is only supported for ON DELETE actions

create table f (id int references p on update set default (id))
----
ERROR 0A000 at 37: a column list with SET DEFAULT is only supported for ON DELETE actions

create table f (id int references p on delete cascade on delete cascade)
----
ERROR 42601 at 58: syntax error at or near "delete"

create table f (id int references p on delete cascade (id))
----
ERROR 42601 at 55: syntax error at or near "("

create table f (id int, x int, foreign key (id) references p on delete set null (x))
----
ERROR 42P10: column "x" referenced in ON DELETE SET action must be part of foreign key

create table f (id int, foreign key (id) references p on delete set null (nope))
----
ERROR 42703: column "nope" referenced in foreign key constraint does not exist

create table f (id int references p not deferrable initially deferred)
----
ERROR 42601 at 52: constraint declared INITIALLY DEFERRED must be DEFERRABLE

create table f (id int references p initially deferred not deferrable)
----
ERROR 42601 at 56: constraint declared INITIALLY DEFERRED must be DEFERRABLE

create table f (id int, x int generated always as (id + 1) stored references p on delete set null)
----
ERROR 42601: invalid ON DELETE action for foreign key constraint containing generated column

create table f (id int, x int generated always as (id + 1) stored references p on update cascade)
----
ERROR 42601: invalid ON UPDATE action for foreign key constraint containing generated column

create table f (id int, foreign key (id) references p no inherit)
----
ERROR 0A000: FOREIGN KEY constraints cannot be marked NO INHERIT

create unique index p_note on p (note) where x > 0
----
done

create table f (note text references p (note))
----
ERROR 42830: there is no unique constraint matching given keys for referenced table "p"

drop index p_note
----
done

create unique index p_note on p (lower(note))
----
done

create table f (note text references p (note))
----
ERROR 42830: there is no unique constraint matching given keys for referenced table "p"

drop index p_note
----
done

create unique index p_note on p (note)
----
done

create table f (note text references p (note))
----
done

drop table f
----
done

-- Types that compare with each other.
create table n (i2 smallint unique, i4 int unique, i8 bigint unique, num numeric(6,2) unique, f8 float8 unique, t text unique, vc varchar(5) unique, d date unique, ts timestamp unique)
----
done

create table m (i2 int references n (i2), i4 bigint references n (i4), i8 smallint references n (i8), num int references n (num), f8 int references n (f8), t varchar(3) references n (t), vc text references n (vc), d timestamp references n (d), ts date references n (ts))
----
done

insert into n values (1, 1, 1, 1, 1, 'a', 'a', '2020-01-01', '2020-01-01')
----
1 affected

insert into m values (1, 1, 1, 1, 1, 'a', 'a', '2020-01-01', '2020-01-01')
----
1 affected

insert into m (i2) values (70000)
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_i2_fkey"
DETAIL: Key (i2)=(70000) is not present in table "n".

insert into m (i4) values (10000000000)
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_i4_fkey"
DETAIL: Key (i4)=(10000000000) is not present in table "n".

insert into m (i8) values (2)
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_i8_fkey"
DETAIL: Key (i8)=(2) is not present in table "n".

insert into m (num) values (2)
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_num_fkey"
DETAIL: Key (num)=(2) is not present in table "n".

insert into m (f8) values (2)
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_f8_fkey"
DETAIL: Key (f8)=(2) is not present in table "n".

insert into m (vc) values ('too long for it')
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_vc_fkey"
DETAIL: Key (vc)=(too long for it) is not present in table "n".

insert into m (d) values ('2020-01-01 10:00')
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_d_fkey"
DETAIL: Key (d)=(2020-01-01 10:00:00) is not present in table "n".

insert into m (ts) values ('2020-01-02')
----
ERROR 23503: insert or update on table "m" violates foreign key constraint "m_ts_fkey"
DETAIL: Key (ts)=(2020-01-02) is not present in table "n".

delete from n where i8 = 1
----
ERROR 23503: update or delete on table "n" violates foreign key constraint "m_i2_fkey" on table "m"
DETAIL: Key (i2)=(1) is still referenced from table "m".

update n set num = 2
----
ERROR 23503: update or delete on table "n" violates foreign key constraint "m_num_fkey" on table "m"
DETAIL: Key (num)=(1.00) is still referenced from table "m".

update n set d = '2021-01-01'
----
ERROR 23503: update or delete on table "n" violates foreign key constraint "m_d_fkey" on table "m"
DETAIL: Key (d)=(2020-01-01) is still referenced from table "m".

delete from m
----
1 affected

delete from n
----
1 affected

drop table m, n
----
done

-- Rows.
insert into p values (1, 'one', 1, 1, 'n1'), (2, 'two', 2, 2, 'n2'), (3, null, 3, null, 'n3')
----
3 affected

insert into b values (1, 'one', 1, 1), (2, null, 2, 2), (null, 'two', null, 7)
----
3 affected

insert into b values (9, 'one', 1, 1)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(9) is not present in table "p".

insert into b values (1, 'none', 1, 1)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_code_fkey"
DETAIL: Key (code)=(none) is not present in table "p".

insert into b (x, y) values (1, 2)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_x_y_fkey"
DETAIL: Key (x, y)=(1, 2) is not present in table "p".

insert into b (x, y) values (3, null)
----
1 affected

insert into b (id) values (1), (4), (5)
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(4) is not present in table "p".

insert into b (id) select i from generate_series(1, 5) i
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(4) is not present in table "p".

update b set id = id + 5
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(6) is not present in table "p".

update b set id = id
----
4 affected

update b set code = 'zero' where id = 1
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_code_fkey"
DETAIL: Key (code)=(zero) is not present in table "p".

delete from p where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_id_fkey" on table "b"
DETAIL: Key (id)=(1) is still referenced from table "b".

delete from p where id = 3
----
1 affected

delete from p
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_id_fkey" on table "b"
DETAIL: Key (id)=(1) is still referenced from table "b".

update p set id = 7 where id = 1
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_id_fkey" on table "b"
DETAIL: Key (id)=(1) is still referenced from table "b".

update p set code = 'eins' where code = 'one'
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_code_fkey" on table "b"
DETAIL: Key (code)=(one) is still referenced from table "b".

update p set note = 'changed'
----
ERROR 23505: duplicate key value violates unique constraint "p_note"
DETAIL: Key (note)=(changed) already exists.

update p set id = id, code = code
----
2 affected

update p set x = 9, y = 9 where x = 2
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_x_y_fkey" on table "b"
DETAIL: Key (x, y)=(2, 2) is still referenced from table "b".

insert into p values (1, 'x', 1, 1) on conflict (id) do update set code = 'y', x = 5
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_code_fkey" on table "b"
DETAIL: Key (code)=(one) is still referenced from table "b".

insert into p values (1, 'x', 1, 1) on conflict (id) do update set note = 'again'
----
1 affected

insert into b (id) values (8) on conflict do nothing
----
ERROR 23503: insert or update on table "b" violates foreign key constraint "b_id_fkey"
DETAIL: Key (id)=(8) is not present in table "p".

with gone as (delete from p where id = 2 returning id) insert into b (id) select id from gone
----
ERROR 23503: update or delete on table "p" violates foreign key constraint "b_id_fkey" on table "b"
DETAIL: Key (id)=(2) is still referenced from table "b".

with new as (insert into p values (20, 'x20', 20, 20) returning id) insert into b (id) select id from new
----
1 affected

with more as (insert into b (id) values (21)) insert into p values (21, 'x21', 21, 21)
----
1 affected

select id, code from b order by 1, 2
----
id integer | code text
1 | one
2 | NULL
20 | NULL
21 | NULL
NULL | two
NULL | NULL

-- A table that refers to itself: the order of rows does not count.
insert into c values (1, 2), (2, 1)
----
2 affected

insert into c values (3, 4)
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_up_fkey"
DETAIL: Key (up)=(4) is not present in table "c".

insert into c values (5, 5), (6, null), (7, 6)
----
3 affected

insert into c select i, i + 1 from generate_series(10, 11) i
----
ERROR 23503: insert or update on table "c" violates foreign key constraint "c_up_fkey"
DETAIL: Key (up)=(12) is not present in table "c".

delete from c where id = 1
----
ERROR 23503: update or delete on table "c" violates foreign key constraint "c_up_fkey" on table "c"
DETAIL: Key (id)=(1) is still referenced from table "c".

delete from c where id in (1, 2)
----
2 affected

delete from c
----
3 affected

insert into c values (1, 1)
----
1 affected

update c set id = 2
----
ERROR 23503: update or delete on table "c" violates foreign key constraint "c_up_fkey" on table "c"
DETAIL: Key (id)=(1) is still referenced from table "c".

update c set id = 2, up = 2
----
1 affected

-- MATCH FULL.
create table full_ (x int, y int, foreign key (x, y) references p (x, y) match full)
----
done

insert into full_ values (null, null), (1, 1)
----
2 affected

insert into full_ values (1, null)
----
ERROR 23503: insert or update on table "full_" violates foreign key constraint "full__x_y_fkey"
DETAIL: MATCH FULL does not allow mixing of null and nonnull key values.

update full_ set x = null where x = 1
----
ERROR 23503: insert or update on table "full_" violates foreign key constraint "full__x_y_fkey"
DETAIL: MATCH FULL does not allow mixing of null and nonnull key values.

insert into full_ values (7, 7)
----
ERROR 23503: insert or update on table "full_" violates foreign key constraint "full__x_y_fkey"
DETAIL: Key (x, y)=(7, 7) is not present in table "p".

select conname, confmatchtype from pg_constraint where conname = 'full__x_y_fkey'
----
conname name | confmatchtype text
full__x_y_fkey | f

drop table full_
----
done
