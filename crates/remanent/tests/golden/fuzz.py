#!/usr/bin/env python3
"""Writes random expressions to record and compare: ./fuzz.py SEED COUNT > random.sql, record.py, then
REMANENT_GOLDEN=$PWD/random.txt cargo test -p remanent --lib -- --ignored recorded_expressions
With a third argument they are over the columns of a table: … --ignored recorded_columns
"""
import random, sys

random.seed(int(sys.argv[1]))
pick = random.choice

LITERALS = {
    "int2": ["1::int2", "(-7)::int2", "32767::int2", "0::int2"],
    "int4": ["1", "0", "7", "-3", "2147483647", "100", "-2147483648"],
    "int8": ["1::int8", "5000000000", "-9::int8", "9223372036854775807", "0::int8"],
    "float4": ["1.5::float4", "0::float4", "-2.25::float4", "'NaN'::float4", "1e30::float4", "0.1::float4"],
    "float8": ["1.5::float8", "0::float8", "-0.1::float8", "'Infinity'::float8", "'NaN'::float8", "1e200::float8", "3::float8"],
    "numeric": ["1.5", "0.00", "-12.345", "1000000.5", "0.001", "3.0", "2.50", "99999.99999"],
    "text": ["'abc'", "''", "'a%b_c'", "'Hello World'", "'12'", "'x'::text", "'a,b,,c'", "'  pad '"],
    "bool": ["true", "false", "null::bool"],
    "date": ["date '2024-02-29'", "date '1999-12-31'", "date '2024-12-30'", "date '2000-01-01'"],
    "timestamp": ["timestamp '2024-02-29 13:45:59.123456'", "timestamp '1969-07-20 20:17'",
                  "timestamp '2000-01-01'", "timestamp '2023-12-31 23:59:59.999999'"],
    "timestamptz": ["timestamptz '2024-02-29 13:45:59.5+00'", "timestamptz '1900-01-01 00:00+02'"],
    "interval": ["interval '1 day'", "interval '-3 mons 10 days'", "interval '1 year 2 mons 3 days 04:05:06.7'",
                 "interval '-00:00:01.5'", "interval '36:00:00'", "interval '0'"],
    "unknown": ["'1'", "null", "'abc'", "'2024-01-01'", "'1 day'", "'t'"],
}
NUMBERS = ["int2", "int4", "int8", "float4", "float8", "numeric"]
TIMES = ["date", "timestamp", "timestamptz"]
FIELDS = "year month day hour minute second quarter week doy dow isodow isoyear decade century millennium epoch julian milliseconds microseconds".split()
CASTS = ["int2", "int4", "int8", "float8", "float4", "numeric", "numeric(12,3)", "text", "bool", "date", "timestamp", "timestamptz", "interval"]


def some(kinds, depth):
    return expr(pick(kinds), depth)


def expr(kind, depth):
    if depth <= 0 or random.random() < 0.15:
        return pick(LITERALS[kind])
    d = depth - 1
    num = lambda: some(NUMBERS, d)
    any_ = lambda: some(list(LITERALS), d)
    text = lambda: some(["text"] * 4 + ["unknown"], d)
    small = lambda: str(random.randint(-3, 9))
    if kind in NUMBERS:
        return pick([
            lambda: f"({num()} {pick('+-*/%')} {num()})",
            lambda: f"({num()} {pick('+-*/')} {num()})",
            lambda: f"({expr(kind, d)} {pick('+-*/')} {expr(kind, d)})",
            lambda: f"(- {num()})",
            lambda: f"{pick(['abs', 'sign', 'ceil', 'floor', 'round', 'trunc'])}({num()})",
            lambda: f"{pick(['round', 'trunc'])}({expr('numeric', d)}, {small()})",
            lambda: f"mod({expr(kind, d)}, {expr(kind, d)})",
            lambda: f"({num()})::{pick(CASTS[:7])}",
            lambda: f"length({text()})",
            lambda: f"strpos({text()}, {text()})",
            lambda: f"extract({pick(FIELDS)} from {some(TIMES + ['interval'], d)})",
            lambda: f"date_part('{pick(FIELDS)}', {some(TIMES + ['interval'], d)})",
            lambda: f"({expr('date', d)} - {expr('date', d)})",
            lambda: f"case when {expr('bool', d)} then {num()} else {num()} end",
            lambda: f"coalesce({num()}, {num()})",
            lambda: f"{pick(['greatest', 'least'])}({num()}, {num()})",
            lambda: f"nullif({num()}, {num()})",
            lambda: f"({pick(['5', '-7', '100'])} {pick('&|#')} {expr('int4', d)})",
            lambda: f"{pick(['sqrt', 'exp', 'ln', 'log'])}({num()})",
            lambda: f"power({some(['numeric', 'int4'], 0)}, {small()})",
        ])()
    if kind == "text":
        return pick([
            lambda: f"({text()} || {any_()})",
            lambda: f"{pick(['lower', 'upper', 'initcap', 'reverse', 'btrim', 'ltrim', 'rtrim'])}({text()})",
            lambda: f"{pick(['left', 'right', 'substr'])}({text()}, {small()})",
            lambda: f"substr({text()}, {small()}, {small()})",
            lambda: f"{pick(['lpad', 'rpad'])}({text()}, {small()}, {text()})",
            lambda: f"replace({text()}, {text()}, {text()})",
            lambda: f"split_part({text()}, ',', {small()})",
            lambda: f"concat({any_()}, {any_()})",
            lambda: f"({any_()})::text",
            lambda: f"case {num()} when {num()} then {text()} else {text()} end",
            lambda: f"coalesce({text()}, {text()})",
        ])()
    if kind == "bool":
        same = pick([NUMBERS, ["text"], TIMES, ["interval"], ["bool"]])
        return pick([
            lambda: f"({some(same, d)} {pick(['=', '<>', '<', '<=', '>', '>='])} {some(same, d)})",
            lambda: f"({some(same, d)} {pick(['=', '<>', '<', '<=', '>', '>='])} {any_()})",
            lambda: f"({expr('bool', d)} {pick(['and', 'or'])} {expr('bool', d)})",
            lambda: f"(not {expr('bool', d)})",
            lambda: f"({any_()} is {pick(['', 'not '])}null)",
            lambda: f"({some(same, d)} is {pick(['', 'not '])}distinct from {some(same, d)})",
            lambda: f"({some(same, d)} {pick(['', 'not '])}in ({some(same, d)}, {some(same, d)}, {any_()}))",
            lambda: f"({some(same, d)} {pick(['', 'not '])}between {some(same, d)} and {some(same, d)})",
            lambda: f"({text()} {pick(['like', 'not like', 'ilike'])} {text()})",
            lambda: f"({expr('bool', d)} is {pick(['', 'not '])}{pick(['true', 'false', 'unknown'])})",
        ])()
    if kind == "interval":
        return pick([
            lambda: f"({expr('timestamp', d)} - {expr('timestamp', d)})",
            lambda: f"({expr('interval', d)} {pick('+-')} {expr('interval', d)})",
            lambda: f"({expr('interval', d)} {pick('*/')} {num()})",
            lambda: f"age({expr('timestamp', d)}, {expr('timestamp', d)})",
            lambda: f"{pick(['justify_hours', 'justify_days', 'justify_interval'])}({expr('interval', d)})",
            lambda: f"date_trunc('{pick(FIELDS)}', {expr('interval', d)})",
            lambda: f"make_interval({small()}, {small()}, 0, {small()})",
        ])()
    if kind == "unknown":
        return pick(LITERALS[kind])
    return pick([
        lambda: f"({some(TIMES, d)} {pick('+-')} {expr('interval', d)})",
        lambda: f"({expr('date', d)} {pick('+-')} {some(['int4', 'unknown'], d)})",
        lambda: f"date_trunc('{pick(FIELDS)}', {some(TIMES, d)})",
        lambda: f"date_bin(interval '{pick(['15 minutes', '1 day', '250 ms'])}', {some(TIMES[1:], d)}, timestamp '2001-01-01')",
        lambda: f"({some(TIMES, d)})::{pick(TIMES)}",
        lambda: f"{pick(['greatest', 'least', 'coalesce'])}({some(TIMES, d)}, {some(TIMES, d)})",
        lambda: f"make_date({pick(['2024', '1', '1970'])}, {small()}, {small()})",
    ])()


TABLE = """table int2 | int4 | int8 | float4 | float8 | numeric | numeric(10,2) | text | bool | date | timestamp | timestamptz | interval | bytea
row 1 | 10 | 100 | 1.5 | 1.25 | 1.5 | 1.50 | alpha | t | 2024-01-15 | 2024-01-15 10:30:00 | 2024-01-15 10:30:00+00 | 1 day | \\x01
row 2 | -20 | 5000000000 | -2.25 | 0 | 2.250 | 2.25 | beta | f | 2024-02-29 | 2024-02-29 23:59:59.5 | 2024-02-29 23:59:59.5+00 | 2 hours | \\x0203
row NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
row -3 | 0 | -7 | 0 | -8.5 | -3.000 | -3.00 | alphabet soup, rather long | t | 1999-12-31 | 1999-12-31 00:00:00 | 1999-12-31 00:00:00+00 | -1 mons | \\x
row 0 | 7 | 0 | 0.1 | 3 | 0.0001 | 0.01 | a,b,,c | f | 2000-01-01 | 2000-01-01 00:00:00 | 2000-01-01 00:00:00+00 | 1 mon 30 days | \\x01
row 5 | NULL | 12 | NULL | 7 | NULL | 99.99 | NULL | NULL | 2024-12-30 | NULL | 1970-01-01 00:00:00+00 | NULL | \\x01"""

over_columns = len(sys.argv) > 3
if over_columns:
    print(TABLE)
    types = ["int2", "int4", "int8", "float4", "float8", "numeric", "numeric", "text", "bool", "date", "timestamp", "timestamptz", "interval"]
    for i, ty in enumerate(types):
        # Most leaves are columns.
        LITERALS[ty] = LITERALS[ty][:2] + [f"c{i}"] * 4
    LITERALS["numeric"] += ["c5", "c6"] * 2

for _ in range(int(sys.argv[2])):
    kind = pick(NUMBERS + ["numeric", "text", "bool", "bool", "interval", "date", "timestamp"])
    written = expr(kind, random.randint(1, 3))
    if over_columns:
        print("each", written)
        continue
    # A bare literal is of type unknown to pg_typeof, and of type text once it is a column.
    print(f"({written})::text" if written.startswith("'") else written)
