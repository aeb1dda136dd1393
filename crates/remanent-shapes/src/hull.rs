//! The convex hull, by Andrew's monotone chains (1979).

use crate::plane::side;
use crate::shape::{Coord, Geometry, Kind, Shape};

/// The least convex geometry around all points: a polygon, a line, a point or an empty collection.
pub fn convex(geometry: &Geometry) -> Geometry {
    let mut points = Vec::new();
    geometry.shape.lines(&mut |line| points.extend(line.iter().map(|p| Coord { m: 0.0, ..*p })));
    let shape = hull(points);
    Geometry { m: false, ..geometry.with(shape) }
}

fn hull(mut points: Vec<Coord>) -> Shape {
    points.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    points.dedup_by(|a, b| a.same(*b));
    match points.as_slice() {
        [] => return Shape::Many(Kind::Collection, Vec::new()),
        [point] => return Shape::Point(Some(*point)),
        _ => {}
    }
    // From the lowest point up on the left, and back down on the right: clockwise, as GEOS has it.
    let mut ring = half(points.iter().copied());
    let back = half(points.iter().rev().copied());
    if ring.len() == 2 && back.len() == 2 {
        return Shape::Line(ring);
    }
    ring.extend(back.into_iter().skip(1));
    Shape::Polygon(vec![ring])
}

/// The chain that turns to the right only.
fn half(points: impl Iterator<Item = Coord>) -> Vec<Coord> {
    let mut chain: Vec<Coord> = Vec::new();
    for point in points {
        while let [.., a, b] = chain.as_slice() {
            if side(*a, *b, point) < 0 {
                break;
            }
            chain.pop();
        }
        chain.push(point);
    }
    chain
}
