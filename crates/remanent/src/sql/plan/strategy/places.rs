//! What spatial indexes (`USING gist`) are asked for: the rows whose boxes meet a region.
//!
//! A probe in the plane says nothing of z; one in space does where the column and the constant have one. On the globe boxes
//! are those of [`geodesic::bounds`].

use super::{Question, Strategy};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::{binary, geodesic};
use remanent_storage::error::Result;
use remanent_storage::index::{Measure, Nearest, Probe, Region, Spot};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Type, Value};

type Ask = fn(&Question<'_>) -> Result<Option<Probe>>;

const fn of(class: &'static str, function: &'static str, column: usize, probe: Ask) -> Strategy {
    Strategy { kind: "gist", class, function, column, share: 0.001, probe }
}

/// What holds of places in a frame, whichever of two the column is.
const PLANE: [(&str, Ask); 18] = [
    ("&&", meets),
    ("@", meets),
    ("~", meets),
    ("~=", meets),
    ("&&&", meets_in_space),
    ("st_intersects", meets),
    ("st_contains", meets),
    ("st_containsproperly", meets),
    ("st_within", meets),
    ("st_covers", meets),
    ("st_coveredby", meets),
    ("st_touches", meets),
    ("st_crosses", meets),
    ("st_overlaps", meets),
    ("st_orderingequals", meets),
    ("st_dwithin", near),
    ("st_3dintersects", near_in_space),
    ("st_3ddwithin", near_in_space),
];

/// The same on the globe.
const GLOBE: [(&str, Ask); 5] = [
    ("&&", on_globe),
    ("st_intersects", on_globe),
    ("st_covers", on_globe),
    ("st_coveredby", on_globe),
    ("st_dwithin", near_on_globe),
];

const fn lines<const N: usize, const M: usize>(
    class: &'static str,
    of_them: [(&'static str, Ask); N],
) -> [Strategy; M] {
    let mut lines = [const { of("", "", 0, meets) }; M];
    let mut i = 0;
    while i < M {
        let (function, probe) = of_them[i / 2];
        lines[i] = of(class, function, i % 2, probe);
        i += 1;
    }
    lines
}

pub(super) static FLAT: &[Strategy] = &lines::<18, 36>("gist_geometry_ops_2d", PLANE);
pub(super) static DEEP: &[Strategy] = &lines::<18, 36>("gist_geometry_ops_nd", PLANE);
pub(super) static ROUND: &[Strategy] = &lines::<5, 10>("gist_geography_ops", GLOBE);

/// What is rounded is rounded by less than this part of a distance.
const SLACK: f64 = 1e-9;

/// A region: along so many axes the box, if there is one, larger by a distance.
fn region(bounds: Option<Bounds>, axes: usize, by: f64) -> Option<Probe> {
    let nothing = Region { low: [f64::INFINITY; 3], high: [f64::NEG_INFINITY; 3] };
    let Some(bounds) = bounds else { return Some(Probe::Region(nothing)) };
    // Less than no distance is an error of whoever looks at a row, and so is what is no number.
    if by.is_nan() || by < 0.0 {
        return None;
    }
    let bounds = bounds.expanded(by * (1.0 + SLACK), axes);
    let mut region = Region { low: [f64::NEG_INFINITY; 3], high: [f64::INFINITY; 3] };
    for axis in 0..axes {
        (region.low[axis], region.high[axis]) = (bounds.low[axis], bounds.high[axis]);
    }
    Some(Probe::Region(region))
}

/// The bytes of the constant place, and the distance, if there is one.
fn constants<'a>(question: &'a Question<'_>) -> Option<(&'a [u8], f64)> {
    match question.args {
        [Value::Other(_, bytes)] => Some((bytes, 0.0)),
        [Value::Other(_, bytes), Value::Float8(by), ..] => Some((bytes, *by)),
        [Value::Other(_, bytes), Value::Bool(_)] => Some((bytes, 0.0)),
        _ => None,
    }
}

fn meets(question: &Question<'_>) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, _)| region(Bounds::of_bytes(bytes), 2, 0.0)))
}

fn meets_in_space(question: &Question<'_>) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, _)| region(Bounds::of_bytes(bytes), 3, 0.0)))
}

fn near(question: &Question<'_>) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, by)| region(Bounds::of_bytes(bytes), 2, by)))
}

/// Where the column or the constant has no Z, the distance is one in the plane.
fn in_space(question: &Question<'_>, bytes: &[u8]) -> bool {
    let column = question.index.types.get(question.column);
    let deep = matches!(column, Some(Type::Other(Kind::Geometry, modifier)) if modifier & 2 != 0);
    deep && binary::header(bytes).is_some_and(|(_, _, z, _)| z)
}

fn near_in_space(question: &Question<'_>) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, by)| {
        region(Bounds::of_bytes(bytes), if in_space(question, bytes) { 3 } else { 2 }, by)
    }))
}

fn on_globe(question: &Question<'_>) -> Result<Option<Probe>> {
    // Nearer than some micrometres is the same place.
    Ok(constants(question)
        .and_then(|(bytes, _)| region(geodesic::bounds_of_bytes(bytes), 3, geodesic::chord_of(1e-4))))
}

fn near_on_globe(question: &Question<'_>) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, by)| {
        let by = if by >= 0.0 { geodesic::chord_of(by + 1e-4) } else { by };
        region(geodesic::bounds_of_bytes(bytes), 3, by)
    }))
}

/// So many rows by their distance; None: the constant is empty, and no row has a distance. `spot`: the place, where the distance
/// in the plane is what is ordered by.
fn ranked(bounds: Option<Bounds>, measure: Measure, count: usize, spot: Option<Spot>) -> Option<Probe> {
    let bounds = bounds?;
    let from = Region { low: bounds.low, high: bounds.high };
    let sound = bounds.low.iter().chain(&bounds.high).all(|number| number.is_finite());
    sound.then_some(Probe::Nearest(Nearest { from, measure, count, spot }))
}

pub(super) fn nearest(question: &Question<'_>, count: usize, _recall: f64) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, _)| {
        let at = binary::as_point(bytes).map(|point| [point.x, point.y]);
        let spot = binary::header(bytes).map(|(frame, ..)| Spot { frame, at, bytes: bytes.into() });
        ranked(Bounds::of_bytes(bytes), Measure::Plane, count, spot)
    }))
}

pub(super) fn nearest_boxes(question: &Question<'_>, count: usize, _recall: f64) -> Result<Option<Probe>> {
    Ok(constants(question)
        .and_then(|(bytes, _)| ranked(Bounds::of_bytes(bytes), Measure::Plane, count, None)))
}

pub(super) fn nearest_in_space(question: &Question<'_>, count: usize, _recall: f64) -> Result<Option<Probe>> {
    Ok(constants(question).and_then(|(bytes, _)| {
        let measure = if in_space(question, bytes) { Measure::Space } else { Measure::Plane };
        ranked(Bounds::of_bytes(bytes), measure, count, None)
    }))
}

pub(super) fn nearest_on_globe(question: &Question<'_>, count: usize, _recall: f64) -> Result<Option<Probe>> {
    Ok(constants(question)
        .and_then(|(bytes, _)| ranked(geodesic::bounds_of_bytes(bytes), Measure::Globe, count, None)))
}
