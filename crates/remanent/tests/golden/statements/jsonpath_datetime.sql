select jsonb_path_query('"2024-02-30"', '$.datetime("YYYY-MM-DD")')
----
ERROR 22008: date/time field value out of range: "2024-02-30"

select jsonb_path_query('"24-02-29"', '$.datetime("YY-MM-DD")')
----
jsonb_path_query jsonb
"2024-02-29"

select jsonb_path_query('"2024-02-29 10"', '$.datetime("YYYY-MM-DD TZH")')
----
ERROR 22007: datetime format is zoned but not timed

select jsonb_path_query('"x"', '$.datetime("")')
----
ERROR 22007: trailing characters remain in input string after datetime format

select jsonb_path_query('"12:34:56.789"', '$.datetime("HH24:MI:SS.FF1")')
----
jsonb_path_query jsonb
"12:34:56.8"

select jsonb_path_query('["2024-02-29", "x"]', '$[*].datetime("YYYY-MM-DD")', '{}', true)
----
jsonb_path_query jsonb
"2024-02-29"

select jsonb_path_query('"12:34"', '$.datetime("HH24:MI TZ")')
----
ERROR 22007: input string is too short for datetime format

select jsonb_path_query('"2024-1-5"', '$.datetime()')
----
jsonb_path_query jsonb
"2024-01-05"

select jsonb_path_query('"2024-01-05T10:11:12.5+05:30"', '$.datetime()')
----
jsonb_path_query jsonb
"2024-01-05T10:11:12.5+05:30"

select jsonb_path_query('"10:11:12-03"', '$.datetime().type()')
----
jsonb_path_query jsonb
"time with time zone"

select jsonb_path_exists('"10:11:12-03"', '$.datetime() ? (@ < "10:11:12".datetime())')
----
ERROR 0A000: cannot convert value from time to timetz without time zone usage
HINT: Use *_tz() function for time zone support.

select jsonb_path_exists_tz('"10:11:12-03"', '$.datetime() ? (@ > "10:11:12".datetime())')
----
jsonb_path_exists_tz boolean
t

select jsonb_path_exists('"10:11:12-03"', '$.datetime() ? (@ > "2024-01-01".datetime())')
----
jsonb_path_exists boolean
f

select to_timestamp('20181102123456123456', 'YYYYMMDDHH24MISSFF3')
----
to_timestamp timestamp with time zone
2018-11-02 12:34:56.123+00

select jsonb_path_query(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ < "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')
----
ERROR 0A000: cannot convert value from timestamp to timestamptz without time zone usage
HINT: Use *_tz() function for time zone support.

select jsonb_path_query(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ == "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')
----
ERROR 0A000: cannot convert value from timestamp to timestamptz without time zone usage
HINT: Use *_tz() function for time zone support.

select jsonb_path_query(
	'["2017-03-10", "2017-03-11", "2017-03-09", "12:34:56", "01:02:03+04", "2017-03-10 00:00:00", "2017-03-10 12:34:56", "2017-03-10 01:02:03+04", "2017-03-10 03:00:00+03"]',
	'$[*].datetime() ? (@ >= "10.03.2017".datetime("dd.mm.yyyy"))')
----
ERROR 0A000: cannot convert value from date to timestamptz without time zone usage
HINT: Use *_tz() function for time zone support.

select jsonb_path_query('"10-03-2017 12:34 +05"', '$.datetime("dd-mm-yyyy HH24:MI TZH")')
----
jsonb_path_query jsonb
"2017-03-10T12:34:00+05:00"

select jsonb_path_query('"10-03-2017 12:34 -05:20"', '$.datetime("dd-mm-yyyy HH24:MI TZH:TZM")')
----
jsonb_path_query jsonb
"2017-03-10T12:34:00-05:20"

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy HH24:MI TZH")')
----
ERROR 22007: input string is too short for datetime format

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy")')
----
ERROR 22007: trailing characters remain in input string after datetime format

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy").type()')
----
ERROR 22007: trailing characters remain in input string after datetime format

select jsonb_path_query('"10-03-2017"', '$.datetime("dd-mm-yyyy")')
----
jsonb_path_query jsonb
"2017-03-10"

select jsonb_path_query('"10-03-2017"', '$.datetime("dd-mm-yyyy").type()')
----
jsonb_path_query jsonb
"date"

select jsonb_path_query('"10-03-2017t12:34:56"', '$.datetime("dd-mm-yyyy\"T\"HH24:MI:SS")')
----
ERROR 22007: unmatched format character "T"

select jsonb_path_query('"12:34 +05"', '$.datetime("HH24:MI TZH")')
----
jsonb_path_query jsonb
"12:34:00+05:00"

select jsonb_path_query('"12:34 -05"', '$.datetime("HH24:MI TZH")')
----
jsonb_path_query jsonb
"12:34:00-05:00"

select jsonb_path_query('"12:34"', '$.datetime("HH24:MI TZH")')
----
ERROR 22007: input string is too short for datetime format

select jsonb_path_query('"12:34"', '$.datetime("aaa")')
----
ERROR 22007: invalid datetime format separator: "a"

select jsonb_path_query('"12:34:56"', '$.datetime("HH24:MI:SS").type()')
----
jsonb_path_query jsonb
"time without time zone"

select jsonb_path_query('"12:34:56"', '$.datetime()')
----
jsonb_path_query jsonb
"12:34:56"

select jsonb_path_query('"12:34:56+3"', '$.datetime()')
----
jsonb_path_query jsonb
"12:34:56+03:00"

select jsonb_path_query('"12:34:56+3"', '$.datetime().type()')
----
jsonb_path_query jsonb
"time with time zone"

select jsonb_path_query('"12:34:56+3:10"', '$.datetime()')
----
jsonb_path_query jsonb
"12:34:56+03:10"

select jsonb_path_query('"12:34:56+3:10"', '$.datetime().type()')
----
jsonb_path_query jsonb
"time with time zone"

select jsonb_path_query('"2017-03-10 12:34:56"', '$.datetime()')
----
jsonb_path_query jsonb
"2017-03-10T12:34:56"

select jsonb_path_query('"2017-03-10 12:34:56+3"', '$.datetime()')
----
jsonb_path_query jsonb
"2017-03-10T12:34:56+03:00"

select jsonb_path_query('"2017-03-10 12:34:56+3:10"', '$.datetime().type()')
----
jsonb_path_query jsonb
"timestamp with time zone"

select jsonb_path_query('"2017-03-10 12:34:56.789+3:10"', '$.datetime()')
----
jsonb_path_query jsonb
"2017-03-10T12:34:56.789+03:10"

select jsonb_path_query('"2017-03-10T12:34:56.789+3:10"', '$.datetime()')
----
jsonb_path_query jsonb
"2017-03-10T12:34:56.789+03:10"

select jsonb_path_query('"2017-03-10t12:34:56.789+3:10"', '$.datetime()')
----
ERROR 22031: datetime format is not recognized: "2017-03-10t12:34:56.789+3:10"
HINT: Use a datetime template argument to specify the input data format.

select jsonb_path_query('"aaaa"', '$.datetime("HH24")')
----
ERROR 22007: invalid value "aa" for "HH24"
DETAIL: Value must be an integer.

select jsonb_path_query('"bogus"', '$.datetime()')
----
ERROR 22031: datetime format is not recognized: "bogus"
HINT: Use a datetime template argument to specify the input data format.

select jsonb_path_query('null', '$.datetime()')
----
ERROR 22031: jsonpath item method .datetime() can only be applied to a string

select jsonb_path_query_tz(
	'["12:34:00", "12:35:00", "12:36:00", "12:35:00+00", "12:35:00+01", "13:35:00+01", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00+01"]',
	'$[*].datetime() ? (@ <  "12:35".datetime("HH24:MI"))')
----
jsonb_path_query_tz jsonb
"12:34:00"
"12:35:00+01:00"
"13:35:00+01:00"

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ <  "12:35 +1".datetime("HH24:MI TZH"))')
----
jsonb_path_query_tz jsonb
"12:34:00+01:00"
"12:35:00+02:00"
"10:35:00"

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ == "12:35 +1".datetime("HH24:MI TZH"))')
----
jsonb_path_query_tz jsonb
"12:35:00+01:00"

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ >= "12:35 +1".datetime("HH24:MI TZH"))')
----
jsonb_path_query_tz jsonb
"12:35:00+01:00"
"12:36:00+01:00"
"12:35:00-02:00"
"11:35:00"
"12:35:00"

select jsonb_path_query_tz(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ == "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')
----
jsonb_path_query_tz jsonb
"2017-03-10T12:35:00"
"2017-03-10T13:35:00+01:00"

select jsonb_path_query_tz(
	'["2017-03-10 12:34:00+01", "2017-03-10 12:35:00+01", "2017-03-10 12:36:00+01", "2017-03-10 12:35:00+02", "2017-03-10 12:35:00-02", "2017-03-10 10:35:00", "2017-03-10 11:35:00", "2017-03-10 12:35:00", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ >= "10.03.2017 12:35 +1".datetime("dd.mm.yyyy HH24:MI TZH"))')
----
jsonb_path_query_tz jsonb
"2017-03-10T12:35:00+01:00"
"2017-03-10T12:36:00+01:00"
"2017-03-10T12:35:00-02:00"
"2017-03-10T11:35:00"
"2017-03-10T12:35:00"
"2017-03-11"

select jsonb_path_query_tz(
	'["2017-03-10", "2017-03-11", "2017-03-09", "12:34:56", "01:02:03+04", "2017-03-10 00:00:00", "2017-03-10 12:34:56", "2017-03-10 01:02:03+04", "2017-03-10 03:00:00+03"]',
	'$[*].datetime() ? (@ <  "10.03.2017".datetime("dd.mm.yyyy"))')
----
jsonb_path_query_tz jsonb
"2017-03-09"
"2017-03-10T01:02:03+04:00"
