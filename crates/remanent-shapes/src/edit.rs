//! Geometries moved, turned, cut and thinned.

use crate::bounds::Bounds;
use crate::make::rectangle;
use crate::plane::{distance, nearest, part};
use crate::shape::{Coord, Geometry, Kind, Shape};
use crate::{Error, Result, measure};

/// With each number multiplied, then moved.
pub fn affine(geometry: &Geometry, factors: [f64; 3], offsets: [f64; 3]) -> Geometry {
    let mut moved = geometry.clone();
    moved.shape.change(&mut |point| {
        point.x = point.x * factors[0] + offsets[0];
        point.y = point.y * factors[1] + offsets[1];
        point.z = if geometry.z { point.z * factors[2] + offsets[2] } else { 0.0 };
    });
    moved
}

/// Turned around a point, counter-clockwise, by radians.
pub fn rotate(geometry: &Geometry, angle: f64, around: Coord) -> Geometry {
    let (sin, cos) = angle.sin_cos();
    let mut turned = geometry.clone();
    turned.shape.change(&mut |point| {
        let (x, y) = (point.x, point.y);
        point.x = cos * x - sin * y + (around.x - cos * around.x + sin * around.y);
        point.y = sin * x + cos * y + (around.y - sin * around.x - cos * around.y);
    });
    turned
}

/// With x and y exchanged.
pub fn flip(geometry: &Geometry) -> Geometry {
    let mut flipped = geometry.clone();
    flipped.shape.change(&mut |point| (point.x, point.y) = (point.y, point.x));
    flipped
}

/// With its lines and rings the other way round.
pub fn reverse(shape: &mut Shape) {
    match shape {
        Shape::Point(_) => {}
        Shape::Line(line) => line.reverse(),
        Shape::Polygon(rings) => rings.iter_mut().for_each(|ring| ring.reverse()),
        Shape::Many(_, parts) => parts.iter_mut().for_each(reverse),
    }
}

/// With Z or without; what had none gets that one.
pub fn force_z(geometry: &Geometry, z: Option<f64>) -> Geometry {
    let mut forced = geometry.clone();
    forced.z = z.is_some();
    forced.m = false;
    forced.shape.change(&mut |point| {
        point.m = 0.0;
        point.z = match z {
            Some(z) if !geometry.z => z,
            Some(_) => point.z,
            None => 0.0,
        };
    });
    forced
}

/// The rectangle around a geometry, larger by that much on each side.
pub fn expand(geometry: &Geometry, by: [f64; 2]) -> Geometry {
    match Bounds::of(geometry) {
        None => geometry.clone(),
        Some(Bounds { low, high }) => {
            let low = [low[0] - by[0], low[1] - by[1]];
            rectangle(geometry.srid, low, [high[0] + by[0], high[1] + by[1]])
        }
    }
}

/// The direction from a point to another: radians from north, clockwise. None: they are one point.
pub fn azimuth(from: Coord, to: Coord) -> Option<f64> {
    if from.same(to) {
        return None;
    }
    let angle = (to.x - from.x).atan2(to.y - from.y);
    Some(if angle < 0.0 { angle + std::f64::consts::TAU } else { angle })
}

fn fraction_of(what: &str, fraction: f64) -> Result<()> {
    match (0.0..=1.0).contains(&fraction) {
        true => Ok(()),
        false => Err(Error::value(format!("{what} isn't within [0,1]"))),
    }
}

fn line_of<'a>(geometry: &'a Geometry, function: &str) -> Result<&'a [Coord]> {
    crate::access::line(geometry).ok_or_else(|| Error::value(format!("{function}: 1st arg isn't a line")))
}

/// The point that lies so far along a line, as a part of its length.
pub fn interpolate(geometry: &Geometry, fraction: f64) -> Result<Geometry> {
    fraction_of("line_interpolate_point: 2nd arg", fraction)?;
    let line = line_of(geometry, "line_interpolate_point")?;
    let total = measure::flat(line);
    let mut left = fraction * total;
    for pair in line.windows(2) {
        let step = distance(pair[0], pair[1]);
        if left <= step && step > 0.0 {
            return Ok(geometry.with(Shape::Point(Some(part(pair[0], pair[1], left / step)))));
        }
        left -= step;
    }
    Ok(geometry.with(Shape::Point(line.last().copied())))
}

/// How far along a line the point of it lies that is nearest to a point, as a part of its length.
pub fn locate(geometry: &Geometry, point: &Geometry) -> Result<Option<f64>> {
    let line = line_of(geometry, "line_locate_point")?;
    let Shape::Point(at) = point.shape else {
        return Err(Error::value("line_locate_point: 2nd arg isn't a point"));
    };
    geometry.same_frame(point, "ST_LineLocatePoint")?;
    let Some(point) = at else { return Ok(None) };
    let (mut best, mut best_at, mut before) = (f64::INFINITY, 0.0, 0.0);
    for pair in line.windows(2) {
        let (on, along) = nearest(pair[0], pair[1], point);
        let (gap, step) = (distance(on, point), distance(pair[0], pair[1]));
        if gap < best {
            (best, best_at) = (gap, before + along * step);
        }
        before += step;
    }
    Ok(Some(if before > 0.0 { (best_at / before).clamp(0.0, 1.0) } else { 0.0 }))
}

/// The part of a line between two fractions of its length.
pub fn substring(geometry: &Geometry, from: f64, to: f64) -> Result<Geometry> {
    fraction_of("line_substring: 2nd arg", from)?;
    fraction_of("line_substring: 3rd arg", to)?;
    if from > to {
        return Err(Error::value("2nd arg must be smaller then 3rd arg"));
    }
    let line = line_of(geometry, "line_substring")?;
    let total = measure::flat(line);
    let (start, end) = (from * total, to * total);
    let mut points: Vec<Coord> = Vec::new();
    let mut add = |point: Coord| {
        if points.last().is_none_or(|last| *last != point) {
            points.push(point);
        }
    };
    let mut before = 0.0;
    for pair in line.windows(2) {
        let step = distance(pair[0], pair[1]);
        let after = before + step;
        if step > 0.0 && after >= start && before <= end {
            let at = |place: f64| match (place - before) / step {
                along if along <= 0.0 => pair[0],
                along if along >= 1.0 => pair[1],
                along => part(pair[0], pair[1], along),
            };
            add(at(start));
            add(at(end));
        }
        before = after;
    }
    Ok(geometry.with(match points.as_slice() {
        [point] => Shape::Point(Some(*point)),
        _ => Shape::Line(points),
    }))
}

/// With its points moved to the nearest ones of a grid; points that follow each other are one. A size of 0 keeps a
/// number.
pub fn snap(geometry: &Geometry, origin: [f64; 2], size: [f64; 2]) -> Geometry {
    let to = |number: f64, axis: usize| match size[axis] {
        size if size > 0.0 => ((number - origin[axis]) / size).round_ties_even() * size + origin[axis],
        _ => number,
    };
    let mut snapped = geometry.clone();
    snapped.shape.change(&mut |point| (point.x, point.y) = (to(point.x, 0), to(point.y, 1)));
    thin(&mut snapped.shape);
    snapped
}

/// Takes out points that follow an equal one, and what has too few points then.
fn thin(shape: &mut Shape) {
    match shape {
        Shape::Point(_) => {}
        Shape::Line(line) => {
            line.dedup();
            if line.len() < 2 {
                line.clear();
            }
        }
        Shape::Polygon(rings) => {
            rings.iter_mut().for_each(|ring| ring.dedup());
            if rings.first().is_some_and(|ring| ring.len() < 4) {
                rings.clear();
            }
            rings.retain(|ring| ring.len() > 3);
        }
        Shape::Many(kind, parts) => {
            parts.iter_mut().for_each(thin);
            parts.retain(|part| !part.is_empty());
            if *kind == Kind::MultiPoint {
                parts.dedup();
            }
        }
    }
}

/// With points put in so that no edge is longer.
pub fn segmentize(geometry: &Geometry, longest: f64) -> Result<Geometry> {
    if longest.is_nan() || longest <= 0.0 {
        return Err(Error::value(format!("invalid max_distance {longest} (must be >= 0)")));
    }
    let mut left = crate::make::POINTS_MAX;
    let mut dense = geometry.clone();
    each_line(&mut dense.shape, &mut |line| {
        let mut points: Vec<Coord> = line.first().copied().into_iter().collect();
        for pair in line.windows(2) {
            let pieces = (distance(pair[0], pair[1]) / longest).ceil().max(1.0);
            let count = pieces as usize;
            left = left.checked_sub(count).ok_or_else(crate::make::too_many)?;
            let (a, b) = (pair[0], pair[1]);
            points.extend((1..count).map(|i| {
                let at = |a: f64, b: f64| a + (b - a) * i as f64 / pieces;
                Coord { x: at(a.x, b.x), y: at(a.y, b.y), z: at(a.z, b.z), m: at(a.m, b.m) }
            }));
            points.push(pair[1]);
        }
        *line = points;
        Ok(())
    })?;
    Ok(dense)
}

fn each_line(shape: &mut Shape, change: &mut dyn FnMut(&mut Vec<Coord>) -> Result<()>) -> Result<()> {
    match shape {
        Shape::Point(_) => Ok(()),
        Shape::Line(line) => change(line),
        Shape::Polygon(rings) => rings.iter_mut().try_for_each(change),
        Shape::Many(_, parts) => parts.iter_mut().try_for_each(|part| each_line(part, change)),
    }
}
