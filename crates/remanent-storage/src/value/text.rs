//! Values from and to PostgreSQL's text forms: what psql prints and what a quoted literal may say.
//!
//! `Display` of a [`Value`] is PostgreSQL 15's output (`extra_float_digits = 1`, `IntervalStyle = postgres`,
//! `DateStyle = ISO`, times in UTC); [`Value::parse`] is its input, with its SQLSTATEs and messages.
//!
//! ```
//! use remanent_storage::value::{Type, Value};
//! let v = Value::parse(" 1.5e20 ", Type::Float8).unwrap();
//! assert_eq!(v.to_string(), "1.5e+20");
//! assert_eq!(Value::parse("x", Type::Int4).unwrap_err().to_string(), "invalid input syntax for type integer: \"x\"");
//! ```
//!
//! Dates, times and intervals are read and written by `datetime_text` and `interval_text`, numerics by `decimal`.
//! Limits: hexadecimal floats are refused; a text may not hold a NUL character (nor may PostgreSQL's).

use super::characters::{self, Excess};
use super::kinds::Kind;
use super::types::MARK;
use super::{Jsonb, Type, Value, Zone, array, datetime_text, interval_text, json, timetz};
use crate::error::{Error, Result, state};
use std::fmt;
use std::str::FromStr;

/// What PostgreSQL's `isspace` trims.
pub(super) const SPACE: [char; 6] = [' ', '\t', '\n', '\x0b', '\x0c', '\r'];

/// 22P02 (or another state of class 22) in PostgreSQL's words.
pub(super) fn invalid(text: &str, ty: &str) -> Error {
    let message = format!("invalid input syntax for type {ty}: \"{text}\"");
    Error::new(state::INVALID_TEXT_REPRESENTATION, message)
}

impl Value {
    /// Reads a value from its text form as PostgreSQL reads a literal of that type. `now`, `today` and their kin
    /// are the caller's work: they need a clock.
    pub fn parse(text: &str, ty: Type) -> Result<Value> {
        Value::parse_in(text, ty, &Zone::UTC)
    }

    /// The same; a moment without a zone is meant in this one.
    pub fn parse_in(text: &str, ty: Type, zone: &Zone) -> Result<Value> {
        Ok(match ty {
            Type::Bool => Value::Bool(parse_bool(text)?),
            Type::Int2 => Value::Int2(parse_integer(text, ty)? as i16),
            Type::Int4 => Value::Int4(parse_integer(text, ty)? as i32),
            Type::Int8 => Value::Int8(parse_integer(text, ty)?),
            Type::Float4 => Value::Float4(parse_float(text, ty)?),
            Type::Float8 => Value::Float8(parse_float(text, ty)?),
            Type::Numeric(None) => Value::Numeric(text.parse()?),
            Type::Numeric(Some((precision, scale))) => {
                Value::Numeric(text.parse::<super::Numeric>()?.fit(precision, scale)?)
            }
            Type::Text => Value::Text(check_text(text)?.to_string()),
            Type::Bytea => Value::Bytea(parse_bytea(text)?),
            Type::Date => Value::Date(datetime_text::parse_date(text)?),
            Type::Timestamp => Value::Timestamp(datetime_text::parse_timestamp(text)?),
            Type::Timestamptz => Value::Timestamptz(datetime_text::parse_timestamptz(text, zone)?),
            Type::Precise(precise) => precise.parse(text, zone)?,
            Type::Interval => Value::Interval(interval_text::parse_interval(text)?),
            Type::Vector(n) => {
                let elements = parse_elements(text, "vector")?;
                check_dimensions(elements.len(), n)?;
                Value::Vector(elements)
            }
            Type::Other(Kind::TimeTz, modifier) => {
                Kind::TimeTz.fitted(timetz::parse(check_text(text)?, zone, 0)?.into(), modifier)?
            }
            Type::Other(kind, modifier) => kind.parse(check_text(text)?, modifier)?,
            Type::Varchar(n) => Value::Text(characters::limit(check_text(text)?, n, false, Excess::Refuse)?),
            Type::Char(n) => Value::Char(characters::limit(check_text(text)?, n, true, Excess::Refuse)?),
            Type::Uuid => Value::Uuid(characters::parse_uuid(text)?),
            Type::Time => Value::Time(datetime_text::parse_time(text)?),
            Type::Name => Value::Text(characters::name(check_text(text)?).to_string()),
            Type::Oid => Value::Int8(parse_oid(text)?),
            // Only who has the catalog can read them.
            ty if ty.is_reference() && text.trim().parse::<u32>().is_ok() => Value::Int8(parse_oid(text)?),
            Type::Enum(_)
            | Type::Regclass
            | Type::Regtype
            | Type::Regnamespace
            | Type::Regproc
            | Type::Regrole => {
                let message = format!("values of type {ty} cannot be read here");
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
            }
            Type::Json => {
                json::parse(check_text(text)?, false)?;
                Value::Json(text.to_string())
            }
            Type::Jsonb => Value::Jsonb(Jsonb::parse(check_text(text)?)?),
            Type::Array(element) if element.ty().plain() == Type::Timestamptz => {
                let array = array::parse(check_text(text)?, Type::Text)?;
                let moment = |value: &Value| match value {
                    Value::Text(text) => Value::parse_in(text, element.ty(), zone),
                    _ => Ok(Value::Null),
                };
                array.map(Type::Timestamptz, &mut { moment })?.into()
            }
            Type::Array(element) => Value::Array(Box::new(array::parse(check_text(text)?, element.ty())?)),
        })
    }
}

fn check_text(text: &str) -> Result<&str> {
    match text.contains('\0') {
        true => Err(Error::new(
            state::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        )),
        false => Ok(text),
    }
}

/// The number of an object; a negative one counts down from 2^32, as C reads it.
fn parse_oid(text: &str) -> Result<i64> {
    let number = text.trim().parse::<i128>().map_err(|_| invalid(text, "oid"))?;
    match i64::try_from(number) {
        Ok(number @ 0..=0xffff_ffff) => Ok(number),
        Ok(number @ -0x8000_0000..0) => Ok(number + (1 << 32)),
        _ => {
            let message = format!("value \"{text}\" is out of range for type oid");
            Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message))
        }
    }
}

fn parse_bool(text: &str) -> Result<bool> {
    let word = text.trim_matches(SPACE).to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        Ok(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        Ok(false)
    } else {
        Err(invalid(text, "boolean"))
    }
}

fn parse_integer(text: &str, ty: Type) -> Result<i64> {
    let (low, high) = match ty {
        Type::Int2 => (i16::MIN.into(), i16::MAX.into()),
        Type::Int4 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    };
    let body = text.trim_matches(SPACE);
    let negative = body.starts_with('-');
    let digits = body.strip_prefix(['-', '+']).unwrap_or(body);
    let mut v = 0i64;
    for b in digits.bytes() {
        if !b.is_ascii_digit() {
            return Err(invalid(text, &ty.to_string()));
        }
        let digit = i64::from(b - b'0');
        let next = v.checked_mul(10).and_then(|v| v.checked_add(if negative { -digit } else { digit }));
        v = next.filter(|v| (low..=high).contains(v)).ok_or_else(|| {
            let message = format!("value \"{text}\" is out of range for type {ty}");
            Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message)
        })?;
    }
    if digits.is_empty() { Err(invalid(text, &ty.to_string())) } else { Ok(v) }
}

/// The two float types, as far as their text is concerned.
trait Float: FromStr + Copy + Into<f64> {}
impl Float for f32 {}
impl Float for f64 {}

fn parse_float<T: Float>(text: &str, ty: Type) -> Result<T> {
    let body = text.trim_matches(SPACE);
    let unsigned = body.strip_prefix(['-', '+']).unwrap_or(body);
    let named = ["nan", "infinity", "inf"].iter().any(|name| name.eq_ignore_ascii_case(unsigned));
    let v = body.parse::<T>().map_err(|_| invalid(text, &ty.to_string()))?;
    let wide: f64 = v.into();
    let digits = unsigned.split(['e', 'E']).next().unwrap_or_default();
    let vanished = wide == 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if !named && (wide.is_infinite() || vanished) {
        let message = format!("\"{body}\" is out of range for type {ty}");
        return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message));
    }
    Ok(v)
}

fn hex_digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

fn parse_bytea(text: &str) -> Result<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(hex) => parse_hex(hex),
        None => parse_escaped(text),
    }
}

fn parse_hex(hex: &str) -> Result<Vec<u8>> {
    let error = |message| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    let mut bytes = Vec::with_capacity(hex.len() / 2);
    let mut rest = hex.chars();
    let digit = |c: char| u8::try_from(c).ok().and_then(hex_digit);
    while let Some(c) = rest.next() {
        if [' ', '\n', '\t', '\r'].contains(&c) {
            continue;
        }
        let Some(high) = digit(c) else {
            return error(format!("invalid hexadecimal digit: \"{c}\""));
        };
        match rest.next().map(|c| (c, digit(c))) {
            Some((_, Some(low))) => bytes.push(high << 4 | low),
            Some((c, None)) => return error(format!("invalid hexadecimal digit: \"{c}\"")),
            None => return error("invalid hexadecimal data: odd number of digits".to_string()),
        }
    }
    Ok(bytes)
}

/// The traditional form: `\\` is a backslash, `\nnn` an octal byte, everything else itself.
fn parse_escaped(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'\\', [b'\\', tail @ ..]) => {
                bytes.push(b'\\');
                tail
            }
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                tail
            }
            (b'\\', _) => {
                return Err(Error::new(
                    state::INVALID_TEXT_REPRESENTATION,
                    "invalid input syntax for type bytea",
                ));
            }
            (other, tail) => {
                bytes.push(other);
                tail
            }
        };
    }
    Ok(bytes)
}

/// pgvector's form, `[1,2,3]`, and its messages.
pub(super) fn parse_elements(text: &str, ty: &str) -> Result<Vec<f32>> {
    let malformed = |detail: &str| {
        let message = format!("invalid input syntax for type {ty}: \"{text}\"");
        let e = Error::new(state::INVALID_TEXT_REPRESENTATION, message);
        if detail.is_empty() { e } else { e.with_detail(detail) }
    };
    let body = text.trim_matches(SPACE);
    let Some(body) = body.strip_prefix('[') else {
        return Err(malformed("Vector contents must start with \"[\"."));
    };
    let Some((inside, after)) = body.split_once(']') else {
        return Err(malformed(""));
    };
    if !after.is_empty() {
        return Err(malformed("Junk after closing right brace."));
    }
    let data = |message: String| Error::new(state::DATA_EXCEPTION, message);
    if inside.trim_matches(SPACE).is_empty() {
        return Err(data(format!("{ty} must have at least 1 dimension")));
    }
    let mut elements = Vec::new();
    for part in inside.split(',') {
        let part = part.trim_matches(SPACE);
        let v = part.parse::<f32>().map_err(|_| malformed(""))?;
        if v.is_nan() {
            return Err(data(format!("NaN not allowed in {ty}")));
        }
        if v.is_infinite() {
            let named = part.bytes().any(|b| b.eq_ignore_ascii_case(&b'n'));
            return Err(match named {
                true => data(format!("infinite value not allowed in {ty}")),
                false => Error::new(
                    state::NUMERIC_VALUE_OUT_OF_RANGE,
                    format!("\"{part}\" is out of range for type {ty}"),
                ),
            });
        }
        elements.push(v);
    }
    match elements.len() <= VECTOR_MAX {
        true => Ok(elements),
        false => {
            let message = format!("{ty} cannot have more than {VECTOR_MAX} dimensions");
            Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message))
        }
    }
}

/// pgvector's form.
pub(super) fn write_elements(elements: &[f32], f: &mut dyn fmt::Write) -> fmt::Result {
    f.write_str("[")?;
    for (i, x) in elements.iter().enumerate() {
        f.write_str(if i > 0 { "," } else { "" })?;
        write_float(f, FloatText::of_f32(*x))?;
    }
    f.write_str("]")
}

/// A vector has at most so many elements.
pub const VECTOR_MAX: usize = 16_000;

/// pgvector's error where a vector of `found` elements does not fit a `vector(n)`.
pub fn check_dimensions(found: usize, dimensions: Option<u16>) -> Result<()> {
    if found > VECTOR_MAX {
        let message = format!("vector cannot have more than {VECTOR_MAX} dimensions");
        return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
    }
    match dimensions {
        Some(n) if usize::from(n) != found => {
            Err(Error::new(state::DATA_EXCEPTION, format!("expected {n} dimensions, not {found}")))
        }
        _ => Ok(()),
    }
}

/// A value whose moments are shown in a zone.
struct Shown<'a>(&'a Value, &'a Zone);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Timestamptz(t) => {
                datetime_text::write_timestamp(f, self.1.local(*t), Some(self.1.east(*t)))
            }
            Value::Array(array) if matches!(array.element(), Type::Timestamptz | super::record::RECORD) => {
                let text = |value: &Value| {
                    Ok(if value.is_null() { Value::Null } else { Value::Text(value.text_in(self.1)) })
                };
                array.map(Type::Text, &mut { text }).map_err(|_| fmt::Error)?.fmt(f)
            }
            Value::Other(Kind::Record, fields) => super::record::print(fields, Some(self.1), f),
            other => other.fmt(f),
        }
    }
}

impl Value {
    /// Its text, moments as clocks in that zone show them.
    pub fn text_in(&self, zone: &Zone) -> String {
        Shown(self, zone).to_string()
    }

    /// The same, in place of what the string holds.
    pub fn write_in(&self, zone: &Zone, out: &mut String) {
        out.clear();
        // Writing to a string does not fail.
        let _ = fmt::Write::write_fmt(out, format_args!("{}", Shown(self, zone)));
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Bool(v) => f.write_str(if *v { "t" } else { "f" }),
            Value::Int2(v) => v.fmt(f),
            Value::Int4(v) => v.fmt(f),
            Value::Int8(v) => v.fmt(f),
            Value::Float4(v) => write_float(f, FloatText::of_f32(*v)),
            Value::Float8(v) => write_float(f, FloatText::of_f64(*v)),
            Value::Numeric(v) => v.fmt(f),
            Value::Text(v) | Value::Char(v) | Value::Json(v) => f.write_str(v),
            Value::Uuid(v) => characters::write_uuid(f, v),
            Value::Time(v) => datetime_text::write_time(f, *v),
            Value::Enum(of, place) => {
                write!(f, "{MARK}{of}:")?;
                place.iter().try_for_each(|b| write!(f, "{b:02x}"))?;
                write!(f, "{MARK}")
            }
            Value::Jsonb(v) => v.fmt(f),
            Value::Array(v) => v.fmt(f),
            Value::Bytea(v) => {
                f.write_str("\\x")?;
                v.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
            Value::Date(v) => datetime_text::write_date(f, *v),
            Value::Timestamp(v) => datetime_text::write_timestamp(f, *v, None),
            Value::Timestamptz(v) => datetime_text::write_timestamp(f, *v, Some(0)),
            Value::Interval(v) => interval_text::write_interval(f, *v),
            Value::Blob(v) => match v.value() {
                Ok(value) => write!(f, "{value}"),
                Err(e) => write!(f, "<{v:?} that cannot be read: {}>", e.message()),
            },
            Value::Vector(v) => write_elements(v, f),
            Value::Other(kind, bytes) => (kind.described().print)(bytes, f),
        }
    }
}

/// A float taken apart for printing.
struct FloatText {
    value: f64,
    /// The mantissa with its hidden bit, and the exponent of two of its last bit.
    mantissa: u64,
    exponent: i32,
    /// The float below is closer than the float above.
    narrow_below: bool,
    /// From this decimal exponent on, PostgreSQL prints `1e+15` instead of digits.
    scientific_from: i32,
    single: bool,
}

impl FloatText {
    fn of_f64(value: f64) -> Self {
        let bits = value.to_bits();
        let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
        FloatText {
            value,
            mantissa: if exponent == 0 { fraction } else { fraction | 1 << 52 },
            exponent: exponent.max(1) - 1075,
            narrow_below: fraction == 0 && exponent > 1,
            scientific_from: 15,
            single: false,
        }
    }

    fn of_f32(value: f32) -> Self {
        let bits = value.to_bits();
        let (fraction, exponent) = (bits & ((1 << 23) - 1), (bits >> 23 & 0xff) as i32);
        FloatText {
            value: value.into(),
            mantissa: u64::from(if exponent == 0 { fraction } else { fraction | 1 << 23 }),
            exponent: exponent.max(1) - 150,
            narrow_below: fraction == 0 && exponent > 1,
            scientific_from: 6,
            single: true,
        }
    }

    /// Digits and decimal exponent of the shortest decimal that lies strictly closer to this float than to any other.
    /// Rust also takes one that lies exactly between two floats and reads back as the even one; PostgreSQL does not
    /// trust other readers with that and prints more digits.
    fn digits(&self) -> (String, i32) {
        let parse = |text: &str| -> Option<(String, i32)> {
            let (digits, exponent) = text.split_once('e')?;
            Some((digits.replace('.', ""), exponent.parse().ok()?))
        };
        let shortest = match self.single {
            true => format!("{:e}", (self.value as f32).abs()),
            false => format!("{:e}", self.value.abs()),
        };
        let (digits, exponent) = parse(&shortest).unwrap_or_default();
        // Two decimals of that length may be equally close: PostgreSQL takes the even one, as exact rounding does.
        let first =
            if self.is_halfway(&digits, exponent) { digits.len() } else { digits.len().saturating_sub(1) };
        for more in first..17 {
            let text = match self.single {
                true => format!("{:.more$e}", (self.value as f32).abs()),
                false => format!("{:.more$e}", self.value.abs()),
            };
            let same = match self.single {
                true => text.parse() == Ok((self.value as f32).abs()),
                false => text.parse() == Ok(self.value.abs()),
            };
            let better =
                parse(&text).filter(|(digits, exponent)| same && !self.is_halfway(digits, *exponent));
            if let Some((digits, exponent)) = better {
                return (digits.trim_end_matches('0').to_string(), exponent);
            }
            if more + 1 == digits.len() {
                break;
            }
        }
        (digits, exponent)
    }

    /// True if d.ddd · 10^exponent lies exactly between this float and a neighbour.
    fn is_halfway(&self, digits: &str, exponent: i32) -> bool {
        let Ok(number) = digits.parse::<u128>() else { return false };
        let power = exponent + 1 - digits.len() as i32;
        // number · 10^power = odd · 2^two
        let five = 5u128.checked_pow(power.unsigned_abs());
        let product = match (power >= 0, five) {
            (true, Some(five)) => number.checked_mul(five),
            (false, Some(five)) if number % five == 0 => Some(number / five),
            _ => None,
        };
        let Some(product) = product.filter(|&p| p > 0) else { return false };
        let twos = product.trailing_zeros();
        let (odd, two) = (product >> twos, power + twos as i32);
        let m = u128::from(self.mantissa);
        let above = (2 * m + 1, self.exponent - 1);
        let below = match self.narrow_below {
            true => (4 * m - 1, self.exponent - 2),
            false => (2 * m - 1, self.exponent - 1),
        };
        (odd, two) == above || (odd, two) == below
    }
}

/// PostgreSQL's form of a float: digits for moderate exponents, `d.ddde+xx` for others.
fn write_float(f: &mut dyn fmt::Write, float: FloatText) -> fmt::Result {
    let v = float.value;
    if v.is_nan() {
        return f.write_str("NaN");
    }
    let sign = if v.is_sign_negative() { "-" } else { "" };
    if v.is_infinite() {
        return write!(f, "{sign}Infinity");
    }
    if v == 0.0 {
        return write!(f, "{sign}0");
    }
    if v.abs() < 10f64.powi(float.scientific_from) && v.fract() == 0.0 {
        return write!(f, "{}", v as i64);
    }
    let (digits, exponent) = float.digits();
    if exponent < -4 || exponent >= float.scientific_from {
        let (first, more) = digits.split_at(1);
        let point = if more.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return write!(f, "{sign}{first}{point}{more}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        return write!(
            f,
            "{sign}0.{:0>width$}",
            digits,
            width = digits.len() + exponent.unsigned_abs() as usize - 1
        );
    }
    let whole = exponent as usize + 1;
    match digits.len() <= whole {
        true => write!(f, "{sign}{digits:0<whole$}"),
        false => write!(f, "{sign}{}.{}", &digits[..whole], &digits[whole..]),
    }
}
