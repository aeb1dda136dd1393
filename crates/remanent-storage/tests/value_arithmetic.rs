//! Arithmetic of numerics, intervals, dates and timestamps, beside what PostgreSQL 15 answers.

mod value_support;

use proptest::prelude::*;
use remanent_storage::error::Result;
use remanent_storage::value::{Decimal, Field, FromValue, Interval, Type, Value, datetime};
use value_support::{config, values};

fn read<T: FromValue>(text: &str, ty: Type) -> T {
    T::from_value(&Value::parse(text, ty).expect(text)).expect(text)
}

fn number(text: &str) -> Decimal {
    text.parse().expect(text)
}

fn span(text: &str) -> Interval {
    read(text, Type::Interval)
}

fn time(text: &str) -> i64 {
    match Value::parse(text, Type::Timestamp).expect(text) {
        Value::Timestamp(t) => t,
        other => panic!("{other}"),
    }
}

fn date(text: &str) -> i32 {
    match Value::parse(text, Type::Date).expect(text) {
        Value::Date(d) => d,
        other => panic!("{other}"),
    }
}

fn or_null(v: Option<Decimal>) -> String {
    v.map_or("NULL".to_string(), |v| v.to_string())
}

fn numeric(op: &str, a: &str, b: &str) -> Result<String> {
    let x = || number(a);
    let y = || number(b);
    Ok(match op {
        "add" => x().add(y())?,
        "sub" => x().sub(y())?,
        "mul" => x().mul(y())?,
        "div" => x().div(y())?,
        "rem" => x().rem(y())?,
        "divtrunc" => x().div_trunc(y())?,
        "round" => x().round(b.parse().expect(b))?,
        "trunc" => x().trunc(b.parse().expect(b))?,
        "ceil" => x().ceil()?,
        "floor" => x().floor()?,
        "fromf8" => Decimal::from_f64(a.parse().expect(a))?,
        "fromf4" => Decimal::from_f32(a.parse().expect(a))?,
        "fit" => {
            let (precision, scale) = b.split_once(',').expect(b);
            x().fit(precision.parse().expect(b), scale.parse().expect(b))?
        }
        "ncmp" => return Ok((x().cmp(&y()) as i32).to_string()),
        "int8" => return x().to_i64_checked().map(|v| v.to_string()),
        "float8" => return Ok(Value::Float8(x().to_f64()).to_string()),
        other => panic!("{other}"),
    }
    .to_string())
}

fn interval(op: &str, a: &str, b: &str) -> Result<String> {
    let (x, y) = (span(a), || span(b));
    let factor = || b.parse::<f64>().expect(b);
    let field = || Field::of(b, Type::Interval);
    let v = match op {
        "iadd" => x.add(y())?,
        "isub" => x.sub(y())?,
        "imul" => x.mul(factor())?,
        "idiv" => x.div(factor())?,
        "jh" => x.justify_hours()?,
        "jd" => x.justify_days()?,
        "ji" => x.justify_interval()?,
        "itrunc" => x.trunc(field()?)?,
        "icmp" => return Ok((x.compare(y()) as i32).to_string()),
        "iextract" => return Ok(or_null(x.extract(field()?)?.numeric()?)),
        other => panic!("{other}"),
    };
    Ok(Value::Interval(v).to_string())
}

fn calendar(op: &str, a: &str, b: &str) -> Result<String> {
    let field = |ty| Field::of(b, ty);
    Ok(match op {
        "tplus" => Value::Timestamp(datetime::timestamp_plus(time(a), span(b))?),
        "tminus" => Value::Timestamp(datetime::timestamp_minus(time(a), span(b))?),
        "tdiff" => Value::Interval(datetime::timestamp_diff(time(a), time(b))?),
        "age" => Value::Interval(datetime::age(time(a), time(b))?),
        "ttrunc" => {
            Value::Timestamp(datetime::date_trunc(field(Type::Timestamp)?, time(a), Type::Timestamp)?)
        }
        "bin" => {
            let (t, origin) = b.split_once(" ; ").expect(b);
            Value::Timestamp(datetime::date_bin(span(a), time(t), time(origin))?)
        }
        "dplus" => Value::Date(datetime::date_plus_days(date(a), b.parse().expect(b))?),
        "dminus" => Value::Date(datetime::date_minus_days(date(a), b.parse().expect(b))?),
        "ddiff" => Value::Int4(datetime::date_minus_date(date(a), date(b))?),
        "d2t" => Value::Timestamp(datetime::timestamp_of_date(date(a))?),
        "t2d" => Value::Date(datetime::date_of_timestamp(time(a))),
        "textract" => {
            let v = datetime::extract_timestamp(field(Type::Timestamp)?, time(a), Type::Timestamp)?;
            return Ok(or_null(v.numeric()?));
        }
        "dextract" => {
            let v = datetime::extract_date(field(Type::Date)?, date(a))?;
            return Ok(or_null(v.numeric()?));
        }
        other => panic!("{other}"),
    }
    .to_string())
}

/// Recorded by `value_golden/record.sh`. Each line of the file is `operation|operand|operand|` and PostgreSQL's answer.
#[test]
fn arithmetic_is_that_of_postgresql() {
    let text = include_str!("value_golden/arithmetic.txt");
    let mut wrong = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.splitn(4, '|').collect();
        let [op, a, b, expected] = parts[..] else { panic!("{line}") };
        let found = match op {
            "iadd" | "isub" | "imul" | "idiv" | "jh" | "jd" | "ji" | "itrunc" | "icmp" | "iextract" => {
                interval(op, a, b)
            }
            "tplus" | "tminus" | "tdiff" | "age" | "ttrunc" | "bin" | "dplus" | "dminus" | "ddiff"
            | "d2t" | "t2d" | "textract" | "dextract" => calendar(op, a, b),
            _ => numeric(op, a, b),
        };
        let found = match found {
            Ok(text) => format!("ok|{text}"),
            Err(e) => format!("{}|{}", e.code(), e.message()),
        };
        if found != expected {
            wrong.push(format!("{op} {a:?} {b:?}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Numbers whose results need no more than 36 digits are exact, beside plain integer arithmetic.
fn small() -> impl Strategy<Value = Decimal> {
    (-10i64.pow(12)..10i64.pow(12), 0u8..6).prop_map(|(m, scale)| Decimal { mantissa: m.into(), scale })
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    values(Type::Numeric(None)).prop_map(|v| Decimal::from_value(&v).unwrap())
}

fn at_scale(d: Decimal, scale: u8) -> i128 {
    d.rescale(scale).unwrap().mantissa
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn small_numbers_are_exact(a in small(), b in small()) {
        let scale = a.scale.max(b.scale);
        let (x, y) = (at_scale(a, scale), at_scale(b, scale));
        prop_assert_eq!(a.add(b).unwrap().mantissa, x + y);
        prop_assert_eq!(a.sub(b).unwrap().mantissa, x - y);
        prop_assert_eq!(a.mul(b).unwrap().mantissa, a.mantissa * b.mantissa);
        prop_assert_eq!(a.cmp(&b), x.cmp(&y));
        if b.mantissa != 0 {
            prop_assert_eq!(a.rem(b).unwrap().mantissa, x % y);
            let quotient = a.div(b).unwrap();
            // |a - q·b| ≤ |b| / 2 units of the quotient's last place
            let off = a.sub(quotient.mul(b).unwrap()).unwrap().abs();
            let half = Decimal::new(5, quotient.scale + 1).unwrap().mul(b.abs()).unwrap();
            prop_assert!(off <= half, "{} / {} = {}", a, b, quotient);
        }
    }

    /// Nothing panics, and every result keeps to 36 digits.
    #[test]
    fn large_numbers_stay_in_bounds(a in any_decimal(), b in any_decimal(), scale in -40i32..40) {
        let results = [
            a.add(b), a.sub(b), a.mul(b), a.div(b), a.rem(b), a.div_trunc(b), a.round(scale), a.trunc(scale),
            a.ceil(), a.floor(), Decimal::from_f64(a.to_f64()), Decimal::from_f32(a.to_f32()),
        ];
        for result in results {
            match result {
                Ok(d) => prop_assert!(Decimal::new(d.mantissa, d.scale).is_some()),
                Err(e) => prop_assert!(["22003", "22012"].contains(&e.code())),
            }
        }
        prop_assert_eq!(a.add(b).ok(), b.add(a).ok());
        prop_assert_eq!(a.mul(b).ok(), b.mul(a).ok());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.to_string().parse::<Decimal>().unwrap(), a);
        prop_assert_eq!(Decimal::unpack(a.pack()).to_string(), a.to_string());
        let floor = a.floor().unwrap();
        prop_assert!(floor <= a && (floor.is_integer() || floor.scale == 0));
    }

    #[test]
    fn equal_numbers_hash_alike(a in any_decimal(), zeros in 0u8..10) {
        use std::hash::{BuildHasher, BuildHasherDefault};
        let hasher = BuildHasherDefault::<rustc_hash::FxHasher>::default();
        if let Some(b) = a.rescale(a.scale.saturating_add(zeros)) {
            prop_assert_eq!(a, b);
            prop_assert_eq!(hasher.hash_one(a), hasher.hash_one(b));
        }
    }

    #[test]
    fn every_day_has_one_date(days in any::<i32>()) {
        let (year, month, day) = datetime::civil_from_days(days);
        prop_assert_eq!(datetime::days_from_civil(year, month, day), days);
        prop_assert!((1..=12).contains(&month) && (1..=datetime::days_in_month(year, month)).contains(&day));
    }

    #[test]
    fn the_calendar_never_panics(
        t in values(Type::Timestamp), u in values(Type::Timestamp), i in values(Type::Interval),
        j in values(Type::Interval), d in values(Type::Date), factor in values(Type::Float8), days in any::<i32>(),
    ) {
        let (Value::Timestamp(t), Value::Timestamp(u)) = (t, u) else { unreachable!() };
        let (Value::Interval(i), Value::Interval(j)) = (i, j) else { unreachable!() };
        let (Value::Date(d), Value::Float8(factor)) = (d, factor) else { unreachable!() };
        let moved = datetime::timestamp_plus(t, i);
        if let Ok(moved) = moved {
            prop_assert!(datetime::is_infinite(t) || (datetime::TIMESTAMP_MIN..=datetime::TIMESTAMP_MAX).contains(&moved));
        }
        let _ = (datetime::timestamp_minus(t, i), datetime::timestamp_diff(t, u), datetime::age(t, u));
        let _ = (datetime::date_bin(i, t, u), datetime::date_of_timestamp(t), datetime::timestamp_of_date(d));
        let _ = (datetime::date_plus_days(d, days), datetime::date_minus_days(d, days), datetime::round_to(t, 3));
        let _ = (i.add(j), i.sub(j), i.neg(), i.mul(factor), i.div(factor), i.compare(j));
        let _ = (i.justify_hours(), i.justify_days(), i.justify_interval());
        for name in ["second", "week", "isoyear", "century", "epoch", "julian", "doy", "millennium", "quarter"] {
            let field = Field::parse(name).unwrap();
            let _ = (datetime::extract_timestamp(field, t, Type::Timestamptz), datetime::extract_date(field, d));
            let _ = (i.extract(field), i.trunc(field), datetime::date_trunc(field, t, Type::Timestamptz));
        }
    }

    #[test]
    fn an_interval_of_so_many_microseconds_compares_equal(i in values(Type::Interval)) {
        let i = Interval::from_value(&i).unwrap();
        let canonical = Interval::from_comparable(i.comparable()).unwrap();
        prop_assert!(i.compare(canonical).is_eq());
    }
}

#[test]
fn thirty_six_digits_are_the_limit() {
    let nines = number("999999999999999999999999999999999999");
    assert_eq!(nines.add(Decimal::ONE).unwrap_err().code(), "22003");
    assert_eq!(nines.mul(number("10")).unwrap_err().code(), "22003");
    assert_eq!(nines.mul(Decimal::ONE).unwrap(), nines);
    // A whole part that fits is kept; decimals give way.
    assert_eq!(
        number("123456789012345678901234567890").add(number("0.12345678")).unwrap().to_string(),
        "123456789012345678901234567890.123457"
    );
    assert_eq!(
        number("1e30").sub(number("0.0000009")).unwrap().to_string(),
        "999999999999999999999999999999.999999"
    );
    assert_eq!(
        number("1e30").add(number("0.000")).unwrap().to_string(),
        "1000000000000000000000000000000.000"
    );
    assert_eq!(nines.div(number("0.1")).unwrap_err().code(), "22003");
    assert_eq!(number("1").div(number("1e-36")).unwrap_err().code(), "22003");
    assert_eq!(number("1e-36").mul(number("1e-36")).unwrap(), Decimal::ZERO);
    assert_eq!(nines.rem(number("7")).unwrap().to_string(), "0");
    assert_eq!(Decimal::ONE.div(Decimal::ZERO).unwrap_err().code(), "22012");
    assert_eq!(Decimal::from_f64(f64::NAN).unwrap_err().code(), "0A000");
    assert_eq!(number("99999999999999999999").to_i64_checked().unwrap_err().message(), "bigint out of range");
}

#[test]
fn dates_are_made_of_their_parts() {
    let made = |y, m, d| {
        datetime::make_date(y, m, d).map(|d| Value::Date(d).to_string()).map_err(|e| e.message().to_string())
    };
    assert_eq!(made(2024, 2, 29).as_deref(), Ok("2024-02-29"));
    assert_eq!(made(-44, 3, 15).as_deref(), Ok("0044-03-15 BC"));
    assert_eq!(made(2023, 2, 29).unwrap_err(), "date field value out of range: 2023-02-29");
    assert_eq!(made(0, 1, 1).unwrap_err(), "date field value out of range: 0-01-01");
    assert_eq!(made(2023, 13, 1).unwrap_err(), "date field value out of range: 2023-13-01");
    assert_eq!(made(i32::MIN, 1, 1).unwrap_err(), "date out of range: -2147483648-01-01");
    assert_eq!(made(5_874_898, 1, 1).unwrap_err(), "date out of range: 5874898-01-01");
}
