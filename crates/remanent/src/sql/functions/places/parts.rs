//! What a geometry is and what it has: its numbers, parts, rings and points.

use super::super::{FLOAT8, Function, INT4, Signature, f};
use super::{Args, GEO, GEOGRAPHY, GEOMETRY, TEXT};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::{Coord, Geometry, Kind, Shape, access, edit, valid};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Type, Value};

static NUMBER: &[Signature] = &[(&[GEOMETRY], Type::Float8)];
static EXTENT: &[Signature] = &[(&[GEOMETRY], Type::Float8), (&[TEXT], Type::Float8)];
static COUNT: &[Signature] = &[(&[GEOMETRY], Type::Int4)];
static TRUTH: &[Signature] = &[(&[GEOMETRY], Type::Bool)];
static NAME: &[Signature] = &[(&[GEOMETRY], Type::Text)];
static PART: &[Signature] = &[(&[GEOMETRY], GEO)];
static NTH: &[Signature] = &[(&[GEOMETRY, INT4], GEO)];
static FORCE_Z: &[Signature] = &[(&[GEOMETRY], GEO), (&[GEOMETRY, FLOAT8], GEO)];

pub(in crate::sql::functions) static FUNCTIONS: &[Function] = &[
    f("st_x", NUMBER, |a| ordinate(a, "ST_X", |_| true, |p| p.x)),
    f("st_y", NUMBER, |a| ordinate(a, "ST_Y", |_| true, |p| p.y)),
    f("st_z", NUMBER, |a| ordinate(a, "ST_Z", |g| g.z, |p| p.z)),
    f("st_m", NUMBER, |a| ordinate(a, "ST_M", |g| g.m, |p| p.m)),
    f("st_xmin", EXTENT, |a| extent(a, |b| b.low[0])),
    f("st_ymin", EXTENT, |a| extent(a, |b| b.low[1])),
    f("st_zmin", EXTENT, |a| extent(a, |b| b.low[2])),
    f("st_xmax", EXTENT, |a| extent(a, |b| b.high[0])),
    f("st_ymax", EXTENT, |a| extent(a, |b| b.high[1])),
    f("st_zmax", EXTENT, |a| extent(a, |b| b.high[2])),
    f("st_geometrytype", NAME, |a| {
        a.of_first(|g| Some(Value::Text(format!("ST_{}", g.shape.kind().name()))))
    }),
    f("geometrytype", &[(&[GEOMETRY], Type::Text), (&[GEOGRAPHY], Type::Text)], |a| {
        a.of_first(|g| {
            let m = if g.m && !g.z { "M" } else { "" };
            Some(Value::Text(g.shape.kind().name().to_ascii_uppercase() + m))
        })
    }),
    f("st_npoints", COUNT, |a| a.of_first(|g| count(g.shape.points()))),
    f("st_numpoints", COUNT, |a| a.of_first(|g| access::line(g).and_then(|line| count(line.len())))),
    f("st_numgeometries", COUNT, |a| a.of_first(|g| count(access::parts(g)))),
    f("st_nrings", COUNT, |a| a.of_first(|g| count(access::rings(&g.shape)))),
    f("st_numinteriorrings", COUNT, |a| a.of_first(holes)),
    f("st_numinteriorring", COUNT, |a| a.of_first(holes)),
    f("st_dimension", COUNT, |a| a.of_first(|g| Some(Value::Int4(g.shape.dimension().unwrap_or(0).into())))),
    f("st_ndims", &[(&[GEOMETRY], Type::Int2)], |a| {
        a.of_first(|g| Some(Value::Int2(2 + i16::from(g.z) + i16::from(g.m))))
    }),
    f("st_zmflag", &[(&[GEOMETRY], Type::Int2)], |a| {
        a.of_first(|g| Some(Value::Int2(2 * i16::from(g.z) + i16::from(g.m))))
    }),
    f("st_isempty", TRUTH, |a| a.of_first(|g| Some(Value::Bool(g.shape.is_empty())))),
    f("st_isvalid", TRUTH, |a| a.of_first(|g| Some(Value::Bool(valid::fault(&g.shape).is_none())))),
    f("st_isvalidreason", NAME, |a| {
        a.of_first(|g| {
            Some(Value::Text(match valid::fault(&g.shape) {
                None => "Valid Geometry".to_owned(),
                Some((what, at)) => {
                    let mut text = format!("{what}[");
                    remanent_shapes::number::push(&mut text, at.x, 15);
                    text.push(' ');
                    remanent_shapes::number::push(&mut text, at.y, 15);
                    text + "]"
                }
            }))
        })
    }),
    f("st_issimple", TRUTH, |a| a.of_first(|g| Some(Value::Bool(valid::is_simple(&g.shape))))),
    f("st_isclosed", TRUTH, |a| a.of_first(|g| Some(Value::Bool(access::is_closed(g))))),
    f("st_isring", TRUTH, |a| {
        a.map(&mut |row| match a.geometry(0, row)? {
            g if g.shape.kind() == Kind::LineString => {
                Ok(Value::Bool(access::is_closed(&g) && valid::is_simple(&g.shape)))
            }
            _ => Err(bad("ST_IsRing() should only be called on a linear feature")),
        })
    }),
    f("st_iscollection", TRUTH, |a| a.of_first(|g| Some(Value::Bool(matches!(g.shape, Shape::Many(..)))))),
    f("st_geometryn", NTH, |a| a.remake(|a, row, g| Ok(access::geometry_n(&g, a.integer(1, row, 0).into())))),
    f("st_pointn", NTH, |a| a.remake(|a, row, g| Ok(access::point_n(&g, a.integer(1, row, 0).into())))),
    f("st_interiorringn", NTH, |a| {
        a.remake(|a, row, g| {
            let n = a.integer(1, row, 0);
            Ok(if n > 0 { access::ring_n(&g, n.into()) } else { None })
        })
    }),
    f("st_exteriorring", PART, |a| a.remake(|_, _, g| Ok(access::ring_n(&g, 0)))),
    f("st_startpoint", PART, |a| a.remake(|_, _, g| Ok(end(&g, true)))),
    f("st_endpoint", PART, |a| a.remake(|_, _, g| Ok(end(&g, false)))),
    f("st_boundary", PART, |a| a.remake(|_, _, g| Ok(Some(access::boundary(&g))))),
    f("st_points", PART, |a| {
        a.remake(|_, _, g| {
            let mut points = Vec::new();
            g.shape.lines(&mut |line| points.extend(line.iter().map(|p| Shape::Point(Some(*p)))));
            Ok(Some(g.with(Shape::Many(Kind::MultiPoint, points))))
        })
    }),
    f("st_multi", PART, |a| {
        a.remake(|_, _, g| {
            Ok(Some(match g.shape {
                Shape::Many(..) => g,
                _ => g.with(Shape::Many(g.shape.kind().many(), vec![g.shape.clone()])),
            }))
        })
    }),
    f("st_force2d", PART, |a| a.remake(|_, _, g| Ok(Some(edit::force_z(&g, None))))),
    f("st_force3d", FORCE_Z, |a| {
        a.remake(|a, row, g| Ok(Some(edit::force_z(&g, Some(a.number(1, row, 0.0))))))
    }),
    f("st_force3dz", FORCE_Z, |a| {
        a.remake(|a, row, g| Ok(Some(edit::force_z(&g, Some(a.number(1, row, 0.0))))))
    }),
    f("st_flipcoordinates", PART, |a| a.remake(|_, _, g| Ok(Some(edit::flip(&g))))),
    f("st_reverse", PART, |a| {
        a.remake(|_, _, mut g| {
            edit::reverse(&mut g.shape);
            Ok(Some(g))
        })
    }),
];

pub(super) fn bad(message: &str) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

fn count(n: usize) -> Option<Value> {
    i32::try_from(n).ok().map(Value::Int4)
}

fn holes(geometry: &Geometry) -> Option<Value> {
    match &geometry.shape {
        Shape::Polygon(rings) => count(rings.len().saturating_sub(1)),
        _ => None,
    }
}

/// A number of points; NULL for an empty one and where it has no such number.
fn ordinate(
    args: &Args<'_>,
    name: &str,
    there: fn(&Geometry) -> bool,
    number: fn(Coord) -> f64,
) -> Result<Column> {
    args.map(&mut |row| {
        let geometry = args.geometry(0, row)?;
        match geometry.shape {
            Shape::Point(Some(point)) if there(&geometry) => Ok(Value::Float8(number(point))),
            Shape::Point(_) => Ok(Value::Null),
            _ => Err(bad(&format!("Argument to {name}() must have type POINT"))),
        }
    })
}

/// A number of the box; a text is the box itself.
fn extent(args: &Args<'_>, number: fn(Bounds) -> f64) -> Result<Column> {
    args.map(&mut |row| {
        let bounds = match args.columns[0].ty() {
            Type::Text => match remanent_shapes::make::parse_box(args.text(0, row)?) {
                Some(bounds) => Some(bounds),
                None => Bounds::of(&args.geometry(0, row)?),
            },
            _ => Bounds::of_bytes(args.columns[0].bytes(row)),
        };
        Ok(bounds.map_or(Value::Null, |bounds| Value::Float8(number(bounds))))
    })
}

fn end(geometry: &Geometry, first: bool) -> Option<Geometry> {
    let line = access::line(geometry)?;
    let point = if first { line.first() } else { line.last() };
    Some(geometry.with(Shape::Point(Some(*point?))))
}
