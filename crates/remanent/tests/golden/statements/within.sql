create table t(g int, x int, s text, iv interval)
----

insert into t values (1,1,'a','1 s'),(1,3,'b','1 h'),(1,3,null,'2 d'),(2,null,'c',null),(2,10,'c','1 mon')
----

select percentile_cont(0.5) from t
----

select sum(x) within group (order by x) from t
----

select lower('x') within group (order by 1) from t
----

select percentile_cont(0.5) within group (order by x) over () from t
----

select rank(1,2) within group (order by x) from t
----

select percentile_cont(0.5) within group (order by x, g) from t
----

select percentile_cont(0.5, 0.2) within group (order by x) from t
----

select percentile_cont(0.5) within group (order by s) from t
----

select percentile_cont('a') within group (order by x) from t
----

select percentile_cont(2) within group (order by x) from t
----

select percentile_cont(array[0.5,2]) within group (order by x) from t
----

select percentile_cont(0.5) within group (order by iv), percentile_disc(0.5) within group (order by s), percentile_disc(array[0.1,null,1]) within group (order by x), percentile_cont(array[[0,0.25],[0.5,1]]) within group (order by x desc), mode() within group (order by x), mode() within group (order by s desc) from t
----

select percentile_cont(max(x)) within group (order by x) from t
----

select percentile_cont(x) within group (order by x) from t
----

select rank(3) within group (order by x), dense_rank(3) within group (order by x), percent_rank(3) within group (order by x), cume_dist(3) within group (order by x) from t
----

select rank('x') within group (order by x) from t
----

select rank(3) within group (order by s) from t
----

select rank(3.5) within group (order by x), rank(null) within group (order by x nulls first) from t
----

select rank(3) from t
----

select rank() within group (order by x) from t
----

select mode(1) within group (order by x) from t
----

select percentile_cont(distinct 0.5) within group (order by x) from t
----

select percentile_cont(0.5 order by x) within group (order by x) from t
----

select sum(variadic x) within group (order by x) from t
----

select percentile_disc('{0.5}') within group (order by x) from t
----

select percentile_disc('0.5') within group (order by x) from t
----

select percentile_disc(0.5) within group (order by 1) from t
----

select percentile_disc(0.5) within group (order by 'a') from t
----

select g, percentile_disc(0.5) within group (order by sum(x)) from t group by g
----

select g, percentile_cont(g/2.0) within group (order by x) from t group by rollup(g) order by g
----

select nosuch(1) within group (order by 1) from t
----

select percentile_cont(0.5) within group (order by x) filter (where x > 100), rank(5) within group (order by x) filter (where x>100) , mode() within group (order by x) filter (where false), cume_dist(5) within group (order by x) filter (where false), percent_rank(5) within group (order by x) filter (where false) from t
----

select rank(1,'b') within group (order by g, s desc), dense_rank(2,'c') within group (order by g desc, s), cume_dist(1,null) within group (order by g,s), percent_rank(1,'b') within group (order by g, s) from t
----

select pg_typeof(percentile_cont(0.5) within group (order by x)), pg_typeof(percentile_disc(0.5) within group (order by x)), pg_typeof(percentile_disc(array[0.5]) within group (order by x)), pg_typeof(rank(5) within group (order by x)), pg_typeof(cume_dist(5) within group (order by x)) from t
----

select percentile_cont(0.5) within group (order by x) from t where exists(select rank(1) within group (order by x))
----

select 1 from t where percentile_cont(0.5) within group (order by x) > 1
----

select percentile_cont(0.5::float8) within group (order by v) from (values ('NaN'::float8),(1),('inf')) u(v)
----

select percentile_cont(0.25) within group (order by v) from (values (interval '1 day'),('3 days 12 hours'),('1 mon')) u(v)
----

select percentile_cont(null) within group (order by x), percentile_cont(null::float8[]) within group (order by x) from t
----
