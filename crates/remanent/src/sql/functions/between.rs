//! Conversions between types that a pair of them brings: one line of [`BETWEEN`] each.
//!
//! What all types share (text to and from everything) and what types of numbers and moments do to each other is in
//! [`cast`](super::cast) and [`coerce`](super::super::expr::coerce).

use crate::sql::expr::CastContext::{self, Assignment, Explicit, Implicit};
use remanent_storage::error::Result;
use remanent_storage::value::datetime::is_infinite;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::sparsevec::{self, Sparse};
use remanent_storage::value::text::check_dimensions;
use remanent_storage::value::timetz::TimeTz;
use remanent_storage::value::{Array, Element, Type, Value, Zone, halfvec};

/// A conversion.
pub struct Between {
    /// From a type without length.
    from: Type,
    /// To a type without length, which the caller sees to.
    to: Type,
    /// Where it is made without being written.
    pub context: CastContext,
    /// The work.
    pub convert: fn(Value) -> Result<Value>,
}

const HALFVEC: Type = Type::Other(Kind::HalfVec, 0);
const SPARSEVEC: Type = Type::Other(Kind::SparseVec, 0);
const BIT: Type = Type::Other(Kind::Bit, 0);
const VARBIT: Type = Type::Other(Kind::VarBit, 0);
const TIMETZ: Type = Type::Other(Kind::TimeTz, 0);

static BETWEEN: &[Between] = &[
    line(Type::Vector(None), HALFVEC, Implicit, |v| match v {
        Value::Vector(v) => Ok(Value::Other(Kind::HalfVec, halfvec::encode(&v)?.into())),
        other => Ok(other),
    }),
    line(HALFVEC, Type::Vector(None), Assignment, |v| match v {
        Value::Other(Kind::HalfVec, bytes) => Ok(Value::Vector(halfvec::floats(&bytes))),
        other => Ok(other),
    }),
    line(Type::Vector(None), of(Type::Float4), Implicit, |v| match v {
        Value::Vector(v) => Ok(Array::list(Type::Float4, v.into_iter().map(Value::Float4).collect())?.into()),
        other => Ok(other),
    }),
    line(of(Type::Int4), Type::Vector(None), Assignment, vector),
    line(of(Type::Float4), Type::Vector(None), Assignment, vector),
    line(of(Type::Float8), Type::Vector(None), Assignment, vector),
    line(of(Type::Numeric(None)), Type::Vector(None), Assignment, vector),
    line(Type::Vector(None), SPARSEVEC, Implicit, sparse),
    line(HALFVEC, SPARSEVEC, Implicit, sparse),
    line(SPARSEVEC, Type::Vector(None), Assignment, |v| Ok(Value::Vector(whole(v)?))),
    line(SPARSEVEC, HALFVEC, Assignment, |v| {
        Ok(Value::Other(Kind::HalfVec, halfvec::encode(&whole(v)?)?.into()))
    }),
    line(of(Type::Int4), SPARSEVEC, Assignment, |v| sparse(vector(v)?)),
    line(of(Type::Float4), SPARSEVEC, Assignment, |v| sparse(vector(v)?)),
    line(of(Type::Float8), SPARSEVEC, Assignment, |v| sparse(vector(v)?)),
    line(of(Type::Numeric(None)), SPARSEVEC, Assignment, |v| sparse(vector(v)?)),
    line(BIT, VARBIT, Implicit, |v| renamed(v, Kind::VarBit)),
    line(VARBIT, BIT, Implicit, |v| renamed(v, Kind::Bit)),
    line(Type::Int4, BIT, Explicit, super::bits::of_number),
    line(Type::Int8, BIT, Explicit, super::bits::of_number),
    line(BIT, Type::Int4, Explicit, |v| super::bits::to_number(v, Type::Int4)),
    line(BIT, Type::Int8, Explicit, |v| super::bits::to_number(v, Type::Int8)),
    // In UTC; in another zone `zone` and the resolver see to them.
    line(Type::Time, TIMETZ, Implicit, |v| match v {
        Value::Time(micros) => Ok(Value::Other(Kind::TimeTz, TimeTz { micros, east: 0 }.encode().into())),
        other => Ok(other),
    }),
    line(Type::Timestamptz, TIMETZ, Assignment, |v| match v {
        Value::Timestamptz(t) if is_infinite(t) => Ok(Value::Null),
        Value::Timestamptz(t) => Ok(Value::Other(Kind::TimeTz, TimeTz::shown(t, &Zone::UTC).encode().into())),
        other => Ok(other),
    }),
    line(TIMETZ, Type::Time, Assignment, |v| match v {
        Value::Other(_, bytes) => {
            Ok(TimeTz::decode(&bytes).map_or(Value::Null, |time| Value::Time(time.micros)))
        }
        other => Ok(other),
    }),
    #[cfg(feature = "shapes")]
    line(GEOMETRY, GEOGRAPHY, Implicit, globe),
    #[cfg(feature = "shapes")]
    line(GEOGRAPHY, GEOMETRY, Explicit, |v| renamed(v, Kind::Geometry)),
    #[cfg(feature = "shapes")]
    line(GEOMETRY, Type::Bytea, Implicit, bytes),
    #[cfg(feature = "shapes")]
    line(GEOGRAPHY, Type::Bytea, Implicit, bytes),
    #[cfg(feature = "shapes")]
    line(Type::Bytea, GEOMETRY, Implicit, |v| read(v, Kind::Geometry)),
    #[cfg(feature = "shapes")]
    line(Type::Bytea, GEOGRAPHY, Implicit, |v| read(v, Kind::Geography)),
];

#[cfg(feature = "shapes")]
const GEOMETRY: Type = Type::Other(Kind::Geometry, 0);
#[cfg(feature = "shapes")]
const GEOGRAPHY: Type = Type::Other(Kind::Geography, 0);

/// The same bytes as a value of another kind.
fn renamed(value: Value, kind: Kind) -> Result<Value> {
    match value {
        Value::Other(_, bytes) => Ok(Value::Other(kind, bytes)),
        other => Ok(other),
    }
}

/// A geometry as a geography.
#[cfg(feature = "shapes")]
fn globe(value: Value) -> Result<Value> {
    match value {
        Value::Other(_, bytes) => read(Value::Bytea(bytes.into()), Kind::Geography),
        other => Ok(other),
    }
}

/// The bytes of a geometry, which are EWKB.
#[cfg(feature = "shapes")]
fn bytes(value: Value) -> Result<Value> {
    match value {
        Value::Other(_, bytes) => Ok(Value::Bytea(bytes.into())),
        other => Ok(other),
    }
}

/// A geometry of EWKB.
#[cfg(feature = "shapes")]
fn read(value: Value, kind: Kind) -> Result<Value> {
    use remanent_shapes::binary;
    use remanent_storage::value::places;
    let Value::Bytea(bytes) = value else { return Ok(value) };
    let geometry = binary::parse(&bytes).map_err(places::raised)?;
    let geometry = if kind == Kind::Geography { places::on_globe(geometry)? } else { geometry };
    Ok(Value::Other(kind, binary::encode(&geometry).into()))
}

const fn line(from: Type, to: Type, context: CastContext, convert: fn(Value) -> Result<Value>) -> Between {
    Between { from, to, context, convert }
}

const fn of(element: Type) -> Type {
    Type::Array(Element::of(element))
}

/// The conversion between two types without length, if they bring one.
pub fn between(from: Type, to: Type) -> Option<&'static Between> {
    BETWEEN.iter().find(|between| between.from == from && between.to == to)
}

/// A vector of either other type as one that keeps what is not zero.
fn sparse(value: Value) -> Result<Value> {
    match value {
        Value::Vector(v) => super::sparsevec::value(&Sparse::of(&v)),
        Value::Other(_, bytes) => super::sparsevec::value(&Sparse::of(&halfvec::floats(&bytes))),
        other => Ok(other),
    }
}

/// All elements of such a one; 54000 where a vector cannot have so many.
fn whole(value: Value) -> Result<Vec<f32>> {
    let Value::Other(_, bytes) = value else { return Ok(Vec::new()) };
    let Some(Sparse { elements, dimensions }) = sparsevec::decode(&bytes) else { return Ok(Vec::new()) };
    super::vector::limited(dimensions as usize, "vector")?;
    let mut all = vec![0.0; dimensions as usize];
    for (index, value) in elements {
        if let Some(place) = all.get_mut(index as usize) {
            *place = value;
        }
    }
    Ok(all)
}

/// pgvector's vector of an array.
fn vector(value: Value) -> Result<Value> {
    use remanent_storage::error::{Error, state};
    let Value::Array(array) = value else { return Ok(value) };
    let refuse = |state, message: &str| Err(Error::new(state, message));
    if array.dimensions().len() > 1 {
        return refuse(state::DATA_EXCEPTION, "array must be 1-D");
    }
    let mut elements = Vec::with_capacity(array.values().len());
    for value in array.values() {
        let Value::Float4(v) = super::cast::cast_value(value.clone(), Type::Float4)? else {
            return refuse(state::NULL_VALUE_NOT_ALLOWED, "array must not contain nulls");
        };
        if v.is_nan() {
            return refuse(state::DATA_EXCEPTION, "NaN not allowed in vector");
        }
        if v.is_infinite() {
            return refuse(state::DATA_EXCEPTION, "infinite value not allowed in vector");
        }
        elements.push(v);
    }
    if elements.is_empty() {
        return refuse(state::DATA_EXCEPTION, "vector must have at least 1 dimension");
    }
    check_dimensions(elements.len(), None)?;
    Ok(Value::Vector(elements))
}
