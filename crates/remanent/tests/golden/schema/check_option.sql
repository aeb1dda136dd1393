create table t (id int primary key, n int, note text default 'd')
----

create view v1 as select id, n from t where n < 10 with check option
----

insert into v1 values (1, 5), (2, 9)
----

insert into v1 values (3, 10)
----

insert into v1 values (4, null)
----

insert into v1 values (1, 11)
----

update v1 set n = n + 1
----

select * from t order by id
----

update v1 set n = n + 1 where id = 1 returning *
----

create view v2 as select id, n, n * 2 as d from v1 where n > 0
----

insert into v2 values (5, 0)
----

insert into v2 values (6, 20)
----

create view v3 as select id, n from v2 where n <> 7 with local check option
----

insert into v3 values (7, 7)
----

insert into v3 values (8, -1)
----

insert into v3 values (9, 11)
----

create view v4 as select id, n from v2 where n <> 7 with cascaded check option
----

insert into v4 values (10, 7)
----

insert into v4 values (11, -1)
----

insert into v4 values (12, 11)
----

insert into v4 values (13, 8)
----

insert into v4 select g, g from generate_series(20, 5, -5) g
----

select * from t order by id
----

select table_name, check_option from information_schema.views where table_schema = 'public' order by 1
----

create view v5 as select distinct n from t with check option
----

create view v6 as select count(*) from t with local check option
----

create view v7 as select id + 1 as x from t with check option
----

create temp view v8 as select id, n from t with check option
----

create or replace view v1 as select id, n from t where n < 10
----

select check_option from information_schema.views where table_name = 'v1'
----

insert into v1 values (20, 30)
----

create view v9 with (check_option = local) as select id, n from t where n > 100
----

insert into v9 values (31, 30)
----

create view v10 with (check_option = foo) as select id, n from t where n > 100
----

create view v11 with (security_barrier) as select id, n from t where n > 100 with check option
----

create view v12 as select id, n from t where id in (select 1) with check option
----

insert into v12 values (40, 1)
----

create view c1 as select id as k, n as m, n + 1 as p from t where n < 50
----

insert into c1 (k, m) values (1, 3) on conflict do nothing
----

insert into c1 (k, m) values (1, 3) on conflict (k) do nothing
----

insert into c1 (k, m) values (1, 33) on conflict (k) do update set m = excluded.m returning k, m, p
----

insert into c1 (k, m) values (1, 4) on conflict (k) do update set m = excluded.m + c1.m where c1.p > 0 returning *
----

insert into c1 (k, m) values (1, 34) on conflict (k) do update set p = 3
----

insert into c1 (k, m) values (1, 34) on conflict (id) do update set m = 3
----

insert into c1 (k, m) values (1, 34) on conflict (p) do update set m = 3
----

insert into c1 as x (k, m) values (1, 4) on conflict (k) do update set m = x.m + excluded.p returning x.*
----

insert into c1 (k, m) values (1, 34) on conflict on constraint t_pkey do update set (m) = row(excluded.m)
----

insert into c1 (k, m) values (1, 34) on conflict (k) do update set m = t.n
----

insert into c1 (k, m) values (1, 34) on conflict (m) do nothing
----

insert into c1 (k, m) values (1, 34) on conflict (k) where m > 0 do nothing
----

insert into c1 (k, m) values (100, 1), (1, 2), (101, 3) on conflict (k) do update set m = excluded.m returning *
----

update t set n = 60 where id = 1
----

insert into c1 (k, m) values (1, 3) on conflict (k) do update set m = 4 returning *
----

insert into c1 (k, m) values (1, 3) on conflict (k) do update set m = 4 where c1.m > 100
----

with x as (insert into c1 (k, m) values (2, 3) on conflict (k) do update set m = excluded.m + 1 returning *) select * from x
----

create view c2 as select k, m from c1 where m < 1000
----

insert into c2 values (1, 3) on conflict (k) do update set m = 4
----

insert into c2 values (1, 3) on conflict (k) do nothing
----

update t set n = 5 where id = 1
----

insert into c2 values (1, 3) on conflict (k) do update set m = c2.m + excluded.m where c2.m = 5 and excluded.k = 1 returning *
----

insert into c2 (m, k) select 7, 1 on conflict (k) do update set (m) = (select 9) returning *
----

create view c3 as select k, m from c1 where m < 20 with check option
----

insert into c3 values (1, 100) on conflict do nothing
----

insert into c3 values (1, 100) on conflict (k) do update set m = 12 returning *
----

insert into c3 values (1, 1) on conflict (k) do update set m = 120 returning *
----

insert into c3 values (77, 100) on conflict (k) do update set m = 12 returning *
----

insert into c3 (k) values (1) on conflict (k) do update set m = excluded.m
----

select * from t order by id
----
