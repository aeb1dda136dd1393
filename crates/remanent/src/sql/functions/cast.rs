//! Conversions of values and columns between types.
//!
//! Which conversions exist, and where they are allowed, is said in [`crate::sql::expr::coerce`]; here
//! is what they do: float → integer rounds half to even, numeric → integer half away
//! from zero, what does not fit is 22003, text is read and written in PostgreSQL's forms. `numeric(p, s)` rounds
//! and checks, `vector(n)` checks its dimensions.
//!
//! Limits: the words `now`, `today`, `tomorrow`, `yesterday` have a meaning in literals only, where they stand alone.

use super::between::between;
use super::support::{f64s, float_overflow, float_underflow, i64s, out_of_range};
use crate::sql::expr::coerce::family;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::characters::{Excess, limit};
use remanent_storage::value::datetime::{date_of_timestamp, is_infinite, timestamp_of_date};
use remanent_storage::value::interval::MICROS_PER_DAY;
use remanent_storage::value::json::Kind;
use remanent_storage::value::text::check_dimensions;
use remanent_storage::value::{
    Column, ColumnBuilder, ColumnData, Decimal, Interval, Jsonb, Numeric, Physical, Type, Value,
};

/// Reads a literal as a value of a type.
pub fn parse_text(text: &str, to: Type) -> Result<Value> {
    Value::parse(text, to)
}

/// The greatest number of an object.
const OIDS: i64 = u32::MAX as i64;

/// Converts a value, by every rule an explicit cast allows. Values of precision-limited types are rounded and checked
/// (22003), vectors checked for their dimensions (22000).
pub fn cast_value(value: Value, to: Type) -> Result<Value> {
    Ok(match (value, to) {
        (Value::Null, _) => Value::Null,
        (Value::Blob(v), to) if v.ty() != to => cast_value(v.value()?, to)?,
        (Value::Text(v), Type::Text | Type::Varchar(None)) => Value::Text(v),
        (Value::Char(v), Type::Char(n)) => Value::Char(limit(&v, n, true, Excess::Refuse)?),
        // Its bytes have its blanks.
        (Value::Char(v), Type::Bytea) => parse_text(&v, to)?,
        (Value::Char(mut v), to) => {
            v.truncate(v.trim_end_matches(' ').len());
            cast_value(Value::Text(v), to)?
        }
        (Value::Text(v), _) => parse_text(&v, to)?,
        (v, Type::Precise(precise)) => precise.fit(cast_value(v, precise.plain())?)?,
        (Value::Other(kind, v), Type::Other(to, modifier)) if kind == to => kind.fitted(v, modifier)?,
        (v, Type::Text | Type::Varchar(_) | Type::Name | Type::Char(_)) => {
            let text = if let Value::Bool(v) = v { v.to_string() } else { v.to_string() };
            cast_value(Value::Text(text), to)?
        }
        (Value::Array(v), Type::Array(element)) => {
            let to = element.ty();
            v.map(to, &mut |value| cast_value(value.clone(), to))?.into()
        }
        (Value::Json(v), Type::Jsonb) => Value::Jsonb(Jsonb::parse(&v)?),
        (Value::Jsonb(v), Type::Json) => Value::Json(v.to_string()),
        (Value::Jsonb(v), to) => json_scalar(&v, to)?,
        (Value::Timestamp(v) | Value::Timestamptz(v), Type::Time) => match is_infinite(v) {
            true => Value::Null,
            false => Value::Time(v.rem_euclid(MICROS_PER_DAY)),
        },
        (Value::Interval(v), Type::Time) => Value::Time(v.micros.rem_euclid(MICROS_PER_DAY)),
        (Value::Time(v), Type::Interval) => Value::Interval(Interval { months: 0, days: 0, micros: v }),
        (Value::Vector(v), Type::Vector(dimensions)) => {
            check_dimensions(v.len(), dimensions)?;
            Value::Vector(v)
        }
        (Value::Bool(v), Type::Int4) => Value::Int4(v.into()),
        (Value::Int4(v), Type::Bool) => Value::Bool(v != 0),
        (Value::Date(v), Type::Timestamp) => Value::Timestamp(timestamp_of_date(v)?),
        (Value::Date(v), Type::Timestamptz) => Value::Timestamptz(timestamp_of_date(v)?),
        (Value::Timestamp(v), Type::Timestamptz) => Value::Timestamptz(v),
        (Value::Timestamptz(v), Type::Timestamp) => Value::Timestamp(v),
        (Value::Timestamp(v) | Value::Timestamptz(v), Type::Date) => Value::Date(date_of_timestamp(v)),
        (Value::Int2(v), to) if to.is_oid() => Value::Int8(i64::from(v) & OIDS),
        (Value::Int4(v), to) if to.is_oid() => Value::Int8(i64::from(v) & OIDS),
        (Value::Int8(v), to) if to.is_oid() => match v {
            0..=OIDS => Value::Int8(v),
            _ => return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "OID out of range")),
        },
        (v, _) if is_number(to) && v.type_of().is_some_and(is_number) => number(v, to)?,
        (v, _) if let Some(between) = v.type_of().and_then(|from| between(family(from), family(to))) => {
            cast_value((between.convert)(v)?, to)?
        }
        (v, _) => match v.type_of() {
            Some(from) if from == to => v,
            from => {
                let from = from.map_or(String::new(), |ty| ty.to_string());
                return Err(Error::new(state::CANNOT_COERCE, format!("cannot cast type {from} to {to}")));
            }
        },
    })
}

/// A boolean or a number of a jsonb; 22023 for anything else.
fn json_scalar(v: &Jsonb, to: Type) -> Result<Value> {
    let what = match v.view().kind() {
        Kind::Bool(v) if to == Type::Bool => return Ok(Value::Bool(v)),
        Kind::Number if to != Type::Bool => {
            return cast_value(v.view().number().map_or(Value::Null, Value::Numeric), to);
        }
        Kind::Null => "jsonb null",
        Kind::Bool(_) => "jsonb boolean",
        Kind::Number => "jsonb numeric",
        Kind::String => "jsonb string",
        Kind::Array => "jsonb array",
        Kind::Object => "jsonb object",
    };
    let message = format!("cannot cast {what} to type {to}");
    Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
}

fn is_number(ty: Type) -> bool {
    use Type::*;
    matches!(ty, Int2 | Int4 | Int8 | Float4 | Float8 | Numeric(_))
}

fn number(value: Value, to: Type) -> Result<Value> {
    enum Number {
        Int(i64),
        Float(f64),
        Exact(Numeric),
    }
    let number = match value {
        Value::Int2(v) => Number::Int(v.into()),
        Value::Int4(v) => Number::Int(v.into()),
        Value::Int8(v) => Number::Int(v),
        Value::Float8(v) => Number::Float(v),
        Value::Float4(v) => match to {
            // Through its own six digits, not through those of the double.
            Type::Numeric(_) => Number::Exact(Numeric::from_f32(v)),
            _ => Number::Float(v.into()),
        },
        Value::Numeric(v) => Number::Exact(v),
        other => return Ok(other),
    };
    match to {
        Type::Int2 | Type::Int4 | Type::Int8 => {
            let whole = match number {
                Number::Int(v) => Some(v),
                Number::Float(v) => float_to_int(v),
                Number::Exact(v) => {
                    whole_of(&v, to)?;
                    v.to_i64()
                }
            };
            int_value(whole.ok_or_else(|| out_of_range(to))?, to)
        }
        Type::Float4 => Ok(Value::Float4(match number {
            Number::Int(v) => v as f32,
            Number::Float(v) => narrow(v)?,
            Number::Exact(v) => read_float(&v, to)? as f32,
        })),
        Type::Float8 => Ok(Value::Float8(match number {
            Number::Int(v) => v as f64,
            Number::Float(v) => v,
            Number::Exact(v) => read_float(&v, to)?,
        })),
        _ => {
            let exact = match number {
                Number::Int(v) => Decimal::from(v).into(),
                Number::Float(v) => Numeric::from_f64(v),
                Number::Exact(v) => v,
            };
            Ok(Value::Numeric(match to {
                Type::Numeric(Some((precision, scale))) => exact.fit(precision, scale)?,
                _ => exact,
            }))
        }
    }
}

/// 0A000 for what is no number.
fn whole_of(v: &Numeric, to: Type) -> Result<()> {
    let what = match v {
        Numeric::NaN => "NaN",
        Numeric::Infinity | Numeric::NegativeInfinity => "infinity",
        _ => return Ok(()),
    };
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, format!("cannot convert {what} to {to}")))
}

/// A number as a float, through its text where that may not fit.
fn read_float(v: &Numeric, to: Type) -> Result<f64> {
    Ok(match (v, to) {
        (Numeric::Decimal(v), Type::Float4) => v.to_f32().into(),
        (Numeric::Decimal(v), _) => v.to_f64(),
        _ => match parse_text(&v.to_string(), to)? {
            Value::Float4(v) => v.into(),
            Value::Float8(v) => v,
            _ => f64::NAN,
        },
    })
}

/// Half to even; None for what no i64 holds.
fn float_to_int(v: f64) -> Option<i64> {
    let whole = v.round_ties_even();
    // 2^63 as a double is the first that does not fit; NaN compares false.
    (whole >= i64::MIN as f64 && whole < -(i64::MIN as f64)).then_some(whole as i64)
}

fn int_value(v: i64, to: Type) -> Result<Value> {
    Ok(match to {
        Type::Int2 => Value::Int2(i16::try_from(v).map_err(|_| out_of_range(to))?),
        Type::Int4 => Value::Int4(i32::try_from(v).map_err(|_| out_of_range(to))?),
        _ => Value::Int8(v),
    })
}

fn narrow(v: f64) -> Result<f32> {
    let small = v as f32;
    if small.is_infinite() && v.is_finite() {
        return Err(float_overflow());
    }
    if small == 0.0 && v != 0.0 {
        return Err(float_underflow());
    }
    Ok(small)
}

/// Converts a column likewise.
pub fn cast_column(column: &Column, to: Type) -> Result<Column> {
    let from = column.ty();
    if from == to {
        return Ok(column.clone());
    }
    if let Some(one) = column.as_constant() {
        return Column::constant(to, &cast_value(one.value(0), to)?, column.len());
    }
    if let ColumnData::Dictionary { codes, values } = column.data()
        && values.len() <= column.len()
        && let Ok(values) = cast_column(values, to)
    {
        let gathered = values.gather(codes);
        return Ok(super::support::mask_nulls(gathered, column.validity()));
    }
    if let ColumnData::Dictionary { .. } = column.data() {
        return cast_column(&column.flatten(), to);
    }
    if let Some(cast) = cast_slices(column, to)? {
        return Ok(cast);
    }
    let mut out = ColumnBuilder::new(to);
    for row in 0..column.len() {
        match column.is_valid(row) {
            true => out.push(&cast_value(column.value(row), to)?)?,
            false => out.push_null(),
        }
    }
    Ok(out.finish())
}

/// The conversions that cannot fail and are frequent, as loops over slices. None: go value by value.
fn cast_slices(column: &Column, to: Type) -> Result<Option<Column>> {
    let from = column.ty();
    let valid = column.validity().cloned();
    let flat = |data| Some(Column::flat(to, data, valid));
    let integer = |ty| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    Ok(match (from, to) {
        (Type::Int2 | Type::Int4, Type::Int8) => flat(ColumnData::I64(i64s(column)?)),
        (Type::Int2, Type::Int4) => {
            flat(ColumnData::I32(i64s(column)?.iter().map(|&v| v as i32).collect::<Vec<_>>().into()))
        }
        (_, Type::Float8) if integer(from) => {
            flat(ColumnData::F64(i64s(column)?.iter().map(|&v| v as f64).collect::<Vec<_>>().into()))
        }
        (Type::Float4, Type::Float8) => flat(ColumnData::F64(f64s(column)?)),
        (Type::Timestamp, Type::Timestamptz) | (Type::Timestamptz, Type::Timestamp) => {
            Some(column.clone().with_type(to))
        }
        (from, to) if from.is_oid() && (to.is_oid() || to == Type::Int8) => {
            Some(column.clone().with_type(to))
        }
        (Type::Vector(_), Type::Vector(None)) => Some(column.clone().with_type(to)),
        (Type::Text | Type::Varchar(_) | Type::Name, Type::Text | Type::Varchar(None)) => {
            Some(column.clone().with_type(to))
        }
        (Type::Varchar(Some(from)), Type::Varchar(Some(n))) if from <= n => {
            Some(column.clone().with_type(to))
        }
        // A wider precision of the same scale and layout holds every value as it is.
        (Type::Numeric(Some((p, s))), Type::Numeric(Some((q, t))))
            if s == t
                && p <= q
                && from.physical() == to.physical()
                && from.fixed_scale() == to.fixed_scale() =>
        {
            Some(column.clone().with_type(to))
        }
        (_, Type::Numeric(None)) if integer(from) => {
            let packed = i64s(column)?
                .iter()
                .map(|&v| Decimal { mantissa: v.into(), scale: 0 }.pack())
                .collect::<Vec<_>>();
            flat(ColumnData::I128(packed.into()))
        }
        (Type::Numeric(Some(_)), Type::Numeric(None)) if from.physical() == Physical::I64 => {
            let (ColumnData::I64(mantissas), Some(scale)) = (column.data(), from.fixed_scale()) else {
                return Ok(None);
            };
            let packed = mantissas.iter().map(|&m| Decimal { mantissa: m.into(), scale }.pack());
            flat(ColumnData::I128(packed.collect::<Vec<_>>().into()))
        }
        _ => None,
    })
}
