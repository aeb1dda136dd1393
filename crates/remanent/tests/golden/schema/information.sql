-- information_schema, and views of pg_catalog.

create schema s
----
done

create table t (id int primary key, n numeric(6,2) default 1.5 check (n > 0), g int generated always as (id * 2) stored, i bigint generated always as identity, c text not null)
----
done

create table s.u (a int, b int, constraint pair primary key (b, a), check (a <> b))
----
done

create view v as select id, n from t
----
done

create sequence s.q as smallint increment 5 cycle
----
done

select table_schema, table_name, table_type, is_insertable_into from information_schema.tables where table_schema in ('public', 's') and table_name <> 'v' order by 1, 2
----
table_schema text | table_name text | table_type text | is_insertable_into text
public | t | BASE TABLE | YES
s | u | BASE TABLE | YES

select table_type from information_schema.tables where table_name = 'v'
----
table_type text
VIEW

select column_name, ordinal_position, column_default, is_nullable, data_type, numeric_precision, numeric_scale, is_identity, identity_generation, is_generated from information_schema.columns where table_name = 't' order by 2
----
column_name text | ordinal_position integer | column_default text | is_nullable text | data_type text | numeric_precision integer | numeric_scale integer | is_identity text | identity_generation text | is_generated text
id | 1 | NULL | NO | integer | 32 | 0 | NO | NULL | NEVER
n | 2 | 1.5 | YES | numeric | 6 | 2 | NO | NULL | NEVER
g | 3 | NULL | YES | integer | 32 | 0 | NO | NULL | ALWAYS
i | 4 | NULL | NO | bigint | 64 | 0 | YES | ALWAYS | NEVER
c | 5 | NULL | NO | text | NULL | NULL | NO | NULL | NEVER

select table_name, column_name, data_type from information_schema.columns where table_schema = 's' order by 1, ordinal_position
----
table_name text | column_name text | data_type text
u | a | integer
u | b | integer

select table_schema, table_name from information_schema.views where table_schema = 'public'
----
table_schema text | table_name text
public | v

select sequence_schema, sequence_name, data_type, start_value, minimum_value, maximum_value, increment, cycle_option from information_schema.sequences where sequence_name = 'q'
----
sequence_schema text | sequence_name text | data_type text | start_value text | minimum_value text | maximum_value text | increment text | cycle_option text
s | q | smallint | 1 | 1 | 32767 | 5 | YES

select constraint_name, table_name, constraint_type, is_deferrable, initially_deferred from information_schema.table_constraints where constraint_name not like '%not_null' and table_schema in ('s', 'public') order by 1
----
constraint_name text | table_name text | constraint_type text | is_deferrable text | initially_deferred text
pair | u | PRIMARY KEY | NO | NO
t_n_check | t | CHECK | NO | NO
t_pkey | t | PRIMARY KEY | NO | NO
u_check | u | CHECK | NO | NO

select constraint_name, table_name, column_name, ordinal_position from information_schema.key_column_usage where table_schema in ('public', 's') order by 1, 4
----
constraint_name text | table_name text | column_name text | ordinal_position integer
pair | u | b | 1
pair | u | a | 2
t_pkey | t | id | 1

select schemaname, tablename, hasindexes from pg_tables where schemaname in ('s', 'public') order by 1, 2
----
schemaname text | tablename text | hasindexes boolean
public | t | t
s | u | t

select schemaname, viewname from pg_catalog.pg_views where schemaname = 'public'
----
schemaname text | viewname text
public | v

select schema_name from information_schema.schemata where schema_name !~~ 'pg\_toast%' order by 1
----
schema_name text
information_schema
pg_catalog
public
s

select * from tables
----
ERROR 42P01 at 15: relation "tables" does not exist

set search_path = information_schema
----
done

select table_name from tables where table_schema = 's'
----
table_name text
u

-- What programs ask of columns and views beside their types.
RESET search_path
----
done

CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3 CYCLE) PRIMARY KEY, n integer CHECK (n > 0), note text)
----
done

CREATE VIEW kept_v AS SELECT id, note, upper(note) AS loud FROM kept
----
done

CREATE VIEW kept_sum AS SELECT count(*) FROM kept
----
done

SELECT column_name, is_identity, identity_generation, identity_start, identity_increment, identity_maximum, identity_minimum, identity_cycle FROM information_schema.columns WHERE table_name = 'kept' ORDER BY ordinal_position
----
column_name text | is_identity text | identity_generation text | identity_start text | identity_increment text | identity_maximum text | identity_minimum text | identity_cycle text
id | YES | ALWAYS | 5 | 3 | 9223372036854775807 | 1 | YES
n | NO | NULL | NULL | NULL | NULL | NULL | NO
note | NO | NULL | NULL | NULL | NULL | NULL | NO

SELECT table_name, column_name, is_updatable FROM information_schema.columns WHERE table_name IN ('kept_v', 'kept_sum') ORDER BY 1, ordinal_position
----
table_name text | column_name text | is_updatable text
kept_sum | count | NO
kept_v | id | YES
kept_v | note | YES
kept_v | loud | NO

SELECT table_name, is_updatable, is_insertable_into FROM information_schema.views WHERE table_name LIKE 'kept%' ORDER BY 1
----
table_name text | is_updatable text | is_insertable_into text
kept_sum | NO | NO
kept_v | YES | YES

SELECT table_name, is_insertable_into, is_typed FROM information_schema.tables WHERE table_name LIKE 'kept%' ORDER BY 1
----
table_name text | is_insertable_into text | is_typed text
kept | YES | NO
kept_sum | NO | NO
kept_v | YES | NO

SELECT conname, conkey FROM pg_constraint WHERE conrelid = 'kept'::regclass AND contype = 'c'
----
conname name | conkey smallint[]
kept_n_check | {2}

SELECT attname, attlen, attbyval, attalign, attstorage FROM pg_attribute WHERE attrelid = 'kept'::regclass AND attnum > 0 ORDER BY attnum
----
attname name | attlen smallint | attbyval boolean | attalign text | attstorage text
id | 8 | t | d | p
n | 4 | t | i | p
note | -1 | f | i | x

SELECT typname, typbyval, typalign, typstorage FROM pg_type WHERE typname IN ('bool', 'int2', '_int4', '_int8', 'timestamptz', 'uuid', 'interval', 'numeric', '_text', 'name') ORDER BY 1
----
typname name | typbyval boolean | typalign text | typstorage text
_int4 | f | i | x
_int8 | f | d | x
_text | f | i | x
bool | t | c | p
int2 | t | s | p
interval | f | d | p
name | f | c | p
numeric | f | i | m
timestamptz | t | d | p
uuid | f | c | p

CREATE TABLE kept_child (id bigint REFERENCES kept)
----
done

SELECT relname, relhastriggers, relhasrules FROM pg_class WHERE relname LIKE 'kept%' AND relkind IN ('r', 'v') ORDER BY 1
----
relname name | relhastriggers boolean | relhasrules boolean
kept | t | f
kept_child | t | f
kept_sum | f | t
kept_v | f | t

CREATE TABLE kept_serial (id serial, n integer DEFAULT 5)
----
done

SELECT column_name, column_default FROM information_schema.columns WHERE table_name = 'kept_serial' ORDER BY ordinal_position
----
column_name text | column_default text
id | nextval('kept_serial_id_seq'::regclass)
n | 5

SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'kept_serial'::regclass ORDER BY adnum
----
pg_get_expr text
nextval('kept_serial_id_seq'::regclass)
5
