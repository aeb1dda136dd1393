//! One SQL value.

use super::{Decimal, Interval, Type};

/// One SQL value. `Display` is PostgreSQL's text form (dates in ISO style, times in UTC).
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
    Numeric(Decimal),
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
        })
    }
}
