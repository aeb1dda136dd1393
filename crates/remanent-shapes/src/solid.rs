//! Distances in space. What has no Z lies at z = 0. Of polygons only the edges count.

use crate::shape::{Coord, Shape};

type Vector = [f64; 3];

fn vector(point: Coord) -> Vector {
    [point.x, point.y, point.z]
}

fn minus(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn moved(a: Vector, along: Vector, by: f64) -> Vector {
    [a[0] + by * along[0], a[1] + by * along[1], a[2] + by * along[2]]
}

/// The distance of two points.
pub fn distance(a: Coord, b: Coord) -> f64 {
    let gap = minus(vector(b), vector(a));
    dot(gap, gap).sqrt()
}

/// The length of the way through points.
pub fn length(line: &[Coord]) -> f64 {
    line.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// The nearest points of two geometries and their distance; None: one of both is empty.
pub fn closest(a: &Shape, b: &Shape) -> Option<(Coord, Coord, f64)> {
    each(a, b, &mut |a, b| closest_of_edges(a, b), &|new, old| new < old)
}

/// The farthest points of two geometries and their distance.
pub fn farthest(a: &Shape, b: &Shape) -> Option<(Coord, Coord, f64)> {
    let mut ends = |a: [Coord; 2], b: [Coord; 2]| {
        let mut best = (a[0], b[0], distance(a[0], b[0]));
        for (a, b) in [(a[0], b[1]), (a[1], b[0]), (a[1], b[1])] {
            let gap = distance(a, b);
            if gap > best.2 {
                best = (a, b, gap);
            }
        }
        best
    };
    each(a, b, &mut ends, &|new, old| new > old)
}

type Best = (Coord, Coord, f64);

/// The best that a measure says of all pairs of edges.
fn each(
    a: &Shape,
    b: &Shape,
    measure: &mut dyn FnMut([Coord; 2], [Coord; 2]) -> Best,
    better: &dyn Fn(f64, f64) -> bool,
) -> Option<Best> {
    let mut best: Option<Best> = None;
    a.lines(&mut |mine| {
        b.lines(&mut |theirs| {
            edges(mine, &mut |mine| {
                edges(theirs, &mut |theirs| {
                    let found = measure(mine, theirs);
                    if best.is_none_or(|best| better(found.2, best.2)) {
                        best = Some(found);
                    }
                });
            });
        });
    });
    best
}

fn edges(line: &[Coord], visit: &mut dyn FnMut([Coord; 2])) {
    match line {
        [] => {}
        [point] => visit([*point, *point]),
        line => line.windows(2).for_each(|pair| visit([pair[0], pair[1]])),
    }
}

/// After Ericson, Real-Time Collision Detection (2005), section 5.1.9.
fn closest_of_edges(p: [Coord; 2], q: [Coord; 2]) -> Best {
    let (p0, q0) = (vector(p[0]), vector(q[0]));
    let (along_p, along_q, gap) = (minus(vector(p[1]), p0), minus(vector(q[1]), q0), minus(p0, q0));
    let (a, e, f) = (dot(along_p, along_p), dot(along_q, along_q), dot(along_q, gap));
    let (s, t) = if a == 0.0 && e == 0.0 {
        (0.0, 0.0)
    } else if a == 0.0 {
        (0.0, (f / e).clamp(0.0, 1.0))
    } else {
        let c = dot(along_p, gap);
        if e == 0.0 {
            ((-c / a).clamp(0.0, 1.0), 0.0)
        } else {
            let b = dot(along_p, along_q);
            let parallel = a * e - b * b;
            let s = if parallel > 0.0 { ((b * f - c * e) / parallel).clamp(0.0, 1.0) } else { 0.0 };
            let t = (b * s + f) / e;
            match t {
                t if t < 0.0 => ((-c / a).clamp(0.0, 1.0), 0.0),
                t if t > 1.0 => (((b - c) / a).clamp(0.0, 1.0), 1.0),
                t => (s, t),
            }
        }
    };
    let point = |v: Vector| Coord { x: v[0], y: v[1], z: v[2], m: 0.0 };
    let (from, to) = (point(moved(p0, along_p, s)), point(moved(q0, along_q, t)));
    (from, to, distance(from, to))
}
