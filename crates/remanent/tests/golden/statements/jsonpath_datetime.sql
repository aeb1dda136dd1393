select jsonb_path_query('"2024-02-30"', '$.datetime("YYYY-MM-DD")')

select jsonb_path_query('"24-02-29"', '$.datetime("YY-MM-DD")')

select jsonb_path_query('"2024-02-29 10"', '$.datetime("YYYY-MM-DD TZH")')

select jsonb_path_query('"x"', '$.datetime("")')

select jsonb_path_query('"12:34:56.789"', '$.datetime("HH24:MI:SS.FF1")')

select jsonb_path_query('["2024-02-29", "x"]', '$[*].datetime("YYYY-MM-DD")', '{}', true)

select jsonb_path_query('"12:34"', '$.datetime("HH24:MI TZ")')

select jsonb_path_query('"2024-1-5"', '$.datetime()')

select jsonb_path_query('"2024-01-05T10:11:12.5+05:30"', '$.datetime()')

select jsonb_path_query('"10:11:12-03"', '$.datetime().type()')

select jsonb_path_exists('"10:11:12-03"', '$.datetime() ? (@ < "10:11:12".datetime())')

select jsonb_path_exists_tz('"10:11:12-03"', '$.datetime() ? (@ > "10:11:12".datetime())')

select jsonb_path_exists('"10:11:12-03"', '$.datetime() ? (@ > "2024-01-01".datetime())')

select to_timestamp('20181102123456123456', 'YYYYMMDDHH24MISSFF3')

select jsonb_path_query(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ < "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')

select jsonb_path_query(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ == "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')

select jsonb_path_query(
	'["2017-03-10", "2017-03-11", "2017-03-09", "12:34:56", "01:02:03+04", "2017-03-10 00:00:00", "2017-03-10 12:34:56", "2017-03-10 01:02:03+04", "2017-03-10 03:00:00+03"]',
	'$[*].datetime() ? (@ >= "10.03.2017".datetime("dd.mm.yyyy"))')

select jsonb_path_query('"10-03-2017 12:34 +05"', '$.datetime("dd-mm-yyyy HH24:MI TZH")')

select jsonb_path_query('"10-03-2017 12:34 -05:20"', '$.datetime("dd-mm-yyyy HH24:MI TZH:TZM")')

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy HH24:MI TZH")')

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy")')

select jsonb_path_query('"10-03-2017 12:34"', '$.datetime("dd-mm-yyyy").type()')

select jsonb_path_query('"10-03-2017"', '$.datetime("dd-mm-yyyy")')

select jsonb_path_query('"10-03-2017"', '$.datetime("dd-mm-yyyy").type()')

select jsonb_path_query('"10-03-2017t12:34:56"', '$.datetime("dd-mm-yyyy\"T\"HH24:MI:SS")')

select jsonb_path_query('"12:34 +05"', '$.datetime("HH24:MI TZH")')

select jsonb_path_query('"12:34 -05"', '$.datetime("HH24:MI TZH")')

select jsonb_path_query('"12:34"', '$.datetime("HH24:MI TZH")')

select jsonb_path_query('"12:34"', '$.datetime("aaa")')

select jsonb_path_query('"12:34:56"', '$.datetime("HH24:MI:SS").type()')

select jsonb_path_query('"12:34:56"', '$.datetime()')

select jsonb_path_query('"12:34:56+3"', '$.datetime()')

select jsonb_path_query('"12:34:56+3"', '$.datetime().type()')

select jsonb_path_query('"12:34:56+3:10"', '$.datetime()')

select jsonb_path_query('"12:34:56+3:10"', '$.datetime().type()')

select jsonb_path_query('"2017-03-10 12:34:56"', '$.datetime()')

select jsonb_path_query('"2017-03-10 12:34:56+3"', '$.datetime()')

select jsonb_path_query('"2017-03-10 12:34:56+3:10"', '$.datetime().type()')

select jsonb_path_query('"2017-03-10 12:34:56.789+3:10"', '$.datetime()')

select jsonb_path_query('"2017-03-10T12:34:56.789+3:10"', '$.datetime()')

select jsonb_path_query('"2017-03-10t12:34:56.789+3:10"', '$.datetime()')

select jsonb_path_query('"aaaa"', '$.datetime("HH24")')

select jsonb_path_query('"bogus"', '$.datetime()')

select jsonb_path_query('null', '$.datetime()')

select jsonb_path_query_tz(
	'["12:34:00", "12:35:00", "12:36:00", "12:35:00+00", "12:35:00+01", "13:35:00+01", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00+01"]',
	'$[*].datetime() ? (@ <  "12:35".datetime("HH24:MI"))')

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ <  "12:35 +1".datetime("HH24:MI TZH"))')

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ == "12:35 +1".datetime("HH24:MI TZH"))')

select jsonb_path_query_tz(
	'["12:34:00+01", "12:35:00+01", "12:36:00+01", "12:35:00+02", "12:35:00-02", "10:35:00", "11:35:00", "12:35:00", "2017-03-10", "2017-03-10 12:35:00", "2017-03-10 12:35:00 +1"]',
	'$[*].datetime() ? (@ >= "12:35 +1".datetime("HH24:MI TZH"))')

select jsonb_path_query_tz(
	'["2017-03-10 12:34:00", "2017-03-10 12:35:00", "2017-03-10 12:36:00", "2017-03-10 12:35:00+01", "2017-03-10 13:35:00+01", "2017-03-10 12:35:00-01", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ == "10.03.2017 12:35".datetime("dd.mm.yyyy HH24:MI"))')

select jsonb_path_query_tz(
	'["2017-03-10 12:34:00+01", "2017-03-10 12:35:00+01", "2017-03-10 12:36:00+01", "2017-03-10 12:35:00+02", "2017-03-10 12:35:00-02", "2017-03-10 10:35:00", "2017-03-10 11:35:00", "2017-03-10 12:35:00", "2017-03-10", "2017-03-11", "12:34:56", "12:34:56+01"]',
	'$[*].datetime() ? (@ >= "10.03.2017 12:35 +1".datetime("dd.mm.yyyy HH24:MI TZH"))')

select jsonb_path_query_tz(
	'["2017-03-10", "2017-03-11", "2017-03-09", "12:34:56", "01:02:03+04", "2017-03-10 00:00:00", "2017-03-10 12:34:56", "2017-03-10 01:02:03+04", "2017-03-10 03:00:00+03"]',
	'$[*].datetime() ? (@ <  "10.03.2017".datetime("dd.mm.yyyy"))')
