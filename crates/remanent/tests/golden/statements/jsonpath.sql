select jsonb_path_query('[1,2,"a",3]', '$[*].double()', '{}', true)
----

select jsonb_path_query_array('[1,2,"a",3]', '$[*].double()', '{}', true)
----

select jsonb_path_query('[1,2,"a",3]', '$[*].double()')
----

select jsonb_path_exists('{"a":1}', '$.a'), jsonb_path_exists('{"a":1}','strict $.b', '{}', true), '{"a":1}' @? '$.b', '{"a":1}' @? 'strict $.b', '{"a":[1,2,3]}' @@ '$.a[*] > 2', '{"a":1}' @@ '$.a'
----

select jsonb_path_exists('{"a":1}','strict $.b')
----

select jsonb_path_match('{"a":1}', '$.a')
----

select jsonb_path_match('{"a":1}', '$.a == 1'), jsonb_path_match('{"a":1}', '$.a', '{}', true), jsonb_path_match('{"a":1}','$.b == 1'), jsonb_path_match('{"a":1}', 'null')
----

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= $min && @ <= $max)', '{"min":2,"max":4}')
----

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[0,2 to last]'), 1
----

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[last - 1]')
----

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**')
----

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{2}')
----

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{1 to 2}')
----

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{last}')
----

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', 'strict $.**.c')
----

select jsonb_path_query('[1,"a",true,null,{"a":1},[1]]', '$[*].type()')
----

select jsonb_path_query('[[1,2],3]', '$[*].size()'), jsonb_path_query('[[1,2],3]', '$.size()')
----

select jsonb_path_query('[[1,2],3]', 'strict $[*].size()')
----

select jsonb_path_query('[-1.5,2]', '$[*].abs()'), jsonb_path_query('[-1.5,2]', '$[*].floor()'), jsonb_path_query('[-1.5,2]', '$[*].ceiling()')
----

select jsonb_path_query('["1.50", 2.0]', '$[*].double()')
----

select jsonb_path_query('{"a":1}', '$.a.keyvalue()')
----

select jsonb_path_query('["abc","aBd","xyz",1]', '$[*] ? (@ like_regex "^ab")'), 1
----

select jsonb_path_query('["abc","aBd","xyz",1]', '$[*] ? (@ like_regex "^ab" flag "i")')
----

select jsonb_path_query('["abc","a.c"]', '$[*] ? (@ like_regex "a.c" flag "q")')
----

select jsonb_path_query('["a\nc","abc"]', '$[*] ? (@ like_regex "a.c")')
----

select jsonb_path_query('["a\nc","abc"]', '$[*] ? (@ like_regex "a.c" flag "s")')
----

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "a" flag "z")')
----

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "a" flag "x")')
----

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "(")')
----

select jsonb_path_query('["abc","xyz",1]', '$[*] ? (@ starts with "ab")')
----

select jsonb_path_query('["abc","xyz",1]', '$[*] ? (@ starts with $v)', '{"v":"x"}')
----

select jsonb_path_query('[1,2]', '$ + 1')
----

select jsonb_path_query('[1]', '$ + 1'), jsonb_path_query('[1,2,3]', '-$[*]'), jsonb_path_query('7', '$ % 4'), jsonb_path_query('7', '$ / 2'), jsonb_path_query('7', '($ - 2) * 3')
----

select jsonb_path_query('7', '$ / 0')
----

select jsonb_path_query('7', '$ / 0', '{}', true)
----

select jsonb_path_query('["a"]', '$[*] + 1')
----

select jsonb_path_query('["a"]', '-$[*]')
----

select jsonb_path_query('{"a":1}', '$.a[0]'), jsonb_path_query('{"a":1}', '$.a[1]')
----

select jsonb_path_query('{"a":1}', 'strict $.a[0]')
----

select jsonb_path_query('[1]', 'strict $[1]')
----

select jsonb_path_query('[1]', '$["a"]')
----

select jsonb_path_query('[1]', '$[1.9]'), jsonb_path_query('[1,2]', '$[1.9]')
----

select jsonb_path_query('[1]', '$[10000000000]')
----

select jsonb_path_query('1', 'strict $.a')
----

select jsonb_path_query('1', 'strict $.*')
----

select jsonb_path_query('1', 'strict $[*]')
----

select jsonb_path_query('"a"', '$.abs()')
----

select jsonb_path_query('"a"', '$.double()')
----

select jsonb_path_query('true', '$.double()')
----

select jsonb_path_query('1', '$.a ? (@ == 1)')
----

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (@.a == null)')
----

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (@.a != null)')
----

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (exists(@.a))')
----

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (!exists(@.a))')
----

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? ((@.a > 0) is unknown)')
----

select jsonb_path_query('[1,2,3]', '$[*] ? (@ > 1 || @ < 0)')
----

select jsonb_path_query('[1,2,3]', '$[*] > 1')
----

select jsonb_path_query('[1,"a"]', '$[*] > "0"'), jsonb_path_query('[1,"a"]', 'strict $[*] > "0"')
----

select jsonb_path_query('{"a b":1, "c":2}', '$."a b"'), jsonb_path_query('{"size":1, "c":2}', '$.size'), jsonb_path_query('{"$x":1}', '$."$x"')
----

select jsonb_path_query('1', '$x', '{"x":[1,2]}'), jsonb_path_query('1', '$"a b"', '{"a b":5}')
----

select jsonb_path_query('1', '$x', '{}')
----

select jsonb_path_query('1', '$x', '[]')
----

select jsonb_path_query('1', '$x')
----

select jsonb_path_query('1', '')
----

select jsonb_path_query('1', '$.')
----

select jsonb_path_query('1', '$ foo')
----

select jsonb_path_query('1', '@')
----

select jsonb_path_query('1', 'last')
----

select jsonb_path_query('1', '$ ? (@ == 1) ? (@ > 0)')
----

select jsonb_path_query('1', '"\u0041\x42\n"'), jsonb_path_query('1', '1.5e2'), jsonb_path_query('1', '.5'), jsonb_path_query('1', 'true'), jsonb_path_query('1', '/* c */ $')
----

select jsonb_path_query('1', '1a')
----

select jsonb_path_query('1', '"abc')
----

select jsonb_path_query_first('[1,2]', '$[*]'), jsonb_path_query_first('[1,2]', '$[*] ? (@ > 5)'), jsonb_path_query_array('[1,2]', '$[*] ? (@ > 5)')
----

select * from jsonb_path_query('{"a":[1,2]}', '$.a[*]') with ordinality
----

select jsonb_path_query('[[1,[2]],[3]]', '$[*][*]'), 1
----

select jsonb_path_query('[[1,[2]],[3]]', '$[0][1]'), jsonb_path_query('[[1,[2]],[3]]', '$[*] ? (@ > 2)')
----

select jsonb_path_query('["2017-03-10","10:00:00","2017-03-10 10:00:00","2017-03-10T10:00:00+03"]', '$[*].datetime().type()')
----

select jsonb_path_query('["2017-03-10","2017-03-11 01:00:00"]', '$[*].datetime() ? (@ < "2017-03-10 12:00:00".datetime())')
----

select jsonb_path_query('["2017-03-10","10:00:00","2017-03-10 10:00:00","2017-03-10T10:00:00+03"]', '$[*].datetime()')
----

select jsonb_path_query('"x"', '$.datetime()')
----

select jsonb_path_query('1', '$.datetime()')
----

select jsonb_path_query('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+01".datetime()')
----

select jsonb_path_query_tz('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+01".datetime()')
----

select jsonb_path_query('{"g":{"t":[1,2]}}', '$.g.t[*] ? (@ == $.g.t[last])')
----

select jsonb_path_query('{"a":[{"b":1},{"b":2}]}', '$.a.b'), jsonb_path_query('{"a":[{"b":1},{"b":2}]}', '$.a ? (@.b == 2)')
----

select jsonb_path_query('{"a":[{"b":1},{"b":2}]}', 'strict $.a.b')
----

select jsonb_path_query('{"a":{"c":1},"b":2}', '$.*'), jsonb_path_query('[{"a":1},{"b":2}]', '$.*')
----

select jsonb_path_query('[1,null]', 'exists($[*] ? (@ == null))'), jsonb_path_query('1', '$ == 1 && $ < 5'), jsonb_path_query('1', '!($ == 1)')
----

select jsonb_path_query('1', '!$')
----

select jsonb_path_query('1', '$ && $')
----

select jsonb_path_query('{"a":1}', '$.a.b.c'), jsonb_path_query('{"a":1}', 'lax $.a.b.c')
----

select jsonb_path_query('[1,2,3]', '$[2 to 1]'), jsonb_path_query('[1,2,3]', '$[-1]')
----

select jsonb_path_query('[1,2,3]', 'strict $[2 to 1]')
----

select jsonb_path_query('1', '(1 + 2).type()'), jsonb_path_query('1', '(1 == 2).type()'), jsonb_path_query('1', '-(1)'), jsonb_path_query('1', '+1')
----

select jsonb_path_exists(null, '$'), jsonb_path_exists('1', null), jsonb_path_exists('1', '$', null)
----
