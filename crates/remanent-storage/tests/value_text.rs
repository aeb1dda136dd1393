//! Text forms: what `Value::parse` reads and `Display` prints, beside what PostgreSQL 15 does.

mod value_support;

use proptest::prelude::*;
use remanent_storage::value::{Type, Value, Zone};
use value_support::{config, damage, types, values};

fn type_named(name: &str) -> Type {
    match name {
        "boolean" => Type::Bool,
        "smallint" => Type::Int2,
        "integer" => Type::Int4,
        "bigint" => Type::Int8,
        "real" => Type::Float4,
        "double precision" => Type::Float8,
        "numeric" => Type::Numeric(None),
        "text" => Type::Text,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::Timestamptz,
        "interval" => Type::Interval,
        "vector" => Type::Vector(None),
        other => {
            let inside = other.strip_prefix("numeric(").and_then(|s| s.strip_suffix(')')).expect(other);
            let (precision, scale) = inside.split_once(',').expect(other);
            Type::Numeric(Some((precision.parse().expect(other), scale.parse().expect(other))))
        }
    }
}

/// What a golden line says after its input: `ok|text` or `SQLSTATE|message`.
fn parse_and_print(ty: &str, input: &str) -> String {
    match Value::parse(input, type_named(ty)) {
        // A cast to text prints booleans in full; the output function does not.
        Ok(Value::Bool(v)) => format!("ok|{v}"),
        Ok(v) => format!("ok|{v}"),
        Err(e) => format!("{}|{}", e.code(), e.message()),
    }
}

/// Recorded by `value_golden/record.sh`. Each line of the file is `type|input|` and what PostgreSQL 15 answered to `select 'input'::type::text`.
#[test]
fn text_forms_are_those_of_postgresql() {
    let mut wrong = Vec::new();
    for line in include_str!("value_golden/text_forms.txt").lines() {
        let mut parts = line.splitn(3, '|');
        let (ty, input, expected) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let found = parse_and_print(ty, input);
        if found != expected {
            wrong.push(format!("{ty} {input:?}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn error(ty: Type, input: &str) -> (String, String) {
    let e = Value::parse(input, ty).expect_err(input);
    (e.code().to_string(), e.message().to_string())
}

#[test]
fn vectors_read_and_print_as_pgvector() {
    for (input, expected) in [
        ("[1,2,3]", "ok|[1,2,3]"),
        (" [ 1.5 , -2e-3,.5 ] ", "ok|[1.5,-0.002,0.5]"),
        ("[1e20]", "ok|[1e+20]"),
        ("[]", "22000|vector must have at least 1 dimension"),
        ("[1,]", "22P02|invalid input syntax for type vector: \"[1,]\""),
        ("1,2", "22P02|invalid input syntax for type vector: \"1,2\""),
        ("[1,2", "22P02|invalid input syntax for type vector: \"[1,2\""),
        ("[1]x", "22P02|invalid input syntax for type vector: \"[1]x\""),
        ("[nan]", "22000|NaN not allowed in vector"),
        ("[inf]", "22000|infinite value not allowed in vector"),
        ("[1e40]", "22003|\"1e40\" is out of range for type vector"),
    ] {
        assert_eq!(parse_and_print("vector", input), expected);
    }
    assert_eq!(
        error(Type::Vector(Some(2)), "[1,2,3]"),
        ("22000".into(), "expected 2 dimensions, not 3".into())
    );
    let many = format!("[{}]", vec!["0"; 16_001].join(","));
    assert_eq!(error(Type::Vector(None), &many).0, "54000");
}

/// Where PostgreSQL would answer and we do not, the error says why.
#[test]
fn limits_are_stated() {
    let unlimited = Type::Numeric(None);
    for input in ["1e131072", "-1e200000", "1e-16384"] {
        let e = Value::parse(input, unlimited);
        let code = e.as_ref().err().map(|e| e.code());
        let small = e.as_ref().is_ok_and(|v| v.to_string().trim_matches(['0', '.']).is_empty());
        assert!(code == Some("22003") || small, "{input}: {e:?}");
    }
    let e = Value::parse("1000", Type::Numeric(Some((5, 2)))).unwrap_err();
    assert_eq!(
        e.detail(),
        Some("A field with precision 5, scale 2 must round to an absolute value less than 10^3.")
    );
    let (code, message) = error(Type::Timestamptz, "now");
    assert_eq!((code.as_str(), message.contains("\"now\"")), ("0A000", true));
    let (code, message) = error(Type::Timestamptz, "2024-01-02 03:04 Europe/Nowhere");
    assert_eq!((code.as_str(), message.as_str()), ("22023", "time zone \"europe/nowhere\" not recognized"));
    assert_eq!(error(Type::Text, "a\0b").0, "22021");
}

/// With the offsets of POSIX, which need no database of zones.
#[test]
fn moments_are_read_and_shown_in_a_zone() {
    for (zone, shown, utc) in [
        ("UTC", "2024-07-01 00:00:00+00", "2024-07-01 00:00:00+00"),
        ("-05:30", "2024-07-01 00:00:00+05:30", "2024-06-30 18:30:00+00"),
        ("FOO+3", "2024-07-01 00:00:00-03", "2024-07-01 03:00:00+00"),
        ("<+02>-02", "2024-07-01 00:00:00+02", "2024-06-30 22:00:00+00"),
        ("AAA1BBB,M3.2.0,M11.1.0", "2024-07-01 00:00:00+00", "2024-07-01 00:00:00+00"),
    ] {
        let zone = Zone::named(zone).unwrap();
        let moment = Value::parse_in("2024-07-01", Type::Timestamptz, &zone).unwrap();
        assert_eq!((moment.text_in(&zone).as_str(), moment.to_string().as_str()), (shown, utc));
    }
    for extreme in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
        let zone = Zone::named("AAA1BBB,M3.2.0,M11.1.0").unwrap();
        let _ = (zone.local(extreme), zone.moment(extreme), zone.east(extreme), zone.abbreviation(extreme));
    }
    for name in ["", "/", "..", "../../etc/passwd", "Europe/", "a b", "+", "<", "<+2>", "+168", "UTC+1:2:3:4"]
    {
        assert_eq!(Zone::named(name).unwrap_err().code(), "22023", "{name}");
    }
}

#[test]
fn numeric_types_keep_their_limits() {
    let refused = |p, s| Type::numeric(p, s).unwrap_err().code();
    assert_eq!(Type::numeric(5, 2).unwrap(), Type::Numeric(Some((5, 2))));
    assert_eq!(Type::numeric(36, 36).unwrap().to_string(), "numeric(36,36)");
    assert_eq!((refused(0, 0), refused(1001, 0), refused(5, -1001)), ("22023", "22023", "22023"));
    let wide = [(1000, 0), (5, -1), (5, 37), (1000, 1000), (1, -1000)];
    wide.iter().for_each(|&(p, s)| {
        assert_eq!(Type::numeric(p, s).unwrap().to_string(), format!("numeric({p},{s})"))
    });
    assert_eq!(Type::vector(3).unwrap().to_string(), "vector(3)");
    assert!(Type::vector(0).is_err() && Type::vector(16_001).is_err());
}

#[test]
fn null_and_booleans_print_as_psql_shows_them() {
    assert_eq!(Value::Null.to_string(), "");
    assert_eq!((Value::Bool(true).to_string(), Value::Bool(false).to_string()), ("t".into(), "f".into()));
}

/// True for what PostgreSQL could hold: beyond, printing works and reading is an error.
fn in_range(value: &Value) -> bool {
    use remanent_storage::value::datetime::{DATE_MAX, DATE_MIN, TIMESTAMP_MAX, TIMESTAMP_MIN};
    match value {
        Value::Date(d) => (DATE_MIN..=DATE_MAX).contains(d) || matches!(*d, i32::MIN | i32::MAX),
        Value::Timestamp(t) | Value::Timestamptz(t) => {
            (TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(t) || matches!(*t, i64::MIN | i64::MAX)
        }
        Value::Vector(v) => !v.is_empty() && v.iter().all(|x| x.is_finite()),
        Value::Text(s) => !s.contains('\0'),
        // The least time cannot be read back, in PostgreSQL neither: its sign is applied last.
        Value::Interval(i) => i.micros != i64::MIN,
        _ => true,
    }
}

proptest! {
    #![proptest_config(config(6000))]

    #[test]
    fn what_is_printed_reads_back((ty, value) in types().prop_flat_map(|ty| (Just(ty), values(ty)))) {
        let text = value.to_string();
        match Value::parse(&text, ty) {
            Ok(back) => {
                prop_assert_eq!(&back, &value);
                prop_assert_eq!(back.to_string(), text);
            }
            Err(e) => prop_assert!(!in_range(&value), "{:?}: {:?}", value, e),
        }
    }

    #[test]
    fn no_text_panics(text in "[-+0-9:./ TZPYMDWHSaebn\\\\xjgo\\[\\],é]{0,30}", ty in types()) {
        if let Ok(value) = Value::parse(&text, ty) {
            let _ = value.to_string();
        }
    }

    #[test]
    fn damaged_text_does_not_panic(
        (ty, value) in types().prop_flat_map(|ty| (Just(ty), values(ty))), at in any::<usize>(), how in any::<u8>(),
    ) {
        let mut bytes = value.to_string().into_bytes();
        damage(&mut bytes, at, how);
        let _ = Value::parse(&String::from_utf8_lossy(&bytes), ty).map(|v| v.to_string());
    }
}
