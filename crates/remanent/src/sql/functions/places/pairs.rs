//! Relations and distances of two geometries in one frame; the operators on boxes.
//!
//! Before anything is decoded, boxes are compared: what lies apart neither meets nor covers.

use super::super::{FLOAT8, Function, Signature, f};
use super::{Args, Fixed, GEO, GEOMETRY, TEXT, raised, unsupported, value};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::distance::{Gap, closest, farthest};
use remanent_shapes::locate::Parts;
use remanent_shapes::relate::{Predicate, holds, relate};
use remanent_shapes::{Coord, Geometry, Shape, binary, edit, geodesic, plane, solid};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static TRUTH: &[Signature] = &[(&[GEOMETRY, GEOMETRY], Type::Bool)];
pub(super) static TRUTH_OR_TEXT: &[Signature] =
    &[(&[GEOMETRY, GEOMETRY], Type::Bool), (&[TEXT, TEXT], Type::Bool)];
static NUMBER: &[Signature] = &[(&[GEOMETRY, GEOMETRY], Type::Float8)];
static NUMBER_OR_TEXT: &[Signature] = &[(&[GEOMETRY, GEOMETRY], Type::Float8), (&[TEXT, TEXT], Type::Float8)];
static WITHIN: &[Signature] = &[(&[GEOMETRY, GEOMETRY, FLOAT8], Type::Bool)];
static WITHIN_OR_TEXT: &[Signature] =
    &[(&[GEOMETRY, GEOMETRY, FLOAT8], Type::Bool), (&[TEXT, TEXT, FLOAT8], Type::Bool)];
static SHAPE: &[Signature] = &[(&[GEOMETRY, GEOMETRY], GEO)];
static MATRIX: &[Signature] =
    &[(&[GEOMETRY, GEOMETRY], Type::Text), (&[GEOMETRY, GEOMETRY, TEXT], Type::Bool)];
static SPHERE: &[Signature] =
    &[(&[GEOMETRY, GEOMETRY], Type::Float8), (&[GEOMETRY, GEOMETRY, FLOAT8], Type::Float8)];

pub(in crate::sql::functions) static FUNCTIONS: &[Function] = &[
    f("st_intersects", TRUTH_OR_TEXT, |a| related(a, "ST_Intersects", Predicate::Intersects)),
    f("st_disjoint", TRUTH, |a| related(a, "ST_Disjoint", Predicate::Disjoint)),
    f("st_contains", TRUTH, |a| related(a, "ST_Contains", Predicate::Contains)),
    f("st_containsproperly", TRUTH, |a| related(a, "ST_ContainsProperly", Predicate::ContainsProperly)),
    f("st_within", TRUTH, |a| related(a, "ST_Within", Predicate::Within)),
    f("st_covers", TRUTH_OR_TEXT, |a| related(a, "ST_Covers", Predicate::Covers)),
    f("st_coveredby", TRUTH_OR_TEXT, |a| related(a, "ST_CoveredBy", Predicate::CoveredBy)),
    f("st_touches", TRUTH, |a| related(a, "ST_Touches", Predicate::Touches)),
    f("st_crosses", TRUTH, |a| related(a, "ST_Crosses", Predicate::Crosses)),
    f("st_overlaps", TRUTH, |a| related(a, "ST_Overlaps", Predicate::Overlaps)),
    f("st_equals", TRUTH, |a| related(a, "ST_Equals", Predicate::Equals)),
    f("st_orderingequals", TRUTH, |a| {
        a.map_bool(&mut |row| Ok(a.columns[0].bytes(row) == a.columns[1].bytes(row)))
    }),
    f("st_relate", MATRIX, matrix),
    f("st_distance", NUMBER_OR_TEXT, |a| apart(a, "ST_Distance")),
    f("<->", NUMBER, |a| apart(a, "ST_Distance")),
    f("st_dwithin", WITHIN_OR_TEXT, within),
    f("st_maxdistance", NUMBER, |a| {
        each(a, "ST_MaxDistance", &mut |_, x, y| {
            Ok(number(farthest(&x.shape, &y.shape).map(|gap| gap.distance)))
        })
    }),
    f("st_closestpoint", SHAPE, |a| nearest(a, "ST_ClosestPoint", |gap| Shape::Point(Some(gap.from)))),
    f("st_shortestline", SHAPE, |a| nearest(a, "ST_ShortestLine", |gap| Shape::Line(vec![gap.from, gap.to]))),
    f("st_longestline", SHAPE, |a| {
        each(a, "ST_LongestLine", &mut |_, x, y| {
            let gap = farthest(&x.shape, &y.shape);
            let line = |gap: Gap| value(&Geometry::new(x.srid, Shape::Line(vec![gap.from, gap.to])));
            Ok(gap.map_or(Value::Null, line))
        })
    }),
    f("st_azimuth", NUMBER, |a| {
        each(a, "ST_Azimuth", &mut |_, x, y| {
            let (from, to) = (point(x, "ST_Azimuth")?, point(y, "ST_Azimuth")?);
            Ok(number(from.zip(to).and_then(|(from, to)| edit::azimuth(from, to))))
        })
    }),
    f("st_linelocatepoint", NUMBER, |a| {
        each(a, "ST_LineLocatePoint", &mut |_, x, y| edit::locate(x, y).map(number).map_err(raised))
    }),
    f("st_distancesphere", SPHERE, |a| {
        each(a, "ST_DistanceSphere", &mut |row, x, y| {
            let scale = a.number(2, row, geodesic::RADIUS) / geodesic::RADIUS;
            Ok(number(geodesic::gap(&x.shape, &y.shape, true).map(|metres| metres * scale)))
        })
    }),
    f("st_3ddistance", NUMBER, |a| in_space(a, "ST_3DDistance", &|_, gap| number(Some(gap)))),
    f("<<->>", NUMBER, |a| in_space(a, "<<->>", &|_, gap| number(Some(gap)))),
    f("st_3ddwithin", WITHIN, |a| {
        in_space(a, "ST_3DDWithin", &|row, gap| Value::Bool(gap <= a.number(2, row, 0.0)))
    }),
    f("st_3dintersects", TRUTH, |a| in_space(a, "ST_3DIntersects", &|_, gap| Value::Bool(gap == 0.0))),
    f("st_3dmaxdistance", NUMBER, |a| {
        each(a, "ST_3DMaxDistance", &mut |_, x, y| {
            Ok(number(solid::farthest(&x.shape, &y.shape).map(|(.., gap)| gap)))
        })
    }),
    f("st_3dclosestpoint", SHAPE, |a| {
        each(a, "ST_3DClosestPoint", &mut |_, x, y| {
            let found = solid::closest(&x.shape, &y.shape).map(|(from, ..)| from);
            let of = |point| Geometry { z: x.z, ..Geometry::new(x.srid, Shape::Point(Some(point))) };
            Ok(found.map_or(Value::Null, |point| value(&of(point))))
        })
    }),
    f("&&", TRUTH, |a| boxes(a, |x, y| x.meets(y))),
    f("&&&", TRUTH, |a| boxes(a, |x, y| x.meets_in(y, 3))),
    f("@", TRUTH, |a| boxes(a, |x, y| y.holds(x))),
    f("~", TRUTH, |a| boxes(a, |x, y| x.holds(y))),
    f("~=", TRUTH, |a| boxes(a, |x, y| x.low[..2] == y.low[..2] && x.high[..2] == y.high[..2])),
    f("<<", TRUTH, |a| boxes(a, |x, y| x.high[0] < y.low[0])),
    f(">>", TRUTH, |a| boxes(a, |x, y| x.low[0] > y.high[0])),
    f("<<|", TRUTH, |a| boxes(a, |x, y| x.high[1] < y.low[1])),
    f("|>>", TRUTH, |a| boxes(a, |x, y| x.low[1] > y.high[1])),
    f("<#>", NUMBER, |a| {
        a.map(&mut |row| {
            let (x, y) = (bounds(a, 0, row), bounds(a, 1, row));
            Ok(number(x.zip(y).map(|(x, y)| x.distance_in(&y, 2))))
        })
    }),
];

pub(super) fn number(number: Option<f64>) -> Value {
    number.map_or(Value::Null, Value::Float8)
}

/// The box of an argument that is a geometry.
fn bounds(args: &Args<'_>, i: usize, row: usize) -> Option<Bounds> {
    Bounds::of_bytes(args.columns[i].bytes(row))
}

fn boxes(args: &Args<'_>, test: fn(&Bounds, &Bounds) -> bool) -> Result<Column> {
    args.map_bool(&mut |row| {
        let (x, y) = (bounds(args, 0, row), bounds(args, 1, row));
        Ok(x.zip(y).is_some_and(|(x, y)| test(&x, &y)))
    })
}

/// Row by row over the valid rows, of two geometries in one frame; constants are decoded once.
pub(super) fn each(
    args: &Args<'_>,
    name: &str,
    work: &mut dyn FnMut(usize, &Geometry, &Geometry) -> Result<Value>,
) -> Result<Column> {
    let fixed = [Fixed::of(&args.columns[0])?, Fixed::of(&args.columns[1])?];
    args.map(&mut |row| {
        let own = |fixed: &Fixed<'_>| match fixed {
            Fixed::Each(column) => super::decode(column, row).map(Some),
            Fixed::One(_) => Ok(None),
        };
        let (x, y) = (own(&fixed[0])?, own(&fixed[1])?);
        let (Some(x), Some(y)) = (known(&x, &fixed[0]), known(&y, &fixed[1])) else { return Ok(Value::Null) };
        x.same_frame(y, name).map_err(raised)?;
        work(row, x, y)
    })
}

fn known<'a>(own: &'a Option<Geometry>, fixed: &'a Fixed<'_>) -> Option<&'a Geometry> {
    match (own, fixed) {
        (Some(own), _) => Some(own),
        (None, Fixed::One(one)) => Some(one),
        (None, Fixed::Each(_)) => None,
    }
}

/// A predicate of two geometries.
fn related(args: &Args<'_>, name: &str, predicate: Predicate) -> Result<Column> {
    let fixed = [Fixed::of(&args.columns[0])?, Fixed::of(&args.columns[1])?];
    let [one, two] = &fixed;
    let parts = |fixed: &'_ Fixed<'_>| -> Option<Bounds> {
        match fixed {
            Fixed::One(geometry) => Bounds::of(geometry),
            Fixed::Each(_) => None,
        }
    };
    let around = [parts(one), parts(two)];
    let taken = [taken_apart(one), taken_apart(two)];
    let texts = args.columns[0].ty() == Type::Text;
    args.map_bool(&mut |row| {
        // Apart, in one frame: nothing needs to be decoded.
        if !texts
            && let (Some(x), Some(y)) =
                (around[0].or_else(|| bounds(args, 0, row)), around[1].or_else(|| bounds(args, 1, row)))
            && !x.meets(&y)
            && frame(args, 0, row) == frame(args, 1, row)
        {
            return Ok(predicate == Predicate::Disjoint);
        }
        let own = |fixed: &Fixed<'_>| match fixed {
            Fixed::Each(column) => super::decode(column, row).map(Some),
            Fixed::One(_) => Ok(None),
        };
        let (x, y) = (own(one)?, own(two)?);
        let (Some(a), Some(b)) = (known(&x, one), known(&y, two)) else { return Ok(false) };
        a.same_frame(b, name).map_err(raised)?;
        if !matches!(predicate, Predicate::Intersects | Predicate::Disjoint) {
            single(a)?;
            single(b)?;
        }
        let (left, right);
        let left = match &taken[0] {
            Some(parts) => parts,
            None => {
                left = Parts::new(&a.shape);
                &left
            }
        };
        let right = match &taken[1] {
            Some(parts) => parts,
            None => {
                right = Parts::new(&b.shape);
                &right
            }
        };
        Ok(holds(predicate, left, right))
    })
}

fn taken_apart<'a>(fixed: &'a Fixed<'_>) -> Option<Parts<'a>> {
    match fixed {
        Fixed::One(geometry) => Some(Parts::new(&geometry.shape)),
        Fixed::Each(_) => None,
    }
}

fn frame(args: &Args<'_>, i: usize, row: usize) -> Option<i32> {
    binary::header(args.columns[i].bytes(row)).map(|head| head.0)
}

/// 0A000 for a collection with parts of several dimensions: only whether it meets another can be said.
fn single(geometry: &Geometry) -> Result<()> {
    match Parts::is_mixed(&geometry.shape) {
        true => Err(unsupported("a relation of a GEOMETRYCOLLECTION of points, lines and polygons")),
        false => Ok(()),
    }
}

fn matrix(args: &Args<'_>) -> Result<Column> {
    each(args, "ST_Relate", &mut |row, x, y| {
        single(x)?;
        single(y)?;
        let matrix = relate(&Parts::new(&x.shape), &Parts::new(&y.shape));
        Ok(match args.columns.len() {
            2 => Value::Text(matrix.text()),
            _ => Value::Bool(matrix.fits(args.text(2, row)?)),
        })
    })
}

/// Two points of the plane that lie in one frame, without decoding.
fn two_points(args: &Args<'_>, row: usize) -> Option<(Coord, Coord)> {
    let (x, y) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
    let points = binary::as_point(x).zip(binary::as_point(y))?;
    (binary::header(x)?.0 == binary::header(y)?.0).then_some(points)
}

fn apart(args: &Args<'_>, name: &str) -> Result<Column> {
    let texts = args.columns[0].ty() == Type::Text;
    if !texts && let Some(column) = all_points(args)? {
        return Ok(column);
    }
    each(args, name, &mut |_, x, y| {
        Ok(number(closest(&Parts::new(&x.shape), &Parts::new(&y.shape), 0.0).map(|gap| gap.distance)))
    })
}

/// The distances where all rows are points in one frame; None: they are not.
fn all_points(args: &Args<'_>) -> Result<Option<Column>> {
    let mut all = true;
    let column = args.map_float(&mut |row| {
        let points = if all { two_points(args, row) } else { None };
        all &= points.is_some();
        Ok(points.map_or(0.0, |(x, y)| plane::distance(x, y)))
    })?;
    Ok(all.then_some(column))
}

fn within(args: &Args<'_>) -> Result<Column> {
    let texts = args.columns[0].ty() == Type::Text;
    let fixed = [Fixed::of(&args.columns[0])?, Fixed::of(&args.columns[1])?];
    args.map_bool(&mut |row| {
        let reach = args.number(2, row, 0.0);
        if reach < 0.0 {
            return Err(super::parts::bad("Tolerance cannot be less than zero"));
        }
        if !texts && let Some((x, y)) = two_points(args, row) {
            return Ok(plane::distance(x, y) <= reach);
        }
        if !texts
            && let (Some(x), Some(y)) = (bounds(args, 0, row), bounds(args, 1, row))
            && x.distance_in(&y, 2) > reach
            && frame(args, 0, row) == frame(args, 1, row)
        {
            return Ok(false);
        }
        let own = |fixed: &Fixed<'_>| match fixed {
            Fixed::Each(column) => super::decode(column, row).map(Some),
            Fixed::One(_) => Ok(None),
        };
        let (x, y) = (own(&fixed[0])?, own(&fixed[1])?);
        let (Some(x), Some(y)) = (known(&x, &fixed[0]), known(&y, &fixed[1])) else { return Ok(false) };
        x.same_frame(y, "ST_DWithin").map_err(raised)?;
        let gap = closest(&Parts::new(&x.shape), &Parts::new(&y.shape), reach);
        Ok(gap.is_some_and(|gap| gap.distance <= reach))
    })
}

fn nearest(args: &Args<'_>, name: &str, shape: fn(Gap) -> Shape) -> Result<Column> {
    each(args, name, &mut |_, x, y| {
        let gap = closest(&Parts::new(&x.shape), &Parts::new(&y.shape), 0.0);
        Ok(gap.map_or(Value::Null, |gap| value(&Geometry::new(x.srid, shape(gap)))))
    })
}

/// Of two geometries the distance in space; in the plane where one of both has no Z.
fn in_space(args: &Args<'_>, name: &str, result: &dyn Fn(usize, f64) -> Value) -> Result<Column> {
    each(args, name, &mut |row, x, y| {
        let gap = match x.z && y.z {
            true => solid::closest(&x.shape, &y.shape).map(|(.., gap)| gap),
            false => closest(&Parts::new(&x.shape), &Parts::new(&y.shape), 0.0).map(|gap| gap.distance),
        };
        let nothing = if args.ty == Type::Bool { Value::Bool(false) } else { Value::Null };
        Ok(gap.map_or(nothing, |gap| result(row, gap)))
    })
}

/// The point that a geometry is; None: it is empty.
pub(super) fn point(geometry: &Geometry, name: &str) -> Result<Option<Coord>> {
    match geometry.shape {
        Shape::Point(point) => Ok(point),
        _ => Err(super::parts::bad(&format!("{name}: Argument must be POINT geometries"))),
    }
}
