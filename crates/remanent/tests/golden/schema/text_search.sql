create table docs (id int primary key, title text not null, body text, lang regconfig not null default 'english', words tsvector generated always as (setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(body, ''))) stored)
----
done

insert into docs (id, title, body) values (1, 'Slipping grippers', 'The gripper slipped twice while lifting a wet box.'), (2, 'Boxes', 'Boxes of steel, boxes of wood; no grips.'), (3, 'Weather', NULL), (4, 'Night shift', 'Lifting at night: the robot lifts boxes slowly')
----
4 affected

insert into docs (id, title, lang) values (5, 'Die Katzen', 'german')
----
1 affected

insert into docs (id, title, lang) values (6, 'x', 'klingon')
----
ERROR 42704 at 52: text search configuration "klingon" does not exist

insert into docs (id, title, lang) values (6, 'x', 'irish')
----
ERROR 0A000 at 52: text search configuration "irish" is not supported

select id, words from docs order by id
----
id integer | words tsvector
1 | 'box':11 'gripper':2A,4 'lift':8 'slip':1A,5 'twice':6 'wet':10
2 | 'box':1A,2,5 'grip':9 'steel':4 'wood':7
3 | 'weather':1A
4 | 'box':9 'lift':3,8 'night':1A,5 'robot':7 'shift':2A 'slowli':10
5 | 'die':1A 'katzen':2A

select id from docs where words @@ to_tsquery('english', 'box & lift') order by id
----
id integer
1
4

select id from docs where words @@ 'box' order by id
----
id integer
1
2
4

select id from docs where words @@ websearch_to_tsquery('english', '"wet box" or weather') order by id
----
id integer
1
3

select id from docs where not words @@ to_tsquery('english', 'box') order by id
----
id integer
3
5

select id from docs where words @@ to_tsquery('english', 'slip:A & grip:*')
----
id integer
1

select id from docs where body @@ 'lifting'
----
id integer
1
4

select id from docs where to_tsvector(lang, title) @@ plainto_tsquery(lang, title) order by id
----
id integer
1
2
3
4
5

select id, to_tsvector(lang, title) from docs where id = 5
----
id integer | to_tsvector tsvector
5 | 'katz':2

select d.id, ts_rank(d.words, q) from docs d, to_tsquery('english', 'box | lift') q where d.words @@ q order by 2 desc, 1
----
id integer | ts_rank real
2 | 0.31494
4 | 0.0683918
1 | 0.06079271

select d.id, ts_rank_cd(d.words, q, 32) from docs d, websearch_to_tsquery('english', 'lifting box') q where d.words @@ q order by 2 desc, 1
----
id integer | ts_rank_cd real
4 | 0.09090909
1 | 0.032258064

select id, ts_headline('english', body, to_tsquery('english', 'lift'), 'MinWords=2, MaxWords=4') from docs where body @@ to_tsquery('lift') order by id
----
id integer | ts_headline text
1 | <b>lifting</b> a wet box
4 | <b>Lifting</b> at night

select lexeme, positions, weights from docs, unnest(words) where id = 1 order by 1
----
lexeme text | positions smallint[] | weights text[]
box | {11} | {D}
gripper | {2,4} | {A,D}
lift | {8} | {D}
slip | {1,5} | {A,D}
twice | {6} | {D}
wet | {10} | {D}

select * from unnest('b a:1,2C'::tsvector)
----
lexeme text | positions smallint[] | weights text[]
a | {1,2} | {D,C}
b | NULL | NULL

select u.* from unnest(to_tsvector('english', 'the cats')) u
----
lexeme text | positions smallint[] | weights text[]
cat | {2} | {D}

select * from ts_parse('default', 'fly-by at 3.5')
----
tokid integer | token text
16 | fly-by
11 | fly
12 | -
11 | by
12 |  
1 | at
12 |  
20 | 3.5

select * from ts_parse('nope', 'x')
----
ERROR 42704: text search parser "nope" does not exist

select * from ts_token_type('default') where tokid < 4
----
tokid integer | alias text | description text
1 | asciiword | Word, all ASCII
2 | word | Word, all letters
3 | numword | Word, letters and digits

select * from ts_debug('english', 'The cats, naturally')
----
alias text | description text | token text | dictionaries text[] | dictionary text | lexemes text[]
asciiword | Word, all ASCII | The | {english_stem} | english_stem | {}
blank | Space symbols |   | {} | NULL | NULL
asciiword | Word, all ASCII | cats | {english_stem} | english_stem | {cat}
blank | Space symbols | ,  | {} | NULL | NULL
asciiword | Word, all ASCII | naturally | {english_stem} | english_stem | {natur}

select alias, lexemes from ts_debug('simple', 'The cats')
----
alias text | lexemes text[]
asciiword | {the}
blank | NULL
asciiword | {cats}

set default_text_search_config = 'simple'
----
done

show default_text_search_config
----
default_text_search_config text
pg_catalog.simple

select to_tsvector('The Cats'), get_current_ts_config(), plainto_tsquery('The Cats')
----
to_tsvector tsvector | get_current_ts_config regconfig | plainto_tsquery tsquery
'cats':2 'the':1 | simple | 'the' & 'cats'

select alias, dictionary from ts_debug('The') limit 1
----
alias text | dictionary text
asciiword | simple

set default_text_search_config = 'nope'
----
ERROR 22023: invalid value for parameter "default_text_search_config": "nope"

set default_text_search_config = 'basque'
----
ERROR 0A000: text search configuration "basque" is not supported

set default_text_search_config = 'pg_catalog.german'
----
done

select to_tsvector('die Katzen schlafen'), current_setting('default_text_search_config')
----
to_tsvector tsvector | current_setting text
'katz':2 'schlaf':3 | pg_catalog.german

reset default_text_search_config
----
done

select to_tsvector('nope', body) from docs
----
ERROR 42704 at 20: text search configuration "nope" does not exist

select to_tsvector('english', body) @@ 'a &' from docs
----
ERROR 42601 at 40: no operand in tsquery: "a &"

select 'x'::tsvector @@ to_tsquery('english', 'a & & b')
----
ERROR 42601: syntax error in tsquery: "a & & b"

create table q (q tsquery primary key, n int)
----
done

insert into q values ('a & b', 1), ('a | b', 2), ('!a', 3)
----
3 affected

insert into q values ('a  &  b', 4)
----
ERROR 23505: duplicate key value violates unique constraint "q_pkey"
DETAIL: Key (q)=('a' & 'b') already exists.

select q from q where q = 'a & b'
----
q tsquery
'a' & 'b'

select count(*) from q where 'a:1'::tsvector @@ q
----
count bigint
1

update q set q = q || 'c' where n = 3
----
1 affected

select q, numnode(q) from q where n = 3
----
q tsquery | numnode integer
!'a' | 'c' | 4

create table v (v tsvector, w tsvector[])
----
done

insert into v values ('a:1 b', '{"c:2A", d}'), (null, null), ('a:1 b', '{}')
----
3 affected

select v, count(*) from v group by v order by v
----
v tsvector | count bigint
'a':1 'b' | 2
NULL | 1

select distinct w[1] from v order by 1
----
w tsvector
'c':2A
NULL

alter table v add column t text
----
done

update v set t = 'b:3 c'
----
3 affected

alter table v alter column t type tsvector using t::tsvector
----
done

select v || t from v order by 1
----
?column? tsvector
'a':1 'b':4 'c'
'a':1 'b':4 'c'
NULL

create index on docs (to_tsvector('english', title))
----
done

create index on docs (to_tsvector(title))
----
ERROR 42P17: functions in index expression must be marked IMMUTABLE

create table bad (t tsvector(5))
----
ERROR 42601 at 21: type modifier is not allowed for type "tsvector"

create index on docs using gin (words)
----
done

select pg_typeof(v), pg_typeof(w) from v limit 1
----
pg_typeof regtype | pg_typeof regtype
tsvector | tsvector[]

select json_build_object('v', 'a:1'::tsvector)
----
json_build_object json
{"v" : "'a':1"}

select 'a:1'::tsvector + 1
----
ERROR 42883 at 24: operator does not exist: tsvector + integer
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select to_tsvector('english', 5)
----
ERROR 42883 at 8: function to_tsvector(unknown, integer) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select max('a'::tsvector)
----
ERROR 42883 at 8: function max(tsvector) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

create extension if not exists unaccent with schema public version '1.1' cascade
----
done

create extension vector
----
done

create extension nope
----
ERROR 0A000: extension "nope" is not available
HINT: Built in is what vector, postgis, unaccent have.

create extension
----
ERROR 42601 at 17: syntax error at end of input

create extension vector schema
----
ERROR 42601 at 31: syntax error at end of input

set default_text_search_config = 'french_unaccent'
----
done

show default_text_search_config
----
default_text_search_config text
pg_catalog.french_unaccent

select 'Un café' @@ 'cafe', to_tsvector('Café'), get_current_ts_config()
----
?column? boolean | to_tsvector tsvector | get_current_ts_config regconfig
t | 'caf':1 | french_unaccent

select alias, token, dictionaries, dictionary, lexemes from ts_debug('german_unaccent', 'Größe 5') where alias <> 'blank'
----
alias text | token text | dictionaries text[] | dictionary text | lexemes text[]
word | Größe | {unaccent,german_stem} | german_stem | {gross}
uint | 5 | {simple} | simple | {5}

reset default_text_search_config
----
done
