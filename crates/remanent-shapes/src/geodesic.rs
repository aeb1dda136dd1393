//! Longitude and latitude in degrees on the WGS 84 spheroid: what the type `geography` computes with.
//!
//! Distances of points, lengths and areas are geodesic (Karney 2013, by the crate geographiclib-rs). Edges are great
//! circles, as for PostGIS: which points of two geometries are the nearest is found on the sphere, how far apart they are
//! on the spheroid. Limits: a polygon is smaller than half of the globe.

use crate::bounds::Bounds;
use crate::locate::Place;
use crate::shape::{Coord, Geometry, Line, Shape};
use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic, PolygonArea, Winding};
use std::sync::OnceLock;

/// The mean radius in metres.
pub const RADIUS: f64 = 6_371_008.771_415_06;

/// Nearer than this (in radians, some micrometres) is on an edge.
const ON_EDGE: f64 = 1e-12;

fn spheroid() -> &'static Geodesic {
    static WGS84: OnceLock<Geodesic> = OnceLock::new();
    WGS84.get_or_init(Geodesic::wgs84)
}

/// Metres between two points on the spheroid.
pub fn distance(a: Coord, b: Coord) -> f64 {
    if a.same(b) {
        return 0.0;
    }
    spheroid().inverse(a.y, a.x, b.y, b.x)
}

/// Metres between two points on the sphere.
pub fn on_sphere(a: Coord, b: Coord) -> f64 {
    let turn = (b.x - a.x).to_radians();
    let (sin_a, cos_a) = a.y.to_radians().sin_cos();
    let (sin_b, cos_b) = b.y.to_radians().sin_cos();
    let across = cos_b * turn.sin();
    let up = cos_a * sin_b - sin_a * cos_b * turn.cos();
    let along = sin_a * sin_b + cos_a * cos_b * turn.cos();
    RADIUS * (across * across + up * up).sqrt().atan2(along)
}

/// The direction from a point to another: radians from north, clockwise. None: they are one point.
pub fn azimuth(from: Coord, to: Coord) -> Option<f64> {
    if from.same(to) {
        return None;
    }
    let (azimuth, _, _): (f64, f64, f64) = spheroid().inverse(from.y, from.x, to.y, to.x);
    Some(if azimuth < 0.0 { azimuth + 360.0 } else { azimuth }.to_radians())
}

/// Where one comes who goes so many metres in a direction.
pub fn project(from: Coord, metres: f64, azimuth: f64) -> Coord {
    let (y, x): (f64, f64) = spheroid().direct(from.y, from.x, azimuth.to_degrees(), metres);
    Coord { x, y, ..from }
}

/// The metres of lines, or of the rings of polygons.
pub fn length(shape: &Shape, rings: bool) -> f64 {
    let of_line = |line: &Line| line.windows(2).map(|pair| distance(pair[0], pair[1])).sum::<f64>();
    let mut sum = 0.0;
    shape.leaves(&mut |leaf| match leaf {
        Shape::Line(line) if !rings => sum += of_line(line),
        Shape::Polygon(all) if rings => sum += all.iter().map(of_line).sum::<f64>(),
        _ => {}
    });
    sum
}

/// The square metres of polygons.
pub fn area(shape: &Shape) -> f64 {
    let mut sum = 0.0;
    shape.leaves(&mut |leaf| {
        let Shape::Polygon(rings) = leaf else { return };
        for (i, ring) in rings.iter().enumerate() {
            let mut area = PolygonArea::new(spheroid(), Winding::CounterClockwise);
            for point in ring.iter().skip(1) {
                area.add_point(point.y, point.x);
            }
            let (_, area, _) = area.compute(true);
            sum += if i == 0 { area.abs() } else { -area.abs() };
        }
    });
    sum
}

/// Brings longitudes and latitudes into their range, as PostGIS does: 200 is -160, and 100 degrees north 80.
pub fn normalise(geometry: &mut Geometry) {
    geometry.shape.change(&mut |point| {
        if point.x.abs() > 180.0 {
            let turned = point.x % 360.0;
            point.x = if turned > 180.0 {
                turned - 360.0
            } else if turned < -180.0 {
                turned + 360.0
            } else {
                turned
            };
        }
        if point.y.abs() > 90.0 {
            let turned = point.y % 360.0;
            let half = if turned.abs() > 180.0 { turned.signum() * 180.0 - turned } else { turned };
            point.y = if half.abs() > 90.0 { half.signum() * 180.0 - half } else { half };
        }
    });
}

type Vector = [f64; 3];

fn vector(point: Coord) -> Vector {
    let (sin, cos) = point.y.to_radians().sin_cos();
    let (sin_x, cos_x) = point.x.to_radians().sin_cos();
    [cos * cos_x, cos * sin_x, sin]
}

fn coord(v: Vector) -> Coord {
    Coord::xy(v[1].atan2(v[0]).to_degrees(), v[2].atan2(v[0].hypot(v[1])).to_degrees())
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn minus(a: Vector, b: Vector, by: f64) -> Vector {
    [a[0] - by * b[0], a[1] - by * b[1], a[2] - by * b[2]]
}

fn unit(a: Vector) -> Option<Vector> {
    let length = dot(a, a).sqrt();
    (length > 1e-15).then(|| [a[0] / length, a[1] / length, a[2] / length])
}

/// The length of the straight line through the globe: it grows with the distance.
fn chord(a: Vector, b: Vector) -> f64 {
    let gap = minus(a, b, 1.0);
    dot(gap, gap).sqrt()
}

/// An edge: its ends, and what is square to both; None: it is a point.
#[derive(Clone, Copy)]
struct Arc {
    ends: [Vector; 2],
    normal: Option<Vector>,
}

impl Arc {
    fn new(a: Vector, b: Vector) -> Arc {
        // The sum is exact where the ends are close to each other, the plain product is not.
        let sum = [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        Arc { ends: [a, b], normal: unit(cross(minus(b, a, 1.0), sum)).map(|n| [-n[0], -n[1], -n[2]]) }
    }

    /// True if a point of the circle lies between the ends.
    fn spans(&self, normal: Vector, point: Vector) -> bool {
        dot(cross(self.ends[0], point), normal) >= 0.0 && dot(cross(point, self.ends[1]), normal) >= 0.0
    }

    fn nearest(&self, point: Vector) -> Vector {
        if let Some(normal) = self.normal
            && let Some(on) = unit(minus(point, normal, dot(point, normal)))
            && self.spans(normal, on)
        {
            return on;
        }
        let nearer = chord(point, self.ends[0]) <= chord(point, self.ends[1]);
        self.ends[usize::from(!nearer)]
    }

    fn crossing(&self, other: &Arc) -> Option<Vector> {
        let (mine, theirs) = (self.normal?, other.normal?);
        let at = unit(cross(mine, theirs))?;
        let opposite = [-at[0], -at[1], -at[2]];
        [at, opposite].into_iter().find(|&at| self.spans(mine, at) && other.spans(theirs, at))
    }
}

/// A geometry on the sphere.
pub struct Globe {
    arcs: Vec<Arc>,
    polygons: Vec<Vec<Vec<Vector>>>,
}

impl Globe {
    /// Takes a shape apart.
    pub fn new(shape: &Shape) -> Globe {
        let mut globe = Globe { arcs: Vec::new(), polygons: Vec::new() };
        shape.lines(&mut |line| match line {
            [] => {}
            [point] => globe.arcs.push(Arc::new(vector(*point), vector(*point))),
            line => {
                globe.arcs.extend(line.windows(2).map(|pair| Arc::new(vector(pair[0]), vector(pair[1]))));
            }
        });
        shape.leaves(&mut |leaf| {
            if let Shape::Polygon(rings) = leaf
                && !leaf.is_empty()
            {
                let ring = |ring: &Line| ring.iter().map(|&point| vector(point)).collect();
                globe.polygons.push(rings.iter().map(ring).collect());
            }
        });
        globe
    }

    /// Where a point lies in its polygons.
    fn locate(&self, point: Vector) -> Place {
        let mut best = Place::Outside;
        for rings in &self.polygons {
            let Some((outer, holes)) = rings.split_first() else { continue };
            let place = match in_ring(outer, point) {
                Place::Inside => {
                    match holes.iter().map(|hole| in_ring(hole, point)).min_by_key(|p| *p as usize) {
                        Some(Place::Inside) => Place::Outside,
                        Some(Place::Edge) => Place::Edge,
                        _ => Place::Inside,
                    }
                }
                other => other,
            };
            if (place as usize) < best as usize {
                best = place;
            }
        }
        best
    }

    /// True if each point of the other, a set of points or lines or polygons, lies in its polygons: its corners do, and
    /// no edge leaves them.
    pub fn covers(&self, other: &Globe) -> bool {
        let corners = other.arcs.iter().flat_map(|arc| arc.ends);
        let mut any = false;
        for corner in corners {
            any = true;
            if self.polygons.is_empty() {
                if !self.arcs.iter().any(|arc| chord(arc.nearest(corner), corner) < ON_EDGE) {
                    return false;
                }
            } else if self.locate(corner) == Place::Outside {
                return false;
            }
        }
        let leaves = |theirs: &Arc| {
            theirs.normal.is_some()
                && self.arcs.iter().any(|mine| match mine.crossing(theirs) {
                    Some(at) => mine.ends.iter().chain(&theirs.ends).all(|end| chord(*end, at) > ON_EDGE),
                    None => false,
                })
        };
        any && (self.polygons.is_empty() || !other.arcs.iter().any(leaves))
    }
}

/// Where a point lies in a ring: how often the ring turns around it.
fn in_ring(ring: &[Vector], point: Vector) -> Place {
    let mut angle = 0.0;
    let mut middle = [0.0; 3];
    for pair in ring.windows(2) {
        let arc = Arc::new(pair[0], pair[1]);
        if chord(arc.nearest(point), point) < ON_EDGE {
            return Place::Edge;
        }
        let (a, b) = (minus(pair[0], point, dot(pair[0], point)), minus(pair[1], point, dot(pair[1], point)));
        angle += dot(point, cross(a, b)).atan2(dot(a, b));
        middle = minus(middle, pair[0], -1.0);
    }
    // The ring turns around the opposite point of the globe, too.
    if angle.abs() > std::f64::consts::PI && dot(middle, point) > 0.0 {
        Place::Inside
    } else {
        Place::Outside
    }
}

/// The nearest points of two geometries; None: one of both is empty.
pub fn closest(a: &Globe, b: &Globe) -> Option<(Coord, Coord)> {
    for (points, area) in [(a, b), (b, a)] {
        for arc in points.arcs.iter().filter(|_| !area.polygons.is_empty()) {
            if area.locate(arc.ends[0]) != Place::Outside {
                let at = coord(arc.ends[0]);
                return Some((at, at));
            }
        }
    }
    let mut best: Option<(Vector, Vector, f64)> = None;
    let mut offer = |from: Vector, to: Vector| {
        let gap = chord(from, to);
        if best.is_none_or(|(_, _, least)| gap < least) {
            best = Some((from, to, gap));
        }
    };
    for mine in &a.arcs {
        for theirs in &b.arcs {
            if let Some(at) = mine.crossing(theirs) {
                return Some((coord(at), coord(at)));
            }
            for &end in &mine.ends {
                offer(end, theirs.nearest(end));
            }
            for &end in &theirs.ends {
                offer(mine.nearest(end), end);
            }
        }
    }
    best.map(|(from, to, _)| (coord(from), coord(to)))
}

/// Metres between the nearest points of two geometries.
pub fn gap(a: &Shape, b: &Shape, sphere: bool) -> Option<f64> {
    let measure = if sphere { on_sphere } else { distance };
    if let (Shape::Point(a), Shape::Point(b)) = (a, b) {
        return Some(measure((*a)?, (*b)?));
    }
    closest(&Globe::new(a), &Globe::new(b)).map(|(from, to)| measure(from, to))
}

/// No spheroidal distance is less than this part of that on the sphere.
const LEAST: f64 = 0.994;
/// And none is more than this part.
const MOST: f64 = 1.006;

/// The straight way through a globe of radius 1 that nothing exceeds which is no farther than so many metres.
pub fn chord_of(metres: f64) -> f64 {
    let angle = metres / (RADIUS * LEAST);
    2.0 * (angle.clamp(0.0, std::f64::consts::PI) / 2.0).sin()
}

/// No more than the metres between the ends of a straight way through a globe of radius 1.
pub fn at_least(chord: f64) -> f64 {
    2.0 * RADIUS * LEAST * (chord / 2.0).min(1.0).asin()
}

/// No less than the metres between the ends of a straight way through a globe of radius 1.
pub fn at_most(chord: f64) -> f64 {
    2.0 * RADIUS * MOST * (chord / 2.0).min(1.0).asin()
}

/// The box around a geometry in space, on a globe of radius 1: neither date line nor poles are special there. None: it is
/// empty.
pub fn bounds(shape: &Shape) -> Option<Bounds> {
    if let Shape::Point(point) = shape {
        return point.map(|point| around(vector(point), 0.0));
    }
    let globe = Globe::new(shape);
    let mut all: Option<Bounds> = None;
    for arc in &globe.arcs {
        // An arc lies no farther from its chord than its middle does.
        let chord = chord(arc.ends[0], arc.ends[1]);
        let bulge = 1.0 - (1.0 - chord * chord / 4.0).max(0.0).sqrt();
        for end in arc.ends {
            let one = around(end, bulge);
            match &mut all {
                Some(all) => all.grow(&one),
                None => all = Some(one),
            }
        }
    }
    let mut all = all?;
    for axis in 0..3 {
        for end in [-1.0, 1.0] {
            // What turns around the end of an axis spans the two others.
            let spans = (0..3).filter(|other| *other != axis);
            let spans = spans.into_iter().all(|other| all.low[other] < 0.0 && all.high[other] > 0.0);
            let mut point = [0.0; 3];
            point[axis] = end;
            if spans && !globe.polygons.is_empty() && globe.locate(point) != Place::Outside {
                all.grow(&around(point, 0.0));
            }
        }
    }
    Some(all)
}

/// [`bounds`] of what the bytes of a column hold.
pub fn bounds_of_bytes(bytes: &[u8]) -> Option<Bounds> {
    match crate::binary::as_point(bytes) {
        Some(point) => Some(around(vector(point), 0.0)),
        None => bounds(&crate::binary::parse(bytes).ok()?.shape),
    }
}

fn around(v: Vector, by: f64) -> Bounds {
    // A little more, for what sines are rounded by.
    Bounds { low: v, high: v }.expanded(by + 1e-15, 3)
}
