select * from regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g')
----
regexp_matches text[]
{bar,beque}
{bazil,barf}

select regexp_matches('foo', 'o'), regexp_matches('foo', '', 'g'), regexp_matches('x', 'y')
----
regexp_matches text[] | regexp_matches text[] | regexp_matches text[]
{o} | {""} | NULL
NULL | {""} | NULL
NULL | {""} | NULL
NULL | {""} | NULL

select regexp_split_to_table('a', 'b', 'g')
----
ERROR 22023: regexp_split_to_table() does not support the "global" option

select * from regexp_split_to_table('the quick  brown', '\s*') with ordinality
----
regexp_split_to_table text | ordinality bigint
t | 1
h | 2
e | 3
q | 4
u | 5
i | 6
c | 7
k | 8
b | 9
r | 10
o | 11
w | 12
n | 13

select regexp_split_to_table('ab1cd2ef', '\d')
----
regexp_split_to_table text
ab
cd
ef

select string_to_table('a,b,,c', ',', ''), string_to_table('abc', null)
----
string_to_table text | string_to_table text
a | a
b | b
NULL | c
c | NULL

select count(*) from string_to_table('', ',')
----
count bigint
0

select * from string_to_table(null, ',')
----
string_to_table text
(no rows)

select a, b, n from unnest(array[1,2,3], array['x','y']) with ordinality as u(a, b, n)
----
a integer | b text | n bigint
1 | x | 1
2 | y | 2
3 | NULL | 3

select i, regexp_matches(s, '(\d)(\d)?', 'g') from (values (1, 'a1b23'), (2, 'none'), (3, '4')) v(i, s) order by 1, 2
----
i integer | regexp_matches text[]
1 | {1,NULL}
1 | {2,3}
3 | {4,NULL}
