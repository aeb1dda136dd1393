//! What makes a polygon no polygon (OGC 06-103r4, 6.1.11): rings that cross or touch themselves, holes that are none.

use crate::locate::{Place, in_polygon, in_ring};
use crate::plane::{Meeting, edges, meeting, part};
use crate::shape::{Coord, Kind, Line, Shape};

/// What is wrong, and where.
pub type Fault = (&'static str, Coord);

/// What is wrong with a shape; None: nothing.
pub fn fault(shape: &Shape) -> Option<Fault> {
    let mut found = None;
    shape.lines(&mut |line| {
        let odd = line.iter().find(|point| !point.x.is_finite() || !point.y.is_finite());
        found = found.or(odd.map(|&point| ("Invalid Coordinate", point)));
    });
    if found.is_some() {
        return found;
    }
    match shape {
        Shape::Point(_) => None,
        Shape::Line(line) => {
            let first = line.first()?;
            line.iter().all(|point| point.same(*first)).then_some((TOO_FEW, *first))
        }
        Shape::Polygon(rings) => polygons(&[rings]),
        Shape::Many(Kind::MultiPolygon, parts) => {
            let rings = parts.iter().filter_map(|part| match part {
                Shape::Polygon(rings) if !part.is_empty() => Some(rings.as_slice()),
                _ => None,
            });
            polygons(&rings.collect::<Vec<_>>())
        }
        Shape::Many(_, parts) => parts.iter().find_map(fault),
    }
}

const TOO_FEW: &str = "Too few points in geometry component";
const CROSSED: &str = "Self-intersection";

/// A ring, and whose.
struct Ring<'a> {
    points: &'a [Coord],
    polygon: usize,
    outer: bool,
}

fn polygons(all: &[&[Line]]) -> Option<Fault> {
    let mut rings = Vec::new();
    for (polygon, lines) in all.iter().enumerate() {
        for (i, points) in lines.iter().enumerate().filter(|(_, points)| !points.is_empty()) {
            rings.push(Ring { points, polygon, outer: i == 0 });
        }
    }
    let rings_first = rings.iter().find_map(|ring| of_ring(ring.points));
    rings_first.or_else(|| of_pairs(&rings)).or_else(|| within(all))
}

/// Rings that touch each other are joined in this: a circle of them cuts the interior in two.
struct Joined(Vec<usize>);

impl Joined {
    fn root(&self, mut at: usize) -> usize {
        while self.0[at] != at {
            at = self.0[at];
        }
        at
    }

    /// False: they were joined already.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a] = b;
        a != b
    }
}

fn of_pairs(rings: &[Ring<'_>]) -> Option<Fault> {
    let mut joined = Joined((0..rings.len()).collect());
    for (i, a) in rings.iter().enumerate() {
        for (j, b) in rings.iter().enumerate().skip(i + 1) {
            let mut touches: Vec<Coord> = Vec::new();
            for mine in edges(a.points) {
                for theirs in edges(b.points) {
                    match meeting(mine, theirs) {
                        Meeting::None => {}
                        Meeting::Touch(point) if touches.iter().any(|known| known.same(point)) => {}
                        Meeting::Touch(point) => touches.push(point),
                        Meeting::Cross(point) | Meeting::Overlap(point, _) => return Some((CROSSED, point)),
                    }
                }
            }
            if let [point, ..] = touches.as_slice()
                && (passes(a.points, b.points) || passes(b.points, a.points))
            {
                return Some((CROSSED, *point));
            }
            if a.polygon == b.polygon {
                for point in &touches {
                    if !joined.join(i, j) {
                        return Some(("Interior is disconnected", *point));
                    }
                }
            }
            if let Some(fault) = nested(a, b).or_else(|| nested(b, a)) {
                return Some(fault);
            }
        }
    }
    None
}

/// The places of a ring's points in another, those on its edges apart: some within and some without.
fn passes(a: &[Coord], b: &[Coord]) -> bool {
    let (mut inside, mut outside) = (false, false);
    for &point in a {
        match in_ring(b, point) {
            Place::Inside => inside = true,
            Place::Outside => outside = true,
            Place::Edge => {}
        }
    }
    inside && outside
}

/// Points of a ring: its corners, and the middles of its edges where all corners lie on edges of another.
fn probes(ring: &[Coord]) -> impl Iterator<Item = Coord> + '_ {
    ring.iter().copied().chain(edges(ring).map(|[a, b]| part(a, b, 0.5)))
}

/// What two rings that do not cross are to each other, and may not be.
fn nested(inner: &Ring<'_>, outer: &Ring<'_>) -> Option<Fault> {
    let points = probes(inner.points).map(|point| (point, in_ring(outer.points, point)));
    let (point, place) = points.into_iter().find(|(_, place)| *place != Place::Edge)?;
    if inner.polygon != outer.polygon {
        return None;
    }
    match (inner.outer, outer.outer, place) {
        (false, true, Place::Outside) => Some(("Hole lies outside shell", point)),
        (false, false, Place::Inside) => Some(("Holes are nested", point)),
        _ => None,
    }
}

/// A polygon that lies within another, and not in a hole of it.
fn within(all: &[&[Line]]) -> Option<Fault> {
    let inner_points = |inner: &[Line], outer: &[Line]| {
        let points = probes(inner.first()?).map(|p| (p, in_polygon(outer, p)));
        let (point, place) = points.into_iter().find(|(_, place)| *place != Place::Edge)?;
        (place == Place::Inside).then_some(("Nested shells", point))
    };
    let pairs =
        all.iter().enumerate().flat_map(|(i, a)| all.iter().enumerate().map(move |(j, b)| (i, j, *a, *b)));
    pairs.filter(|(i, j, ..)| i != j).find_map(|(_, _, a, b)| inner_points(a, b))
}

fn of_ring(ring: &[Coord]) -> Option<Fault> {
    let mut points: Vec<Coord> = ring.to_vec();
    points.dedup_by(|a, b| a.same(*b));
    if points.len() < 4 {
        return Some((TOO_FEW, ring[0]));
    }
    let sides: Vec<[Coord; 2]> = edges(&points).collect();
    let last = sides.len() - 1;
    for i in 0..sides.len() {
        for j in i + 1..sides.len() {
            let neighbours = j == i + 1 || i == 0 && j == last;
            match meeting(sides[i], sides[j]) {
                Meeting::Cross(point) => return Some((CROSSED, point)),
                Meeting::Overlap(point, _) => return Some((CROSSED, point)),
                Meeting::Touch(point) if !neighbours => return Some(("Ring Self-intersection", point)),
                _ => {}
            }
        }
    }
    None
}

/// True if no line meets itself or another but in ends, and no point is there twice.
pub fn is_simple(shape: &Shape) -> bool {
    match shape {
        Shape::Point(_) => true,
        Shape::Polygon(rings) => rings.iter().all(|ring| is_simple(&Shape::Line(ring.clone()))),
        Shape::Many(Kind::MultiPoint, _) => {
            let mut points = Vec::new();
            shape.lines(&mut |line| points.extend(line.iter().map(|p| (p.x, p.y))));
            points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            points.windows(2).all(|pair| pair[0] != pair[1])
        }
        Shape::Line(_) | Shape::Many(Kind::MultiLineString, _) => {
            let mut lines: Vec<Line> = Vec::new();
            shape.lines(&mut |line| {
                let mut line = line.to_vec();
                line.dedup_by(|a, b| a.same(*b));
                lines.push(line);
            });
            simple_lines(&lines)
        }
        Shape::Many(_, parts) => parts.iter().all(is_simple),
    }
}

fn simple_lines(lines: &[Line]) -> bool {
    let is_end = |line: &Line, point: Coord| {
        let closed = line.first().zip(line.last()).is_some_and(|(a, b)| a.same(*b));
        !closed && line.first().into_iter().chain(line.last()).any(|end| end.same(point))
    };
    for (i, a) in lines.iter().enumerate() {
        for (j, b) in lines.iter().enumerate().skip(i) {
            for (k, mine) in edges(a).enumerate() {
                for (l, theirs) in edges(b).enumerate().filter(|(l, _)| i != j || *l > k) {
                    let closing = i == j && k == 0 && l + 2 == a.len() && a.first() == a.last();
                    match meeting(mine, theirs) {
                        Meeting::None => {}
                        Meeting::Touch(_) if i == j && (l == k + 1 || closing) => {}
                        Meeting::Touch(point) if i != j && is_end(a, point) && is_end(b, point) => {}
                        _ => return false,
                    }
                }
            }
        }
    }
    true
}
