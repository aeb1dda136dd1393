//! Places: the functions and operators of `geometry` and `geography`, with PostGIS's names and meaning.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | arguments as geometries, results as columns |
//! | `forms` | making geometries; their forms in and out |
//! | `parts` | what a geometry is and has |
//! | `pairs` | relations and distances of two, the operators |
//! | `edit` | measures, and geometries made of one |
//! | `globe` | what is computed on the spheroid |
//! | `cluster` | clusters of the rows of a partition |
//!
//! The work is in the crate `remanent-shapes`. A value is its EWKB: boxes and points are read from it without making a
//! geometry of it. Of a constant argument a geometry is made once.
//!
//! Where PostGIS takes a text, because it cannot tell whether a literal is a geometry or a geography, so do these: it is a
//! geometry. `box2d` and `box3d` are texts here (`BOX(0 0,1 1)`), which functions of boxes, and casts, take for a geometry.
//!
//! Limits: ST_Transform knows two frames (`remanent_shapes::frame`); what a NOTICE says of is done without saying so.

pub(crate) mod cluster;
pub(super) mod edit;
pub(super) mod forms;
pub(super) mod globe;
pub(super) mod pairs;
pub(super) mod parts;

use super::{Arg, Args, TEXT};
use remanent_shapes::{Geometry, binary};
use remanent_storage::error::{Error, Result};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::places::raised;
use remanent_storage::value::{Array, Column, ColumnBuilder, Element, Type, Value};

pub(super) const GEO: Type = Type::Other(Kind::Geometry, 0);
pub(super) const GEOG: Type = Type::Other(Kind::Geography, 0);
pub(super) const GEOMETRY: Arg = Arg::Is(GEO);
pub(super) const GEOGRAPHY: Arg = Arg::Is(GEOG);
const GEOMETRIES: Arg = Arg::Is(Type::Array(Element::of(GEO)));

/// A geometry of what a column holds: bytes, or a text.
fn decode(column: &Column, row: usize) -> Result<Geometry> {
    let bytes = column.bytes(row);
    match column.ty() {
        Type::Text => remanent_shapes::parse(super::support::utf8(bytes)?),
        _ => binary::parse(bytes),
    }
    .map_err(raised)
}

/// The value of a geometry.
pub(super) fn value(geometry: &Geometry) -> Value {
    Value::Other(Kind::Geometry, binary::encode(geometry).into())
}

/// The geometries of an array; NULLs are left out.
fn of_array(array: &Array) -> Result<Vec<Geometry>> {
    let values = array.values().iter().filter_map(|value| match value {
        Value::Other(_, bytes) => Some(binary::parse(bytes).map_err(raised)),
        _ => None,
    });
    values.collect()
}

impl Args<'_> {
    /// Argument `i` of a row as a geometry.
    fn geometry(&self, i: usize, row: usize) -> Result<Geometry> {
        decode(&self.columns[i], row)
    }

    /// Argument `i` of a row as a number; what is missing is that.
    fn number(&self, i: usize, row: usize, missing: f64) -> f64 {
        match self.columns.get(i).map(|column| column.value(row)) {
            Some(Value::Float8(number)) => number,
            Some(Value::Int4(number)) => number.into(),
            _ => missing,
        }
    }

    /// Argument `i` of a row as a whole number; what is missing is that.
    fn integer(&self, i: usize, row: usize, missing: i32) -> i32 {
        match self.columns.get(i).map(|column| column.value(row)) {
            Some(Value::Int4(number)) => number,
            _ => missing,
        }
    }

    /// Row by row over the valid rows, of the first argument: a value, or NULL.
    fn of_first(&self, work: fn(&Geometry) -> Option<Value>) -> Result<Column> {
        self.map(&mut |row| Ok(work(&self.geometry(0, row)?).unwrap_or(Value::Null)))
    }

    /// Row by row over the valid rows: a geometry, or NULL.
    fn map_geometry(&self, work: &mut dyn FnMut(usize) -> Result<Option<Geometry>>) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        for row in 0..self.rows {
            let geometry = if self.is_valid(row) { work(row)? } else { None };
            match geometry {
                Some(geometry) => out.push_bytes(&binary::encode(&geometry)),
                None => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    /// The same, made of the first argument.
    fn remake(&self, work: fn(&Args<'_>, usize, Geometry) -> Result<Option<Geometry>>) -> Result<Column> {
        self.map_geometry(&mut |row| work(self, row, self.geometry(0, row)?))
    }
}

/// An argument that is decoded once if it is a constant.
pub(super) enum Fixed<'a> {
    /// Of all rows.
    One(Geometry),
    /// Each row has its own.
    Each(&'a Column),
}

impl<'a> Fixed<'a> {
    fn of(column: &'a Column) -> Result<Fixed<'a>> {
        Ok(match column.as_constant() {
            Some(one) if one.is_valid(0) => Fixed::One(decode(one, 0)?),
            _ => Fixed::Each(column),
        })
    }
}

/// 0A000 for what PostGIS has.
fn unsupported(what: &str) -> Error {
    raised(remanent_shapes::Error::unsupported(format!("{what} is not supported")))
}
