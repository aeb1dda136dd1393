select jsonb_path_query('[1,2,"a",3]', '$[*].double()', '{}', true)
----
jsonb_path_query jsonb
1
2

select jsonb_path_query_array('[1,2,"a",3]', '$[*].double()', '{}', true)
----
jsonb_path_query_array jsonb
[1, 2]

select jsonb_path_query('[1,2,"a",3]', '$[*].double()')
----
ERROR 22036: string argument of jsonpath item method .double() is not a valid representation of a double precision number

select jsonb_path_exists('{"a":1}', '$.a'), jsonb_path_exists('{"a":1}','strict $.b', '{}', true), '{"a":1}' @? '$.b', '{"a":1}' @? 'strict $.b', '{"a":[1,2,3]}' @@ '$.a[*] > 2', '{"a":1}' @@ '$.a'
----
jsonb_path_exists boolean | jsonb_path_exists boolean | ?column? boolean | ?column? boolean | ?column? boolean | ?column? boolean
t | NULL | f | NULL | t | f

select jsonb_path_exists('{"a":1}','strict $.b')
----
ERROR 2203A: JSON object does not contain key "b"

select jsonb_path_match('{"a":1}', '$.a')
----
ERROR 22038: single boolean result is expected

select jsonb_path_match('{"a":1}', '$.a == 1'), jsonb_path_match('{"a":1}', '$.a', '{}', true), jsonb_path_match('{"a":1}','$.b == 1'), jsonb_path_match('{"a":1}', 'null')
----
jsonb_path_match boolean | jsonb_path_match boolean | jsonb_path_match boolean | jsonb_path_match boolean
t | NULL | f | NULL

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[*] ? (@ >= $min && @ <= $max)', '{"min":2,"max":4}')
----
jsonb_path_query jsonb
2
3
4

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[0,2 to last]'), 1
----
jsonb_path_query jsonb | ?column? integer
1 | 1
3 | 1
4 | 1
5 | 1

select jsonb_path_query('{"a":[1,2,3,4,5]}', '$.a[last - 1]')
----
jsonb_path_query jsonb
4

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**')
----
jsonb_path_query jsonb
{"a": {"b": {"c": 1}}, "d": [2, [3]]}
{"b": {"c": 1}}
{"c": 1}
1
[2, [3]]
2
[3]
3

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{2}')
----
jsonb_path_query jsonb
{"c": 1}
2
[3]

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{1 to 2}')
----
jsonb_path_query jsonb
{"b": {"c": 1}}
{"c": 1}
[2, [3]]
2
[3]

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', '$.**{last}')
----
jsonb_path_query jsonb
1
2
3

select jsonb_path_query('{"a":{"b":{"c":1}}, "d":[2,[3]]}', 'strict $.**.c')
----
jsonb_path_query jsonb
1

select jsonb_path_query('[1,"a",true,null,{"a":1},[1]]', '$[*].type()')
----
jsonb_path_query jsonb
"number"
"string"
"boolean"
"null"
"object"
"array"

select jsonb_path_query('[[1,2],3]', '$[*].size()'), jsonb_path_query('[[1,2],3]', '$.size()')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
2 | 2
1 | NULL

select jsonb_path_query('[[1,2],3]', 'strict $[*].size()')
----
ERROR 22039: jsonpath item method .size() can only be applied to an array

select jsonb_path_query('[-1.5,2]', '$[*].abs()'), jsonb_path_query('[-1.5,2]', '$[*].floor()'), jsonb_path_query('[-1.5,2]', '$[*].ceiling()')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
1.5 | -2 | -1
2 | 2 | 2

select jsonb_path_query('["1.50", 2.0]', '$[*].double()')
----
jsonb_path_query jsonb
1.5
2.0

select jsonb_path_query('{"a":1}', '$.a.keyvalue()')
----
ERROR 2203C: jsonpath item method .keyvalue() can only be applied to an object

select jsonb_path_query('["abc","aBd","xyz",1]', '$[*] ? (@ like_regex "^ab")'), 1
----
jsonb_path_query jsonb | ?column? integer
"abc" | 1

select jsonb_path_query('["abc","aBd","xyz",1]', '$[*] ? (@ like_regex "^ab" flag "i")')
----
jsonb_path_query jsonb
"abc"
"aBd"

select jsonb_path_query('["abc","a.c"]', '$[*] ? (@ like_regex "a.c" flag "q")')
----
jsonb_path_query jsonb
"a.c"

select jsonb_path_query('["a\nc","abc"]', '$[*] ? (@ like_regex "a.c")')
----
jsonb_path_query jsonb
"abc"

select jsonb_path_query('["a\nc","abc"]', '$[*] ? (@ like_regex "a.c" flag "s")')
----
jsonb_path_query jsonb
"a\nc"
"abc"

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "a" flag "z")')
----
ERROR 42601 at 34: invalid input syntax for type jsonpath
DETAIL: Unrecognized flag character "z" in LIKE_REGEX predicate.

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "a" flag "x")')
----
ERROR 0A000 at 34: XQuery "x" flag (expanded regular expressions) is not implemented

select jsonb_path_query('["a"]', '$[*] ? (@ like_regex "(")')
----
ERROR 2201B at 34: invalid regular expression: parentheses () not balanced

select jsonb_path_query('["abc","xyz",1]', '$[*] ? (@ starts with "ab")')
----
jsonb_path_query jsonb
"abc"

select jsonb_path_query('["abc","xyz",1]', '$[*] ? (@ starts with $v)', '{"v":"x"}')
----
jsonb_path_query jsonb
"xyz"

select jsonb_path_query('[1,2]', '$ + 1')
----
ERROR 22038: left operand of jsonpath operator + is not a single numeric value

select jsonb_path_query('[1]', '$ + 1'), jsonb_path_query('[1,2,3]', '-$[*]'), jsonb_path_query('7', '$ % 4'), jsonb_path_query('7', '$ / 2'), jsonb_path_query('7', '($ - 2) * 3')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
2 | -1 | 3 | 3.5000000000000000 | 15
NULL | -2 | NULL | NULL | NULL
NULL | -3 | NULL | NULL | NULL

select jsonb_path_query('7', '$ / 0')
----
ERROR 22012: division by zero

select jsonb_path_query('7', '$ / 0', '{}', true)
----
jsonb_path_query jsonb
(no rows)

select jsonb_path_query('["a"]', '$[*] + 1')
----
ERROR 22038: left operand of jsonpath operator + is not a single numeric value

select jsonb_path_query('["a"]', '-$[*]')
----
ERROR 2203B: operand of unary jsonpath operator - is not a numeric value

select jsonb_path_query('{"a":1}', '$.a[0]'), jsonb_path_query('{"a":1}', '$.a[1]')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
1 | NULL

select jsonb_path_query('{"a":1}', 'strict $.a[0]')
----
ERROR 22039: jsonpath array accessor can only be applied to an array

select jsonb_path_query('[1]', 'strict $[1]')
----
ERROR 22033: jsonpath array subscript is out of bounds

select jsonb_path_query('[1]', '$["a"]')
----
ERROR 22033: jsonpath array subscript is not a single numeric value

select jsonb_path_query('[1]', '$[1.9]'), jsonb_path_query('[1,2]', '$[1.9]')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
NULL | 2

select jsonb_path_query('[1]', '$[10000000000]')
----
ERROR 22033: jsonpath array subscript is out of integer range

select jsonb_path_query('1', 'strict $.a')
----
ERROR 2203A: jsonpath member accessor can only be applied to an object

select jsonb_path_query('1', 'strict $.*')
----
ERROR 2203C: jsonpath wildcard member accessor can only be applied to an object

select jsonb_path_query('1', 'strict $[*]')
----
ERROR 22039: jsonpath wildcard array accessor can only be applied to an array

select jsonb_path_query('"a"', '$.abs()')
----
ERROR 22036: jsonpath item method .abs() can only be applied to a numeric value

select jsonb_path_query('"a"', '$.double()')
----
ERROR 22036: string argument of jsonpath item method .double() is not a valid representation of a double precision number

select jsonb_path_query('true', '$.double()')
----
ERROR 22036: jsonpath item method .double() can only be applied to a string or numeric value

select jsonb_path_query('1', '$.a ? (@ == 1)')
----
jsonb_path_query jsonb
(no rows)

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (@.a == null)')
----
jsonb_path_query jsonb
{"a": null}

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (@.a != null)')
----
jsonb_path_query jsonb
{"a": 1}
{"a": "x"}

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (exists(@.a))')
----
jsonb_path_query jsonb
{"a": 1}
{"a": null}
{"a": "x"}

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? (!exists(@.a))')
----
jsonb_path_query jsonb
{"b": 2}

select jsonb_path_query('[{"a":1},{"a":null},{"b":2},{"a":"x"}]', '$[*] ? ((@.a > 0) is unknown)')
----
jsonb_path_query jsonb
{"a": "x"}

select jsonb_path_query('[1,2,3]', '$[*] ? (@ > 1 || @ < 0)')
----
jsonb_path_query jsonb
2
3

select jsonb_path_query('[1,2,3]', '$[*] > 1')
----
jsonb_path_query jsonb
true

select jsonb_path_query('[1,"a"]', '$[*] > "0"'), jsonb_path_query('[1,"a"]', 'strict $[*] > "0"')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
true | null

select jsonb_path_query('{"a b":1, "c":2}', '$."a b"'), jsonb_path_query('{"size":1, "c":2}', '$.size'), jsonb_path_query('{"$x":1}', '$."$x"')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
1 | 1 | 1

select jsonb_path_query('1', '$x', '{"x":[1,2]}'), jsonb_path_query('1', '$"a b"', '{"a b":5}')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
[1, 2] | 5

select jsonb_path_query('1', '$x', '{}')
----
ERROR 42704: could not find jsonpath variable "x"

select jsonb_path_query('1', '$x', '[]')
----
ERROR 22023: "vars" argument is not an object
DETAIL: Jsonpath parameters should be encoded as key-value pairs of "vars" object.

select jsonb_path_query('1', '$x')
----
ERROR 42704: could not find jsonpath variable "x"

select jsonb_path_query('1', '')
----
ERROR 22P02 at 30: invalid input syntax for type jsonpath: ""

select jsonb_path_query('1', '$.')
----
ERROR 42601 at 30: syntax error at end of jsonpath input

select jsonb_path_query('1', '$ foo')
----
ERROR 42601 at 30: syntax error at end of jsonpath input

select jsonb_path_query('1', '@')
----
ERROR 42601 at 30: @ is not allowed in root expressions

select jsonb_path_query('1', 'last')
----
ERROR 42601 at 30: LAST is allowed only in array subscripts

select jsonb_path_query('1', '$ ? (@ == 1) ? (@ > 0)')
----
jsonb_path_query jsonb
1

select jsonb_path_query('1', '"\u0041\x42\n"'), jsonb_path_query('1', '1.5e2'), jsonb_path_query('1', '.5'), jsonb_path_query('1', 'true'), jsonb_path_query('1', '/* c */ $')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
"AB\n" | 150 | 0.5 | true | 1

select jsonb_path_query('1', '1a')
----
ERROR 42601 at 30: trailing junk after numeric literal at or near "1a" of jsonpath input

select jsonb_path_query('1', '"abc')
----
ERROR 42601 at 30: unexpected end of quoted string at end of jsonpath input

select jsonb_path_query_first('[1,2]', '$[*]'), jsonb_path_query_first('[1,2]', '$[*] ? (@ > 5)'), jsonb_path_query_array('[1,2]', '$[*] ? (@ > 5)')
----
jsonb_path_query_first jsonb | jsonb_path_query_first jsonb | jsonb_path_query_array jsonb
1 | NULL | []

select * from jsonb_path_query('{"a":[1,2]}', '$.a[*]') with ordinality
----
jsonb_path_query jsonb | ordinality bigint
1 | 1
2 | 2

select jsonb_path_query('[[1,[2]],[3]]', '$[*][*]'), 1
----
jsonb_path_query jsonb | ?column? integer
1 | 1
[2] | 1
3 | 1

select jsonb_path_query('[[1,[2]],[3]]', '$[0][1]'), jsonb_path_query('[[1,[2]],[3]]', '$[*] ? (@ > 2)')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
[2] | 3

select jsonb_path_query('["2017-03-10","10:00:00","2017-03-10 10:00:00","2017-03-10T10:00:00+03"]', '$[*].datetime().type()')
----
jsonb_path_query jsonb
"date"
"time without time zone"
"timestamp without time zone"
"timestamp with time zone"

select jsonb_path_query('["2017-03-10","2017-03-11 01:00:00"]', '$[*].datetime() ? (@ < "2017-03-10 12:00:00".datetime())')
----
jsonb_path_query jsonb
"2017-03-10"

select jsonb_path_query('["2017-03-10","10:00:00","2017-03-10 10:00:00","2017-03-10T10:00:00+03"]', '$[*].datetime()')
----
jsonb_path_query jsonb
"2017-03-10"
"10:00:00"
"2017-03-10T10:00:00"
"2017-03-10T10:00:00+03:00"

select jsonb_path_query('"x"', '$.datetime()')
----
ERROR 22031: datetime format is not recognized: "x"
HINT: Use a datetime template argument to specify the input data format.

select jsonb_path_query('1', '$.datetime()')
----
ERROR 22031: jsonpath item method .datetime() can only be applied to a string

select jsonb_path_query('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+01".datetime()')
----
ERROR 0A000: cannot convert value from date to timestamptz without time zone usage
HINT: Use *_tz() function for time zone support.

select jsonb_path_query_tz('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+01".datetime()')
----
jsonb_path_query_tz jsonb
true

select jsonb_path_query('{"g":{"t":[1,2]}}', '$.g.t[*] ? (@ == $.g.t[last])')
----
jsonb_path_query jsonb
2

select jsonb_path_query('{"a":[{"b":1},{"b":2}]}', '$.a.b'), jsonb_path_query('{"a":[{"b":1},{"b":2}]}', '$.a ? (@.b == 2)')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
1 | {"b": 2}
2 | NULL

select jsonb_path_query('{"a":[{"b":1},{"b":2}]}', 'strict $.a.b')
----
ERROR 2203A: jsonpath member accessor can only be applied to an object

select jsonb_path_query('{"a":{"c":1},"b":2}', '$.*'), jsonb_path_query('[{"a":1},{"b":2}]', '$.*')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
{"c": 1} | 1
2 | 2

select jsonb_path_query('[1,null]', 'exists($[*] ? (@ == null))'), jsonb_path_query('1', '$ == 1 && $ < 5'), jsonb_path_query('1', '!($ == 1)')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
true | true | false

select jsonb_path_query('1', '!$')
----
ERROR 42601 at 30: syntax error at or near "$" of jsonpath input

select jsonb_path_query('1', '$ && $')
----
ERROR 42601 at 30: syntax error at or near "&&" of jsonpath input

select jsonb_path_query('{"a":1}', '$.a.b.c'), jsonb_path_query('{"a":1}', 'lax $.a.b.c')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
(no rows)

select jsonb_path_query('[1,2,3]', '$[2 to 1]'), jsonb_path_query('[1,2,3]', '$[-1]')
----
jsonb_path_query jsonb | jsonb_path_query jsonb
(no rows)

select jsonb_path_query('[1,2,3]', 'strict $[2 to 1]')
----
ERROR 22033: jsonpath array subscript is out of bounds

select jsonb_path_query('1', '(1 + 2).type()'), jsonb_path_query('1', '(1 == 2).type()'), jsonb_path_query('1', '-(1)'), jsonb_path_query('1', '+1')
----
jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb | jsonb_path_query jsonb
"number" | "boolean" | -1 | 1

select jsonb_path_exists(null, '$'), jsonb_path_exists('1', null), jsonb_path_exists('1', '$', null)
----
jsonb_path_exists boolean | jsonb_path_exists boolean | jsonb_path_exists boolean
NULL | NULL | NULL
