//! What is measured of a geometry in the plane or in space, and geometries made of one.

use super::super::{BOOL, FLOAT8, Function, INT4, Signature, f};
use super::parts::bad;
use super::{Args, GEO, GEOMETRY, TEXT, raised, unsupported};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::overlay::{self, Rule};
use remanent_shapes::{Coord, Geometry, Shape, edit, hull, make, measure, simplify, tile};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static NUMBER: &[Signature] = &[(&[GEOMETRY], Type::Float8)];
static NUMBER_OR_TEXT: &[Signature] = &[(&[GEOMETRY], Type::Float8), (&[TEXT], Type::Float8)];
static SHAPE: &[Signature] = &[(&[GEOMETRY], GEO)];
static SHAPE_OR_TEXT: &[Signature] = &[(&[GEOMETRY], GEO), (&[TEXT], GEO)];
static SIMPLIFY: &[Signature] = &[(&[GEOMETRY, FLOAT8], GEO), (&[GEOMETRY, FLOAT8, BOOL], GEO)];
static MOVE: &[Signature] = &[(&[GEOMETRY, FLOAT8, FLOAT8], GEO), (&[GEOMETRY, FLOAT8, FLOAT8, FLOAT8], GEO)];
static SCALE: &[Signature] = &[
    (&[GEOMETRY, FLOAT8, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, FLOAT8, FLOAT8], GEO),
    (&[GEOMETRY, GEOMETRY], GEO),
];
static ROTATE: &[Signature] = &[
    (&[GEOMETRY, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, FLOAT8, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, GEOMETRY], GEO),
];
static WITH_NUMBER: &[Signature] = &[(&[GEOMETRY, FLOAT8], GEO)];
static SET: &[Signature] = &[(&[GEOMETRY, GEOMETRY], GEO)];
static BUFFER: &[Signature] = &[
    (&[GEOMETRY, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, INT4], GEO),
    (&[GEOMETRY, FLOAT8, TEXT], GEO),
    (&[TEXT, FLOAT8], GEO),
];
static EXPAND: &[Signature] =
    &[(&[GEOMETRY, FLOAT8], GEO), (&[GEOMETRY, FLOAT8, FLOAT8], GEO), (&[TEXT, FLOAT8], GEO)];
static TILE: &[Signature] = &[
    (&[GEOMETRY, GEOMETRY], GEO),
    (&[GEOMETRY, GEOMETRY, INT4], GEO),
    (&[GEOMETRY, GEOMETRY, INT4, INT4], GEO),
    (&[GEOMETRY, GEOMETRY, INT4, INT4, BOOL], GEO),
    (&[GEOMETRY, TEXT], GEO),
    (&[GEOMETRY, TEXT, INT4], GEO),
    (&[GEOMETRY, TEXT, INT4, INT4], GEO),
    (&[GEOMETRY, TEXT, INT4, INT4, BOOL], GEO),
];
static SNAP: &[Signature] = &[
    (&[GEOMETRY, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, FLOAT8], GEO),
    (&[GEOMETRY, FLOAT8, FLOAT8, FLOAT8, FLOAT8], GEO),
];

pub(in crate::sql::functions) static FUNCTIONS: &[Function] = &[
    f("st_area", NUMBER_OR_TEXT, |a| a.of_first(|g| some(measure::area(&g.shape)))),
    f("st_area2d", NUMBER, |a| a.of_first(|g| some(measure::area(&g.shape)))),
    f("st_length", NUMBER_OR_TEXT, |a| a.of_first(|g| some(measure::length(&g.shape, false, false)))),
    f("st_length2d", NUMBER, |a| a.of_first(|g| some(measure::length(&g.shape, false, false)))),
    f("st_3dlength", NUMBER, |a| a.of_first(|g| some(measure::length(&g.shape, false, true)))),
    f("st_perimeter", NUMBER, |a| a.of_first(|g| some(measure::length(&g.shape, true, false)))),
    f("st_perimeter2d", NUMBER, |a| a.of_first(|g| some(measure::length(&g.shape, true, false)))),
    f("st_3dperimeter", NUMBER, |a| a.of_first(|g| some(measure::length(&g.shape, true, true)))),
    f("st_centroid", SHAPE_OR_TEXT, |a| {
        a.remake(|_, _, g| Ok(Some(Geometry::new(g.srid, Shape::Point(measure::centroid(&g.shape))))))
    }),
    f("st_envelope", SHAPE, |a| a.remake(|_, _, g| Ok(Some(make::envelope(&g))))),
    f("st_convexhull", SHAPE, |a| a.remake(|_, _, g| Ok(Some(hull::convex(&g))))),
    f("st_simplify", SIMPLIFY, |a| {
        a.remake(|a, row, g| {
            let keep = a.columns.get(2).is_some_and(|column| column.value(row) == Value::Bool(true));
            let shape = simplify::simplify(&g.shape, a.number(1, row, 0.0), keep);
            // What vanishes, and is not kept, is NULL.
            Ok((!shape.is_empty() || g.shape.is_empty()).then(|| g.with(shape)))
        })
    }),
    f("st_translate", MOVE, |a| {
        a.remake(|a, row, g| Ok(Some(edit::affine(&g, [1.0; 3], [1, 2, 3].map(|i| a.number(i, row, 0.0))))))
    }),
    f("st_scale", SCALE, scale),
    f("st_rotate", ROTATE, rotate),
    f("st_rotatez", WITH_NUMBER, rotate),
    f("st_expand", EXPAND, |a| {
        a.remake(|a, row, g| {
            let by = a.number(1, row, 0.0);
            Ok(Some(edit::expand(&g, [by, a.number(2, row, by)])))
        })
    }),
    f("st_lineinterpolatepoint", WITH_NUMBER, |a| {
        a.remake(|a, row, g| edit::interpolate(&g, a.number(1, row, 0.0)).map(Some).map_err(raised))
    }),
    f("st_linesubstring", &[(&[GEOMETRY, FLOAT8, FLOAT8], GEO)], |a| {
        a.remake(|a, row, g| {
            let (from, to) = (a.number(1, row, 0.0), a.number(2, row, 0.0));
            edit::substring(&g, from, to).map(Some).map_err(raised)
        })
    }),
    f("st_buffer", BUFFER, buffer),
    f("st_union", SET, |a| overlaid(a, Rule::Union, "ST_Union")),
    f("st_unaryunion", SHAPE, |a| {
        a.remake(|_, _, g| Ok(Some(g.with(overlay::union(&[&g.shape]).map_err(raised)?))))
    }),
    f("st_intersection", SET, |a| overlaid(a, Rule::Intersection, "ST_Intersection")),
    f("st_difference", SET, |a| overlaid(a, Rule::Difference, "ST_Difference")),
    f("st_symdifference", SET, |a| overlaid(a, Rule::Symmetric, "ST_SymDifference")),
    f("st_segmentize", WITH_NUMBER, |a| {
        a.remake(|a, row, g| edit::segmentize(&g, a.number(1, row, 0.0)).map(Some).map_err(raised))
    }),
    f("st_snaptogrid", SNAP, |a| {
        a.remake(|a, row, g| {
            let (origin, size) = match a.columns.len() {
                2 => ([0.0; 2], [a.number(1, row, 0.0); 2]),
                3 => ([0.0; 2], [1, 2].map(|i| a.number(i, row, 0.0))),
                _ => ([1, 2].map(|i| a.number(i, row, 0.0)), [3, 4].map(|i| a.number(i, row, 0.0))),
            };
            Ok(Some(edit::snap(&g, origin, size)))
        })
    }),
    f("st_asmvtgeom", TILE, placed).sees_null(),
    f("st_removerepeatedpoints", SHAPE, |a| a.remake(|_, _, g| Ok(Some(edit::snap(&g, [0.0; 2], [0.0; 2]))))),
];

fn some(number: f64) -> Option<Value> {
    Some(Value::Float8(number))
}

/// What lies within a distance. The third argument is how many edges a quarter of a circle has, or says so among other things.
fn buffer(args: &Args<'_>) -> Result<Column> {
    args.remake(|args, row, geometry| {
        let quarter = match args.columns.get(2).map(Column::ty) {
            Some(Type::Text) => quarter_of(args.text(2, row)?)?,
            _ => args.integer(2, row, 8),
        };
        let shape = overlay::buffer(&geometry.shape, args.number(1, row, 0.0), quarter.max(1) as usize);
        Ok(Some(Geometry::new(geometry.srid, shape.map_err(raised)?)))
    })
}

/// The parameters of a buffer: `quad_segs=8 endcap=round`. Only round ones are there.
fn quarter_of(text: &str) -> Result<i32> {
    let mut quarter = 8;
    for word in text.split_whitespace() {
        match word.split_once('=') {
            Some(("quad_segs", number)) => {
                quarter = number.parse().map_err(|_| bad(&format!("invalid buffer parameter: {word}")))?;
            }
            Some(("endcap" | "join", "round")) | Some(("side", "both")) => {}
            Some(("endcap" | "join" | "side" | "mitre_limit" | "miter_limit", _)) => {
                return Err(unsupported(&format!("the buffer parameter {word}")));
            }
            _ => return Err(bad(&format!("invalid buffer parameter: {word}"))),
        }
    }
    Ok(quarter)
}

/// Two geometries as sets of points.
fn overlaid(args: &Args<'_>, rule: Rule, name: &str) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let (a, b) = (args.geometry(0, row)?, args.geometry(1, row)?);
        let srid = a.same_frame(&b, name).map_err(raised)?;
        let shape = overlay::overlay(&a.shape, &b.shape, rule, name).map_err(raised)?;
        Ok(Some(Geometry::new(srid, shape)))
    })
}

/// In the whole numbers of a tile: its box, and unless they are NULL or left out its extent, its margin, and whether to clip.
fn placed(args: &Args<'_>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        if !args.columns[1].is_valid(row) {
            return Err(bad("ST_AsMVTGeom: Geometric bounds cannot be null"));
        }
        if !args.columns[0].is_valid(row) {
            return Ok(None);
        }
        let within = Bounds::of(&args.geometry(1, row)?);
        let Some(within) = within else { return Err(bad("ST_AsMVTGeom: Geometric bounds are too small")) };
        let clip = args.columns.get(4).is_none_or(|column| column.value(row) != Value::Bool(false));
        let (extent, margin) = (args.integer(2, row, 4096), args.integer(3, row, 256));
        tile::place(&args.geometry(0, row)?, &within, extent, margin, clip).map_err(raised)
    })
}

/// By numbers, or by those of a point.
fn scale(args: &Args<'_>) -> Result<Column> {
    args.remake(|args, row, geometry| {
        let factors = match args.columns.len() {
            2 => match args.geometry(1, row)?.shape {
                Shape::Point(Some(by)) => [by.x, by.y, by.z],
                _ => return Err(bad("Scale factor geometry parameter must be a point")),
            },
            _ => [1, 2, 3].map(|i| args.number(i, row, 1.0)),
        };
        Ok(Some(edit::affine(&geometry, factors, [0.0; 3])))
    })
}

/// Around the origin, numbers or a point.
fn rotate(args: &Args<'_>) -> Result<Column> {
    args.remake(|args, row, geometry| {
        let around = match args.columns.len() {
            3 => match args.geometry(2, row)?.shape {
                Shape::Point(Some(point)) => point,
                _ => return Err(bad("Rotation origin must be a point")),
            },
            _ => Coord::xy(args.number(2, row, 0.0), args.number(3, row, 0.0)),
        };
        Ok(Some(edit::rotate(&geometry, args.number(1, row, 0.0), around)))
    })
}
