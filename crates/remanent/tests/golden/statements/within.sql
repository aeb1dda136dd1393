create table t(g int, x int, s text, iv interval)
----
done

insert into t values (1,1,'a','1 s'),(1,3,'b','1 h'),(1,3,null,'2 d'),(2,null,'c',null),(2,10,'c','1 mon')
----
5 affected

select percentile_cont(0.5) from t
----
ERROR 42883 at 8: function percentile_cont(numeric) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select sum(x) within group (order by x) from t
----
ERROR 42883 at 8: function sum(integer, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select lower('x') within group (order by 1) from t
----
ERROR 42883 at 8: function lower(unknown, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(0.5) within group (order by x) over () from t
----
ERROR 0A000 at 8: OVER is not supported for ordered-set aggregate percentile_cont

select rank(1,2) within group (order by x) from t
----
ERROR 42883 at 8: function rank(integer, integer, integer) does not exist
HINT: To use the hypothetical-set aggregate rank, the number of hypothetical direct arguments (here 2) must match the number of ordering columns (here 1).

select percentile_cont(0.5) within group (order by x, g) from t
----
ERROR 42883 at 8: function percentile_cont(numeric, integer, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(0.5, 0.2) within group (order by x) from t
----
ERROR 42883 at 8: function percentile_cont(numeric, numeric, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(0.5) within group (order by s) from t
----
ERROR 42883 at 8: function percentile_cont(numeric, text) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont('a') within group (order by x) from t
----
ERROR 22P02 at 24: invalid input syntax for type double precision: "a"

select percentile_cont(2) within group (order by x) from t
----
ERROR 22003: percentile value 2 is not between 0 and 1

select percentile_cont(array[0.5,2]) within group (order by x) from t
----
ERROR 22003: percentile value 2 is not between 0 and 1

select percentile_cont(0.5) within group (order by iv), percentile_disc(0.5) within group (order by s), percentile_disc(array[0.1,null,1]) within group (order by x), percentile_cont(array[[0,0.25],[0.5,1]]) within group (order by x desc), mode() within group (order by x), mode() within group (order by s desc) from t
----
percentile_cont interval | percentile_disc text | percentile_disc integer[] | percentile_cont double precision[] | mode integer | mode text
1 day 00:30:00 | b | {1,NULL,10} | {{10,4.75},{3,1}} | 3 | c

select percentile_cont(max(x)) within group (order by x) from t
----
ERROR 42803 at 24: aggregate function calls cannot be nested

select percentile_cont(x) within group (order by x) from t
----
ERROR 42803 at 24: column "t.x" must appear in the GROUP BY clause or be used in an aggregate function

select rank(3) within group (order by x), dense_rank(3) within group (order by x), percent_rank(3) within group (order by x), cume_dist(3) within group (order by x) from t
----
rank bigint | dense_rank bigint | percent_rank double precision | cume_dist double precision
2 | 2 | 0.2 | 0.6666666666666666

select rank('x') within group (order by x) from t
----
ERROR 22P02 at 13: invalid input syntax for type integer: "x"

select rank(3) within group (order by s) from t
----
ERROR 42804 at 13: WITHIN GROUP types text and integer cannot be matched

select rank(3.5) within group (order by x), rank(null) within group (order by x nulls first) from t
----
rank bigint | rank bigint
4 | 1

select rank(3) from t
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate rank

select rank() within group (order by x) from t
----
ERROR 42883 at 8: function rank(integer) does not exist
HINT: To use the hypothetical-set aggregate rank, the number of hypothetical direct arguments (here 0) must match the number of ordering columns (here 1).

select mode(1) within group (order by x) from t
----
ERROR 42883 at 8: function mode(integer, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(distinct 0.5) within group (order by x) from t
----
ERROR 42601 at 38: cannot use DISTINCT with WITHIN GROUP

select percentile_cont(0.5 order by x) within group (order by x) from t
----
ERROR 42601 at 40: cannot use multiple ORDER BY clauses with WITHIN GROUP

select sum(variadic x) within group (order by x) from t
----
ERROR 42601 at 24: cannot use VARIADIC with WITHIN GROUP

select percentile_disc('{0.5}') within group (order by x) from t
----
ERROR 22P02 at 24: invalid input syntax for type double precision: "{0.5}"

select percentile_disc('0.5') within group (order by x) from t
----
percentile_disc integer
3

select percentile_disc(0.5) within group (order by 1) from t
----
percentile_disc integer
1

select percentile_disc(0.5) within group (order by 'a') from t
----
percentile_disc text
a

select g, percentile_disc(0.5) within group (order by sum(x)) from t group by g
----
ERROR 42803 at 55: aggregate function calls cannot be nested

select g, percentile_cont(g/2.0) within group (order by x) from t group by rollup(g) order by g
----
g integer | percentile_cont double precision
1 | 3
2 | 10
NULL | NULL

select nosuch(1) within group (order by 1) from t
----
ERROR 42883 at 8: function nosuch(integer, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(0.5) within group (order by x) filter (where x > 100), rank(5) within group (order by x) filter (where x>100) , mode() within group (order by x) filter (where false), cume_dist(5) within group (order by x) filter (where false), percent_rank(5) within group (order by x) filter (where false) from t
----
percentile_cont double precision | rank bigint | mode integer | cume_dist double precision | percent_rank double precision
NULL | 1 | NULL | 1 | 0

select rank(1,'b') within group (order by g, s desc), dense_rank(2,'c') within group (order by g desc, s), cume_dist(1,null) within group (order by g,s), percent_rank(1,'b') within group (order by g, s) from t
----
rank bigint | dense_rank bigint | cume_dist double precision | percent_rank double precision
2 | 1 | 0.6666666666666666 | 0.2

select pg_typeof(percentile_cont(0.5) within group (order by x)), pg_typeof(percentile_disc(0.5) within group (order by x)), pg_typeof(percentile_disc(array[0.5]) within group (order by x)), pg_typeof(rank(5) within group (order by x)), pg_typeof(cume_dist(5) within group (order by x)) from t
----
pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype | pg_typeof regtype
double precision | integer | integer[] | bigint | double precision

select percentile_cont(0.5) within group (order by x) from t where exists(select rank(1) within group (order by x))
----
ERROR 0A000 at 82: an aggregate of columns of the query around is not supported

select 1 from t where percentile_cont(0.5) within group (order by x) > 1
----
ERROR 42803 at 23: aggregate functions are not allowed in WHERE

select percentile_cont(0.5::float8) within group (order by v) from (values ('NaN'::float8),(1),('inf')) u(v)
----
percentile_cont double precision
Infinity

select percentile_cont(0.25) within group (order by v) from (values (interval '1 day'),('3 days 12 hours'),('1 mon')) u(v)
----
percentile_cont interval
2 days 06:00:00

select percentile_cont(null) within group (order by x), percentile_cont(null::float8[]) within group (order by x) from t
----
percentile_cont double precision | percentile_cont double precision[]
NULL | NULL

-- memory: 400000
select count(*), sum(p), min(m), max(r) from (select g / 50 as k, percentile_disc(0.5) within group (order by g) p, mode() within group (order by g % 3) m, rank(100) within group (order by g) r from generate_series(1, 20000) g group by 1) s
----
count bigint | sum bigint | min integer | max bigint
401 | 4019601 | 0 | 51

SELECT percentile_cont(0.5)
----
ERROR 42883 at 8: function percentile_cont(numeric) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT percentile_cont(0.5, 1)
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate percentile_cont

SELECT percentile_cont(0.5, null)
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate percentile_cont

SELECT percentile_cont('x', 'y')
----
ERROR 42725 at 8: function percentile_cont(unknown, unknown) is not unique
HINT: Could not choose a best candidate function. You might need to add explicit type casts.

SELECT percentile_disc(0.5, 1)
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate percentile_disc

SELECT mode(1)
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate mode

SELECT mode()
----
ERROR 42883 at 8: function mode() does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

SELECT rank(1)
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate rank

SELECT rank()
----
ERROR 42809 at 8: window function rank requires an OVER clause

SELECT localtime(x)
----
ERROR 42601 at 18: syntax error at or near "x"

SELECT localtimestamp(2 + 1)
----
ERROR 42601 at 25: syntax error at or near "+"

SELECT current_timestamp()
----
ERROR 42601 at 26: syntax error at or near ")"

SELECT localtime(0) IS NULL
----
?column? boolean
f

SELECT mode('1900-02-28')
----
ERROR 42809 at 8: WITHIN GROUP is required for ordered-set aggregate mode
