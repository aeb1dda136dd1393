//! How two geometries lie to each other: the matrix of DE-9IM (Egenhofer and Herring 1990; OGC 06-103r4) and the
//! predicates that are patterns of it.
//!
//! ```text
//!                 interior  boundary  exterior  of b
//! interior of a      2         1         2            two polygons that overlap: 212101212
//! boundary           1         0         1
//! exterior           2         1         2
//! ```
//!
//! Each edge of the one is cut where edges of the other meet it; a piece lies on an edge of the other, or wholly within
//! or without. Which of both is asked of its middle, once for all pieces up to the next cut. Where edges cross, all
//! that lies around the crossing follows from that alone.

use crate::bounds::Bounds;
use crate::locate::{Parts, Place, Side};
use crate::plane::{Meeting, meeting, on_edge, part};
use crate::shape::Coord;

use Place::{Edge, Inside, Outside};

/// Dimensions of what each pair has in common; None: nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matrix([[Option<u8>; 3]; 3]);

impl Matrix {
    fn set(&mut self, row: Place, column: Place, dimension: u8) {
        let cell = &mut self.0[row as usize][column as usize];
        *cell = (*cell).max(Some(dimension));
    }

    /// As nine characters.
    pub fn text(&self) -> String {
        let digit = |cell: &Option<u8>| cell.map_or('F', |d| char::from(b'0' + d));
        self.0.iter().flatten().map(digit).collect()
    }

    /// True if it has the pattern: of nine characters, `T`, `F`, `*` or a dimension.
    pub fn fits(&self, pattern: &str) -> bool {
        self.0.iter().flatten().zip(pattern.bytes()).all(|(cell, wanted)| match wanted {
            b'T' | b't' => cell.is_some(),
            b'F' | b'f' => cell.is_none(),
            b'0'..=b'2' => *cell == Some(wanted - b'0'),
            _ => true,
        })
    }

    fn transposed(&self) -> Matrix {
        let mut other = Matrix::default();
        for row in 0..3 {
            for column in 0..3 {
                other.0[column][row] = self.0[row][column];
            }
        }
        other
    }
}

/// A predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// No point in common.
    Disjoint,
    /// Some point in common.
    Intersects,
    /// No point of b is outside of a, and the interiors meet.
    Contains,
    /// The other way round.
    Within,
    /// No point of b is outside of a.
    Covers,
    /// The other way round.
    CoveredBy,
    /// Points in common, but none of the interiors.
    Touches,
    /// The interiors meet, in less than they are.
    Crosses,
    /// The interiors meet in as much as they are, and both have more.
    Overlaps,
    /// The same points.
    Equals,
    /// All of b is in the interior of a.
    ContainsProperly,
}

/// True if the predicate holds.
pub fn holds(predicate: Predicate, a: &Parts<'_>, b: &Parts<'_>) -> bool {
    use Predicate::*;
    let (Some(mine), Some(theirs)) = (a.bounds, b.bounds) else {
        return predicate == Disjoint || predicate == Equals && a.bounds.is_none() && b.bounds.is_none();
    };
    let possible = match predicate {
        Disjoint => return !a.meets(b),
        Intersects => return a.meets(b),
        Contains | Covers | ContainsProperly => mine.holds(&theirs),
        Within | CoveredBy => theirs.holds(&mine),
        Equals => (0..2).all(|i| mine.low[i] == theirs.low[i] && mine.high[i] == theirs.high[i]),
        Touches | Crosses | Overlaps => mine.meets(&theirs),
    };
    possible && by_point(predicate, a, b).unwrap_or_else(|| by_matrix(predicate, a, b))
}

/// What one point beside a polygon says without a matrix.
fn by_point(predicate: Predicate, a: &Parts<'_>, b: &Parts<'_>) -> Option<bool> {
    use Predicate::*;
    let (area, point) = match predicate {
        Contains | Covers | ContainsProperly => (a, b),
        Within | CoveredBy => (b, a),
        _ => return None,
    };
    let ([one], Some(0), Some(2)) = (point.sides.as_slice(), point.dimension, area.dimension) else {
        return None;
    };
    let place = area.locate(one.ends[0]);
    Some(place == Inside || place == Edge && matches!(predicate, Covers | CoveredBy))
}

fn by_matrix(predicate: Predicate, a: &Parts<'_>, b: &Parts<'_>) -> bool {
    use Predicate::*;
    let matrix = relate(a, b);
    let dimensions = (a.dimension, b.dimension);
    let patterns: &[&str] = match predicate {
        Contains => &["T*****FF*"],
        Within => &["T*F**F***"],
        Covers => &["T*****FF*", "*T****FF*", "***T**FF*", "****T*FF*"],
        CoveredBy => &["T*F**F***", "*TF**F***", "**FT*F***", "**F*TF***"],
        Touches => &["FT*******", "F**T*****", "F***T****"],
        Equals => &["T*F**FFF*"],
        ContainsProperly => &["T**FF*FF*"],
        Crosses if dimensions.0 < dimensions.1 => &["T*T******"],
        Crosses if dimensions.0 > dimensions.1 => &["T*****T**"],
        Crosses if dimensions.0 == Some(1) => &["0********"],
        Overlaps if dimensions.0 != dimensions.1 => &[],
        Overlaps if dimensions.0 == Some(1) => &["1*T***T**"],
        Overlaps => &["T*T***T**"],
        _ => &[],
    };
    patterns.iter().any(|pattern| matrix.fits(pattern))
}

/// The matrix of two geometries.
pub fn relate(a: &Parts<'_>, b: &Parts<'_>) -> Matrix {
    let mut matrix = Matrix::default();
    matrix.set(Outside, Outside, 2);
    pass(a, b, &mut matrix);
    let mut other = matrix.transposed();
    pass(b, a, &mut other);
    other.transposed()
}

/// Sets what the edges, points and ends of `a` say.
fn pass(a: &Parts<'_>, b: &Parts<'_>, matrix: &mut Matrix) {
    let Some(dimension) = a.dimension else { return };
    if dimension == 0 {
        for point in &a.sides {
            matrix.set(Inside, b.locate(point.ends[0]), 0);
        }
        return;
    }
    for end in &a.ends {
        matrix.set(Edge, b.locate(*end), 0);
    }
    if dimension == 2 && b.dimension != Some(2) {
        matrix.set(Inside, Outside, 2);
    }
    let mut known = None;
    for side in &a.sides {
        if side.first {
            known = None;
        }
        if side.ends[0].same(side.ends[1]) {
            matrix.set(Inside, b.locate(side.ends[0]), 0);
            continue;
        }
        Cutter { a, b, side, cuts: Vec::new(), shared: Vec::new() }.run(matrix, &mut known);
    }
}

/// Cuts one edge of `a` where `b` meets it.
struct Cutter<'a> {
    a: &'a Parts<'a>,
    b: &'a Parts<'a>,
    side: &'a Side,
    /// How far along.
    cuts: Vec<f64>,
    /// From where to where an edge of the other lies on it, and whether what is inside lies on the same side.
    shared: Vec<(f64, f64, bool)>,
}

impl Cutter<'_> {
    /// Sets what the edge's pieces say. `known` is where the piece before lies, if nothing lies between.
    fn run(mut self, matrix: &mut Matrix, known: &mut Option<Place>) {
        let [from, to] = self.side.ends;
        let mut around = Bounds::point(from);
        around.grow(&Bounds::point(to));
        for other in self.b.near(&around) {
            self.meet(other, matrix);
        }
        self.cuts.extend([0.0, 1.0]);
        self.cuts.sort_by(f64::total_cmp);
        // A cut at either end makes what was known void.
        let count = self.cuts.len();
        if self.cuts.get(1) == Some(&0.0) {
            *known = None;
        }
        for i in 1..count {
            let (start, end) = (self.cuts[i - 1], self.cuts[i]);
            if start > 0.0 {
                *known = None;
            }
            if end > start {
                self.piece(start, end, matrix, known);
            }
        }
        if count > 2 && self.cuts[count - 2] == 1.0 {
            *known = None;
        }
    }

    /// How far along the edge a point of it lies.
    fn along(&self, point: Coord) -> f64 {
        let [a, b] = self.side.ends;
        if point.same(a) {
            return 0.0;
        }
        if point.same(b) {
            return 1.0;
        }
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let along = if dx.abs() > dy.abs() { (point.x - a.x) / dx } else { (point.y - a.y) / dy };
        along.clamp(0.0, 1.0)
    }

    /// Takes note of an edge of the other that may meet this one.
    fn meet(&mut self, other: &Side, matrix: &mut Matrix) {
        match meeting(self.side.ends, other.ends) {
            Meeting::None => {}
            Meeting::Cross(point) => {
                self.cuts.push(self.along(point));
                if !self.ends_at_crossing(other) {
                    self.cross(matrix);
                }
            }
            Meeting::Touch(point) => {
                self.cuts.push(self.along(point));
                matrix.set(self.a.place_on(point), self.b.place_on(point), 0);
            }
            Meeting::Overlap(first, second) => {
                let (first_at, second_at) = (self.along(first), self.along(second));
                let ([a, b], [c, d]) = (self.side.ends, other.ends);
                let along = (b.x - a.x) * (d.x - c.x) + (b.y - a.y) * (d.y - c.y) > 0.0;
                let same = (self.side.left == other.left) == along;
                self.shared.push((first_at.min(second_at), first_at.max(second_at), same));
                self.cuts.extend([first_at, second_at]);
                for point in [first, second] {
                    matrix.set(self.a.place_on(point), self.b.place_on(point), 0);
                }
            }
        }
    }

    /// True if a line ends where two edges cross: the point is no inner one of it, and its end says what it is.
    fn ends_at_crossing(&self, other: &Side) -> bool {
        let on = |side: &Side, end: &Coord| on_edge(side.ends[0], side.ends[1], *end);
        self.a.ends.iter().chain(&self.b.ends).any(|end| on(self.side, end) && on(other, end))
    }

    /// What a crossing says of all that lies around it.
    fn cross(&self, matrix: &mut Matrix) {
        match (self.a.dimension, self.b.dimension) {
            (Some(2), Some(2)) => {
                matrix.set(Edge, Edge, 0);
                for (row, column) in [(Edge, Inside), (Edge, Outside), (Inside, Edge), (Outside, Edge)] {
                    matrix.set(row, column, 1);
                }
                for (row, column) in [(Inside, Inside), (Inside, Outside), (Outside, Inside)] {
                    matrix.set(row, column, 2);
                }
            }
            (_, Some(2)) => {
                matrix.set(Inside, Edge, 0);
                matrix.set(Inside, Inside, 1);
                matrix.set(Inside, Outside, 1);
            }
            (Some(2), _) => matrix.set(Edge, Inside, 0),
            _ => matrix.set(Inside, Inside, 0),
        }
    }

    /// A piece between two cuts.
    fn piece(&self, start: f64, end: f64, matrix: &mut Matrix, known: &mut Option<Place>) {
        let row = if self.a.dimension == Some(2) { Edge } else { Inside };
        let middle = (start + end) / 2.0;
        let mut on_edge = false;
        for (_, _, same) in self.shared.iter().filter(|(from, to, _)| *from <= middle && middle <= *to) {
            on_edge = true;
            match (self.a.dimension, self.b.dimension) {
                (Some(2), Some(2)) if *same => {
                    matrix.set(Edge, Edge, 1);
                    matrix.set(Inside, Inside, 2);
                }
                (Some(2), Some(2)) => {
                    matrix.set(Edge, Edge, 1);
                    matrix.set(Inside, Outside, 2);
                    matrix.set(Outside, Inside, 2);
                }
                (_, Some(2)) => matrix.set(row, Edge, 1),
                _ => matrix.set(row, Inside, 1),
            }
        }
        if on_edge {
            *known = None;
            return;
        }
        let place = match (*known, self.b.dimension) {
            (Some(place), _) => place,
            (None, Some(2)) => self.b.in_area(part(self.side.ends[0], self.side.ends[1], middle)),
            _ => Outside,
        };
        // So short that its middle is a cut, rounded: the pieces beside it tell.
        if place == Edge {
            return;
        }
        *known = Some(place);
        matrix.set(row, place, 1);
        if self.a.dimension == Some(2) && self.b.dimension == Some(2) {
            matrix.set(Inside, place, 2);
            matrix.set(Outside, place, 2);
        }
    }
}
