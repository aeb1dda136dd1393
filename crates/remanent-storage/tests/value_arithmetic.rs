//! Arithmetic of numerics, intervals, dates and timestamps, beside what PostgreSQL 15 answers.

mod value_support;

use proptest::prelude::*;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Decimal, Field, FromValue, Interval, Numeric, Type, Value, datetime};
use value_support::{config, values};

fn read<T: FromValue>(text: &str, ty: Type) -> T {
    T::from_value(&Value::parse(text, ty).expect(text)).expect(text)
}

fn number(text: &str) -> Numeric {
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

fn or_null(v: Option<Numeric>) -> String {
    v.map_or("NULL".to_string(), |v| v.to_string())
}

fn numeric(op: &str, a: &str, b: &str) -> Result<String> {
    let x = || number(a);
    let y = || number(b);
    Ok(match op {
        "add" => x().add(&y())?,
        "sub" => x().sub(&y())?,
        "mul" => x().mul(&y())?,
        "div" => x().div(&y())?,
        "rem" => x().rem(&y())?,
        "divtrunc" => x().div_trunc(&y())?,
        "sqrt" => x().sqrt()?,
        "exp" => x().exp()?,
        "ln" => x().ln()?,
        "log" => y().log(&x())?,
        "power" => x().power(&y())?,
        "trim_scale" => x().trimmed()?,
        "round" => x().round(b.parse().expect(b))?,
        "trunc" => x().trunc(b.parse().expect(b))?,
        "ceil" => x().ceil()?,
        "floor" => x().floor()?,
        "fromf8" => Numeric::from_f64(a.parse().expect(a)),
        "fromf4" => Numeric::from_f32(a.parse().expect(a)),
        "fit" => {
            let (precision, scale) = b.split_once(',').expect(b);
            x().fit(precision.parse().expect(b), scale.parse().expect(b))?
        }
        "ncmp" => return Ok((x().cmp(&y()) as i32).to_string()),
        "int8" => {
            let whole = x()
                .to_i64()
                .ok_or_else(|| Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range"));
            return whole.map(|v| v.to_string());
        }
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
        "iextract" => return Ok(or_null(x.extract(field()?)?.numeric())),
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
            return Ok(or_null(v.numeric()));
        }
        "dextract" => {
            let v = datetime::extract_date(field(Type::Date)?, date(a))?;
            return Ok(or_null(v.numeric()));
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
    values(Type::Numeric(Some((36, 12)))).prop_map(|v| Decimal::from_value(&v).unwrap_or(Decimal::ZERO))
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
            a.add(b), a.sub(b), a.mul(b), a.div(b), a.rem(b), a.round(scale), a.trunc(scale),
            a.ceil(), a.floor(), Decimal::from_f64(a.to_f64()).ok(), Decimal::from_f32(a.to_f32()).ok(),
        ];
        for d in results.into_iter().flatten() {
            prop_assert!(Decimal::new(d.mantissa, d.scale).is_some());
        }
        prop_assert_eq!(a.add(b), b.add(a));
        prop_assert_eq!(a.mul(b), b.mul(a));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.to_string().parse::<Decimal>().unwrap(), a);
        prop_assert_eq!(Decimal::unpack(a.pack()).to_string(), a.to_string());
        let floor = a.floor().unwrap();
        prop_assert!(floor <= a && (floor.is_integer() || floor.scale == 0));
    }

    /// What decimals and numbers of any size both compute they compute alike.
    #[test]
    fn long_and_short_agree(a in any_decimal(), b in any_decimal(), scale in -40i32..40) {
        let (x, y) = (Numeric::from(a), Numeric::from(b));
        let text = |n: Result<Numeric>| n.map(|n| n.to_string()).ok();
        // A factor of 1 with many decimals makes numbers long; trimmed they are what they were.
        let one: Numeric = format!("1.{}", "0".repeat(50)).parse().unwrap();
        let long = |n: &Numeric| n.mul(&one).unwrap();
        let short = |n: Option<Decimal>| n.map(Numeric::from);
        prop_assert_eq!(&long(&x), &x);
        prop_assert_eq!(long(&x).trimmed().unwrap().to_string(), x.trimmed().unwrap().to_string());
        for (short, whole) in [
            (short(a.add(b)), long(&x).add(&long(&y))), (short(a.sub(b)), long(&x).sub(&long(&y))),
            (short(a.mul(b)), long(&x).mul(&long(&y))), (short(a.rem(b)), long(&x).rem(&long(&y))),
            (short(a.round(scale)), long(&x).round(scale)), (short(a.trunc(scale)), long(&x).trunc(scale)),
            (short(a.ceil()), long(&x).ceil()), (short(a.floor()), long(&x).floor()),
        ] {
            if let Some(short) = short {
                prop_assert_eq!(short, whole.unwrap());
            }
        }
        if let Some(quotient) = a.div(b) {
            prop_assert_eq!(Some(quotient.to_string()), text(long(&x).div(&long(&y)).and_then(|q| q.round(quotient.scale.into()))));
        }
        prop_assert_eq!(long(&x).cmp(&y), a.cmp(&b));
    }

    #[test]
    fn numbers_of_any_size(a in values(Type::Numeric(None)), b in values(Type::Numeric(None))) {
        let (Value::Numeric(a), Value::Numeric(b)) = (a, b) else { unreachable!() };
        prop_assert_eq!(a.to_string().parse::<Numeric>().unwrap().to_string(), a.to_string());
        let mut bytes = Vec::new();
        a.encode(&mut bytes);
        prop_assert_eq!(Numeric::decode(&bytes).unwrap().to_string(), a.to_string());
        prop_assert_eq!(a.add(&b).unwrap().to_string(), b.add(&a).unwrap().to_string());
        prop_assert_eq!(a.mul(&b).unwrap().to_string(), b.mul(&a).unwrap().to_string());
        if a.scale().is_some() && b.scale().is_some() {
            prop_assert_eq!(&a.add(&b).unwrap().sub(&b).unwrap(), &a);
            if b.signum() != 0 {
                prop_assert_eq!(&a.mul(&b).unwrap().div(&b).unwrap().sub(&a).unwrap().abs().round(12).unwrap(), &Numeric::ZERO);
                let whole = a.div_trunc(&b).unwrap();
                prop_assert_eq!(&whole.mul(&b).unwrap().add(&a.rem(&b).unwrap()).unwrap(), &a);
            }
        }
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
fn thirty_six_digits_are_no_limit() {
    let nines = number("999999999999999999999999999999999999");
    let shown = |n: Result<Numeric>| n.unwrap().to_string();
    assert_eq!(shown(nines.add(&Decimal::ONE.into())), "1000000000000000000000000000000000000");
    assert_eq!(shown(nines.mul(&number("10"))), "9999999999999999999999999999999999990");
    assert_eq!(
        shown(number("123456789012345678901234567890").add(&number("0.12345678"))),
        "123456789012345678901234567890.12345678"
    );
    assert_eq!(shown(number("1e30").sub(&number("0.0000009"))), "999999999999999999999999999999.9999991");
    assert_eq!(shown(number("1e-36").mul(&number("1e-36"))), format!("0.{}1", "0".repeat(71)));
    assert_eq!(number("1").div(&Numeric::ZERO).unwrap_err().code(), "22012");
    let largest = number(&"9".repeat(131_072));
    assert_eq!(largest.add(&Decimal::ONE.into()).unwrap_err().code(), "22003");
    assert_eq!("1e131072".parse::<Numeric>().unwrap_err().code(), "22003");
    assert_eq!("1e-16384".parse::<Numeric>().unwrap_err().code(), "22003");
    assert_eq!(shown(number("1e-10000").mul(&number("1e-10000"))), format!("0.{}", "0".repeat(16_383)));
    assert!(Decimal::from_value(&largest.into()).is_err());
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
