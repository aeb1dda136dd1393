create table t (id int primary key, n int, note text default 'd')
----
done

create view v1 as select id, n from t where n < 10 with check option
----
done

insert into v1 values (1, 5), (2, 9)
----
2 affected

insert into v1 values (3, 10)
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (3, 10, d).

insert into v1 values (4, null)
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (4, null, d).

insert into v1 values (1, 11)
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(1) already exists.

update v1 set n = n + 1
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (2, 10, d).

select * from t order by id
----
id integer | n integer | note text
1 | 5 | d
2 | 9 | d

update v1 set n = n + 1 where id = 1 returning *
----
id integer | n integer
1 | 6

create view v2 as select id, n, n * 2 as d from v1 where n > 0
----
done

insert into v2 values (5, 0)
----
1 affected

insert into v2 values (6, 20)
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (6, 20, d).

create view v3 as select id, n from v2 where n <> 7 with local check option
----
done

insert into v3 values (7, 7)
----
ERROR 44000: new row violates check option for view "v3"
DETAIL: Failing row contains (7, 7, d).

insert into v3 values (8, -1)
----
1 affected

insert into v3 values (9, 11)
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (9, 11, d).

create view v4 as select id, n from v2 where n <> 7 with cascaded check option
----
done

insert into v4 values (10, 7)
----
ERROR 44000: new row violates check option for view "v4"
DETAIL: Failing row contains (10, 7, d).

insert into v4 values (11, -1)
----
ERROR 44000: new row violates check option for view "v2"
DETAIL: Failing row contains (11, -1, d).

insert into v4 values (12, 11)
----
ERROR 44000: new row violates check option for view "v1"
DETAIL: Failing row contains (12, 11, d).

insert into v4 values (13, 8)
----
1 affected

insert into v4 select g, g from generate_series(20, 5, -5) g
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(5) already exists.

select * from t order by id
----
id integer | n integer | note text
1 | 6 | d
2 | 9 | d
5 | 0 | d
8 | -1 | d
13 | 8 | d

select table_name, check_option from information_schema.views where table_schema = 'public' order by 1
----
table_name text | check_option text
v1 | CASCADED
v2 | NONE
v3 | LOCAL
v4 | CASCADED

create view v5 as select distinct n from t with check option
----
ERROR 0A000: WITH CHECK OPTION is supported only on automatically updatable views
HINT: Views containing DISTINCT are not automatically updatable.

create view v6 as select count(*) from t with local check option
----
ERROR 0A000: WITH CHECK OPTION is supported only on automatically updatable views
HINT: Views that return aggregate functions are not automatically updatable.

create view v7 as select id + 1 as x from t with check option
----
ERROR 0A000: WITH CHECK OPTION is supported only on automatically updatable views
HINT: Views that have no updatable columns are not automatically updatable.

create temp view v8 as select id, n from t with check option
----
done

create or replace view v1 as select id, n from t where n < 10
----
done

select check_option from information_schema.views where table_name = 'v1'
----
check_option text
NONE

insert into v1 values (20, 30)
----
1 affected

create view v9 with (check_option = local) as select id, n from t where n > 100
----
done

insert into v9 values (31, 30)
----
ERROR 44000: new row violates check option for view "v9"
DETAIL: Failing row contains (31, 30, d).

create view v10 with (check_option = foo) as select id, n from t where n > 100
----
ERROR 22023: invalid value for enum option "check_option": foo
DETAIL: Valid values are "local" and "cascaded".

create view v11 with (security_barrier) as select id, n from t where n > 100 with check option
----
ERROR 0A000 at 13: an option of a view is not supported

create view v12 as select id, n from t where id in (select 1) with check option
----
done

insert into v12 values (40, 1)
----
ERROR 0A000: a check option of view "v12" with a subquery is not supported

create view c1 as select id as k, n as m, n + 1 as p from t where n < 50
----
done

insert into c1 (k, m) values (1, 3) on conflict do nothing
----
done

insert into c1 (k, m) values (1, 3) on conflict (k) do nothing
----
done

insert into c1 (k, m) values (1, 33) on conflict (k) do update set m = excluded.m returning k, m, p
----
k integer | m integer | p integer
1 | 33 | 34

insert into c1 (k, m) values (1, 4) on conflict (k) do update set m = excluded.m + c1.m where c1.p > 0 returning *
----
k integer | m integer | p integer
1 | 37 | 38

insert into c1 (k, m) values (1, 34) on conflict (k) do update set p = 3
----
ERROR 0A000: cannot insert into column "p" of view "c1"
DETAIL: View columns that are not columns of their base relation are not updatable.

insert into c1 (k, m) values (1, 34) on conflict (id) do update set m = 3
----
ERROR 42703 at 51: column "id" does not exist

insert into c1 (k, m) values (1, 34) on conflict (p) do update set m = 3
----
ERROR 42P10 at 38: there is no unique or exclusion constraint matching the ON CONFLICT specification

insert into c1 as x (k, m) values (1, 4) on conflict (k) do update set m = x.m + excluded.p returning x.*
----
k integer | m integer | p integer
1 | 42 | 43

insert into c1 (k, m) values (1, 34) on conflict on constraint t_pkey do update set (m) = row(excluded.m)
----
ERROR 42704 at 64: constraint "t_pkey" for table "c1" does not exist

insert into c1 (k, m) values (1, 34) on conflict (k) do update set m = t.n
----
ERROR 42P01 at 72: missing FROM-clause entry for table "t"

insert into c1 (k, m) values (1, 34) on conflict (m) do nothing
----
ERROR 42P10 at 38: there is no unique or exclusion constraint matching the ON CONFLICT specification

insert into c1 (k, m) values (1, 34) on conflict (k) where m > 0 do nothing
----
ERROR 0A000 at 60: the predicate of an index through a view is not supported

insert into c1 (k, m) values (100, 1), (1, 2), (101, 3) on conflict (k) do update set m = excluded.m returning *
----
k integer | m integer | p integer
100 | 1 | 2
1 | 2 | 3
101 | 3 | 4

update t set n = 60 where id = 1
----
1 affected

insert into c1 (k, m) values (1, 3) on conflict (k) do update set m = 4 returning *
----
ERROR 55000: conflicting row is not visible through view "c1"

insert into c1 (k, m) values (1, 3) on conflict (k) do update set m = 4 where c1.m > 100
----
ERROR 55000: conflicting row is not visible through view "c1"

with x as (insert into c1 (k, m) values (2, 3) on conflict (k) do update set m = excluded.m + 1 returning *) select * from x
----
k integer | m integer | p integer
2 | 4 | 5

create view c2 as select k, m from c1 where m < 1000
----
done

insert into c2 values (1, 3) on conflict (k) do update set m = 4
----
ERROR 55000: conflicting row is not visible through view "c1"

insert into c2 values (1, 3) on conflict (k) do nothing
----
done

update t set n = 5 where id = 1
----
1 affected

insert into c2 values (1, 3) on conflict (k) do update set m = c2.m + excluded.m where c2.m = 5 and excluded.k = 1 returning *
----
k integer | m integer
1 | 8

insert into c2 (m, k) select 7, 1 on conflict (k) do update set (m) = (select 9) returning *
----
k integer | m integer
1 | 9

create view c3 as select k, m from c1 where m < 20 with check option
----
done

insert into c3 values (1, 100) on conflict do nothing
----
done

insert into c3 values (1, 100) on conflict (k) do update set m = 12 returning *
----
k integer | m integer
1 | 12

insert into c3 values (1, 1) on conflict (k) do update set m = 120 returning *
----
ERROR 44000: new row violates check option for view "c1"
DETAIL: Failing row contains (1, 120, d).

insert into c3 values (77, 100) on conflict (k) do update set m = 12 returning *
----
ERROR 44000: new row violates check option for view "c1"
DETAIL: Failing row contains (77, 100, d).

insert into c3 (k) values (1) on conflict (k) do update set m = excluded.m
----
ERROR 44000: new row violates check option for view "c1"
DETAIL: Failing row contains (1, null, d).

select * from t order by id
----
id integer | n integer | note text
1 | 12 | d
2 | 4 | d
5 | 0 | d
8 | -1 | d
13 | 8 | d
20 | 30 | d
100 | 1 | d
101 | 3 | d
