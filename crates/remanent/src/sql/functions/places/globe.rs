//! What is computed of geographies: on the WGS 84 spheroid, in metres.

use super::super::{BOOL, FLOAT8, Function, INT4, Signature, f};
use super::pairs::number;
use super::{Args, GEOG, GEOGRAPHY, unsupported};
use remanent_shapes::Shape;
use remanent_shapes::geodesic::{self, Globe};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static APART: &[Signature] =
    &[(&[GEOGRAPHY, GEOGRAPHY], Type::Float8), (&[GEOGRAPHY, GEOGRAPHY, BOOL], Type::Float8)];
static WITHIN: &[Signature] =
    &[(&[GEOGRAPHY, GEOGRAPHY, FLOAT8], Type::Bool), (&[GEOGRAPHY, GEOGRAPHY, FLOAT8, BOOL], Type::Bool)];
static TRUTH: &[Signature] = &[(&[GEOGRAPHY, GEOGRAPHY], Type::Bool)];
static NUMBER: &[Signature] = &[(&[GEOGRAPHY], Type::Float8)];
static BUFFER: &[Signature] = &[(&[GEOGRAPHY, FLOAT8], GEOG), (&[GEOGRAPHY, FLOAT8, INT4], GEOG)];

/// Nearer than this is the same place, in metres.
const SAME: f64 = 1e-5;

pub(in crate::sql::functions) static FUNCTIONS: &[Function] = &[
    f("st_distance", APART, |a| {
        apart(a, "ST_Distance", &|_, metres| Value::Float8((metres * 1e8).round() / 1e8))
    }),
    f("<->", &[(&[GEOGRAPHY, GEOGRAPHY], Type::Float8)], |a| {
        // On the sphere: an order, rather than a measure.
        super::pairs::each(a, "<->", &mut |_, x, y| Ok(number(geodesic::gap(&x.shape, &y.shape, true))))
    }),
    f("st_dwithin", WITHIN, |a| {
        apart(a, "ST_DWithin", &|row, metres| Value::Bool(metres <= a.number(2, row, 0.0)))
    }),
    f("st_intersects", TRUTH, |a| apart(a, "ST_Intersects", &|_, metres| Value::Bool(metres < SAME))),
    f("st_covers", TRUTH, |a| covers(a, "ST_Covers", false)),
    f("st_coveredby", TRUTH, |a| covers(a, "ST_CoveredBy", true)),
    f("st_length", NUMBER, |a| a.of_first(|g| Some(Value::Float8(geodesic::length(&g.shape, false))))),
    f("st_perimeter", NUMBER, |a| a.of_first(|g| Some(Value::Float8(geodesic::length(&g.shape, true))))),
    f("st_area", NUMBER, |a| a.of_first(|g| Some(Value::Float8(geodesic::area(&g.shape))))),
    f("st_azimuth", &[(&[GEOGRAPHY, GEOGRAPHY], Type::Float8)], |a| {
        super::pairs::each(a, "ST_Azimuth", &mut |_, x, y| {
            let (from, to) = (super::pairs::point(x, "ST_Azimuth")?, super::pairs::point(y, "ST_Azimuth")?);
            Ok(number(from.zip(to).and_then(|(from, to)| geodesic::azimuth(from, to))))
        })
    }),
    f("st_project", &[(&[GEOGRAPHY, FLOAT8, FLOAT8], GEOG)], |a| {
        a.remake(|a, row, g| {
            let Some(from) = super::pairs::point(&g, "ST_Project")? else { return Ok(None) };
            let to = geodesic::project(from, a.number(1, row, 0.0), a.number(2, row, 0.0));
            Ok(Some(g.with(Shape::Point(Some(to)))))
        })
    }),
    f("st_buffer", BUFFER, |_| Err(unsupported("ST_Buffer of geography"))),
    f("&&", TRUTH, |a| {
        a.map_bool(&mut |row| {
            let [x, y] = [0, 1].map(|i| geodesic::bounds_of_bytes(a.columns[i].bytes(row)));
            Ok(x.zip(y).is_some_and(|(x, y)| x.meets_in(&y, 3)))
        })
    }),
    f("st_centroid", &[(&[GEOGRAPHY], GEOG)], |a| {
        a.remake(|_, _, g| match g.shape {
            Shape::Point(_) => Ok(Some(g)),
            _ => Err(unsupported("ST_Centroid of geography")),
        })
    }),
];

/// Of the metres between two geographies; what is empty has no distance, and meets nothing.
fn apart(args: &Args<'_>, name: &str, result: &dyn Fn(usize, f64) -> Value) -> Result<Column> {
    let nothing = || if args.ty == Type::Bool { Value::Bool(false) } else { Value::Null };
    let last = args.columns.last();
    super::pairs::each(args, name, &mut |row, x, y| {
        let sphere =
            last.is_some_and(|column| column.ty() == Type::Bool && column.value(row) == Value::Bool(false));
        Ok(geodesic::gap(&x.shape, &y.shape, sphere).map_or_else(nothing, |metres| result(row, metres)))
    })
}

fn covers(args: &Args<'_>, name: &str, turned: bool) -> Result<Column> {
    super::pairs::each(args, name, &mut |_, x, y| {
        let (outer, inner) = if turned { (y, x) } else { (x, y) };
        Ok(Value::Bool(Globe::new(&outer.shape).covers(&Globe::new(&inner.shape))))
    })
}
