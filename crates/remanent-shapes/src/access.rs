//! Geometries taken to pieces: the parts, rings and points of one.

use crate::shape::{Coord, Geometry, Kind, Shape};

/// The points of a line; None: it is something else.
pub fn line(geometry: &Geometry) -> Option<&[Coord]> {
    match &geometry.shape {
        Shape::Line(line) => Some(line),
        _ => None,
    }
}

/// Point `n` of a line, counted from 1; from its end where negative.
pub fn point_n(geometry: &Geometry, n: i64) -> Option<Geometry> {
    let line = line(geometry)?;
    let at = if n < 0 { (line.len() as i64).checked_add(n)? } else { n - 1 };
    let point = line.get(usize::try_from(at).ok()?)?;
    Some(geometry.with(Shape::Point(Some(*point))))
}

/// Part `n`, counted from 1. What has no parts is its own only one.
pub fn geometry_n(geometry: &Geometry, n: i64) -> Option<Geometry> {
    let at = usize::try_from(n).ok()?.checked_sub(1)?;
    match &geometry.shape {
        Shape::Many(_, parts) => Some(geometry.with(parts.get(at)?.clone())),
        _ => (at == 0 && !geometry.shape.is_empty()).then(|| geometry.clone()),
    }
}

/// How many parts.
pub fn parts(geometry: &Geometry) -> usize {
    match &geometry.shape {
        Shape::Many(_, parts) => parts.len(),
        other => usize::from(!other.is_empty()),
    }
}

/// Ring `n` of a polygon, as a line: 0 is the outer one.
pub fn ring_n(geometry: &Geometry, n: i64) -> Option<Geometry> {
    let Shape::Polygon(rings) = &geometry.shape else { return None };
    match rings.get(usize::try_from(n).ok()?) {
        Some(ring) => Some(geometry.with(Shape::Line(ring.clone()))),
        None => (n == 0).then(|| geometry.with(Shape::Line(Vec::new()))),
    }
}

/// How many rings its polygons have.
pub fn rings(shape: &Shape) -> usize {
    let mut count = 0;
    shape.leaves(&mut |leaf| {
        if let Shape::Polygon(rings) = leaf {
            count += rings.len();
        }
    });
    count
}

/// True if each of its lines ends where it begins. Points and polygons are closed.
pub fn is_closed(geometry: &Geometry) -> bool {
    let z = geometry.z;
    let mut closed = !geometry.shape.is_empty();
    geometry.shape.leaves(&mut |leaf| {
        if let Shape::Line(line) = leaf
            && let (Some(first), Some(last)) = (line.first(), line.last())
        {
            closed &= first.same(*last) && (!z || first.z == last.z);
        }
    });
    closed
}

/// Its boundary: the ends of lines, the rings of polygons.
pub fn boundary(geometry: &Geometry) -> Geometry {
    let shape = match &geometry.shape {
        Shape::Polygon(rings) if rings.len() == 1 => Shape::Line(rings[0].clone()),
        Shape::Polygon(_) | Shape::Many(Kind::MultiPolygon, _) => {
            let mut lines = Vec::new();
            geometry.shape.lines(&mut |ring| lines.push(Shape::Line(ring.to_vec())));
            Shape::Many(Kind::MultiLineString, lines)
        }
        Shape::Line(_) | Shape::Many(Kind::MultiLineString, _) => {
            let ends = crate::locate::Parts::new(&geometry.shape).ends;
            Shape::Many(Kind::MultiPoint, ends.into_iter().map(|end| Shape::Point(Some(end))).collect())
        }
        _ => Shape::Many(Kind::Collection, Vec::new()),
    };
    geometry.with(shape)
}
