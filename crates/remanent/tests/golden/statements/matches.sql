select * from regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g')
----

select regexp_matches('foo', 'o'), regexp_matches('foo', '', 'g'), regexp_matches('x', 'y')
----

select regexp_split_to_table('a', 'b', 'g')
----

select * from regexp_split_to_table('the quick  brown', '\s*') with ordinality
----

select regexp_split_to_table('ab1cd2ef', '\d')
----

select string_to_table('a,b,,c', ',', ''), string_to_table('abc', null)
----

select count(*) from string_to_table('', ',')
----

select * from string_to_table(null, ',')
----

select a, b, n from unnest(array[1,2,3], array['x','y']) with ordinality as u(a, b, n)
----

select i, regexp_matches(s, '(\d)(\d)?', 'g') from (values (1, 'a1b23'), (2, 'none'), (3, '4')) v(i, s) order by 1, 2
----
