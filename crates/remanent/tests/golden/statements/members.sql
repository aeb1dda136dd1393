create table t (id int primary key, b bigint, s text, f float8, d date, n numeric(8,2), c char(3), u uuid)
----
done

insert into t select g, case when g % 7 = 0 then null else g * 10 end, 's' || g, g / 2.0, date '2024-01-01' + g, g / 4.0, 'c' || g % 5, ('00000000-0000-0000-0000-00000000000' || g % 10)::uuid from generate_series(1, 30) g
----
30 affected

select id from t where id in (1,2,3,4,5,6,7,8,9,10,11,30,99) order by id
----
id integer
1
2
3
4
5
6
7
8
9
10
11
30

select id from t where id not in (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26) order by id
----
id integer
27
28
29
30

select id from t where id not in (1,2,3,4,5,6,7,8,9,10,11,null,20) order by id
----
id integer
(no rows)

select id, b in (10,20,30,40,50,60,70,80,90,100,null), b not in (10,20,30,40,50,60,70,80,90,100) from t where id < 13 order by id
----
id integer | ?column? boolean | ?column? boolean
1 | t | f
2 | t | f
3 | t | f
4 | t | f
5 | t | f
6 | t | f
7 | NULL | NULL
8 | t | f
9 | t | f
10 | t | f
11 | NULL | t
12 | NULL | t

select id from t where b in (10,20,30,40,50,60,80,90,100,id*10) order by id
----
id integer
1
2
3
4
5
6
8
9
10
11
12
13
15
16
17
18
19
20
22
23
24
25
26
27
29
30

select id from t where s in ('s1','s2','s3','s4','s5','s6','s7','s8','s9','s10','s10') order by id
----
id integer
1
2
3
4
5
6
7
8
9
10

select id from t where f in (0.5,1,1.5,2,2.5,3,3.5,4,4.5,5,5.5) order by id
----
id integer
1
2
3
4
5
6
7
8
9
10
11

select id from t where n in (0.25,0.5,0.75,1,1.25,1.5,1.75,2,2.25,2.5,2.750) order by id
----
id integer
1
2
3
4
5
6
7
8
9
10
11

select id from t where d in ('2024-01-02','2024-01-03','2024-01-04','2024-01-05','2024-01-06','2024-01-07','2024-01-08','2024-01-09','2024-01-10') order by id
----
id integer
1
2
3
4
5
6
7
8
9

select id from t where c in ('c1','c1 ','x','y','z','a','b','d','e','f') order by id
----
id integer
1
6
11
16
21
26

select count(*) from t where u in ('00000000-0000-0000-0000-000000000001','00000000-0000-0000-0000-000000000002','10000000-0000-0000-0000-000000000003','20000000-0000-0000-0000-000000000003','30000000-0000-0000-0000-000000000003','40000000-0000-0000-0000-000000000003','50000000-0000-0000-0000-000000000003','60000000-0000-0000-0000-000000000003','70000000-0000-0000-0000-000000000003')
----
count bigint
6

select id from t where id = any ('{1,3,5,7,9,11,13,15,17,19,21,99}') order by id
----
id integer
1
3
5
7
9
11
13
15
17
19
21

select id from t where b = any ('{10,30,50,70,90,110,130,150,170,190,210,99,null}'::bigint[]) order by id
----
id integer
1
3
5
9
11
13
15
17
19

select id, b <> all ('{10,30,50,70,90,110,130,150,170,190,210,99}'::int[]) from t where id < 10 order by id
----
id integer | ?column? boolean
1 | f
2 | t
3 | f
4 | t
5 | f
6 | t
7 | NULL
8 | t
9 | f

select id from t where id <> all ('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,null}') order by id
----
id integer
(no rows)

select count(*) from t where id = any ('{{1,2,3,4,5},{6,7,8,9,10}}'::int[])
----
count bigint
10

select count(*) from t where b = any ('{}'::bigint[])
----
count bigint
0

select 1.5 in (1,2,3,4,5,6,7,8,9,10,1.50), null in (1,2,3,4,5,6,7,8,9,10), 'NaN'::float8 in (1,2,3,4,5,6,7,8,9,'NaN'), -0.0::float8 in (1,2,3,4,5,6,7,8,9,0)
----
?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | NULL | t | t

select id in (1,2,3,4,5,6,7,8,9,'x') from t
----
ERROR 22P02 at 33: invalid input syntax for type integer: "x"
