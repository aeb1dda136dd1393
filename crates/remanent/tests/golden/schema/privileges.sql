create schema s
----
done

create table s.parent (id int primary key)
----
done

create table parent (id int primary key)
----
done

create table child (a int references parent, b int references s.parent on delete cascade)
----
done

select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' order by conname
----
conname name | pg_get_constraintdef text
child_a_fkey | FOREIGN KEY (a) REFERENCES parent(id)
child_b_fkey | FOREIGN KEY (b) REFERENCES s.parent(id) ON DELETE CASCADE

create view positive as select id from parent where id > 0
----
done

alter view positive set (check_option = local)
----
done

insert into positive values (-1)
----
ERROR 44000: new row violates check option for view "positive"
DETAIL: Failing row contains (-1).

select check_option from information_schema.views where table_name = 'positive'
----
check_option text
LOCAL

alter view positive reset (check_option)
----
done

insert into positive values (-1)
----
1 affected

alter view positive set (check_option = 'nonsense')
----
ERROR 22023: invalid value for enum option "check_option": nonsense
DETAIL: Valid values are "local" and "cascaded".

alter view positive set (security_barrier = true)
----
ERROR 0A000 at 26: an option of a view is not supported

create view summed as select sum(id) from parent
----
done

alter view summed set (check_option = cascaded)
----
ERROR 0A000: WITH CHECK OPTION is supported only on automatically updatable views
HINT: Views that return aggregate functions are not automatically updatable.

select has_table_privilege('parent', 'select'), has_table_privilege('remanent', 's.parent', 'insert, update'), has_table_privilege('parent', 'SELECT WITH GRANT OPTION')
----
has_table_privilege boolean | has_table_privilege boolean | has_table_privilege boolean
t | t | t

select has_table_privilege('parent'::regclass::oid, 'select'), has_table_privilege(1, 'select')
----
has_table_privilege boolean | has_table_privilege boolean
t | NULL

select has_table_privilege('parent', 'sel')
----
ERROR 22023: unrecognized privilege type: "sel"

select has_table_privilege('nothing', 'select')
----
ERROR 42P01: relation "nothing" does not exist

select has_table_privilege('nobody', 'parent', 'select')
----
ERROR 42704: role "nobody" does not exist

select has_column_privilege('parent', 'id', 'select'), has_column_privilege('parent', 1::int2, 'select'), has_any_column_privilege('pg_class', 'select')
----
has_column_privilege boolean | has_column_privilege boolean | has_any_column_privilege boolean
t | t | t

select has_schema_privilege('s', 'usage'), has_schema_privilege('public', 'create')
----
has_schema_privilege boolean | has_schema_privilege boolean
t | t

select has_schema_privilege('nothing', 'usage')
----
ERROR 3F000: schema "nothing" does not exist

select has_function_privilege('now()', 'execute'), has_language_privilege('sql', 'usage'), has_type_privilege('int4', 'usage')
----
has_function_privilege boolean | has_language_privilege boolean | has_type_privilege boolean
t | t | t

select pg_has_role('remanent', 'usage'), pg_has_role('remanent', 'remanent', 'member')
----
pg_has_role boolean | pg_has_role boolean
t | t

select pg_has_role('nobody', 'usage')
----
ERROR 42704: role "nobody" does not exist

RESET SESSION AUTHORIZATION
----
done

SET ROLE NONE
----
done

RESET ROLE
----
done

SHOW ROLE
----
role text
none

SET ROLE somebody
----
ERROR 0A000: setting "role" to "somebody" is not supported
HINT: It is always "none".

SET default_with_oids = false
----
done

SET default_with_oids = true
----
ERROR 0A000: setting "default_with_oids" to "true" is not supported
HINT: It is always "off".
