create table paths (id int primary key, p jsonpath, ps jsonpath[] default array['$.a'::jsonpath])
----
done

insert into paths (id, p) values (1, '$.a[*] ? (@ > 1)'), (2, 'strict $.b'), (3, null)
----
3 affected

insert into paths (id, p) values (4, '$.')
----
ERROR 42601 at 38: syntax error at end of jsonpath input

insert into paths (id, p) values (4, '$.a'::text)
----
ERROR 42804 at 38: column "p" is of type jsonpath but expression is of type text
HINT: You will need to rewrite or cast the expression.

select id, p, ps from paths order by id
----
id integer | p jsonpath | ps jsonpath[]
1 | $."a"[*]?(@ > 1) | {"$.\"a\""}
2 | strict $."b" | {"$.\"a\""}
3 | NULL | {"$.\"a\""}

select id, jsonb_path_query_array('{"a": [1, 2, 3], "b": 7}', p), '{"a": 1}' @? p, '{"a": 1}' @@ p from paths order by id
----
id integer | jsonb_path_query_array jsonb | ?column? boolean | ?column? boolean
1 | [2, 3] | f | NULL
2 | [7] | NULL | NULL
3 | NULL | NULL | NULL

select p::text || '!', pg_typeof(p), p::varchar(5) from paths where id = 1
----
?column? text | pg_typeof regtype | p character varying(5)
$."a"[*]?(@ > 1)! | jsonpath | $."a"

select distinct p from paths
----
ERROR 42883 at 17: could not identify an equality operator for type jsonpath

select p from paths order by p
----
ERROR 42883 at 30: could not identify an ordering operator for type jsonpath
HINT: Use an explicit ordering operator or modify the query.

select p = p from paths
----
ERROR 42883 at 10: operator does not exist: jsonpath = jsonpath
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select count(*) from paths group by p
----
ERROR 42883 at 37: could not identify an equality operator for type jsonpath

create table keyed (p jsonpath primary key)
----
ERROR 42704: data type jsonpath has no default operator class for access method "btree"
HINT: You must specify an operator class for the index or define a default operator class for the data type.

select jsonb_path_query('[1, 2]', '$[*]'::text)
----
ERROR 42883 at 8: function jsonb_path_query(unknown, text) does not exist
HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select '{"a": 1}'::jsonb @? '$.a'::text
----
ERROR 42883 at 26: operator does not exist: jsonb @? text
HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '$.a'::jsonpath::jsonb
----
ERROR 42846 at 23: cannot cast type jsonpath to jsonb

select '1'::jsonb::jsonpath
----
ERROR 42846 at 18: cannot cast type jsonb to jsonpath

select cast('$ . a' as jsonpath), jsonpath '$."a b"', ('$.' || 'a')::jsonpath
----
jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath
$."a" | $."a b" | $."a"

select '{$.a,$.b}'::jsonpath[], '$'::jsonpath(3)
----
ERROR 42601 at 38: type modifier is not allowed for type "jsonpath"

select '{$.a,"$.b ? (@ > 1)"}'::jsonpath[]
----
jsonpath jsonpath[]
{"$.\"a\"","$.\"b\"?(@ > 1)"}

select format_type('jsonpath'::regtype, null), 'jsonpath'::regtype::oid, '_jsonpath'::regtype::oid
----
format_type text | oid oid | oid oid
jsonpath | 4072 | 4073

select pg_typeof('$'::jsonpath), to_json('$.a'::jsonpath), array['$'::jsonpath]
----
pg_typeof regtype | to_json json | array jsonpath[]
jsonpath | "$.\"a\"" | {$}

select coalesce(null, '$.a'::jsonpath), case when true then '$.b'::jsonpath else '$' end
----
coalesce jsonpath | case jsonpath
$."a" | $."b"

select 'x'::jsonpath is null, null::jsonpath is null
----
ERROR 42601 at 8: syntax error at end of jsonpath input

select '$.a ? (@ like_regex "(")'::jsonpath
----
ERROR 2201B at 8: invalid regular expression: parentheses () not balanced

select '$.a ? (@ like_regex "x" flag "qsmi")'::jsonpath
----
jsonpath jsonpath
$."a"?(@ like_regex "x" flag "ismq")

select '$.datetime("HH24").b'::jsonpath, '$.datetime(1)'::jsonpath
----
ERROR 42601 at 42: syntax error at or near "1" of jsonpath input

select '((($.a)))'::jsonpath, '($.a + 1) * 2 - -3'::jsonpath, '-($.a.b).c'::jsonpath, '-($.a + 2)'::jsonpath
----
jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath
$."a" | (($."a" + 1) * 2 - -3) | (-$."a"."b"."c") | (-($."a" + 2))

select '1 + (2 - 3) - (4 * 5)'::jsonpath, '!(1 == 1) && (2 > 1 || exists($.a))'::jsonpath, '($ == 1) is unknown'::jsonpath
----
jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath
((1 + (2 - 3)) - 4 * 5) | (!(1 == 1) && (2 > 1 || exists ($."a"))) | ($ == 1) is unknown

select '1.type()'::jsonpath
----
ERROR 42601 at 8: trailing junk after numeric literal at or near "1.t" of jsonpath input

select '(1).type()'::jsonpath, '(-1).type()'::jsonpath, '("a").type()'::jsonpath, '(true).type()'::jsonpath
----
jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath | jsonpath jsonpath
(1).type() | (-1).type() | "a".type() | true.type()

select jsonb_path_query('1', '(2).type()'), jsonb_path_query('5', '$ + (-3).abs()')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
"number" | 8

SELECT '"\u"'::jsonpath
----
ERROR 42601 at 8: invalid Unicode escape sequence at end of jsonpath input

SELECT '"\u0000"'::jsonpath
----
ERROR 22P05 at 8: unsupported Unicode escape sequence
DETAIL: \u0000 cannot be converted to text.

SELECT '"\u000g"'::jsonpath
----
ERROR 42601 at 8: invalid Unicode escape sequence at end of jsonpath input

SELECT '$."\u00"'::jsonpath
----
ERROR 42601 at 8: invalid Unicode escape sequence at end of jsonpath input

SELECT '$."\uaBcD"'::jsonpath
----
jsonpath jsonpath
$."ꯍ"

select '"\b\f\r\n\t\v\"\''\\"'::jsonpath
----
jsonpath jsonpath
"\b\f\r\n\t\u000b\"'\\"

select '"\ud83d\ude04\ud83d\udc36"'::jsonpath as correct_in_utf8
----
correct_in_utf8 jsonpath
"😄🐶"

select '"\ude04\ud83d"'::jsonpath
----
ERROR 22P02 at 8: invalid input syntax for type jsonpath
DETAIL: Unicode low surrogate must follow a high surrogate.

select '"\x50\u0067\u{53}\u{051}\u{00004C}"'::jsonpath
----
jsonpath jsonpath
"PgSQL"

select '"aaa".type()'::jsonpath
----
jsonpath jsonpath
"aaa".type()

select '"last"'::jsonpath
----
jsonpath jsonpath
"last"

select '$ < 1'::jsonpath
----
jsonpath jsonpath
($ < 1)

select '$ ? (@ like_regex "pattern" flag "")'::jsonpath
----
jsonpath jsonpath
$?(@ like_regex "pattern")

select '$ ? (@ like_regex "pattern" flag "a")'::jsonpath
----
ERROR 42601 at 8: invalid input syntax for type jsonpath
DETAIL: Unrecognized flag character "a" in LIKE_REGEX predicate.

select '$ ? (@ like_regex "pattern" flag "isim")'::jsonpath
----
jsonpath jsonpath
$?(@ like_regex "pattern" flag "ism")

select '$ ? (@ like_regex "pattern" flag "xsms")'::jsonpath
----
ERROR 0A000 at 8: XQuery "x" flag (expanded regular expressions) is not implemented

select '$ ? (@ starts with $var)'::jsonpath
----
jsonpath jsonpath
$?(@ starts with $"var")

select '$ ? (@.a < +.1e+1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 1)

select '$ ? (@.a < +.1e-1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 0.01)

select '$ ? (@.a < +.1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 1)

select '$ ? (@.a < +0.1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 0.1)

select '$ ? (@.a < +10.1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 10.1)

select '$ ? (@.a < +10.1e-1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 1.01)

select '$ ? (@.a < +10.1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 101)

select '$ ? (@.a < +1e-1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 0.1)

select '$ ? (@.a < +1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 10)

select '$ ? (@.a < -0.1e+1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -1)

select '$ ? (@.a < -0.1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -1)

select '$ ? (@.a < -10.1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -101)

select '$ ? (@.a < -1e+1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -10)

select '$ ? (@.a < -1e-1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -0.1)

select '$ ? (@.a < -1e1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < -10)

select '$ ? (@.a < 0.1e-1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 0.01)

select '$ ? (@.a < 1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 1)

select '$ ? (@.a < 10.1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 10.1)

select '$ ? (@.a < 1e+1)'::jsonpath
----
jsonpath jsonpath
$?(@."a" < 10)

select '$ ? (last > 0)'::jsonpath
----
ERROR 42601 at 8: LAST is allowed only in array subscripts

select '$+1'::jsonpath
----
jsonpath jsonpath
($ + 1)

select '$--+1'::jsonpath
----
jsonpath jsonpath
($ - -1)

select '$."\ud83d\ude04\ud83d\udc36"'::jsonpath as correct_in_utf8
----
correct_in_utf8 jsonpath
$."😄🐶"

select '$."\ude04\ud83d"'::jsonpath
----
ERROR 22P02 at 8: invalid input syntax for type jsonpath
DETAIL: Unicode low surrogate must follow a high surrogate.

select '$."dollar \\u0024 character"'::jsonpath as not_an_escape
----
not_an_escape jsonpath
$."dollar \\u0024 character"

select '$."dollar \u0024 character"'::jsonpath as correct_everywhere
----
correct_everywhere jsonpath
$."dollar $ character"

select '$."null \\u0000 escape"'::jsonpath as not_an_escape
----
not_an_escape jsonpath
$."null \\u0000 escape"

select '$.*[*]'::jsonpath
----
jsonpath jsonpath
$.*[*]

select '$.a'::jsonpath
----
jsonpath jsonpath
$."a"

select '$.a.**.b'::jsonpath
----
jsonpath jsonpath
$."a".**."b"

select '$.a.**{0 to 5}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{0 to 5}."b"

select '$.a.**{2 to 2}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{2}."b"

select '$.a.**{2 to 5}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{2 to 5}."b"

select '$.a.**{5 to last}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{5 to last}."b"

select '$.a.**{last to 5}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{last to 5}."b"

select '$.a.**{last}.b'::jsonpath
----
jsonpath jsonpath
$."a".**{last}."b"

select '$.a[$a + 1, ($b[*]) to -($[0] * 2)]'::jsonpath
----
jsonpath jsonpath
$."a"[$"a" + 1,$"b"[*] to -($[0] * 2)]

select '$.a[*][*]'::jsonpath
----
jsonpath jsonpath
$."a"[*][*]

select '$.a[1,2, 3 to 16]'::jsonpath
----
jsonpath jsonpath
$."a"[1,2,3 to 16]

select '$.g ? ((@.x >= 123 || @.a == 4) && exists (@.x ? (@ == 14)))'::jsonpath
----
jsonpath jsonpath
$."g"?((@."x" >= 123 || @."a" == 4) && exists (@."x"?(@ == 14)))

select '$.g ? (+@.x >= +-(+@.a + 2))'::jsonpath
----
jsonpath jsonpath
$."g"?(+@."x" >= +(-(+@."a" + 2)))

select '$.g ? (@.a == 1 || !(@.x >= 123 || @.a == 4) && @.b == 7)'::jsonpath
----
jsonpath jsonpath
$."g"?(@."a" == 1 || !(@."x" >= 123 || @."a" == 4) && @."b" == 7)

select '$.g ? (@.a == 1 || @.a == 4 && @.b == 7)'::jsonpath
----
jsonpath jsonpath
$."g"?(@."a" == 1 || @."a" == 4 && @."b" == 7)

select '$.g ? (@.x >= @[*]?(@.a > "abc"))'::jsonpath
----
jsonpath jsonpath
$."g"?(@."x" >= @[*]?(@."a" > "abc"))

select '$.g ? (@.zip == $zip)'::jsonpath
----
jsonpath jsonpath
$."g"?(@."zip" == $"zip")

select '$.g ? (exists (@.x))'::jsonpath
----
jsonpath jsonpath
$."g"?(exists (@."x"))

select '$[*][0].a.b'::jsonpath
----
jsonpath jsonpath
$[*][0]."a"."b"

select '$[0]'::jsonpath
----
jsonpath jsonpath
$[0]

select '$[last]'::jsonpath
----
jsonpath jsonpath
$[last]

select '$a.b'::jsonpath
----
jsonpath jsonpath
$"a"."b"

select '$a[*]'::jsonpath
----
jsonpath jsonpath
$"a"[*]

select ''::jsonpath
----
ERROR 22P02 at 8: invalid input syntax for type jsonpath: ""

select '($.a.b).c.d'::jsonpath
----
jsonpath jsonpath
$."a"."b"."c"."d"

select '(-+$.a.b).c.d'::jsonpath
----
jsonpath jsonpath
(-(+$."a"."b"))."c"."d"

select '(1).type()'::jsonpath
----
jsonpath jsonpath
(1).type()

select '(1.2).e'::jsonpath
----
jsonpath jsonpath
(1.2)."e"

select '(1.2).e3'::jsonpath
----
jsonpath jsonpath
(1.2)."e3"

select '.001'::jsonpath
----
jsonpath jsonpath
0.001

select '.001e1'::jsonpath
----
jsonpath jsonpath
0.01

select '0.0'::jsonpath
----
jsonpath jsonpath
0.0

select '0.000e1'::jsonpath
----
jsonpath jsonpath
0.00

select '0.000e2'::jsonpath
----
jsonpath jsonpath
0.0

select '0.0010'::jsonpath
----
jsonpath jsonpath
0.0010

select '0.0010e+2'::jsonpath
----
jsonpath jsonpath
0.10

select '00'::jsonpath
----
ERROR 42601 at 8: trailing junk after numeric literal at or near "00" of jsonpath input

select '1 + ($.a.b + 2).c.d'::jsonpath
----
jsonpath jsonpath
(1 + ($."a"."b" + 2)."c"."d")

select '1 + ($.a.b > 2).c.d'::jsonpath
----
jsonpath jsonpath
(1 + ($."a"."b" > 2)."c"."d")

select '1.'::jsonpath
----
jsonpath jsonpath
1

select '1..e'::jsonpath
----
jsonpath jsonpath
(1)."e"

select '1.2e'::jsonpath
----
ERROR 42601 at 8: trailing junk after numeric literal at or near "1.2e" of jsonpath input

select '1.2e3'::jsonpath
----
jsonpath jsonpath
1200

select '1.e'::jsonpath
----
ERROR 42601 at 8: trailing junk after numeric literal at or near "1.e" of jsonpath input

select '1.e1'::jsonpath
----
jsonpath jsonpath
10

select '1.e3.e4'::jsonpath
----
jsonpath jsonpath
(1000)."e4"

select '1?(2>3)'::jsonpath
----
jsonpath jsonpath
(1)?(2 > 3)

select '1a'::jsonpath
----
ERROR 42601 at 8: trailing junk after numeric literal at or near "1a" of jsonpath input
