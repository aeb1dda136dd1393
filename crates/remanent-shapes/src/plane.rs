//! Points and straight edges in the plane.
//!
//! Which side of an edge a point lies on is decided exactly, or nearly so: in double precision where that is enough,
//! else in pairs of doubles (106 bits), as GEOS does. What is built on it (crossings, rings, relations) asks for
//! nothing else. Where edges cross is a rounded point.

use crate::shape::Coord;

/// What two edges have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meeting {
    /// Nothing.
    None,
    /// An inner point of both: they cross.
    Cross(Coord),
    /// A point that is an end of one of them, exactly.
    Touch(Coord),
    /// All between these two points, each an end of one of them.
    Overlap(Coord, Coord),
}

/// A number as the sum of two, the second less than half a unit in the last place of the first.
type Pair = (f64, f64);

fn difference(a: f64, b: f64) -> Pair {
    let high = a - b;
    let part = high - a;
    (high, (a - (high - part)) - (b + part))
}

fn product(a: Pair, b: Pair) -> Pair {
    let high = a.0 * b.0;
    let low = a.0.mul_add(b.0, -high) + (a.0 * b.1 + a.1 * b.0);
    (high, low)
}

/// 1: `c` lies to the left of the way from `a` to `b`; −1: to the right; 0: on the straight line through both.
pub fn side(a: Coord, b: Coord, c: Coord) -> i8 {
    // The rounding error of the two products is below this part of their size (Shewchuk 1997).
    const ERROR: f64 = 3.330_669_073_875_471_6e-16;
    let left = (a.x - c.x) * (b.y - c.y);
    let right = (a.y - c.y) * (b.x - c.x);
    let turn = left - right;
    if turn.abs() > ERROR * (left.abs() + right.abs()) || !turn.is_finite() {
        return sign(turn);
    }
    let left = product(difference(a.x, c.x), difference(b.y, c.y));
    let right = product(difference(a.y, c.y), difference(b.x, c.x));
    let (high, low) = difference(left.0, right.0);
    sign(high + (low + (left.1 - right.1)))
}

fn sign(number: f64) -> i8 {
    i8::from(number > 0.0) - i8::from(number < 0.0)
}

/// True if a point of the line through `a` and `b` lies between them, ends included.
fn between(a: Coord, b: Coord, point: Coord) -> bool {
    a.x.min(b.x) <= point.x && point.x <= a.x.max(b.x) && a.y.min(b.y) <= point.y && point.y <= a.y.max(b.y)
}

/// True if the point lies on the edge.
pub fn on_edge(a: Coord, b: Coord, point: Coord) -> bool {
    between(a, b, point) && side(a, b, point) == 0
}

/// What two edges have in common. Either may be a single point.
pub fn meeting(a: [Coord; 2], b: [Coord; 2]) -> Meeting {
    let apart = |f: fn(Coord) -> f64| {
        f(a[0]).max(f(a[1])) < f(b[0]).min(f(b[1])) || f(b[0]).max(f(b[1])) < f(a[0]).min(f(a[1]))
    };
    if apart(|c| c.x) || apart(|c| c.y) {
        return Meeting::None;
    }
    let of_b = [side(a[0], a[1], b[0]), side(a[0], a[1], b[1])];
    let of_a = [side(b[0], b[1], a[0]), side(b[0], b[1], a[1])];
    if of_b[0] * of_b[1] < 0 && of_a[0] * of_a[1] < 0 {
        return Meeting::Cross(crossing(a, b));
    }
    // Ends that lie on the other edge.
    let mut shared: [Option<Coord>; 2] = [None; 2];
    let ends = [(b[0], of_b[0], a), (b[1], of_b[1], a), (a[0], of_a[0], b), (a[1], of_a[1], b)];
    for (point, side, edge) in ends {
        if side != 0 || !between(edge[0], edge[1], point) {
            continue;
        }
        match shared {
            [None, _] => shared[0] = Some(point),
            [Some(first), None] if !first.same(point) => shared[1] = Some(point),
            _ => {}
        }
    }
    match shared {
        [Some(first), Some(second)] => Meeting::Overlap(first, second),
        [Some(point), None] => Meeting::Touch(point),
        _ => Meeting::None,
    }
}

/// Where two edges cross that do, rounded; computed from the middle of both so that little is lost.
fn crossing(a: [Coord; 2], b: [Coord; 2]) -> Coord {
    let origin = Coord::xy((a[0].x + b[0].x) / 2.0, (a[0].y + b[0].y) / 2.0);
    let (dx, dy) = (a[1].x - a[0].x, a[1].y - a[0].y);
    let (ex, ey) = (b[1].x - b[0].x, b[1].y - b[0].y);
    let (ax, ay) = (a[0].x - origin.x, a[0].y - origin.y);
    let (bx, by) = (b[0].x - origin.x, b[0].y - origin.y);
    let t = ((bx - ax) * ey - (by - ay) * ex) / (dx * ey - dy * ex);
    let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.5 };
    Coord { x: origin.x + ax + t * dx, y: origin.y + ay + t * dy, z: a[0].z + t * (a[1].z - a[0].z), m: 0.0 }
}

/// The distance of two points.
pub fn distance(a: Coord, b: Coord) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    (dx * dx + dy * dy).sqrt()
}

/// The point of an edge that is nearest to a point, and how far along it (0 to 1).
pub fn nearest(a: Coord, b: Coord, point: Coord) -> (Coord, f64) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let along = ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy);
    if along.is_nan() || along <= 0.0 {
        return (a, 0.0);
    }
    if along >= 1.0 {
        return (b, 1.0);
    }
    if (a.y - point.y) * dx == (a.x - point.x) * dy {
        return (Coord { z: a.z + along * (b.z - a.z), m: a.m + along * (b.m - a.m), ..point }, along);
    }
    (part(a, b, along), along)
}

/// The point that lies so far along an edge (0 to 1).
pub fn part(a: Coord, b: Coord, along: f64) -> Coord {
    let at = |a: f64, b: f64| a + along * (b - a);
    Coord { x: at(a.x, b.x), y: at(a.y, b.y), z: at(a.z, b.z), m: at(a.m, b.m) }
}

/// Twice the area within a ring, positive where it runs counter-clockwise.
pub fn turning(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    ring.windows(3).map(|w| (w[1].x - first.x) * (w[2].y - w[0].y)).sum()
}

/// A ring's points, as edges.
pub fn edges(line: &[Coord]) -> impl Iterator<Item = [Coord; 2]> + '_ {
    line.windows(2).map(|pair| [pair[0], pair[1]])
}
