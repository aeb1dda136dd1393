-- SEARCH and CYCLE. Answers are PostgreSQL's.

create table t(a int, b int)
----
done

insert into t values (1,2),(2,3),(3,1),(3,4),(4,null)
----
5 affected

with recursive g(id, parent) as (select 1, 0 union all select id+1, id from g where id < 4) search depth first by id set ord select * from g order by ord
----
id integer | parent integer | ord record[]
1 | 0 | {(1)}
2 | 1 | {(1),(2)}
3 | 2 | {(1),(2),(3)}
4 | 3 | {(1),(2),(3),(4)}

with recursive g(id, parent) as (select 1, 0 union all select id+1, id from g where id < 4) search breadth first by id, parent set ord select * from g order by ord
----
id integer | parent integer | ord record
1 | 0 | (0,1,0)
2 | 1 | (1,2,1)
3 | 2 | (2,3,2)
4 | 3 | (3,4,3)

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) cycle id set is_cycle using path select * from g
----
id integer | is_cycle boolean | path record[]
1 | f | {(1)}
2 | f | {(1),(2)}
3 | f | {(1),(2),(3)}
1 | t | {(1),(2),(3),(1)}

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) cycle id set is_cycle to 'Y' default 'N' using path select * from g
----
id integer | is_cycle text | path record[]
1 | N | {(1)}
2 | N | {(1),(2)}
3 | N | {(1),(2),(3)}
1 | Y | {(1),(2),(3),(1)}

with recursive g(id) as (select 1 union all select id % 3 + 1 from g) search depth first by id set o cycle id set is_cycle using path select * from g
----
id integer | o record[] | is_cycle boolean | path record[]
1 | {(1)} | f | {(1)}
2 | {(1),(2)} | f | {(1),(2)}
3 | {(1),(2),(3)} | f | {(1),(2),(3)}
1 | {(1),(2),(3),(1)} | t | {(1),(2),(3),(1)}

with recursive g(a, b) as (select a, b from t where a = 1 union all select t.* from t, g where t.a = g.b) cycle a, b set c using p select * from g order by p
----
a integer | b integer | c boolean | p record[]
1 | 2 | f | {"(1,2)"}
2 | 3 | f | {"(1,2)","(2,3)"}
3 | 1 | f | {"(1,2)","(2,3)","(3,1)"}
1 | 2 | t | {"(1,2)","(2,3)","(3,1)","(1,2)"}
3 | 4 | f | {"(1,2)","(2,3)","(3,4)"}
4 | NULL | f | {"(1,2)","(2,3)","(3,4)","(4,)"}

with recursive g as (select a, b from t where a = 1 union select n.a, n.b from t n join g x on n.a = x.b) search depth first by a set ord cycle a set "Loop" to 1 default 0 using p select a, b, ord, "Loop", p from g order by ord, b
----
a integer | b integer | ord record[] | Loop integer | p record[]
1 | 2 | {(1)} | 0 | {(1)}
2 | 3 | {(1),(2)} | 0 | {(1),(2)}
3 | 1 | {(1),(2),(3)} | 0 | {(1),(2),(3)}
3 | 4 | {(1),(2),(3)} | 0 | {(1),(2),(3)}
1 | 2 | {(1),(2),(3),(1)} | 1 | {(1),(2),(3),(1)}
4 | NULL | {(1),(2),(3),(4)} | 0 | {(1),(2),(3),(4)}

with recursive g as (select a, b from t where a = 1 union all select g.* from g where g.a < 0) search breadth first by b, a set ord select * from g
----
a integer | b integer | ord record
1 | 2 | (0,2,1)

with recursive g as (select a, b from t where a = 1 union all select n.a, n.b from t n join g x on n.a = x.b where x.a < 3 or x.a is null) search breadth first by a set ord select a, (ord).* from g order by ord
----
a integer | f1 bigint | f2 integer
1 | 0 | 1
2 | 1 | 2
3 | 2 | 3
3 | 2 | 3

with recursive g as (select a, b from t) search breadth first by a set ord select a from g
----
ERROR 42601 at 16: WITH query is not recursive

with g as (select a, b from t) search breadth first by a set ord select a from g
----
ERROR 42601 at 6: WITH query is not recursive

with recursive g as (select a, b from t where a = 1 union all select n.a, n.b from t n join g x on n.a = x.b) search breadth first by zz set ord select a from g
----
ERROR 42601 at 16: column "zz" not in WITH query column list

with recursive g as (values (1) union all select 1 from g) search breadth first by column1 set ord select a from g
----
ERROR 0A000: with a SEARCH or CYCLE clause, the sides of the UNION must be SELECT

with recursive g as (select 1 as n union all select (select n + 1 from g) where false) search breadth first by n set ord select n from g
----
ERROR 0A000: with a SEARCH or CYCLE clause, the recursive reference to WITH query "g" must be at the top level of its right-hand SELECT

with recursive g(n) as (select 1 union all select n + 1 from g where n < 3) search depth first by n set s, h(m) as (select 5 union all select m + 1 from h where m < 7) cycle m set c using p select * from g, h order by s, p
----
n integer | s record[] | m integer | c boolean | p record[]
1 | {(1)} | 5 | f | {(5)}
1 | {(1)} | 6 | f | {(5),(6)}
1 | {(1)} | 7 | f | {(5),(6),(7)}
2 | {(1),(2)} | 5 | f | {(5)}
2 | {(1),(2)} | 6 | f | {(5),(6)}
2 | {(1),(2)} | 7 | f | {(5),(6),(7)}
3 | {(1),(2),(3)} | 5 | f | {(5)}
3 | {(1),(2),(3)} | 6 | f | {(5),(6)}
3 | {(1),(2),(3)} | 7 | f | {(5),(6),(7)}

select count(*) from (with recursive g(n) as (select 1 union all select n + 1 from g where n < t.a) search depth first by n set s select * from g) x, t
----
ERROR 42P01: missing FROM-clause entry for table "t"

select a, (with recursive g(n) as (select 1 union all select n + 1 from g where n < t.a) search depth first by n set s select max(s) from g) from t
----
a integer | max record[]
1 | {(1)}
2 | {(1),(2)}
3 | {(1),(2),(3)}
3 | {(1),(2),(3)}
4 | {(1),(2),(3),(4)}

with recursive search as (select 1 as cycle) select cycle from search
----
cycle integer
1

-- What stands behind in WITH RECURSIVE comes before a table of that name.

CREATE TABLE later (n integer)
----
done

WITH RECURSIVE first AS (SELECT n + 1 AS m FROM later), later AS (SELECT 1 AS n) SELECT * FROM first
----
m integer
2

WITH first AS (SELECT n + 1 AS m FROM later), later AS (SELECT 1 AS n) SELECT * FROM first
----
m integer
(no rows)

WITH RECURSIVE first (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM later), later (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM first) SELECT * FROM first
----
ERROR 0A000 at 16: mutual recursion between WITH items is not implemented
