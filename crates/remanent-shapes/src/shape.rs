//! A geometry in memory.

use crate::{Error, Result};

/// A point's numbers. What a geometry does not have (see [`Geometry::z`]) is 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Coord {
    /// Easting, or longitude in degrees.
    pub x: f64,
    /// Northing, or latitude in degrees.
    pub y: f64,
    /// Height.
    pub z: f64,
    /// A measure.
    pub m: f64,
}

/// What a geometry is. The numbers are those of WKB: do not renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// One point.
    Point = 1,
    /// Points joined by straight edges.
    LineString = 2,
    /// A ring, and rings that are holes in it.
    Polygon = 3,
    /// Points.
    MultiPoint = 4,
    /// Lines.
    MultiLineString = 5,
    /// Polygons.
    MultiPolygon = 6,
    /// Anything.
    Collection = 7,
}

/// The points of a line or a ring.
pub type Line = Vec<Coord>;

/// A geometry without its frame of reference.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// None: `POINT EMPTY`.
    Point(Option<Coord>),
    /// None or at least two points.
    Line(Line),
    /// The outer ring first; none: `POLYGON EMPTY`. Each ring ends where it begins.
    Polygon(Vec<Line>),
    /// Parts of what the kind says.
    Many(Kind, Vec<Shape>),
}

/// A geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry {
    /// The frame of reference; 0: unknown.
    pub srid: i32,
    /// It has Z.
    pub z: bool,
    /// It has M.
    pub m: bool,
    /// The rest.
    pub shape: Shape,
}

const KINDS: [Kind; 7] = [
    Kind::Point,
    Kind::LineString,
    Kind::Polygon,
    Kind::MultiPoint,
    Kind::MultiLineString,
    Kind::MultiPolygon,
    Kind::Collection,
];
const NAMES: [&str; 7] =
    ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"];

impl Coord {
    /// A point of the plane.
    pub const fn xy(x: f64, y: f64) -> Coord {
        Coord { x, y, z: 0.0, m: 0.0 }
    }

    /// True if both are one point of the plane.
    pub fn same(self, other: Coord) -> bool {
        self.x == other.x && self.y == other.y
    }
}

impl Kind {
    /// The kind with that number in WKB.
    pub fn of_code(code: u32) -> Option<Kind> {
        KINDS.get((code as usize).checked_sub(1)?).copied()
    }

    /// As PostGIS spells it: `MultiPoint`.
    pub fn name(self) -> &'static str {
        NAMES[self as usize - 1]
    }

    /// The kind of that name, in any case.
    pub fn of_name(name: &str) -> Option<Kind> {
        let at = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        KINDS.get(at).copied()
    }

    /// What its parts are; None: it has none, or they are of any kind.
    pub fn part(self) -> Option<Kind> {
        match self {
            Kind::MultiPoint => Some(Kind::Point),
            Kind::MultiLineString => Some(Kind::LineString),
            Kind::MultiPolygon => Some(Kind::Polygon),
            _ => None,
        }
    }

    /// What many of it are.
    pub fn many(self) -> Kind {
        match self {
            Kind::Point => Kind::MultiPoint,
            Kind::LineString => Kind::MultiLineString,
            Kind::Polygon => Kind::MultiPolygon,
            _ => Kind::Collection,
        }
    }
}

impl Shape {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Shape::Point(_) => Kind::Point,
            Shape::Line(_) => Kind::LineString,
            Shape::Polygon(_) => Kind::Polygon,
            Shape::Many(kind, _) => *kind,
        }
    }

    /// True if it has no point.
    pub fn is_empty(&self) -> bool {
        match self {
            Shape::Point(point) => point.is_none(),
            Shape::Line(line) => line.is_empty(),
            Shape::Polygon(rings) => rings.first().is_none_or(Vec::is_empty),
            Shape::Many(_, parts) => parts.iter().all(Shape::is_empty),
        }
    }

    /// 0, 1 or 2: that of the part with the most; None: there is no part.
    pub fn dimension(&self) -> Option<u8> {
        match self {
            Shape::Point(_) => Some(0),
            Shape::Line(_) => Some(1),
            Shape::Polygon(_) => Some(2),
            Shape::Many(Kind::Collection, parts) => parts.iter().filter_map(Shape::dimension).max(),
            Shape::Many(Kind::MultiPoint, _) => Some(0),
            Shape::Many(Kind::MultiLineString, _) => Some(1),
            Shape::Many(..) => Some(2),
        }
    }

    /// Calls for each sequence of points, in order: a point alone, a line, a ring.
    pub fn lines<'a>(&'a self, visit: &mut dyn FnMut(&'a [Coord])) {
        match self {
            Shape::Point(point) => visit(point.as_slice()),
            Shape::Line(line) => visit(line),
            Shape::Polygon(rings) => rings.iter().for_each(|ring| visit(ring)),
            Shape::Many(_, parts) => parts.iter().for_each(|part| part.lines(visit)),
        }
    }

    /// Calls for each part that has no parts.
    pub fn leaves<'a>(&'a self, visit: &mut dyn FnMut(&'a Shape)) {
        match self {
            Shape::Many(_, parts) => parts.iter().for_each(|part| part.leaves(visit)),
            leaf => visit(leaf),
        }
    }

    /// Changes each point.
    pub fn change(&mut self, change: &mut dyn FnMut(&mut Coord)) {
        match self {
            Shape::Point(point) => point.iter_mut().for_each(change),
            Shape::Line(line) => line.iter_mut().for_each(change),
            Shape::Polygon(rings) => rings.iter_mut().flatten().for_each(change),
            Shape::Many(_, parts) => parts.iter_mut().for_each(|part| part.change(change)),
        }
    }

    /// How many points.
    pub fn points(&self) -> usize {
        let mut count = 0;
        self.lines(&mut |line| count += line.len());
        count
    }

    /// An empty one of a kind.
    pub fn empty(kind: Kind) -> Shape {
        match kind {
            Kind::Point => Shape::Point(None),
            Kind::LineString => Shape::Line(Vec::new()),
            Kind::Polygon => Shape::Polygon(Vec::new()),
            many => Shape::Many(many, Vec::new()),
        }
    }
}

impl Geometry {
    /// In the plane.
    pub fn new(srid: i32, shape: Shape) -> Geometry {
        Geometry { srid, z: false, m: false, shape }
    }

    /// Another shape in the same frame, with the same numbers a point.
    pub fn with(&self, shape: Shape) -> Geometry {
        Geometry { srid: self.srid, z: self.z, m: self.m, shape }
    }

    /// The frame of both; 22023 where they are of two.
    pub fn same_frame(&self, other: &Geometry, function: &str) -> Result<i32> {
        if self.srid == other.srid {
            return Ok(self.srid);
        }
        let (this, that) = (self.shape.kind().name(), other.shape.kind().name());
        Err(Error::value(format!(
            "{function}: Operation on mixed SRID geometries ({this}, {}) != ({that}, {})",
            self.srid, other.srid
        )))
    }
}
