create table t(id int, a int[], j jsonb, s text, b int[][])
----
done

insert into t values (1,'{1,2,3}','{"a":{"b":1}}','x','{{1,2},{3,4}}'),(2,null,null,'y',null),(3,'{}','[1,2]','z','{}')
----
3 affected

update t set a[2]=20, j['a']['b']='2' returning *
----
ERROR 22P02: path element at position 1 is not an integer: "a"

update t set a[6]=60 where id=1 returning a
----
a integer[]
{1,2,3,NULL,NULL,60}

update t set a[-1]=7 where id=1 returning a
----
a integer[]
[-1:6]={7,NULL,1,2,3,NULL,NULL,60}

update t set a[1:2]='{8,9}' where id<>3 returning a
----
a integer[]
{8,9}
[-1:6]={7,NULL,8,9,3,NULL,NULL,60}

update t set a[1:2]=array[8] where id=1 returning a
----
ERROR 2202E: source array too small

update t set a[:]=array[1,2,3,4,5,6,7,8,9,10] where id=1 returning a
----
a integer[]
[-1:6]={1,2,3,4,5,6,7,8}

update t set a[2:]=array[0,0] where id=1 returning a
----
ERROR 2202E: source array too small

update t set a[:] = '{5}' where id=2 returning a
----
ERROR 2202E: source array too small

update t set a=null, a[1]=3 where id=2 returning a
----
ERROR 42601: multiple assignments to same column "a"

update t set a[1]=3, a=null where id=2 returning a
----
ERROR 42601: multiple assignments to same column "a"

update t set a[1]=3, a[2]=4 where id=2 returning a
----
a integer[]
{3,4}

update t set a[null]=3 where id=2 returning a
----
ERROR 22004: array subscript in assignment must not be null

update t set a['x']=3 where id=2 returning a
----
ERROR 22P02 at 16: invalid input syntax for type integer: "x"

update t set a[1]='x' where id=2 returning a
----
ERROR 22P02 at 19: invalid input syntax for type integer: "x"

update t set a[1]=true where id=2 returning a
----
ERROR 42804 at 14: subscripted assignment to "a" requires type integer but expression is of type boolean
HINT: You will need to rewrite or cast the expression.

update t set s[1]='x' where id=2
----
ERROR 42804 at 14: cannot subscript type text because it does not support subscripting

update t set b[1][2]=9 returning b
----
b integer[]
[1:1][2:2]={{9}}
{{1,9},{3,4}}
[1:1][2:2]={{9}}

update t set b[3][1]=9 where id=1 returning b
----
ERROR 2202E: array subscript out of range

update t set b[1]=9 where id=1 returning b
----
ERROR 2202E: wrong number of array subscripts

update t set b[1:2][1:1]='{{7},{8}}' where id=1 returning b
----
b integer[]
{{7,9},{8,4}}

update t set b[1][1:2]='{{7,7}}' where id=1 returning b
----
b integer[]
{{7,7},{8,4}}

update t set j[0]='9' where id=3 returning j
----
j jsonb
[9, 2]

update t set j[5]='9' where id=3 returning j
----
j jsonb
[9, 2, null, null, null, 9]

update t set j[-9]='9' where id=3 returning j
----
ERROR 22023: path element at position 1 is out of range: -9

update t set j[-1]='"n"' where id=3 returning j
----
j jsonb
[9, 2, null, null, null, "n"]

update t set j['x']='9' where id=3 returning j
----
ERROR 22P02: path element at position 1 is not an integer: "x"

update t set j='{}' where id=3
----
1 affected

update t set j['a'][2]['q']='1' where id=3 returning j
----
j jsonb
{"a": [null, null, {"q": 1}]}

update t set j['a'][2][0]='1' where id=3 returning j
----
j jsonb
{"a": [null, null, {"0": 1, "q": 1}]}

update t set j='5', j['a']='1' where id=3 returning j
----
ERROR 42601: multiple assignments to same column "j"

update t set j='{"a":5}'
----
3 affected

update t set j['a']['b']='1' where id=3 returning j
----
ERROR 22023: cannot replace existing key
DETAIL: The path assumes key is a composite object, but it is a scalar value.

update t set j[null]='1' where id=3 returning j
----
ERROR 22004: jsonb subscript in assignment must not be null

update t set j['z']=null where id=3 returning j
----
j jsonb
{"a": 5, "z": null}

update t set j[1:2]='1' where id=3 returning j
----
ERROR 42804 at 14: jsonb subscript does not support slices

update t set j[1.5]='1' where id=3 returning j
----
ERROR 42804 at 14: subscript type numeric is not supported
HINT: jsonb subscript must be coercible to either integer or text.

update t set j['k']=to_jsonb(id) where id=3 returning j
----
j jsonb
{"a": 5, "k": 3, "z": null}

update t set j['k']=5 where id=3 returning j
----
ERROR 42804 at 14: subscripted assignment to "j" requires type jsonb but expression is of type integer
HINT: You will need to rewrite or cast the expression.

update t set (a[1], a[2]) = (100, 200) where id=1 returning a
----
a integer[]
[-1:6]={1,2,100,200,5,6,7,8}

insert into t(id, a[1], a[2], j['x']) values (9, 1, 2, '5') returning *
----
id integer | a integer[] | j jsonb | s text | b integer[]
9 | {1,2} | {"x": 5} | NULL | NULL

insert into t(id, a[1:2]) values (10, '{3,4}') returning *
----
id integer | a integer[] | j jsonb | s text | b integer[]
10 | {3,4} | NULL | NULL | NULL

insert into t(id, a, a[1]) values (10, '{3,4}', 1)
----
ERROR 42701 at 22: column "a" specified more than once

insert into t(id, a[3]) select 11, 5 returning a
----
a integer[]
[3:3]={5}

update t set a[2147483647]=1 where id=2
----
ERROR 54000: array size exceeds the maximum allowed (134217727)

update t set a[1000000000]=1 where id=1
----
ERROR 54000: array size exceeds the maximum allowed (134217727)

update t set a[1]=default
----
ERROR 0A000 at 14: cannot set an array element to DEFAULT

update t set id.x=1
----
ERROR 42804 at 14: cannot assign to field "x" of column "id" because its type integer is not a composite type

update t set a[1][1]=5 where id=1
----
ERROR 2202E: wrong number of array subscripts

update t set a[1:2][1:1]='{1}' where id=1
----
ERROR 2202E: wrong number of array subscripts

select array(select x from generate_series(1,3) x order by x desc), array(select 1 where false), array(select 1,2)
----
ERROR 42601 at 104: subquery must return only one column

select id, array(select g from generate_series(1,t.id) g) from t where id < 4 order by id
----
id integer | array integer[]
1 | {1}
2 | {1,2}
3 | {1,2,3}

select array(select array[1,2] union all select array[3,4]), array(select null::int)
----
array integer[] | array integer[]
{{1,2},{3,4}} | {NULL}

select array(select 'a')
----
array text[]
{a}

select j['a'], j['a']['b'], j[0] from t where id=1
----
j jsonb | j jsonb | j jsonb
5 | NULL | NULL

select ('{"a":[1,{"b":2}]}'::jsonb)['a'][1]['b'], ('[1,2]'::jsonb)[-1]
----
jsonb jsonb | jsonb jsonb
2 | 2
