//! The SQL types and how their values lie in memory.

use super::decimal::{MAX_DIGITS, MAX_SCALE};
use super::text::VECTOR_MAX;
use crate::error::{Error, Result, state};
use std::fmt;

/// A SQL type. Small and `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric(precision, scale)`, or `numeric` where every value has its own scale.
    Numeric(Option<(u16, i16)>),
    /// `text`
    Text,
    /// `bytea`
    Bytea,
    /// `date`: days since 2000-01-01
    Date,
    /// `timestamp without time zone`: microseconds since 2000-01-01
    Timestamp,
    /// `timestamp with time zone`: microseconds since 2000-01-01 UTC
    Timestamptz,
    /// `interval`
    Interval,
    /// `vector(n)` of 32-bit floats, or `vector` where every value has its own length
    Vector(Option<u16>),
}

/// How a column's values lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Physical {
    /// One bit each.
    Bool,
    /// 16-bit integers.
    I16,
    /// 32-bit integers: integer, date.
    I32,
    /// 64-bit integers: bigint, timestamps, numeric of precision ≤ 18 (scaled by the type's scale).
    I64,
    /// 128-bit integers: numeric of precision ≤ 36 (scaled by the type's scale), and numeric without
    /// precision or of a greater one, which packs each value's own scale beside it ([`super::Decimal::pack`]).
    I128,
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
    /// Months, days, microseconds.
    Interval,
    /// Views of bytes: text, bytea; a `vector` is the little-endian bytes of its floats.
    Bytes,
}

impl Type {
    /// How values of this type lie in a [`super::Column`].
    pub fn physical(self) -> Physical {
        match self {
            Type::Bool => Physical::Bool,
            Type::Int2 => Physical::I16,
            Type::Int4 | Type::Date => Physical::I32,
            Type::Int8 | Type::Timestamp | Type::Timestamptz => Physical::I64,
            Type::Numeric(Some((precision, _))) if precision <= 18 && self.fixed_scale().is_some() => {
                Physical::I64
            }
            Type::Numeric(_) => Physical::I128,
            Type::Float4 => Physical::F32,
            Type::Float8 => Physical::F64,
            Type::Interval => Physical::Interval,
            Type::Text | Type::Bytea | Type::Vector(_) => Physical::Bytes,
        }
    }
}

impl Type {
    /// The scale by which numbers of this type are stored as integers; None: each has its own.
    pub fn fixed_scale(self) -> Option<u8> {
        match self {
            Type::Numeric(Some((precision, scale))) if precision <= MAX_DIGITS.into() => {
                u8::try_from(scale).ok().filter(|&scale| scale <= MAX_SCALE)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    /// The name as PostgreSQL's `format_type` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "boolean",
            Type::Int2 => "smallint",
            Type::Int4 => "integer",
            Type::Int8 => "bigint",
            Type::Float4 => "real",
            Type::Float8 => "double precision",
            Type::Numeric(None) => "numeric",
            Type::Numeric(Some((p, s))) => return write!(f, "numeric({p},{s})"),
            Type::Text => "text",
            Type::Bytea => "bytea",
            Type::Date => "date",
            Type::Timestamp => "timestamp without time zone",
            Type::Timestamptz => "timestamp with time zone",
            Type::Interval => "interval",
            Type::Vector(None) => "vector",
            Type::Vector(Some(n)) => return write!(f, "vector({n})"),
        })
    }
}

impl Type {
    /// `numeric(precision, scale)` as declared; 22023 where PostgreSQL refuses it.
    pub fn numeric(precision: i64, scale: i64) -> Result<Type> {
        let refuse = |state, message: String| Err(Error::new(state, message));
        if !(1..=1000).contains(&precision) {
            let message = format!("NUMERIC precision {precision} must be between 1 and 1000");
            return refuse(state::INVALID_PARAMETER_VALUE, message);
        }
        if !(-1000..=1000).contains(&scale) {
            let message = format!("NUMERIC scale {scale} must be between -1000 and 1000");
            return refuse(state::INVALID_PARAMETER_VALUE, message);
        }
        Ok(Type::Numeric(Some((precision as u16, scale as i16))))
    }

    /// `vector(dimensions)` as declared; pgvector's errors where it refuses it.
    pub fn vector(dimensions: i64) -> Result<Type> {
        let message = match dimensions {
            ..1 => "dimensions for type vector must be at least 1".to_string(),
            _ if dimensions > VECTOR_MAX as i64 => {
                format!("dimensions for type vector cannot exceed {VECTOR_MAX}")
            }
            _ => return Ok(Type::Vector(Some(dimensions as u16))),
        };
        Err(Error::new(state::INVALID_PARAMETER_VALUE, message))
    }

    /// The type of that name, as `Display` writes it; None for another text.
    pub fn from_name(name: &str) -> Option<Type> {
        let plain = [
            Type::Bool,
            Type::Int2,
            Type::Int4,
            Type::Int8,
            Type::Float4,
            Type::Float8,
            Type::Numeric(None),
            Type::Text,
            Type::Bytea,
            Type::Date,
            Type::Timestamp,
            Type::Timestamptz,
            Type::Interval,
            Type::Vector(None),
        ];
        if let Some(ty) = plain.into_iter().find(|ty| ty.to_string() == name) {
            return Some(ty);
        }
        let (base, rest) = name.split_once('(')?;
        let arguments = rest.strip_suffix(')')?;
        match base {
            "numeric" => {
                let (precision, scale) = arguments.split_once(',')?;
                Some(Type::Numeric(Some((precision.parse().ok()?, scale.parse().ok()?))))
            }
            "vector" => Some(Type::Vector(Some(arguments.parse().ok()?))),
            _ => None,
        }
    }
}
