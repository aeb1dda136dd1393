//! Geometries taken apart into edges, for what is asked of two of them; where a point lies in one.
//!
//! Edges stand in chunks of sixteen with a box around each chunk: a pair of geometries is compared chunk by chunk.

use crate::bounds::Bounds;
use crate::plane::{Meeting, edges, meeting, on_edge, side, turning};
use crate::shape::{Coord, Kind, Line, Shape};

/// Where a point lies, as rows and columns of a matrix of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Place {
    /// In the interior.
    Inside = 0,
    /// On the boundary: the rings of a polygon, the ends of a line.
    Edge = 1,
    /// Elsewhere.
    Outside = 2,
}

/// An edge of a line or a ring; a point is an edge of two equal ends.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// Where it begins and ends.
    pub ends: [Coord; 2],
    /// Of a ring: what is inside lies to the left.
    pub left: bool,
    /// It is the first of its line.
    pub first: bool,
}

/// How many edges share a box.
const CHUNK: usize = 16;

/// A geometry taken apart. Its parts are of one dimension, or it is a collection of which only distances are asked.
pub struct Parts<'a> {
    /// The dimension; None: nothing is there.
    pub dimension: Option<u8>,
    /// Its points, and its lines' and rings' edges.
    pub sides: Vec<Side>,
    /// The ends of lines that are on the boundary: where an odd number of lines ends.
    pub ends: Vec<Coord>,
    /// The rings of each polygon.
    pub areas: Vec<&'a [Line]>,
    /// The box around all.
    pub bounds: Option<Bounds>,
    boxes: Vec<Bounds>,
}

impl<'a> Parts<'a> {
    /// Takes a shape apart.
    pub fn new(shape: &'a Shape) -> Parts<'a> {
        let mut parts = Parts {
            dimension: None,
            sides: Vec::new(),
            ends: Vec::new(),
            areas: Vec::new(),
            bounds: Bounds::of_shape(shape),
            boxes: Vec::new(),
        };
        let mut ends: Vec<Coord> = Vec::new();
        shape.leaves(&mut |leaf| parts.leaf(leaf, &mut ends));
        for end in &ends {
            let count = ends.iter().filter(|other| other.same(*end)).count();
            if count % 2 == 1 {
                parts.ends.push(*end);
            }
        }
        let around = |side: &Side| {
            let mut bounds = Bounds::point(side.ends[0]);
            bounds.grow(&Bounds::point(side.ends[1]));
            bounds
        };
        parts.boxes = parts
            .sides
            .chunks(CHUNK)
            .filter_map(|chunk| {
                chunk.iter().map(around).reduce(|mut all, one| {
                    all.grow(&one);
                    all
                })
            })
            .collect();
        parts
    }

    fn leaf(&mut self, leaf: &'a Shape, ends: &mut Vec<Coord>) {
        if leaf.is_empty() {
            return;
        }
        self.dimension = self.dimension.max(leaf.dimension());
        match leaf {
            Shape::Point(point) => {
                let sides = point.iter().map(|&p| Side { ends: [p, p], left: false, first: true });
                self.sides.extend(sides);
            }
            Shape::Line(line) => {
                self.line(line, false);
                if let [first, .., last] = line.as_slice()
                    && !first.same(*last)
                {
                    ends.extend([*first, *last]);
                }
            }
            Shape::Polygon(rings) => {
                for (i, ring) in rings.iter().enumerate() {
                    self.line(ring, (turning(ring) > 0.0) == (i == 0));
                }
                self.areas.push(rings);
            }
            Shape::Many(..) => {}
        }
    }

    fn line(&mut self, line: &[Coord], left: bool) {
        let mut first = true;
        let start = self.sides.len();
        for ends in edges(line) {
            // What does not move is no edge, unless it is all there is.
            if !ends[0].same(ends[1]) {
                self.sides.push(Side { ends, left, first });
                first = false;
            }
        }
        if let [point, ..] = line
            && self.sides.len() == start
        {
            self.sides.push(Side { ends: [*point, *point], left, first: true });
        }
    }

    /// Where a point lies.
    pub fn locate(&self, point: Coord) -> Place {
        if self.bounds.is_none_or(|bounds| !bounds.meets(&Bounds::point(point))) {
            return Place::Outside;
        }
        let mut place = Place::Outside;
        for rings in &self.areas {
            match in_polygon(rings, point) {
                Place::Inside => return Place::Inside,
                Place::Edge => place = Place::Edge,
                Place::Outside => {}
            }
        }
        if place == Place::Outside && self.areas.is_empty() && self.touches(point) {
            place = self.place_on(point);
        }
        place
    }

    /// True if the point lies on an edge, or is a point of it.
    fn touches(&self, point: Coord) -> bool {
        let at = Bounds::point(point);
        self.near(&at).any(|side| on_edge(side.ends[0], side.ends[1], point))
    }

    /// Where a point lies that is known to lie on an edge.
    pub fn place_on(&self, point: Coord) -> Place {
        match self.dimension {
            Some(2) => Place::Edge,
            Some(1) if self.ends.iter().any(|end| end.same(point)) => Place::Edge,
            _ => Place::Inside,
        }
    }

    /// The edges whose chunk's box meets a box.
    pub fn near<'b>(&'b self, bounds: &'b Bounds) -> impl Iterator<Item = &'b Side> + 'b {
        let chunks = self.sides.chunks(CHUNK).zip(&self.boxes);
        chunks.filter(|(_, around)| around.meets(bounds)).flat_map(|(chunk, _)| chunk)
    }

    /// The edges in chunks with their boxes.
    pub fn chunks(&self) -> impl Iterator<Item = (&[Side], &Bounds)> {
        self.sides.chunks(CHUNK).zip(&self.boxes)
    }

    /// True if both have a point of the plane in common.
    pub fn meets(&self, other: &Parts<'_>) -> bool {
        let (Some(mine), Some(theirs)) = (self.bounds, other.bounds) else { return false };
        if !mine.meets(&theirs) {
            return false;
        }
        // Where no edges meet, each line of the one lies within a polygon of the other, or outside of all.
        let within = |inner: &Parts<'_>, outer: &Parts<'_>| {
            !outer.areas.is_empty()
                && inner.sides.iter().any(|side| side.first && outer.in_area(side.ends[0]) != Place::Outside)
        };
        within(self, other) || within(other, self) || self.edges_meet(other)
    }

    /// Where a point lies, of the polygons alone.
    pub fn in_area(&self, point: Coord) -> Place {
        let places = self.areas.iter().map(|rings| in_polygon(rings, point));
        places.min_by_key(|place| *place as usize).unwrap_or(Place::Outside)
    }

    fn edges_meet(&self, other: &Parts<'_>) -> bool {
        self.chunks().any(|(chunk, around)| {
            other
                .near(around)
                .any(|theirs| chunk.iter().any(|mine| meeting(mine.ends, theirs.ends) != Meeting::None))
        })
    }

    /// True if it is a collection whose parts are of several dimensions.
    pub fn is_mixed(shape: &Shape) -> bool {
        let Shape::Many(Kind::Collection, _) = shape else { return false };
        let mut seen = [false; 3];
        shape.leaves(&mut |leaf| {
            if let Some(dimension) = leaf.dimension() {
                seen[usize::from(dimension)] = true;
            }
        });
        seen.iter().filter(|seen| **seen).count() > 1
    }
}

/// Where a point lies in a polygon.
pub fn in_polygon(rings: &[Line], point: Coord) -> Place {
    let Some((outer, holes)) = rings.split_first() else { return Place::Outside };
    match in_ring(outer, point) {
        Place::Inside => {}
        other => return other,
    }
    for hole in holes {
        match in_ring(hole, point) {
            Place::Inside => return Place::Outside,
            Place::Edge => return Place::Edge,
            Place::Outside => {}
        }
    }
    Place::Inside
}

/// Where a point lies in a ring: how often a ray to the right crosses it.
pub fn in_ring(ring: &[Coord], point: Coord) -> Place {
    let mut inside = false;
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if a.x < point.x && b.x < point.x {
            continue;
        }
        if a.y > point.y && b.y > point.y || a.y < point.y && b.y < point.y {
            continue;
        }
        if b.same(point) || a.same(point) {
            return Place::Edge;
        }
        if a.y == point.y && b.y == point.y {
            if a.x.min(b.x) <= point.x && point.x <= a.x.max(b.x) {
                return Place::Edge;
            }
            continue;
        }
        // Half-open, so that a vertex counts once.
        if (a.y > point.y) != (b.y > point.y) {
            match side(a, b, point) {
                0 => return Place::Edge,
                turn => inside ^= (turn > 0) == (b.y > a.y),
            }
        }
    }
    if inside { Place::Inside } else { Place::Outside }
}
