//! One SQL value: its order, its conversions from and to Rust.
//!
//! ```
//! use remanent_storage::value::{FromValue, Value};
//! let v = Value::from(2.5);
//! assert_eq!(f64::from_value(&v).unwrap(), 2.5);
//! assert_eq!(Option::<i64>::from_value(&Value::Null).unwrap(), None);
//! assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
//! ```

use super::blob::Blob;
use super::characters::trimmed;
use super::kinds::Kind;
use super::{Array, Decimal, Element, Interval, Jsonb, Numeric, Type};
use crate::error::{Error, Result, state};
use std::cmp::Ordering;

/// One SQL value. `Display` is PostgreSQL's text form (dates in ISO style, times in UTC).
/// Equality is [`compare`](Value::compare)'s: by SQL value within one type, NULL equal to NULL.
#[derive(Debug, Clone)]
pub enum Value {
    /// NULL of any type.
    Null,
    /// boolean
    Bool(bool),
    /// smallint
    Int2(i16),
    /// integer
    Int4(i32),
    /// bigint
    Int8(i64),
    /// real
    Float4(f32),
    /// double precision
    Float8(f64),
    /// numeric
    Numeric(Numeric),
    /// text
    Text(String),
    /// bytea
    Bytea(Vec<u8>),
    /// Days since 2000-01-01; `i32::MIN` is -infinity, `i32::MAX` infinity.
    Date(i32),
    /// Microseconds since 2000-01-01; `i64::MIN` is -infinity, `i64::MAX` infinity.
    Timestamp(i64),
    /// Microseconds since 2000-01-01 UTC; `i64::MIN` is -infinity, `i64::MAX` infinity.
    Timestamptz(i64),
    /// interval
    Interval(Interval),
    /// vector
    Vector(Vec<f32>),
    /// character(n), with its blanks; `character varying` is [`Value::Text`].
    Char(String),
    /// uuid
    Uuid([u8; 16]),
    /// Microseconds since midnight, up to 24:00:00.
    Time(i64),
    /// json, as it was written
    Json(String),
    /// jsonb
    Jsonb(Jsonb),
    /// An array
    Array(Box<Array>),
    /// A value of the enum type with that number: its place among them (`catalog::enums`). Rows deliver its label, a text.
    Enum(u32, Box<[u8]>),
    /// A value of a type of its own layout ([`kinds`](super::kinds)).
    Other(Kind, Box<[u8]>),
    /// A large text or bytea that is not in memory: [`Value::loaded`] is the value itself. Rows deliver large values as
    /// this; as a parameter it is a value that a reader delivers.
    Blob(Blob),
}

impl Value {
    /// True for NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The type of this value; None for NULL.
    pub fn type_of(&self) -> Option<Type> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(_) => Type::Bool,
            Value::Int2(_) => Type::Int2,
            Value::Int4(_) => Type::Int4,
            Value::Int8(_) => Type::Int8,
            Value::Float4(_) => Type::Float4,
            Value::Float8(_) => Type::Float8,
            Value::Numeric(_) => Type::Numeric(None),
            Value::Text(_) => Type::Text,
            Value::Bytea(_) => Type::Bytea,
            Value::Date(_) => Type::Date,
            Value::Timestamp(_) => Type::Timestamp,
            Value::Timestamptz(_) => Type::Timestamptz,
            Value::Interval(_) => Type::Interval,
            Value::Vector(_) => Type::Vector(None),
            Value::Char(_) => Type::Char(None),
            Value::Uuid(_) => Type::Uuid,
            Value::Time(_) => Type::Time,
            Value::Json(_) => Type::Json,
            Value::Jsonb(_) => Type::Jsonb,
            Value::Array(array) => Type::Array(Element::of(array.element())),
            Value::Enum(of, _) => Type::Enum(*of),
            Value::Other(kind, _) => Type::Other(*kind, 0),
            Value::Blob(blob) => blob.ty(),
        })
    }

    /// A large value is read for this; one that cannot be read equals nothing and is greater than everything but NULL.
    /// PostgreSQL's order of two values of the same type (ORDER BY … ASC, text bytewise): NaN is the
    /// greatest float, -0 equals 0, numerics and intervals compare by value, vectors element by element,
    /// NULL comes last and equals NULL. Values of different types have a fixed but meaningless order.
    pub fn compare(&self, other: &Value) -> Ordering {
        use Value::*;
        match (self, other) {
            (Null, Null) => Ordering::Equal,
            (Bool(a), Bool(b)) => a.cmp(b),
            (Int2(a), Int2(b)) => a.cmp(b),
            (Int4(a), Int4(b)) | (Date(a), Date(b)) => a.cmp(b),
            (Int8(a), Int8(b)) | (Timestamp(a), Timestamp(b)) | (Timestamptz(a), Timestamptz(b)) => a.cmp(b),
            (Float4(a), Float4(b)) => compare_floats((*a).into(), (*b).into()),
            (Float8(a), Float8(b)) => compare_floats(*a, *b),
            (Numeric(a), Numeric(b)) => a.cmp(b),
            (Text(a), Text(b)) => a.cmp(b),
            (Bytea(a), Bytea(b)) => a.cmp(b),
            (Interval(a), Interval(b)) => a.compare(*b),
            (Time(a), Time(b)) => a.cmp(b),
            (Uuid(a), Uuid(b)) => a.cmp(b),
            (Char(a), Char(b)) => trimmed(a.as_bytes()).cmp(trimmed(b.as_bytes())),
            (Json(a), Json(b)) => a.cmp(b),
            (Jsonb(a), Jsonb(b)) => a.view().compare(b.view()),
            (Array(a), Array(b)) => a.compare(b),
            (Enum(_, a), Enum(_, b)) => a.cmp(b),
            (Other(Kind::Record, x), Other(Kind::Record, y)) => {
                super::record::compare(x, y).unwrap_or_else(|_| x.cmp(y))
            }
            (Other(a, x), Other(b, y)) => (*a as u8).cmp(&(*b as u8)).then_with(|| x.cmp(y)),
            (Vector(a), Vector(b)) => {
                let mut elements = a.iter().zip(b).map(|(a, b)| compare_floats((*a).into(), (*b).into()));
                elements.find(|order| order.is_ne()).unwrap_or(a.len().cmp(&b.len()))
            }
            (Blob(a), b) if !matches!(b, Null) => match a.value() {
                Ok(a) => a.compare(b),
                Err(_) => Ordering::Greater,
            },
            (a, Blob(b)) if !matches!(a, Null) => match b.value() {
                Ok(b) => a.compare(&b),
                Err(_) => Ordering::Less,
            },
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Bool(_) => 0,
            Value::Int2(_) => 1,
            Value::Int4(_) => 2,
            Value::Int8(_) => 3,
            Value::Float4(_) => 4,
            Value::Float8(_) => 5,
            Value::Numeric(_) => 6,
            Value::Text(_) => 7,
            Value::Bytea(_) => 8,
            Value::Date(_) => 9,
            Value::Timestamp(_) => 10,
            Value::Timestamptz(_) => 11,
            Value::Interval(_) => 12,
            Value::Vector(_) => 13,
            Value::Blob(blob) => {
                if blob.ty() == Type::Text {
                    7
                } else {
                    8
                }
            }
            Value::Char(_) => 14,
            Value::Uuid(_) => 15,
            Value::Time(_) => 16,
            Value::Json(_) => 17,
            Value::Jsonb(_) => 18,
            Value::Array(_) => 19,
            Value::Enum(..) => 20,
            Value::Other(..) => 21,
            Value::Null => 22,
        }
    }
}

/// PostgreSQL's order of floats: -0 equals 0, NaN equals NaN and is greater than everything else.
pub fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.compare(other).is_eq()
    }
}

impl Eq for Value {}

/// Microseconds from 1970-01-01 to 2000-01-01.
const UNIX_TO_EPOCH: i64 = 946_684_800_000_000;
/// Days from 1970-01-01 to 2000-01-01.
const UNIX_TO_EPOCH_DAYS: i32 = 10_957;

macro_rules! value_from {
    ($($from:ty => |$v:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($v: $from) -> Value {
                $to
            }
        }
    )*};
}

value_from! {
    bool => |v| Value::Bool(v);
    i16 => |v| Value::Int2(v);
    i32 => |v| Value::Int4(v);
    i64 => |v| Value::Int8(v);
    f32 => |v| Value::Float4(v);
    f64 => |v| Value::Float8(v);
    Decimal => |v| Value::Numeric(v.into());
    Numeric => |v| Value::Numeric(v);
    &str => |v| Value::Text(v.to_string());
    &String => |v| Value::Text(v.clone());
    String => |v| Value::Text(v);
    &[u8] => |v| Value::Bytea(v.to_vec());
    Vec<u8> => |v| Value::Bytea(v);
    &[f32] => |v| Value::Vector(v.to_vec());
    Vec<f32> => |v| Value::Vector(v);
    Interval => |v| Value::Interval(v);
    [u8; 16] => |v| Value::Uuid(v);
    Jsonb => |v| Value::Jsonb(v);
    Array => |v| Value::Array(Box::new(v));
    jiff::civil::Time => |v| Value::Time(micros_of(v));
    Blob => |v| Value::Blob(v);
    jiff::Timestamp => |v| Value::Timestamptz(floor_micros(v.as_nanosecond()) - UNIX_TO_EPOCH);
    jiff::civil::Date => |v| Value::Date(days_of(v));
    jiff::civil::DateTime => |v| {
        Value::Timestamp(i64::from(days_of(v.date())) * 86_400_000_000 + micros_of(v.time()))
    };
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(v: &[u8; N]) -> Value {
        Value::Bytea(v.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

/// jiff's timestamps lie within ±9999 years, so their microseconds fit.
fn floor_micros(nanos: i128) -> i64 {
    nanos.div_euclid(1000) as i64
}

fn micros_of(time: jiff::civil::Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000)
}

fn days_of(date: jiff::civil::Date) -> i32 {
    super::datetime::days_from_civil(date.year().into(), date.month() as u8, date.day() as u8)
}

/// What a [`Value`] can be read as. Conversions lose nothing: integers and floats widen, a numeric is also read as
/// f64 (the nearest) and as String; everything else is an error (42804) that names both types. NULL is read by
/// `Option` and `Value` only.
pub trait FromValue: Sized {
    /// The Rust value.
    fn from_value(value: &Value) -> Result<Self>;
}

fn mismatch<T>(value: &Value) -> Error {
    let rust = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
    match value.type_of() {
        None => Error::new(state::DATATYPE_MISMATCH, format!("cannot read NULL as {rust}"))
            .with_hint(format!("Read it as Option<{rust}>.")),
        Some(ty) => {
            Error::new(state::DATATYPE_MISMATCH, format!("cannot read a value of type {ty} as {rust}"))
                .with_hint("Cast it in the statement, or read it as the type that fits.")
        }
    }
}

fn unrepresentable<T>(value: &Value) -> Error {
    let rust = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
    let ty = value.type_of().map_or_else(String::new, |ty| ty.to_string());
    let message = format!("cannot read the {ty} {value} as {rust} without loss");
    Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message)
}

macro_rules! from_value {
    ($($to:ty { $($pattern:pat $(if $guard:expr)? => $read:expr,)+ })*) => {$(
        impl FromValue for $to {
            fn from_value(value: &Value) -> Result<Self> {
                match value {
                    $($pattern $(if $guard)? => $read,)+
                    _ => Err(mismatch::<$to>(value)),
                }
            }
        }
    )*};
}

from_value! {
    bool { Value::Bool(v) => Ok(*v), }
    i16 { Value::Int2(v) => Ok(*v), }
    i32 { Value::Int4(v) => Ok(*v), Value::Int2(v) => Ok((*v).into()), }
    i64 { Value::Int8(v) => Ok(*v), Value::Int4(v) => Ok((*v).into()), Value::Int2(v) => Ok((*v).into()), }
    f32 { Value::Float4(v) => Ok(*v), Value::Int2(v) => Ok((*v).into()), }
    String {
        Value::Text(v) | Value::Char(v) | Value::Json(v) => Ok(v.clone()),
        Value::Numeric(v) => Ok(v.to_string()),
        Value::Jsonb(v) => Ok(v.to_string()),
        Value::Blob(v) if v.ty() == Type::Text => String::from_value(&v.value()?),
    }
    Vec<u8> { Value::Bytea(v) => Ok(v.clone()), Value::Blob(v) if v.ty() == Type::Bytea => v.load(), }
    Vec<f32> { Value::Vector(v) => Ok(v.clone()), }
    Decimal {
        Value::Numeric(v) => v.as_decimal().ok_or_else(|| unrepresentable::<Decimal>(&v.clone().into())),
        Value::Int8(v) => Ok((*v).into()),
        Value::Int4(v) => Ok((*v).into()),
        Value::Int2(v) => Ok((*v).into()),
    }
    Numeric {
        Value::Numeric(v) => Ok(v.clone()),
        Value::Int8(v) => Ok(Decimal::from(*v).into()),
        Value::Int4(v) => Ok(Decimal::from(*v).into()),
        Value::Int2(v) => Ok(Decimal::from(*v).into()),
    }
    Interval { Value::Interval(v) => Ok(*v), }
    [u8; 16] { Value::Uuid(v) => Ok(*v), }
    Jsonb { Value::Jsonb(v) => Ok(v.clone()), }
    Array { Value::Array(v) => Ok(v.as_ref().clone()), }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Float8(v) => Ok(*v),
            Value::Float4(v) => Ok((*v).into()),
            Value::Int2(v) => Ok((*v).into()),
            Value::Int4(v) => Ok((*v).into()),
            Value::Int8(v) => {
                let float = *v as f64;
                // i64::MAX rounds up to 2^63, which is no i64.
                let exact = float as i128 == i128::from(*v);
                exact.then_some(float).ok_or_else(|| unrepresentable::<f64>(value))
            }
            Value::Numeric(v) => Ok(v.to_f64()),
            _ => Err(mismatch::<f64>(value)),
        }
    }
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self> {
        value.loaded()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

fn out_of_range<T>(value: &Value) -> Error {
    Error::new(
        state::DATETIME_FIELD_OVERFLOW,
        format!("{value} is out of the range of {}", std::any::type_name::<T>()),
    )
}

impl FromValue for jiff::Timestamp {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Timestamptz(v) => v
                .checked_add(UNIX_TO_EPOCH)
                .and_then(|v| jiff::Timestamp::from_microsecond(v).ok())
                .ok_or_else(|| out_of_range::<Self>(value)),
            _ => Err(mismatch::<Self>(value)),
        }
    }
}

impl FromValue for jiff::civil::Date {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Date(v) => civil_date(*v).ok_or_else(|| out_of_range::<Self>(value)),
            _ => Err(mismatch::<Self>(value)),
        }
    }
}

/// The time of day of these microseconds, below 24:00:00.
fn civil_time(micros: i64) -> Option<jiff::civil::Time> {
    let (seconds, nanos) = (micros / 1_000_000, micros % 1_000_000 * 1000);
    let (hour, minute) = (i8::try_from(seconds / 3600).ok()?, seconds / 60 % 60);
    jiff::civil::Time::new(hour, minute as i8, (seconds % 60) as i8, nanos as i32).ok()
}

impl FromValue for jiff::civil::Time {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Time(v) => civil_time(*v).ok_or_else(|| out_of_range::<Self>(value)),
            _ => Err(mismatch::<Self>(value)),
        }
    }
}

impl FromValue for jiff::civil::DateTime {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Timestamp(v) => {
                let (days, micros) = (v.div_euclid(86_400_000_000), v.rem_euclid(86_400_000_000));
                let date = i32::try_from(days).ok().and_then(civil_date);
                date.and_then(|date| Some(jiff::civil::DateTime::from_parts(date, civil_time(micros)?)))
                    .ok_or_else(|| out_of_range::<Self>(value))
            }
            _ => Err(mismatch::<Self>(value)),
        }
    }
}

fn civil_date(days: i32) -> Option<jiff::civil::Date> {
    let days = days.checked_add(UNIX_TO_EPOCH_DAYS)?.checked_sub(UNIX_TO_EPOCH_DAYS)?;
    let (year, month, day) = super::datetime::civil_from_days(days);
    jiff::civil::Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok()
}
