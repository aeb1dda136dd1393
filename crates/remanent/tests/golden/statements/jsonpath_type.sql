create table paths (id int primary key, p jsonpath, ps jsonpath[] default array['$.a'::jsonpath])

insert into paths (id, p) values (1, '$.a[*] ? (@ > 1)'), (2, 'strict $.b'), (3, null)

insert into paths (id, p) values (4, '$.')

insert into paths (id, p) values (4, '$.a'::text)

select id, p, ps from paths order by id

select id, jsonb_path_query_array('{"a": [1, 2, 3], "b": 7}', p), '{"a": 1}' @? p, '{"a": 1}' @@ p from paths order by id

select p::text || '!', pg_typeof(p), p::varchar(5) from paths where id = 1

select distinct p from paths

select p from paths order by p

select p = p from paths

select count(*) from paths group by p

create table keyed (p jsonpath primary key)

select jsonb_path_query('[1, 2]', '$[*]'::text)

select '{"a": 1}'::jsonb @? '$.a'::text

select '$.a'::jsonpath::jsonb

select '1'::jsonb::jsonpath

select cast('$ . a' as jsonpath), jsonpath '$."a b"', ('$.' || 'a')::jsonpath

select '{$.a,$.b}'::jsonpath[], '$'::jsonpath(3)

select '{$.a,"$.b ? (@ > 1)"}'::jsonpath[]

select format_type('jsonpath'::regtype, null), 'jsonpath'::regtype::oid, '_jsonpath'::regtype::oid

select pg_typeof('$'::jsonpath), to_json('$.a'::jsonpath), array['$'::jsonpath]

select coalesce(null, '$.a'::jsonpath), case when true then '$.b'::jsonpath else '$' end

select 'x'::jsonpath is null, null::jsonpath is null

select '$.a ? (@ like_regex "(")'::jsonpath

select '$.a ? (@ like_regex "x" flag "qsmi")'::jsonpath

select '$.datetime("HH24").b'::jsonpath, '$.datetime(1)'::jsonpath

select '((($.a)))'::jsonpath, '($.a + 1) * 2 - -3'::jsonpath, '-($.a.b).c'::jsonpath, '-($.a + 2)'::jsonpath

select '1 + (2 - 3) - (4 * 5)'::jsonpath, '!(1 == 1) && (2 > 1 || exists($.a))'::jsonpath, '($ == 1) is unknown'::jsonpath

select '1.type()'::jsonpath

select '(1).type()'::jsonpath, '(-1).type()'::jsonpath, '("a").type()'::jsonpath, '(true).type()'::jsonpath

select jsonb_path_query('1', '(2).type()'), jsonb_path_query('5', '$ + (-3).abs()')

SELECT '"\u"'::jsonpath

SELECT '"\u0000"'::jsonpath

SELECT '"\u000g"'::jsonpath

SELECT '$."\u00"'::jsonpath

SELECT '$."\uaBcD"'::jsonpath

select '"\b\f\r\n\t\v\"\''\\"'::jsonpath

select '"\ud83d\ude04\ud83d\udc36"'::jsonpath as correct_in_utf8

select '"\ude04\ud83d"'::jsonpath

select '"\x50\u0067\u{53}\u{051}\u{00004C}"'::jsonpath

select '"aaa".type()'::jsonpath

select '"last"'::jsonpath

select '$ < 1'::jsonpath

select '$ ? (@ like_regex "pattern" flag "")'::jsonpath

select '$ ? (@ like_regex "pattern" flag "a")'::jsonpath

select '$ ? (@ like_regex "pattern" flag "isim")'::jsonpath

select '$ ? (@ like_regex "pattern" flag "xsms")'::jsonpath

select '$ ? (@ starts with $var)'::jsonpath

select '$ ? (@.a < +.1e+1)'::jsonpath

select '$ ? (@.a < +.1e-1)'::jsonpath

select '$ ? (@.a < +.1e1)'::jsonpath

select '$ ? (@.a < +0.1)'::jsonpath

select '$ ? (@.a < +10.1)'::jsonpath

select '$ ? (@.a < +10.1e-1)'::jsonpath

select '$ ? (@.a < +10.1e1)'::jsonpath

select '$ ? (@.a < +1e-1)'::jsonpath

select '$ ? (@.a < +1e1)'::jsonpath

select '$ ? (@.a < -0.1e+1)'::jsonpath

select '$ ? (@.a < -0.1e1)'::jsonpath

select '$ ? (@.a < -10.1e1)'::jsonpath

select '$ ? (@.a < -1e+1)'::jsonpath

select '$ ? (@.a < -1e-1)'::jsonpath

select '$ ? (@.a < -1e1)'::jsonpath

select '$ ? (@.a < 0.1e-1)'::jsonpath

select '$ ? (@.a < 1)'::jsonpath

select '$ ? (@.a < 10.1)'::jsonpath

select '$ ? (@.a < 1e+1)'::jsonpath

select '$ ? (last > 0)'::jsonpath

select '$+1'::jsonpath

select '$--+1'::jsonpath

select '$."\ud83d\ude04\ud83d\udc36"'::jsonpath as correct_in_utf8

select '$."\ude04\ud83d"'::jsonpath

select '$."dollar \\u0024 character"'::jsonpath as not_an_escape

select '$."dollar \u0024 character"'::jsonpath as correct_everywhere

select '$."null \\u0000 escape"'::jsonpath as not_an_escape

select '$.*[*]'::jsonpath

select '$.a'::jsonpath

select '$.a.**.b'::jsonpath

select '$.a.**{0 to 5}.b'::jsonpath

select '$.a.**{2 to 2}.b'::jsonpath

select '$.a.**{2 to 5}.b'::jsonpath

select '$.a.**{5 to last}.b'::jsonpath

select '$.a.**{last to 5}.b'::jsonpath

select '$.a.**{last}.b'::jsonpath

select '$.a[$a + 1, ($b[*]) to -($[0] * 2)]'::jsonpath

select '$.a[*][*]'::jsonpath

select '$.a[1,2, 3 to 16]'::jsonpath

select '$.g ? ((@.x >= 123 || @.a == 4) && exists (@.x ? (@ == 14)))'::jsonpath

select '$.g ? (+@.x >= +-(+@.a + 2))'::jsonpath

select '$.g ? (@.a == 1 || !(@.x >= 123 || @.a == 4) && @.b == 7)'::jsonpath

select '$.g ? (@.a == 1 || @.a == 4 && @.b == 7)'::jsonpath

select '$.g ? (@.x >= @[*]?(@.a > "abc"))'::jsonpath

select '$.g ? (@.zip == $zip)'::jsonpath

select '$.g ? (exists (@.x))'::jsonpath

select '$[*][0].a.b'::jsonpath

select '$[0]'::jsonpath

select '$[last]'::jsonpath

select '$a.b'::jsonpath

select '$a[*]'::jsonpath

select ''::jsonpath

select '($.a.b).c.d'::jsonpath

select '(-+$.a.b).c.d'::jsonpath

select '(1).type()'::jsonpath

select '(1.2).e'::jsonpath

select '(1.2).e3'::jsonpath

select '.001'::jsonpath

select '.001e1'::jsonpath

select '0.0'::jsonpath

select '0.000e1'::jsonpath

select '0.000e2'::jsonpath

select '0.0010'::jsonpath

select '0.0010e+2'::jsonpath

select '00'::jsonpath

select '1 + ($.a.b + 2).c.d'::jsonpath

select '1 + ($.a.b > 2).c.d'::jsonpath

select '1.'::jsonpath

select '1..e'::jsonpath

select '1.2e'::jsonpath

select '1.2e3'::jsonpath

select '1.e'::jsonpath

select '1.e1'::jsonpath

select '1.e3.e4'::jsonpath

select '1?(2>3)'::jsonpath

select '1a'::jsonpath
