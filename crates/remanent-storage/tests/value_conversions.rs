//! Values from and to Rust types.

use remanent_storage::value::{Decimal, FromValue, Interval, Type, Value};

fn read<T: FromValue>(value: impl Into<Value>) -> Result<T, String> {
    T::from_value(&value.into()).map_err(|e| format!("{} {}", e.code(), e.message()))
}

#[test]
fn rust_values_become_sql_values() {
    let kinds = [
        (Value::from(1i16), Type::Int2),
        (Value::from(1i32), Type::Int4),
        (Value::from(1i64), Type::Int8),
        (Value::from(1f32), Type::Float4),
        (Value::from(1.0), Type::Float8),
        (Value::from(true), Type::Bool),
        (Value::from("a"), Type::Text),
        (Value::from(String::from("a")), Type::Text),
        (Value::from(&b"a"[..]), Type::Bytea),
        (Value::from(b"a"), Type::Bytea),
        (Value::from(vec![1u8]), Type::Bytea),
        (Value::from(vec![1f32]), Type::Vector(None)),
        (Value::from(Decimal::ONE), Type::Numeric(None)),
        (Value::from(Interval::default()), Type::Interval),
        (Value::from(jiff::Timestamp::UNIX_EPOCH), Type::Timestamptz),
        (Value::from(jiff::civil::date(2024, 1, 2)), Type::Date),
        (Value::from(jiff::civil::date(2024, 1, 2).at(3, 4, 5, 0)), Type::Timestamp),
    ];
    for (value, ty) in kinds {
        assert_eq!(value.type_of(), Some(ty));
    }
    assert_eq!(Value::from(None::<i64>), Value::Null);
    assert_eq!(Value::from(Some(5i64)), Value::Int8(5));
}

#[test]
fn jiff_types_keep_their_moment() {
    let t: jiff::Timestamp = "2024-01-02T03:04:05.123456Z".parse().unwrap();
    assert_eq!(Value::from(t).to_string(), "2024-01-02 03:04:05.123456+00");
    assert_eq!(read::<jiff::Timestamp>(t).unwrap(), t);
    let before: jiff::Timestamp = "1969-12-31T23:59:59.9999995Z".parse().unwrap();
    assert_eq!(Value::from(before).to_string(), "1969-12-31 23:59:59.999999+00");
    let d = jiff::civil::date(-1, 2, 28);
    assert_eq!(Value::from(d).to_string(), "0002-02-28 BC");
    assert_eq!(read::<jiff::civil::Date>(d).unwrap(), d);
    let dt = jiff::civil::date(1815, 12, 10).at(23, 59, 58, 999_999_000);
    assert_eq!(Value::from(dt).to_string(), "1815-12-10 23:59:58.999999");
    assert_eq!(read::<jiff::civil::DateTime>(dt).unwrap(), dt);
    let infinity = Value::parse("infinity", Type::Timestamptz).unwrap();
    assert_eq!(
        read::<jiff::Timestamp>(infinity).unwrap_err(),
        "22008 infinity is out of the range of jiff::timestamp::Timestamp"
    );
    assert!(read::<jiff::civil::Date>(Value::Date(i32::MAX)).is_err());
    assert!(read::<jiff::civil::Date>(Value::Date(i32::MIN)).is_err());
    assert!(read::<jiff::civil::DateTime>(Value::Timestamp(i64::MIN)).is_err());
    assert!(read::<jiff::Timestamp>(Value::Timestamptz(i64::MAX - 1)).is_err());
}

#[test]
fn reading_widens_but_never_loses() {
    assert_eq!(read::<i64>(5i16), Ok(5));
    assert_eq!(read::<i64>(5i32), Ok(5));
    assert_eq!(read::<i32>(5i16), Ok(5));
    assert_eq!(read::<f64>(0.5f32), Ok(0.5));
    assert_eq!(read::<f64>(1i64 << 53), Ok(9007199254740992.0));
    assert_eq!(read::<f64>(i64::MIN), Ok(-9223372036854775808.0));
    assert_eq!(
        read::<f64>((1i64 << 53) + 1).unwrap_err(),
        "22003 cannot read the bigint 9007199254740993 as f64 without loss"
    );
    assert!(read::<f64>(i64::MAX).is_err());
    let numeric = Value::parse("12.50", Type::Numeric(None)).unwrap();
    assert_eq!(read::<f64>(numeric.clone()), Ok(12.5));
    assert_eq!(read::<String>(numeric.clone()), Ok("12.50".to_string()));
    assert_eq!(read::<Decimal>(7i64), Ok(Decimal::from(7)));
    assert_eq!(read::<Option<i64>>(None::<i64>), Ok(None));
    assert_eq!(read::<Option<i64>>(3i32), Ok(Some(3)));
    assert_eq!(read::<Value>(3i32), Ok(Value::Int4(3)));
    assert_eq!(read::<Vec<u8>>(vec![1u8, 2]), Ok(vec![1, 2]));
    assert_eq!(read::<Vec<f32>>(vec![1f32]), Ok(vec![1.0]));
}

#[test]
fn what_does_not_fit_names_both_types() {
    assert_eq!(read::<i32>(5i64).unwrap_err(), "42804 cannot read a value of type bigint as i32");
    assert_eq!(read::<String>(5i64).unwrap_err(), "42804 cannot read a value of type bigint as String");
    assert_eq!(read::<bool>("t").unwrap_err(), "42804 cannot read a value of type text as bool");
    assert_eq!(read::<i64>(1.0).unwrap_err(), "42804 cannot read a value of type double precision as i64");
    assert_eq!(read::<i64>(Value::Null).unwrap_err(), "42804 cannot read NULL as i64");
    assert_eq!(read::<Vec<u8>>("a").unwrap_err(), "42804 cannot read a value of type text as Vec<u8>");
    assert_eq!(read::<Vec<f32>>(Value::Null).unwrap_err(), "42804 cannot read NULL as Vec<f32>");
    assert_eq!(i64::from_value(&Value::Null).unwrap_err().hint(), Some("Read it as Option<i64>."));
}
