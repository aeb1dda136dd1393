create table t(id int, a int[], j jsonb, s text, b int[][])
----

insert into t values (1,'{1,2,3}','{"a":{"b":1}}','x','{{1,2},{3,4}}'),(2,null,null,'y',null),(3,'{}','[1,2]','z','{}')
----

update t set a[2]=20, j['a']['b']='2' returning *
----

update t set a[6]=60 where id=1 returning a
----

update t set a[-1]=7 where id=1 returning a
----

update t set a[1:2]='{8,9}' where id<>3 returning a
----

update t set a[1:2]=array[8] where id=1 returning a
----

update t set a[:]=array[1,2,3,4,5,6,7,8,9,10] where id=1 returning a
----

update t set a[2:]=array[0,0] where id=1 returning a
----

update t set a[:] = '{5}' where id=2 returning a
----

update t set a=null, a[1]=3 where id=2 returning a
----

update t set a[1]=3, a=null where id=2 returning a
----

update t set a[1]=3, a[2]=4 where id=2 returning a
----

update t set a[null]=3 where id=2 returning a
----

update t set a['x']=3 where id=2 returning a
----

update t set a[1]='x' where id=2 returning a
----

update t set a[1]=true where id=2 returning a
----

update t set s[1]='x' where id=2
----

update t set b[1][2]=9 returning b
----

update t set b[3][1]=9 where id=1 returning b
----

update t set b[1]=9 where id=1 returning b
----

update t set b[1:2][1:1]='{{7},{8}}' where id=1 returning b
----

update t set b[1][1:2]='{{7,7}}' where id=1 returning b
----

update t set j[0]='9' where id=3 returning j
----

update t set j[5]='9' where id=3 returning j
----

update t set j[-9]='9' where id=3 returning j
----

update t set j[-1]='"n"' where id=3 returning j
----

update t set j['x']='9' where id=3 returning j
----

update t set j='{}' where id=3
----

update t set j['a'][2]['q']='1' where id=3 returning j
----

update t set j['a'][2][0]='1' where id=3 returning j
----

update t set j='5', j['a']='1' where id=3 returning j
----

update t set j='{"a":5}'
----

update t set j['a']['b']='1' where id=3 returning j
----

update t set j[null]='1' where id=3 returning j
----

update t set j['z']=null where id=3 returning j
----

update t set j[1:2]='1' where id=3 returning j
----

update t set j[1.5]='1' where id=3 returning j
----

update t set j['k']=to_jsonb(id) where id=3 returning j
----

update t set j['k']=5 where id=3 returning j
----

update t set (a[1], a[2]) = (100, 200) where id=1 returning a
----

insert into t(id, a[1], a[2], j['x']) values (9, 1, 2, '5') returning *
----

insert into t(id, a[1:2]) values (10, '{3,4}') returning *
----

insert into t(id, a, a[1]) values (10, '{3,4}', 1)
----

insert into t(id, a[3]) select 11, 5 returning a
----

update t set a[2147483647]=1 where id=2
----

update t set a[1000000000]=1 where id=1
----

update t set a[1]=default
----

update t set id.x=1
----

update t set a[1][1]=5 where id=1
----

update t set a[1:2][1:1]='{1}' where id=1
----

select array(select x from generate_series(1,3) x order by x desc), array(select 1 where false), array(select 1,2)
----

select id, array(select g from generate_series(1,t.id) g) from t where id < 4 order by id
----

select array(select array[1,2] union all select array[3,4]), array(select null::int)
----

select array(select 'a')
----

select j['a'], j['a']['b'], j[0] from t where id=1
----

select ('{"a":[1,{"b":2}]}'::jsonb)['a'][1]['b'], ('[1,2]'::jsonb)[-1]
----
