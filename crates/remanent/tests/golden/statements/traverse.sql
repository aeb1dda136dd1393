-- SEARCH and CYCLE. Answers are PostgreSQL's.

create table t(a int, b int)

insert into t values (1,2),(2,3),(3,1),(3,4),(4,null)

with recursive g(id, parent) as (select 1, 0 union all select id+1, id from g where id < 4) search depth first by id set ord select * from g order by ord

with recursive g(id, parent) as (select 1, 0 union all select id+1, id from g where id < 4) search breadth first by id, parent set ord select * from g order by ord

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) cycle id set is_cycle using path select * from g

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) cycle id set is_cycle to 'Y' default 'N' using path select * from g

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) search depth first by id set o cycle id set is_cycle using path select * from g

with recursive g(a, b) as (select a, b from t where a = 1 union all select t.* from t, g where t.a = g.b) cycle a, b set c using p select * from g order by p

with recursive g as (select a, b from t where a = 1 union select n.a, n.b from t n join g x on n.a = x.b) search depth first by a set ord cycle a set "Loop" to 1 default 0 using p select a, b, ord, "Loop", p from g order by ord, b

with recursive g as (select a, b from t where a = 1 union all select g.* from g where g.a < 0) search breadth first by b, a set ord select * from g

with recursive g as (select a, b from t where a = 1 union all select n.a, n.b from t n join g x on n.a = x.b where x.a < 3 or x.a is null) search breadth first by a set ord select a, (ord).* from g order by ord

with recursive g as (select a, b from t) search breadth first by a set ord select a from g

with g as (select a, b from t) search breadth first by a set ord select a from g

with recursive g as (select a, b from t where a = 1 union all select n.a, n.b from t n join g x on n.a = x.b) search breadth first by zz set ord select a from g

with recursive g as (values (1) union all select 1 from g) search breadth first by column1 set ord select a from g

with recursive g as (select 1 as n union all select (select n + 1 from g) where false) search breadth first by n set ord select n from g

with recursive g(n) as (select 1 union all select n + 1 from g where n < 3) search depth first by n set s, h(m) as (select 5 union all select m + 1 from h where m < 7) cycle m set c using p select * from g, h order by s, p

select count(*) from (with recursive g(n) as (select 1 union all select n + 1 from g where n < t.a) search depth first by n set s select * from g) x, t

select a, (with recursive g(n) as (select 1 union all select n + 1 from g where n < t.a) search depth first by n set s select max(s) from g) from t

with recursive search as (select 1 as cycle) select cycle from search
