# Full-text search, recorded in text_search.txt by record.py in a database of LC_CTYPE C.UTF-8. Not here, since Remanent
# differs: the order of tsqueries, and that PostgreSQL's = between them lets weights not count.

# tsvector: text form
'a fat cat sat on a mat and ate a fat rat'::tsvector
$$the lexeme '    ' contains spaces$$::tsvector
$$the lexeme 'Joe''s' contains a quote$$::tsvector
'a:1 fat:2 cat:3 sat:4 on:5 a:6 mat:7 and:8 ate:9 a:10 fat:11 rat:12'::tsvector
'a:1A fat:2B,4C cat:5D'::tsvector
'a:1,1A,1C'::tsvector
'a:99999'::tsvector
'The Fat Rats'::tsvector
''::tsvector
'a:1*'::tsvector
'a:0'::tsvector
'a:x'::tsvector
'a:1,'::tsvector
$$'open$$::tsvector
$$''$$::tsvector
'a\'::tsvector
repeat('x', 2048)::tsvector
length(repeat('x', 2047)::tsvector)
'a'::tsvector(3)
'b a'::tsvector = 'a b'::tsvector
'a:1'::tsvector = 'a:1A'::tsvector
'a:1'::tsvector < 'a:2'::tsvector
'a'::tsvector < 'a:1'::tsvector
'b'::tsvector < 'aa'::tsvector
'a b'::tsvector >= 'a'::tsvector
NULL::tsvector
'a b'::tsvector::text
'a b'::text::tsvector
ARRAY['a:1'::tsvector, 'b']
'{a,"b c"}'::tsvector[]

# tsvector: functions
'a:1 b:2'::tsvector || 'c:1 d:2 b:3'::tsvector
'a'::tsvector || 'a:5'::tsvector
tsvector_concat('a:16383', 'a:1')
length('fat:2,4 cat:3 rat:5A'::tsvector)
length(''::tsvector)
strip('fat:2,4 cat:3 rat:5A'::tsvector)
setweight('fat:2,4 cat:3 rat:5B'::tsvector, 'A')
setweight('fat:2,4 cat:3 rat:5B'::tsvector, 'A', '{cat,rat,dog,NULL}')
setweight('fat:2'::tsvector, 'x')
setweight('fat:2'::tsvector, '')
ts_delete('fat:2,4 cat:3 rat:5A'::tsvector, 'fat')
ts_delete('fat:2,4 cat:3 rat:5A'::tsvector, ARRAY['fat','rat',NULL])
ts_filter('fat:2,4 cat:3b,7c rat:5A'::tsvector, '{a,b}')
ts_filter('fat:2,4 cat:3b,7c rat'::tsvector, '{d}')
ts_filter('fat:2'::tsvector, '{a,NULL}')
ts_filter('fat:2'::tsvector, '{q}')
array_to_tsvector('{fat,cat,rat,cat}'::text[])
array_to_tsvector('{}'::text[])
array_to_tsvector('{fat,NULL}'::text[])
array_to_tsvector('{fat,""}'::text[])
tsvector_to_array('fat:2,4 cat:3 rat:5A'::tsvector)
tsvector_to_array(''::tsvector)

# tsquery: text form
'fat & (rat | cat)'::tsquery
'fat & rat & ! cat'::tsquery
'(fat | rat) <-> cat'::tsquery
'fat:ab & super:*'::tsquery
'!(fat & !rat) | cat'::tsquery
'a <-> (b <2> c) <0> d'::tsquery
'a <16384> b'::tsquery
'a <16385> b'::tsquery
'a <-1> b'::tsquery
$$'it''s' & 'a b'$$::tsquery
''::tsquery
'a b'::tsquery
'a &'::tsquery
'& a'::tsquery
'(a'::tsquery
'a)'::tsquery
'a:'::tsquery
'!'::tsquery
'a | | b'::tsquery
$$'a$$::tsquery
'a'::tsquery = 'a'::tsquery
'a & b'::tsquery <> 'a | b'::tsquery

# tsquery: functions
'fat | rat'::tsquery && 'cat'::tsquery
'fat | rat'::tsquery || 'cat'::tsquery
'fat'::tsquery || ''::tsquery
!! 'cat'::tsquery
!! 'fat & rat'::tsquery
to_tsquery('fat') <-> to_tsquery('rat')
tsquery_phrase('fat'::tsquery, 'cat'::tsquery)
tsquery_phrase('fat'::tsquery, 'cat'::tsquery, 10)
tsquery_phrase('fat'::tsquery, 'cat'::tsquery, -1)
numnode('(fat & rat) | cat'::tsquery)
numnode(''::tsquery)
querytree('foo & ! bar'::tsquery)
querytree('! foo'::tsquery)
querytree('foo | ! bar'::tsquery)
querytree(''::tsquery)
'cat'::tsquery @> 'cat & rat'::tsquery
'cat & rat'::tsquery @> 'cat | rat'::tsquery
'cat'::tsquery <@ 'cat & rat'::tsquery
'cat'::tsquery <@ '!cat & rat'::tsquery
ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'foo|bar'::tsquery)
ts_rewrite('foo & bar & qq & new & york'::tsquery, 'new & york'::tsquery, 'big & apple | nyc | new & york & city'::tsquery)
ts_rewrite('bar & qq & foo & (new & york)'::tsquery, 'york & new'::tsquery, ''::tsquery)
ts_rewrite('moscow'::tsquery, 'moscow'::tsquery, ''::tsquery)
ts_rewrite('5 <-> (1 & 2 <-> 3)'::tsquery, '2 <-> 3'::tsquery, '7'::tsquery)
ts_rewrite('a'::tsquery, ''::tsquery, 'b'::tsquery)

# configurations
'english'::regconfig
'pg_catalog.English'::regconfig
'nope'::regconfig
'public.english'::regconfig
'"English"'::regconfig
get_current_ts_config()
to_tsvector('nope', 'a')
to_tsvector('german'::regconfig, 'Die Katzen schlafen')
to_tsvector('english'::text::regconfig, 'cats')

# documents
to_tsvector('english', 'a fat  cat sat on a mat - it ate a fat rats')
to_tsvector('The quick brown foxes jumped over the lazy dogs')
to_tsvector('simple', 'The quick brown foxes jumped over the lazy dogs')
to_tsvector('english', '')
to_tsvector('english', NULL)
to_tsvector('english', 'x'::varchar(10))
to_tsvector('english', 'state-of-the-art fly-by x-1 1.2.3 -12.5 3e-5 user@example.com http://www.example.com/path?x=y /usr/local/bin &amp; <b>bold</b>')
to_tsvector('french', 'Les chevaux mangeaient des pommes')
to_tsvector('russian', 'Кошки и dogs')
to_tsvector('simple', 'Ünïcode Straße')
to_tsvector('english', '{"a": "cats", "b": ["running", 1, true, {"c": "dogs"}]}'::json)
to_tsvector('english', '{"b": "cats", "a": ["running", 1, true, {"c": "dogs"}]}'::jsonb)
to_tsvector('{"a": "cats"}'::jsonb)
json_to_tsvector('english', '{"a": "The Fat Rats", "b": 123, "c": true}'::json, '["string", "numeric"]')
jsonb_to_tsvector('english', '{"a": "The Fat Rats", "b": 123, "c": true}'::jsonb, '"all"')
jsonb_to_tsvector('english', '{"a": "The Fat Rats", "b": 123, "c": true}'::jsonb, '["key", "boolean"]')
jsonb_to_tsvector('english', '{"a": 1}'::jsonb, '["nope"]')
jsonb_to_tsvector('english', '{"a": 1}'::jsonb, '[1]')
jsonb_to_tsvector('english', '{"a": 1}'::jsonb, '{"a": 1}')
ts_lexize('english_stem', 'stars')
ts_lexize('english_stem', 'a')
ts_lexize('simple', 'Stars')
ts_lexize('nope', 'stars')

# queries
to_tsquery('english', 'The & Fat & Rats')
to_tsquery('english', 'fat:AB & rat:*')
to_tsquery('english', $$'supernovae stars' & !crab$$)
to_tsquery('english', 'a <-> cat <-> the <-> dogs')
to_tsquery('english', 'the')
to_tsquery('english', '')
to_tsquery('english', 'fat rat')
to_tsquery('english', 'foo-bar & x')
to_tsquery('fat & rats')
plainto_tsquery('english', 'The Fat Rats & dogs | !')
plainto_tsquery('The Fat Rats')
phraseto_tsquery('english', 'The Fat the of Rats')
phraseto_tsquery('english', 'the cat is on the mat')
websearch_to_tsquery('english', '"fat rat" or cat dog')
websearch_to_tsquery('english', 'signal -"segmentation fault"')
websearch_to_tsquery('english', '""" )( dummy \\ query <-> : & or')
websearch_to_tsquery('english', 'The or the')
websearch_to_tsquery('"supernovae stars" -crab')

# matches
to_tsvector('english', 'a fat cat sat') @@ to_tsquery('english', 'cat & fat')
to_tsquery('english', 'cat & rat') @@ to_tsvector('english', 'a fat cat sat')
'fat cats ate fat rats' @@ to_tsquery('fat & rat')
'fat cats ate fat rats' @@ 'rats'
'a:1 b:2'::tsvector @@ 'a <-> b'
'a:1 b:3'::tsvector @@ 'a <-> b'
'a:1 b:3'::tsvector @@ 'a <2> b'
'a:1 b:2 c:3'::tsvector @@ 'a <-> (b <-> c)'
'a:1 b:2 c:3'::tsvector @@ 'a <-> !c'
'a:1 b:2'::tsvector @@ '!a <-> b'
'a:1A b:2'::tsvector @@ 'a:A'
'a:1B b:2'::tsvector @@ 'a:A'
'a b'::tsvector @@ 'a:A'
'a b'::tsvector @@ 'a <-> b'
'abc:1 abd:2'::tsvector @@ 'ab:* <-> abd'
'a'::tsvector @@ ''::tsquery
''::tsvector @@ '!a'
'a:1'::tsvector @@ NULL::tsquery

# ranks
ts_rank('a:1 b:2'::tsvector, 'a & b')
ts_rank('a:1 b:2'::tsvector, 'a | c')
ts_rank('a:1A,5 b:2'::tsvector, 'a', 1)
ts_rank('{0.1,0.2,0.4,1.0}', 'a:1A b:2'::tsvector, 'a & b')
ts_rank('{0.1,0.2,0.4,1.0}', 'a:1A b:2'::tsvector, 'a & b', 63)
ts_rank('{-1,-1,-1,0.5}', 'a:1A b:2'::tsvector, 'a')
ts_rank('{0.1}', 'a:1'::tsvector, 'a')
ts_rank('{{0.1,0.2,0.3,0.4}}', 'a:1'::tsvector, 'a')
ts_rank('{0.1,0.2,0.3,NULL}', 'a:1'::tsvector, 'a')
ts_rank('{0.1,0.2,0.3,2}', 'a:1'::tsvector, 'a')
ts_rank('a b'::tsvector, 'a & b')
ts_rank_cd('a:1 b:2 a:7 b:9'::tsvector, 'a & b')
ts_rank_cd('a:1 b:2 c:3'::tsvector, 'a <-> b', 4)
ts_rank_cd('{0.1,0.2,0.4,1.0}', 'a:1A b:2 c:3C'::tsvector, 'a & c', 32)
ts_rank_cd('a b'::tsvector, 'a')
ts_rank_cd(''::tsvector, 'a')

# headlines
ts_headline('english', 'The most common type of search is to find all documents containing given query terms and return them in order of their similarity to the query.', to_tsquery('english', 'query & similarity'))
ts_headline('english', 'Search terms may occur many times in a document, requiring ranking of the search matches to decide which occurrences to display in the result.', to_tsquery('english', 'search & term'), 'MaxFragments=10, MaxWords=7, MinWords=3, StartSel=<<, StopSel=>>')
ts_headline('cats and dogs', 'cat'::tsquery)
ts_headline('english', 'cats and <b>dogs</b>', 'dog', 'HighlightAll=true')
ts_headline('english', '{"a": "cats are", "b":[1, 2, {"c": "the  cat"}],"d":{},"e":[],"f":null}'::json, 'cat'::tsquery)
ts_headline('english', '{"a": "cats are", "b":[1, 2, {"c": "the  cat"}]}'::jsonb, 'cat'::tsquery, 'StartSel=*, StopSel=*')
ts_headline('english', ''::text, 'cat')
ts_headline('english', 'cats', 'cat', 'Nope=1')
ts_headline('english', 'cats', 'cat', 'MinWords=40')
ts_headline('english', 'cats', 'cat', 'MaxWords=x')
ts_headline('english', 'cats', 'cat', 'MaxWords')

# unaccent, with its extension; for each of these languages `create text search configuration french_unaccent (copy = french)` and
# `alter text search configuration french_unaccent alter mapping for hword, hword_part, word with unaccent, french_stem` before
unaccent('Hôtel de la Mer, Ærøskøbing, groß, ŁÓDŹ, Đà Nẵng, İstanbul ıssız')
unaccent('')
unaccent(NULL)
unaccent('½ № ㎏ ｆｕｌｌ “quoted” … ℃')
unaccent(E'e\u0301 и\u0306 й Й ё Ё ᾳ Ώρα')
unaccent('unaccent', 'Hôtel')
unaccent('public.unaccent', 'Hôtel')
unaccent('nope', 'Hôtel')
(SELECT md5(string_agg(unaccent(chr(i)), '' ORDER BY i)) FROM generate_series(1, 1000) i)
(SELECT md5(string_agg(unaccent(chr(i)), '' ORDER BY i)) FROM generate_series(1000, 10000) i)
(SELECT md5(string_agg(unaccent(chr(i)), '' ORDER BY i)) FROM generate_series(10000, 55295) i)
(SELECT md5(string_agg(unaccent(chr(i)), '' ORDER BY i)) FROM generate_series(57344, 200000) i)
ts_lexize('unaccent', 'Hôtel')
ts_lexize('unaccent', 'Hotel')
ts_lexize('unaccent', '')
to_tsvector('french_unaccent', 'Le café de l''été, été comme hiver: marché, marche; cœur-à-cœur, naïveté')
to_tsvector('french', 'Le café de l''été, été comme hiver: marché, marche; cœur-à-cœur, naïveté')
to_tsvector('french_unaccent', 'le café') @@ plainto_tsquery('french_unaccent', 'CAFE')
to_tsvector('french_unaccent', 'le cafe') @@ plainto_tsquery('french_unaccent', 'Cafés')
to_tsvector('french', 'le café') @@ plainto_tsquery('french', 'cafes')
to_tsvector('german_unaccent', 'Die Straßen in Köln, Koeln und Kölner Häuser; für Größe5 und ä5')
to_tsquery('german_unaccent', 'Straße & häuser:* | !für')
to_tsvector('simple_unaccent', 'Ærø ½ ñandú-Ñandú à@é.fr x₂')
to_tsvector('russian_unaccent', 'Ёлки и ёж, йод; Кофе café')
to_tsvector('spanish_unaccent', 'Él cantó la canción; ÉL')
websearch_to_tsquery('french_unaccent', '"café noir" -thé')
ts_headline('french_unaccent', 'Un café noir et un thé', plainto_tsquery('french_unaccent', 'cafe the'))
'french_unaccent'::regconfig
'french_fold'::regconfig
to_tsvector(unaccent('Café')) @@ to_tsquery(unaccent('café'))
