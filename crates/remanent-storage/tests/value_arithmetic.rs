//! Arithmetic of numerics, intervals, dates and timestamps, beside what PostgreSQL 15 answers.

use remanent_storage::error::Result;
use remanent_storage::value::{Decimal, Field, FromValue, Interval, Type, Value, datetime};

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

/// Each line of the file is `operation|operand|operand|` and PostgreSQL's answer.
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
