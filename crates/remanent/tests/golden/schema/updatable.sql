-- Rows changed through views that show those of one table.

create table t (id int primary key, note text default 'none', n int check (n < 1000), g int generated always as (n * 2) stored)
----
done

insert into t values (1, 'one', 10), (2, 'two', 20), (3, 'three', 30), (200, 'far', 40)
----
4 affected

create view v as select id as k, note, upper(note) as loud, n from t where id < 100
----
done

insert into v (k, note, n) values (4, 'four', 5) returning k, loud, n, v.note
----
k integer | loud text | n integer | note text
4 | FOUR | 5 | four

insert into v (k) values (5) returning *
----
k integer | note text | loud text | n integer
5 | none | NONE | NULL

insert into v values (6, 'six')
----
1 affected

insert into v select 7, 'seven'
----
1 affected

insert into v default values
----
ERROR 23502: null value in column "id" of relation "t" violates not-null constraint
DETAIL: Failing row contains (null, none, null, null).

insert into v (k, loud) values (8, 'X')
----
ERROR 0A000: cannot insert into column "loud" of view "v"
DETAIL: View columns that are not columns of their base relation are not updatable.

insert into v values (8, 'a', 'B')
----
ERROR 0A000: cannot insert into column "loud" of view "v"
DETAIL: View columns that are not columns of their base relation are not updatable.

insert into v (k, nope) values (8, 1)
----
ERROR 42703 at 19: column "nope" of relation "v" does not exist
HINT: Perhaps you meant the column "note".

insert into v (k, n) values (9, 5000)
----
ERROR 23514: new row for relation "t" violates check constraint "t_n_check"
DETAIL: Failing row contains (9, none, 5000, 10000).

insert into v (k) values (1)
----
ERROR 23505: duplicate key value violates unique constraint "t_pkey"
DETAIL: Key (id)=(1) already exists.

insert into v (k, note) values (300, 'beyond') returning k
----
k integer
300

select k, note from v order by k
----
k integer | note text
1 | one
2 | two
3 | three
4 | four
5 | none
6 | six
7 | seven

update v set note = note || '!', n = k * 2 where loud like 'T%' returning k, note, loud, n
----
k integer | note text | loud text | n integer
2 | two! | TWO! | 4
3 | three! | THREE! | 6

update v set k = k + 1000 where k = 7 returning k, loud
----
k integer | loud text
1007 | SEVEN

update v set loud = 'x'
----
ERROR 0A000: cannot update column "loud" of view "v"
DETAIL: View columns that are not columns of their base relation are not updatable.

update v set nope = 1
----
ERROR 42703 at 14: column "nope" of relation "v" does not exist
HINT: Perhaps you meant the column "note".

update v as w set n = w.n + 1 from (values (1), (300)) x (y) where w.k = x.y returning w.k, w.n, y
----
k integer | n integer | y integer
1 | 11 | 1

update v set note = default where k = 4
----
1 affected

delete from v where loud = 'NONE' returning k, note, loud
----
k integer | note text | loud text
5 | none | NONE

delete from v using t u where u.id = v.k and u.note = 'six' returning v.k, u.id
----
k integer | id integer
6 | 6

select id, note, n, g from t order by id
----
id integer | note text | n integer | g integer
1 | one | 11 | 22
2 | two! | 4 | 8
3 | three! | 6 | 12
4 | NULL | 5 | 10
200 | far | 40 | 80
300 | beyond | NULL | NULL
1007 | seven | NULL | NULL

create view w as select n as m, k as id, k + 1 as next from v where k > 1
----
done

update w set m = 77 where next = 4 returning *
----
m integer | id integer | next integer
77 | 3 | 4

insert into w (id, m) values (50, 3) returning *
----
m integer | id integer | next integer
3 | 50 | 51

insert into w (next) values (1)
----
ERROR 0A000: cannot insert into column "next" of view "w"
DETAIL: View columns that are not columns of their base relation are not updatable.

delete from w where id = 50 returning id, m, next
----
id integer | m integer | next integer
50 | 3 | 51

delete from w where id = 1
----
done

with gone as (delete from v where k = 2 returning *) select k, loud from gone
----
k integer | loud text
2 | TWO!

explain update v set n = 0 where loud = 'ONE'
----
QUERY PLAN text
Update on t
  ->  Seq Scan on t
        Range Cond: (id < 100)
        Filter: ((id < 100) AND (upper(note) = 'ONE'::text))

create view d as select distinct note from t
----
done

update d set note = 'x'
----
ERROR 55000: cannot update view "d"
DETAIL: Views containing DISTINCT are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view a as select count(*) from t
----
done

insert into a values (1)
----
ERROR 55000: cannot insert into view "a"
DETAIL: Views that return aggregate functions are not automatically updatable.
HINT: To enable inserting into the view, provide an INSTEAD OF INSERT trigger or an unconditional ON INSERT DO INSTEAD rule.

create view gr as select n from t group by n
----
done

delete from gr
----
ERROR 55000: cannot delete from view "gr"
DETAIL: Views containing GROUP BY are not automatically updatable.
HINT: To enable deleting from the view, provide an INSTEAD OF DELETE trigger or an unconditional ON DELETE DO INSTEAD rule.

create view h as select 1 as x from t having count(*) > 0
----
done

delete from h
----
ERROR 55000: cannot delete from view "h"
DETAIL: Views containing HAVING are not automatically updatable.
HINT: To enable deleting from the view, provide an INSTEAD OF DELETE trigger or an unconditional ON DELETE DO INSTEAD rule.

create view j as select t.id from t, v
----
done

delete from j
----
ERROR 55000: cannot delete from view "j"
DETAIL: Views that do not select from a single table or view are not automatically updatable.
HINT: To enable deleting from the view, provide an INSTEAD OF DELETE trigger or an unconditional ON DELETE DO INSTEAD rule.

create view u as select id from t union select 1
----
done

update u set id = 1
----
ERROR 55000: cannot update view "u"
DETAIL: Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view l as select id from t limit 1
----
done

update l set id = 1
----
ERROR 55000: cannot update view "l"
DETAIL: Views containing LIMIT or OFFSET are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view c as with x as (select 1) select id from t
----
done

update c set id = 1
----
ERROR 55000: cannot update view "c"
DETAIL: Views containing WITH are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view wi as select id, rank() over (order by id) from t
----
done

update wi set id = 1
----
ERROR 55000: cannot update view "wi"
DETAIL: Views that return window functions are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view s as select id, generate_series(1, 2) from t
----
done

update s set id = 1
----
ERROR 55000: cannot update view "s"
DETAIL: Views that return set-returning functions are not automatically updatable.
HINT: To enable updating the view, provide an INSTEAD OF UPDATE trigger or an unconditional ON UPDATE DO INSTEAD rule.

create view e as select id + 1 as x from t
----
done

delete from e
----
6 affected

create view o as select id, n from t order by n
----
done

update o set n = 1 where id = 3
----
done

insert into v (k) values (1) on conflict do nothing
----
1 affected

create view ck as select id from t where id < 5 with check option
----
done
