//! The types that statements are made of, as a table: what PostgreSQL calls them, and values worth trying.
//!
//! A value is the text between quotes. Those before [`Info::tame`] are everyday ones, which fit every column of the type; the
//! others lie at the borders: extremes, infinities, NaN, both zeros, what is not ASCII, dates before Christ.

/// A type, by its place in [`TYPES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ty(u8);

/// What there is to know of a type.
pub struct Info {
    /// Its name in `docs/functions.md`.
    pub name: &'static str,
    /// What PostgreSQL's protocol calls it, and an array of it.
    oids: (i32, i32),
    /// Values.
    pub values: &'static [&'static str],
    /// How many of them are everyday ones.
    pub tame: usize,
    /// How columns may declare it.
    pub declared: &'static [&'static str],
    /// False: the type has no order and no equality.
    pub comparable: bool,
}

const fn info(
    name: &'static str,
    oids: (i32, i32),
    values: &'static [&'static str],
    tame: usize,
    declared: &'static [&'static str],
) -> Info {
    Info { name, oids, values, tame, declared, comparable: true }
}

const fn array(
    name: &'static str,
    values: &'static [&'static str],
    declared: &'static [&'static str],
) -> Info {
    Info { name, oids: (0, 0), values, tame: values.len(), declared, comparable: true }
}

/// All of them; arrays come last.
pub static TYPES: &[Info] = &[
    info("boolean", (16, 1000), &["t", "f", "true", "no"], 4, &["boolean"]),
    info("smallint", (21, 1005), &["0", "1", "2", "-3", "7", "32767", "-32768", "-1"], 5, &["smallint"]),
    info(
        "integer",
        (23, 1007),
        &["0", "1", "2", "3", "5", "-7", "12", "2147483647", "-2147483648", "-1", "100000"],
        7,
        &["integer"],
    ),
    info(
        "bigint",
        (20, 1016),
        &["0", "1", "3", "-2", "5000000000", "9223372036854775807", "-9223372036854775808", "-1"],
        5,
        &["bigint"],
    ),
    info(
        "real",
        (700, 1021),
        &[
            "0",
            "1.5",
            "-2.25",
            "3",
            "0.1",
            "NaN",
            "Infinity",
            "-Infinity",
            "-0",
            "3.4028235e38",
            "1e-45",
            "16777217",
        ],
        5,
        &["real"],
    ),
    info(
        "double precision",
        (701, 1022),
        &[
            "0",
            "1.5",
            "-2.25",
            "3",
            "0.1",
            "1e3",
            "NaN",
            "Infinity",
            "-Infinity",
            "-0",
            "1.7976931348623157e308",
            "5e-324",
            "1e15",
            "123456789.125",
            "-0.5",
            "2.5",
            "9007199254740993",
        ],
        6,
        &["double precision"],
    ),
    info(
        "numeric",
        (1700, 1231),
        &[
            "0",
            "1.50",
            "-2.25",
            "3",
            "0.1",
            "2.50",
            "7.00",
            "NaN",
            "Infinity",
            "-Infinity",
            "0.000",
            "-0.5",
            "1e-10",
            "99999999999999999999.999",
            "123456789012345678901234567890123456789012345678901234567890.5",
            "-1e20",
            "0.00000000000000000000000000000000000001",
        ],
        7,
        &["numeric", "numeric(10,2)", "numeric(20,5)", "numeric(38,10)", "numeric(4)"],
    ),
    info(
        "text",
        (25, 1009),
        &[
            "abc",
            "",
            "b",
            "B",
            "ab",
            "12",
            "x y",
            "a%b_c",
            "Hello World",
            "  pad ",
            "æøå",
            "日本語",
            "🦀",
            "a,b,,c",
            "e\u{301}",
            "O'Brien",
            "back\\slash",
            "2024-02-29",
            "true",
            "{1,2}",
            "ß",
            "İ",
            "line\nbreak",
            "tab\t",
        ],
        7,
        &["text"],
    ),
    info(
        "character varying",
        (1043, 1015),
        &["abc", "", "b", "B", "ab", "xyz", "æøå", "日本語", "abcde", "ab   ", "0"],
        6,
        &["character varying", "varchar(5)", "varchar(12)"],
    ),
    info(
        "bpchar",
        (1042, 1014),
        &["abc", "", "b", "B", "ab", "ab  ", "æøå", "  a", "日本", "0"],
        6,
        &["char(4)", "char(7)"],
    ),
    info(
        "bytea",
        (17, 1001),
        &["\\x", "\\x00", "\\xff", "\\x616263", "\\xdeadbeef", "\\x0001", "abc", "a\\\\b", "\\101"],
        6,
        &["bytea"],
    ),
    info(
        "uuid",
        (2950, 2951),
        &[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11}",
        ],
        4,
        &["uuid"],
    ),
    info(
        "date",
        (1082, 1182),
        &[
            "2024-02-29",
            "2000-01-01",
            "1999-12-31",
            "2024-12-30",
            "1970-01-01",
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "4714-11-24 BC",
            "5874897-12-31",
            "0001-01-01",
            "1900-02-28",
            "epoch",
        ],
        5,
        &["date"],
    ),
    info(
        "time without time zone",
        (1083, 1183),
        &["00:00:00", "13:45:59.123456", "23:59:59.999999", "12:00", "24:00:00", "04:05 PM", "040506"],
        4,
        &["time"],
    ),
    info(
        "timestamp without time zone",
        (1114, 1115),
        &[
            "2024-02-29 13:45:59.123456",
            "2000-01-01 00:00:00",
            "1969-07-20 20:17:40",
            "2023-12-31 23:59:59.999999",
            "2024-03-31 02:30:00",
            "infinity",
            "-infinity",
            "4714-11-24 00:00:00 BC",
            "294276-12-31 23:59:59.999999",
            "0001-01-01 00:00:00",
            "0044-03-15 12:00:00 BC",
        ],
        5,
        &["timestamp"],
    ),
    info(
        "timestamp with time zone",
        (1184, 1185),
        &[
            "2024-02-29 13:45:59.5+00",
            "2000-01-01 00:00:00+00",
            "1900-01-01 00:00:00+02",
            "2024-06-30 23:59:59.999999-05:30",
            "infinity",
            "-infinity",
            "4714-11-24 00:00:00+00 BC",
            "294276-12-31 23:59:59.999999+00",
            "1969-12-31 23:59:59Z",
        ],
        4,
        &["timestamptz"],
    ),
    info(
        "interval",
        (1186, 1187),
        &[
            "1 day",
            "0",
            "-3 mons 10 days",
            "1 year 2 mons 3 days 04:05:06.7",
            "-00:00:01.5",
            "36:00:00",
            "PT1H30M",
            "178000000 years",
            "-178000000 years",
            "1 mon -1 day",
            "1.5 weeks",
            "@ 1 hour ago",
            "P1Y2M3DT4H5M6S",
        ],
        6,
        &["interval"],
    ),
    Info {
        name: "json",
        oids: (114, 199),
        values: &[
            "{\"a\": 1, \"b\": [1, 2, {\"c\": null}]}",
            "[1, \"x\", true, null]",
            "null",
            "3.50",
            "\"t\\u00e6xt\"",
            "{}",
            "[]",
            " {\"a\" : 1 , \"a\": 2}",
            "{\"k\": \"v\", \"n\": -1.5e3}",
            "[[1], [2, [3]]]",
            "true",
        ],
        tame: 11,
        declared: &["json"],
        comparable: false,
    },
    info(
        "jsonb",
        (3802, 3807),
        &[
            "{\"a\": 1, \"b\": [1, 2, {\"c\": null}]}",
            "[1, \"x\", true, null]",
            "null",
            "3.50",
            "\"t\\u00e6xt\"",
            "{}",
            "[]",
            "{\"b\": 1, \"a\": 2, \"aa\": 3}",
            "{\"k\": \"v\", \"n\": -1.5e3}",
            "[[1], [2, [3]]]",
            "true",
            "1e30",
            "\"abc\"",
            "{\"a\": {\"b\": {\"c\": 5}}}",
        ],
        11,
        &["jsonb"],
    ),
    array("boolean[]", &["{}", "{t,f}", "{t,NULL}"], &["boolean[]"]),
    array("smallint[]", &["{}", "{1,2,3}", "{-3,NULL}", "{32767}"], &["smallint[]"]),
    array(
        "integer[]",
        &[
            "{}",
            "{1,2,3}",
            "{1,NULL,3}",
            "{{1,2},{3,4}}",
            "[0:2]={7,8,9}",
            "{NULL}",
            "{2147483647,-2147483648}",
            "{3,2,1,2}",
        ],
        &["integer[]", "int[3]"],
    ),
    array("bigint[]", &["{}", "{5000000000,1}", "{0,NULL}"], &["bigint[]"]),
    array("double precision[]", &["{}", "{1.5,NaN}", "{-0,0,Infinity}", "{0.1,NULL}"], &["float8[]"]),
    array("numeric[]", &["{}", "{1.50,2}", "{NaN,NULL,0.000}"], &["numeric[]", "numeric(8,2)[]"]),
    array(
        "text[]",
        &[
            "{}",
            "{a,b}",
            "{\"\",NULL,\"NULL\"}",
            "{\"a,b\",\"c\\\\\\\"d\"}",
            "{{a,b},{c,d}}",
            "{a,b,a}",
            "{æ,日本}",
        ],
        &["text[]"],
    ),
    array("date[]", &["{}", "{2024-02-29,NULL}", "{infinity,1999-12-31}"], &["date[]"]),
    array(
        "timestamp without time zone[]",
        &["{}", "{\"2024-02-29 13:45:59\",NULL}", "{\"2000-01-01 00:00:00\"}"],
        &["timestamp[]"],
    ),
    array("interval[]", &["{}", "{\"1 day\",\"-3 mons\"}"], &["interval[]"]),
    array("uuid[]", &["{}", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}"], &["uuid[]"]),
    array("jsonb[]", &["{}", "{\"{\\\"a\\\": 1}\",NULL,\"[1, 2]\"}"], &["jsonb[]"]),
];

impl Ty {
    /// Every type.
    pub fn all() -> impl Iterator<Item = Ty> {
        (0..TYPES.len() as u8).map(Ty)
    }

    /// The type of that name, if it is in the table.
    pub fn find(name: &str) -> Option<Ty> {
        Ty::all().find(|ty| ty.info().name == name)
    }

    /// The type of that name.
    ///
    /// # Panics
    /// Where there is none: names are written in this harness.
    pub fn of(name: &str) -> Ty {
        Ty::find(name).unwrap_or_else(|| panic!("there is no type {name} in the table"))
    }

    /// Its line in the table.
    pub fn info(self) -> &'static Info {
        &TYPES[usize::from(self.0)]
    }

    /// The type of an array's elements.
    pub fn element(self) -> Option<Ty> {
        self.info().name.strip_suffix("[]").map(Ty::of)
    }

    /// The type of arrays of it, if it is in the table.
    pub fn array(self) -> Option<Ty> {
        Ty::find(&format!("{}[]", self.info().name))
    }
}

/// What `format_type` calls a type of the protocol, as `remanent::Type` prints it.
pub fn named(oid: i32, modifier: i32) -> String {
    for info in TYPES {
        let (scalar, list) = info.oids;
        if oid != 0 && (oid == scalar || oid == list) {
            let suffix = if oid == list { "[]" } else { "" };
            return format!("{}{suffix}", modified(info.name, modifier));
        }
    }
    format!("type {oid}")
}

fn modified(name: &str, modifier: i32) -> String {
    let length = modifier - 4;
    match name {
        _ if modifier < 0 => name.to_owned(),
        "interval" => interval(modifier),
        _ if name.starts_with("time") => match name.split_once(' ') {
            Some((begins, rest)) => format!("{begins}({modifier}) {rest}"),
            None => format!("{name}({modifier})"),
        },
        _ if modifier < 4 => name.to_owned(),
        "numeric" => format!("numeric({},{})", length >> 16, ((length & 0x7ff) ^ 1024) - 1024),
        "bpchar" => format!("character({length})"),
        "character varying" => format!("{name}({length})"),
        _ => name.to_owned(),
    }
}

/// An interval of fields, a bit each, above the digits of its seconds.
fn interval(modifier: i32) -> String {
    let fields = match modifier >> 16 {
        4 => " year",
        2 => " month",
        8 => " day",
        0x400 => " hour",
        0x800 => " minute",
        0x1000 => " second",
        6 => " year to month",
        0x408 => " day to hour",
        0xc08 => " day to minute",
        0x1c08 => " day to second",
        0xc00 => " hour to minute",
        0x1c00 => " hour to second",
        0x1800 => " minute to second",
        _ => "",
    };
    let digits = if modifier & 0xffff == 0xffff { String::new() } else { format!("({})", modifier & 0xffff) };
    format!("interval{fields}{digits}")
}
