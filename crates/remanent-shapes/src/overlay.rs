//! Polygons joined, cut and taken from each other; what lies within a distance of a geometry.
//!
//! Coordinates become whole numbers of 50 bits, so that sides and crossings are exact, and are given back as they were:
//! only points where edges cross are rounded. Edges are cut where they meet, until none meet (what is rounded may meet anew).
//! Each piece knows how often either geometry winds around what lies beside it; the pieces between inside and outside are
//! the result's rings.
//!
//! Limits: polygons only; at most [`EDGES_MAX`] edges; the time grows with the square of their number.

use crate::locate::{Place, in_ring};
use crate::plane::{part, turning};
use crate::shape::{Coord, Kind, Line, Shape};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// What is made of two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// What lies in either.
    Union,
    /// What lies in both.
    Intersection,
    /// What lies in the first only.
    Difference,
    /// What lies in one only.
    Symmetric,
    /// What lies within an odd number of rings.
    Odd,
}

/// The most edges of both together.
pub const EDGES_MAX: usize = 40_000;

/// The most places in a round at which edges are cut: of many through one point, each is noted with each other.
const CUTS_MAX: usize = 8 * EDGES_MAX;

/// Rounds of cutting; each leaves less to cut.
const ROUNDS: usize = 40;

/// A point of the grid.
type Point = (i64, i64);

/// A piece of an edge: from the lesser point to the greater; how often each geometry runs along it, less how often against.
#[derive(Clone, Copy)]
struct Piece {
    ends: [Point; 2],
    winds: [i32; 2],
}

/// How coordinates become points of the grid.
struct Grid {
    scale: f64,
    known: BTreeMap<Point, Coord>,
}

impl Grid {
    fn point(&mut self, at: Coord) -> Point {
        let point = ((at.x * self.scale).round() as i64, (at.y * self.scale).round() as i64);
        self.known.entry(point).or_insert(Coord::xy(at.x, at.y));
        point
    }

    fn coord(&self, point: Point) -> Coord {
        let known = self.known.get(&point).copied();
        known.unwrap_or_else(|| Coord::xy(point.0 as f64 / self.scale, point.1 as f64 / self.scale))
    }
}

fn side(a: Point, b: Point, c: Point) -> i128 {
    let wide = |n: i64| i128::from(n);
    (wide(b.0) - wide(a.0)) * (wide(c.1) - wide(a.1)) - (wide(b.1) - wide(a.1)) * (wide(c.0) - wide(a.0))
}

/// The polygons of a shape, outer rings counter-clockwise; 0A000 where it has lines or points.
fn rings(shape: &Shape, function: &str) -> Result<Vec<Line>> {
    let mut all = Vec::new();
    let mut other = None;
    shape.leaves(&mut |leaf| match leaf {
        Shape::Polygon(rings) => all.extend(rings.iter().enumerate().map(|(i, ring)| {
            let mut ring = ring.clone();
            if (turning(&ring) > 0.0) != (i == 0) {
                ring.reverse();
            }
            ring
        })),
        leaf if leaf.is_empty() => {}
        leaf => other = Some(leaf.kind().name()),
    });
    match other {
        Some(kind) => Err(Error::unsupported(format!("{function} of a {kind} is not supported"))),
        None => Ok(all),
    }
}

/// What a rule makes of two shapes.
pub fn overlay(a: &Shape, b: &Shape, rule: Rule, function: &str) -> Result<Shape> {
    combine(&[rings(a, function)?, rings(b, function)?], rule, f64::INFINITY)
}

/// The polygons of what lies within an odd number of rings, with whole numbers for coordinates.
pub fn whole(rings: Vec<Line>) -> Result<Shape> {
    combine(&[rings, Vec::new()], Rule::Odd, 1.0)
}

/// What lies in any of the shapes.
pub fn union(shapes: &[&Shape]) -> Result<Shape> {
    let mut all = Vec::new();
    for shape in shapes {
        all.extend(rings(shape, "ST_Union")?);
    }
    combine(&[all, Vec::new()], Rule::Union, f64::INFINITY)
}

/// On a grid of at most so many points a unit.
fn combine(of: &[Vec<Line>; 2], rule: Rule, finest: f64) -> Result<Shape> {
    let points = || of.iter().flatten().flatten();
    if points().any(|p| !p.x.is_finite() || !p.y.is_finite()) {
        return Err(Error::value("a geometry with infinite coordinates has no interior"));
    }
    let largest = points().map(|p| p.x.abs().max(p.y.abs())).fold(0.0, f64::max);
    let exponent = if largest > 0.0 { largest.log2().ceil().clamp(-900.0, 1024.0) as i32 } else { 0 };
    let mut grid = Grid { scale: 2f64.powi(50 - exponent).min(finest), known: BTreeMap::new() };
    let mut pieces = Vec::new();
    for (of, lines) in of.iter().enumerate() {
        for line in lines {
            let line: Vec<Point> = line.iter().map(|&p| grid.point(p)).collect();
            for pair in line.windows(2) {
                let mut winds = [0; 2];
                winds[of] = if pair[0] < pair[1] { 1 } else { -1 };
                pieces.push(Piece { ends: [pair[0].min(pair[1]), pair[0].max(pair[1])], winds });
            }
        }
    }
    let pieces = cut(pieces)?;
    let edges = border(&pieces, rule);
    Ok(assemble(&edges, &grid))
}

/// Pieces that lie on each other are one; those along which nothing changes go.
fn merged(mut pieces: Vec<Piece>) -> Result<Vec<Piece>> {
    pieces.sort_by_key(|piece| piece.ends);
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().filter(|piece| piece.ends[0] != piece.ends[1]) {
        match out.last_mut() {
            Some(last) if last.ends == piece.ends => {
                (0..2).for_each(|i| last.winds[i] += piece.winds[i]);
            }
            _ => out.push(piece),
        }
    }
    out.retain(|piece| piece.winds != [0, 0]);
    match out.len() <= EDGES_MAX {
        true => Ok(out),
        false => Err(too_many()),
    }
}

fn too_many() -> Error {
    Error { state: "54000", message: format!("more than {EDGES_MAX} edges"), hint: None }
}

/// Cuts edges where they meet.
fn cut(pieces: Vec<Piece>) -> Result<Vec<Piece>> {
    let mut pieces = merged(pieces)?;
    for _ in 0..ROUNDS {
        let mut cuts: Vec<Vec<Point>> = vec![Vec::new(); pieces.len()];
        let mut found = 0;
        for i in 0..pieces.len() {
            let a = pieces[i].ends;
            let (low, high) = (a[0].1.min(a[1].1), a[0].1.max(a[1].1));
            for (j, other) in pieces.iter().enumerate().skip(i + 1) {
                let b = other.ends;
                if b[0].0 > a[1].0 {
                    break;
                }
                if b[0].1.max(b[1].1) < low || b[0].1.min(b[1].1) > high {
                    continue;
                }
                found += meet(a, b, i, j, &mut cuts);
            }
            // Before they are cut: where every edge crosses every other there are more than memory holds.
            if found > CUTS_MAX {
                return Err(too_many());
            }
        }
        if found == 0 {
            return Ok(pieces);
        }
        let mut out = Vec::with_capacity(pieces.len() * 2);
        for (piece, mut cuts) in pieces.into_iter().zip(cuts) {
            let backward = piece.ends[0].1 > piece.ends[1].1;
            // Along the piece: by x, then by y as it goes.
            cuts.sort_by(|a, b| a.0.cmp(&b.0).then(if backward { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) }));
            let mut from = piece.ends[0];
            for to in cuts.into_iter().chain([piece.ends[1]]) {
                if to == from {
                    continue;
                }
                let turned = to < from;
                let winds = if turned { piece.winds.map(|w| -w) } else { piece.winds };
                out.push(Piece { ends: [from.min(to), from.max(to)], winds });
                from = to;
            }
        }
        pieces = merged(out)?;
    }
    Err(Error::value("edges that lie too close to each other"))
}

/// Notes where two pieces are to be cut, and says at how many places.
fn meet(a: [Point; 2], b: [Point; 2], i: usize, j: usize, cuts: &mut [Vec<Point>]) -> usize {
    let of_b = [side(a[0], a[1], b[0]), side(a[0], a[1], b[1])];
    let of_a = [side(b[0], b[1], a[0]), side(b[0], b[1], a[1])];
    let mut noted = 0;
    let mut note = |at: usize, ends: [Point; 2], point: Point| {
        if point != ends[0] && point != ends[1] {
            cuts[at].push(point);
            noted += 1;
        }
    };
    if of_b[0].signum() * of_b[1].signum() < 0 && of_a[0].signum() * of_a[1].signum() < 0 {
        let point = crossing(a, of_a);
        note(i, a, point);
        note(j, b, point);
        return noted;
    }
    let within = |ends: [Point; 2], p: Point| {
        let (low, high) = (ends[0].1.min(ends[1].1), ends[0].1.max(ends[1].1));
        ends[0].0 <= p.0 && p.0 <= ends[1].0 && low <= p.1 && p.1 <= high
    };
    for k in 0..2 {
        if of_b[k] == 0 && within(a, b[k]) {
            note(i, a, b[k]);
        }
        if of_a[k] == 0 && within(b, a[k]) {
            note(j, b, a[k]);
        }
    }
    noted
}

/// Where an edge crosses another, of whose line its ends are so far away.
fn crossing(a: [Point; 2], away: [i128; 2]) -> Point {
    let along = away[0] as f64 / (away[0] as f64 - away[1] as f64);
    let at = |from: i64, to: i64| from + ((to - from) as f64 * along).round() as i64;
    (at(a[0].0, a[1].0), at(a[0].1, a[1].1))
}

/// The pieces between inside and outside, with the inside to their left.
fn border(pieces: &[Piece], rule: Rule) -> Vec<[Point; 2]> {
    let inside = |winds: [i32; 2]| {
        let (a, b) = (winds[0] > 0, winds[1] > 0);
        match rule {
            Rule::Union => a || b,
            Rule::Intersection => a && b,
            Rule::Difference => a && !b,
            Rule::Symmetric => a != b,
            Rule::Odd => winds[0] % 2 != 0,
        }
    };
    let mut edges = Vec::new();
    for piece in pieces {
        let [a, b] = piece.ends;
        // Twice the middle; all else is doubled, too.
        let middle = (a.0 + b.0, a.1 + b.1);
        let mut below = [0; 2];
        for other in pieces {
            let [c, d] = other.ends.map(|p| (2 * p.0, 2 * p.1));
            if c.0 > middle.0 {
                break;
            }
            if d.0 <= middle.0 || c.1.min(d.1) > middle.1 {
                continue;
            }
            if c.1.max(d.1) < middle.1 || side(c, d, middle) > 0 {
                (0..2).for_each(|i| below[i] += other.winds[i]);
            }
        }
        let with = [below[0] + piece.winds[0], below[1] + piece.winds[1]];
        // What lies to the left of the way from the lesser end to the greater, and to the right: above and below, or, of
        // a vertical piece, west and east of it.
        let (left, right) = (inside(with), inside(below));
        match (left, right) {
            (true, false) => edges.push([a, b]),
            (false, true) => edges.push([b, a]),
            _ => {}
        }
    }
    edges
}

/// The polygons whose borders edges are.
fn assemble(edges: &[[Point; 2]], grid: &Grid) -> Shape {
    let mut leaving: BTreeMap<Point, Vec<Point>> = BTreeMap::new();
    edges.iter().for_each(|edge| leaving.entry(edge[0]).or_default().push(edge[1]));
    let (mut shells, mut holes): (Vec<Line>, Vec<Line>) = (Vec::new(), Vec::new());
    let mut keep = |ring: &[Point]| {
        let ring: Line = ring.iter().chain(ring.first()).map(|&p| grid.coord(p)).collect();
        match turning(&ring) {
            area if area > 0.0 => shells.push(ring),
            area if area < 0.0 => holes.push(ring),
            _ => {}
        }
    };
    while let Some(start) = leaving.iter().find(|(_, to)| !to.is_empty()).map(|(from, _)| *from) {
        let mut path: Vec<Point> = vec![start];
        while let Some(&at) = path.last() {
            let before = path.len().checked_sub(2).map(|i| path[i]);
            let Some(next) = leaving.get_mut(&at).and_then(|to| take_left(to, before, at)) else { break };
            // A ring that comes back to a point of the path is one of its own.
            match path.iter().position(|&p| p == next) {
                Some(i) => {
                    keep(&path[i..]);
                    path.truncate(i + 1);
                }
                None => path.push(next),
            }
        }
    }
    nest(shells, holes)
}

/// Takes the way that turns most to the left.
fn take_left(to: &mut Vec<Point>, before: Option<Point>, at: Point) -> Option<Point> {
    let mut best = 0;
    if let Some(before) = before {
        for i in 1..to.len() {
            if more_left(before, at, to[i], to[best]) {
                best = i;
            }
        }
    }
    (!to.is_empty()).then(|| to.swap_remove(best))
}

/// True if on the way from `before` over `at` the first lies more to the left than the second.
fn more_left(before: Point, at: Point, first: Point, second: Point) -> bool {
    let left = |p: Point| {
        let turn = side(before, at, p);
        // Straight on, or back: back is as far to the left as can be.
        let ahead = i128::from(at.0 - before.0) * i128::from(p.0 - at.0)
            + i128::from(at.1 - before.1) * i128::from(p.1 - at.1);
        match turn.signum() {
            0 if ahead < 0 => 3,
            1 => 2,
            0 => 1,
            _ => 0,
        }
    };
    let (a, b) = (left(first), left(second));
    a > b || a == b && side(at, second, first) > 0
}

/// Each hole in the smallest shell around it.
fn nest(shells: Vec<Line>, holes: Vec<Line>) -> Shape {
    let mut polygons: Vec<Vec<Line>> = shells
        .into_iter()
        .map(|mut shell| {
            // Clockwise, as GEOS gives them.
            shell.reverse();
            vec![shell]
        })
        .collect();
    polygons.sort_by(|a, b| turning(&b[0]).total_cmp(&turning(&a[0])));
    for mut hole in holes {
        let probes = || hole.iter().copied().chain(hole.windows(2).map(|pair| part(pair[0], pair[1], 0.5)));
        let around = |polygon: &Vec<Line>| {
            let places = probes().map(|point| in_ring(&polygon[0], point));
            places.into_iter().find(|place| *place != Place::Edge) == Some(Place::Inside)
        };
        // From the smallest to the largest: their areas are negative.
        if let Some(polygon) = polygons.iter_mut().find(|polygon| around(polygon)) {
            hole.reverse();
            polygon.push(hole);
        }
    }
    match polygons.len() {
        1 => Shape::Polygon(polygons.remove(0)),
        0 => Shape::Polygon(Vec::new()),
        _ => Shape::Many(Kind::MultiPolygon, polygons.into_iter().map(Shape::Polygon).collect()),
    }
}

/// What lies within a distance; with a negative one, what of polygons lies farther from their rings. A quarter of a circle
/// is so many edges.
pub fn buffer(shape: &Shape, distance: f64, quarter: usize) -> Result<Shape> {
    if !distance.is_finite() {
        return Err(Error::value("a distance that is infinite or no number"));
    }
    let quarter = quarter.clamp(1, 1024);
    let mut around: Vec<Line> = Vec::new();
    if let (Shape::Point(Some(point)), true) = (shape, distance > 0.0) {
        return Ok(Shape::Polygon(vec![circle(*point, distance, quarter)]));
    }
    let mut areas = Vec::new();
    shape.leaves(&mut |leaf| match leaf {
        Shape::Polygon(rings) if !leaf.is_empty() => {
            areas.push(leaf.clone());
            rings.iter().for_each(|ring| thick(ring, distance.abs(), quarter, &mut around));
        }
        Shape::Line(line) if distance > 0.0 => thick(line, distance, quarter, &mut around),
        Shape::Point(Some(point)) if distance > 0.0 => around.push(circle(*point, distance, quarter)),
        _ => {}
    });
    for ring in &mut around {
        if turning(ring) < 0.0 {
            ring.reverse();
        }
    }
    let areas = rings(&Shape::Many(Kind::MultiPolygon, areas), "ST_Buffer")?;
    match distance {
        d if d > 0.0 => combine(&[around, areas], Rule::Union, f64::INFINITY),
        d if d < 0.0 => combine(&[areas, around], Rule::Difference, f64::INFINITY),
        _ => combine(&[areas, Vec::new()], Rule::Union, f64::INFINITY),
    }
}

/// A circle from its eastmost point on, clockwise.
fn circle(at: Coord, radius: f64, quarter: usize) -> Line {
    let step = std::f64::consts::FRAC_PI_2 / quarter as f64;
    let mut ring: Line = (0..4 * quarter)
        .map(|i| {
            let (sin, cos) = (-step * i as f64).sin_cos();
            Coord::xy(at.x + radius * cos, at.y + radius * sin)
        })
        .collect();
    ring.push(ring[0]);
    ring
}

/// Rectangles around the edges of a line, and sectors of a circle where it turns; half circles at its ends.
fn thick(line: &[Coord], radius: f64, quarter: usize, out: &mut Vec<Line>) {
    let mut points: Line = line.iter().map(|p| Coord::xy(p.x, p.y)).collect();
    points.dedup();
    let closed = points.len() > 2 && points.first() == points.last();
    let [first, .., last] = points.as_slice() else {
        out.extend(points.first().map(|&point| circle(point, radius, quarter)));
        return;
    };
    if radius == 0.0 {
        return;
    }
    let angle = |a: Coord, b: Coord| (b.y - a.y).atan2(b.x - a.x);
    let at = |p: Coord, angle: f64| Coord::xy(p.x + radius * angle.cos(), p.y + radius * angle.sin());
    let quarter_turn = std::f64::consts::FRAC_PI_2;
    let sector = |p: Coord, from: f64, turn: f64| {
        let steps = (turn.abs() / (quarter_turn / quarter as f64) + 0.5).floor().max(1.0);
        let mut ring = vec![p];
        ring.extend((0..=steps as usize).map(|i| at(p, from + turn * i as f64 / steps)));
        ring.push(p);
        ring
    };
    for pair in points.windows(2) {
        let a = angle(pair[0], pair[1]);
        let corners = [
            at(pair[0], a - quarter_turn),
            at(pair[1], a - quarter_turn),
            at(pair[1], a + quarter_turn),
            at(pair[0], a + quarter_turn),
        ];
        out.push(corners.iter().chain(corners.first()).copied().collect());
    }
    let turn = |before: f64, after: f64| {
        let turn = (after - before) % std::f64::consts::TAU;
        if turn > std::f64::consts::PI {
            turn - std::f64::consts::TAU
        } else if turn < -std::f64::consts::PI {
            turn + std::f64::consts::TAU
        } else {
            turn
        }
    };
    let mut joint = |p: Coord, before: f64, after: f64| {
        let turn = turn(before, after);
        // On the outer side of the turn.
        let from = if turn > 0.0 { before - quarter_turn } else { before + quarter_turn };
        if turn != 0.0 {
            out.push(sector(p, from, turn));
        }
    };
    for three in points.windows(3) {
        joint(three[1], angle(three[0], three[1]), angle(three[1], three[2]));
    }
    let (start, end) = (angle(points[0], points[1]), angle(points[points.len() - 2], *last));
    if closed {
        joint(*first, end, start);
    } else {
        out.push(sector(*first, start + quarter_turn, 2.0 * quarter_turn));
        out.push(sector(*last, end - quarter_turn, 2.0 * quarter_turn));
    }
}
