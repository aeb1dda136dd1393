//! Distances in the plane: the nearest points of two geometries, the farthest ones.

use crate::bounds::Bounds;
use crate::locate::{Parts, Place, Side};
use crate::plane::{Meeting, distance, meeting, nearest};
use crate::shape::{Coord, Shape};

/// Two points, one of each geometry, and how far apart they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Of the first.
    pub from: Coord,
    /// Of the second.
    pub to: Coord,
    /// The distance.
    pub distance: f64,
}

impl Gap {
    fn between(from: Coord, to: Coord) -> Gap {
        Gap { from, to, distance: distance(from, to) }
    }

    fn swapped(self) -> Gap {
        Gap { from: self.to, to: self.from, distance: self.distance }
    }

    fn nearer(&mut self, other: Gap) {
        if other.distance < self.distance {
            *self = other;
        }
    }
}

/// The nearest points; None: one of both is empty. Ends early once they are no farther than `enough`.
pub fn closest(a: &Parts<'_>, b: &Parts<'_>, enough: f64) -> Option<Gap> {
    let (first, second) = (a.sides.first()?, b.sides.first()?);
    let mut best = Gap::between(first.ends[0], second.ends[0]);
    for side in a.sides.iter().filter(|side| side.first && !b.areas.is_empty()) {
        if b.in_area(side.ends[0]) != Place::Outside {
            return Some(Gap { from: side.ends[0], to: side.ends[0], distance: 0.0 });
        }
    }
    for side in b.sides.iter().filter(|side| side.first && !a.areas.is_empty()) {
        if a.in_area(side.ends[0]) != Place::Outside {
            return Some(Gap { from: side.ends[0], to: side.ends[0], distance: 0.0 });
        }
    }
    for (mine, my_box) in a.chunks() {
        for (theirs, their_box) in b.chunks() {
            // What is farther than the best cannot be better (a little more, for what rounding does).
            if farther(my_box, their_box, best.distance) {
                continue;
            }
            for mine in mine {
                for theirs in theirs {
                    best.nearer(of_sides(mine, theirs));
                }
            }
            if best.distance <= enough {
                return Some(best);
            }
        }
    }
    Some(best)
}

fn farther(a: &Bounds, b: &Bounds, than: f64) -> bool {
    a.distance_in(b, 2) > than * (1.0 + 1e-9)
}

fn of_sides(a: &Side, b: &Side) -> Gap {
    let (points, edges) = (a.ends[0].same(a.ends[1]), b.ends[0].same(b.ends[1]));
    let to_edge =
        |point: Coord, edge: &Side| Gap::between(point, nearest(edge.ends[0], edge.ends[1], point).0);
    match (points, edges) {
        (true, true) => return Gap::between(a.ends[0], b.ends[0]),
        (true, false) => return to_edge(a.ends[0], b),
        (false, true) => return to_edge(b.ends[0], a).swapped(),
        (false, false) => {}
    }
    match meeting(a.ends, b.ends) {
        Meeting::None => {}
        Meeting::Cross(point) | Meeting::Touch(point) | Meeting::Overlap(point, _) => {
            return Gap { from: point, to: point, distance: 0.0 };
        }
    }
    let mut best = to_edge(a.ends[0], b);
    best.nearer(to_edge(a.ends[1], b));
    best.nearer(to_edge(b.ends[0], a).swapped());
    best.nearer(to_edge(b.ends[1], a).swapped());
    best
}

/// The points that are farthest from each other; None: one of both is empty.
pub fn farthest(a: &Shape, b: &Shape) -> Option<Gap> {
    let mut best: Option<Gap> = None;
    a.lines(&mut |mine| {
        b.lines(&mut |theirs| {
            for &from in mine {
                for &to in theirs {
                    let gap = Gap::between(from, to);
                    if best.is_none_or(|best| gap.distance > best.distance) {
                        best = Some(gap);
                    }
                }
            }
        });
    });
    best
}
