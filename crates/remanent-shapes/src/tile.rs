//! Tiles of vector maps (Mapbox Vector Tile 2.1): geometries in a tile's whole numbers, and the bytes of a layer.
//!
//! ```text
//! geometry, bounds ──place──→ geometry from 0 to the extent, y downwards ──Layer::add──→ feature ──Layer::finish──→ bytes
//! ```
//!
//! [`place`] is PostGIS's ST_AsMVTGeom: what is smaller than half a pixel goes, points are moved to whole numbers, lines and areas
//! are cut at the tile with its margin. Areas are what lies within an odd number of rings; their outer rings run as the
//! specification wants them. A geometry of several kinds is what of it has the most dimensions.
//!
//! The bytes are those of protocol buffers, written by hand in the order of their numbers:
//!
//! ```text
//! Tile    3 layer
//! Layer   1 name  2 feature …  3 key …  4 value …  5 extent  15 version (2)
//! Feature 1 id  2 tags (key, value, …)  3 kind  4 geometry: commands 1 move, 2 line, 7 close, × 8 their count; steps in zigzag
//! Value   1 text  2 float  3 double  5 not negative  6 negative, in zigzag  7 boolean
//! ```
//!
//! Limits: where rings begin is not where PostGIS has them begin, and where areas are cut at the edge a number may be one more or less;
//! a geometry without points is no feature.

use crate::bounds::Bounds;
use crate::plane::part;
use crate::shape::{Coord, Geometry, Kind, Line, Shape};
use crate::{Error, Result, edit, overlay, simplify};
use std::collections::{BTreeMap, BTreeSet};

/// A geometry in the whole numbers of a tile. None: nothing of it is left.
pub fn place(
    geometry: &Geometry,
    tile: &Bounds,
    extent: i32,
    margin: i32,
    clip: bool,
) -> Result<Option<Geometry>> {
    let [width, height] = [0, 1].map(|axis| tile.high[axis] - tile.low[axis]);
    if !(width > 0.0 && height > 0.0) {
        return Err(Error::value("ST_AsMVTGeom: Geometric bounds are too small"));
    }
    if extent <= 0 {
        return Err(Error::value("ST_AsMVTGeom: Extent must be greater than 0"));
    }
    let Some(dimension) = geometry.shape.dimension() else { return Ok(None) };
    let extent = f64::from(extent);
    let pixel = [width / extent, height / extent];
    if dimension > 0 && geometry.shape.kind() != Kind::Collection {
        let Some(around) = Bounds::of(geometry) else { return Ok(None) };
        if (0..2).all(|axis| around.high[axis] - around.low[axis] < pixel[axis] / 2.0) {
            return Ok(None);
        }
    }
    let mut made = geometry.clone();
    let factor = [extent / width, -(extent / height)];
    let origin = [-tile.low[0] * factor[0], -tile.high[1] * factor[1]];
    made.shape.change(&mut |point| {
        (point.x, point.y) = (point.x * factor[0] + origin[0], point.y * factor[1] + origin[1]);
    });
    let made = edit::snap(&made, [0.0; 2], [1.0; 2]);
    // Points of straight lines go, too.
    let mut parts = Vec::new();
    simplify::simplify(&made.shape, 0.0, false).leaves(&mut |leaf| {
        if leaf.dimension() == Some(dimension) && !leaf.is_empty() {
            parts.push(leaf.clone());
        }
    });
    let margin = f64::from(margin);
    let frame = clip.then_some([-margin, extent + margin]);
    let flat = cut(&mut parts, dimension, frame)?;
    let shape = match parts.len() {
        0 => return Ok(None),
        1 => parts.remove(0),
        _ => Shape::Many(parts.first().map_or(Kind::Collection, |part| part.kind().many()), parts),
    };
    Ok(Some(match flat {
        true => Geometry::new(made.srid, shape),
        false => made.with(shape),
    }))
}

/// Cuts parts of one dimension at a square from the first number to the second; true: what is left has no Z.
fn cut(parts: &mut Vec<Shape>, dimension: u8, frame: Option<[f64; 2]>) -> Result<bool> {
    let mut all: Option<Bounds> = None;
    for bounds in parts.iter().filter_map(Bounds::of_shape) {
        match &mut all {
            Some(all) => all.grow(&bounds),
            None => all = Some(bounds),
        }
    }
    let within = |[low, high]: [f64; 2]| {
        all.as_ref().is_none_or(|all| (0..2).all(|axis| low <= all.low[axis] && all.high[axis] <= high))
    };
    let frame = frame.filter(|frame| !within(*frame));
    if dimension == 0 {
        let mut seen = BTreeSet::new();
        parts.retain(|part| match part {
            Shape::Point(Some(at)) => {
                // Of several, those on the edge are outside.
                let inside = |[low, high]: [f64; 2]| low < at.x.min(at.y) && at.x.max(at.y) < high;
                frame.is_none_or(inside) && seen.insert((at.x.to_bits(), at.y.to_bits()))
            }
            _ => false,
        });
        return Ok(false);
    }
    let mut lines = Vec::new();
    parts.iter().for_each(|part| part.lines(&mut |line| lines.push(line.to_vec())));
    if dimension == 1 {
        let Some(frame) = frame else { return Ok(false) };
        parts.clear();
        lines.iter().for_each(|line| pieces(line, frame, parts));
        return Ok(true);
    }
    if let Some(frame) = frame {
        lines.iter_mut().for_each(|ring| ring_within(ring, frame));
    }
    let mut whole = overlay::whole(lines)?;
    // Outer rings have a positive area where y points downwards.
    *parts = match &mut whole {
        Shape::Many(_, parts) => std::mem::take(parts),
        _ => vec![whole],
    };
    for part in parts.iter_mut() {
        if let Shape::Polygon(rings) = part {
            rings.iter_mut().for_each(|ring| ring.reverse());
        }
    }
    parts.retain(|part| !part.is_empty());
    Ok(true)
}

/// The pieces of a line within a square, after Liang and Barsky (1984); what runs along its edge is outside.
fn pieces(line: &[Coord], [low, high]: [f64; 2], out: &mut Vec<Shape>) {
    let mut piece: Line = Vec::new();
    let mut close = |piece: &mut Line| {
        piece.dedup_by(|a, b| a.same(*b));
        if piece.len() > 1 {
            out.push(Shape::Line(std::mem::take(piece)));
        }
        piece.clear();
    };
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let mut edge = false;
        for (start, end) in [(a.x, b.x), (a.y, b.y)] {
            edge |= start == end && (start == low || start == high);
            for (step, room) in [(start - end, start - low), (end - start, high - start)] {
                match step {
                    0.0 if room < 0.0 => to = -1.0,
                    0.0 => {}
                    _ if step < 0.0 => from = from.max(room / step),
                    _ => to = to.min(room / step),
                }
            }
        }
        if from > to || edge {
            close(&mut piece);
            continue;
        }
        let at = |along: f64| match along {
            0.0 => Coord::xy(a.x, a.y),
            1.0 => Coord::xy(b.x, b.y),
            _ => rounded(part(a, b, along)),
        };
        if from > 0.0 {
            close(&mut piece);
        }
        piece.extend([at(from), at(to)]);
        if to < 1.0 {
            close(&mut piece);
        }
    }
    close(&mut piece);
}

fn rounded(at: Coord) -> Coord {
    Coord::xy(at.x.round_ties_even(), at.y.round_ties_even())
}

/// What of a ring lies within a square, after Sutherland and Hodgman (1974): where it leaves, it runs along the edge.
fn ring_within(ring: &mut Line, [low, high]: [f64; 2]) {
    for (axis, limit, sign) in [(0, low, 1.0), (0, high, -1.0), (1, low, 1.0), (1, high, -1.0)] {
        let depth = |point: Coord| sign * (if axis == 0 { point.x } else { point.y } - limit);
        let mut out = Vec::with_capacity(ring.len() + 4);
        for pair in ring.windows(2) {
            let [a, b] = [depth(pair[0]), depth(pair[1])];
            if a >= 0.0 {
                out.push(pair[0]);
            }
            if a != 0.0 && b != 0.0 && (a < 0.0) != (b < 0.0) {
                out.push(rounded(part(pair[0], pair[1], a / (a - b))));
            }
        }
        out.extend(out.first().copied());
        *ring = out;
    }
}

/// What a feature says of a key.
#[derive(Debug, Clone, Copy)]
pub enum Tag<'a> {
    /// A text.
    Text(&'a str),
    /// A number of single precision.
    Float(f32),
    /// A number of double precision.
    Double(f64),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
}

struct Feature {
    id: Option<u64>,
    /// Places of keys and values, in turns.
    tags: Vec<u32>,
    kind: u8,
    commands: Vec<u8>,
}

/// A layer that is being made: features, and the keys and values that they share.
#[derive(Default)]
pub struct Layer {
    keys: Vec<String>,
    /// Values as messages, and the place of each.
    values: BTreeMap<Vec<u8>, u32>,
    features: Vec<Feature>,
    bytes: usize,
}

impl Layer {
    /// The place of a key.
    pub fn key(&mut self, name: &str) -> u32 {
        let place = self.keys.iter().position(|key| key == name).unwrap_or_else(|| {
            self.bytes += name.len() + size_of::<String>();
            self.keys.push(name.to_owned());
            self.keys.len() - 1
        });
        place as u32
    }

    /// The place of a value.
    pub fn value(&mut self, tag: Tag<'_>) -> u32 {
        let mut message = Vec::new();
        match tag {
            Tag::Text(text) => field(&mut message, 1, text.as_bytes()),
            Tag::Float(number) => {
                message.push(2 << 3 | 5);
                message.extend(number.to_le_bytes());
            }
            Tag::Double(number) => {
                message.push(3 << 3 | 1);
                message.extend(number.to_le_bytes());
            }
            Tag::Int(number @ 0..) => number_field(&mut message, 5, number as u64),
            Tag::Int(number) => number_field(&mut message, 6, (number << 1 ^ number >> 63) as u64),
            Tag::Bool(truth) => number_field(&mut message, 7, truth.into()),
        }
        self.place(message)
    }

    fn place(&mut self, message: Vec<u8>) -> u32 {
        let next = self.values.len() as u32;
        let bytes = message.len() + 64;
        let place = *self.values.entry(message).or_insert(next);
        self.bytes += if place == next { bytes } else { 0 };
        place
    }

    /// Adds a feature with the places of its keys and values, in turns; 22023 for a geometry of several kinds.
    pub fn add(&mut self, shape: &Shape, id: Option<u64>, tags: Vec<u32>) -> Result<()> {
        let dimension = match shape.kind() {
            Kind::Collection => {
                let message = "encode_feature_geometry: 'GeometryCollection' geometry type not supported";
                return Err(Error::value(message));
            }
            _ => shape.dimension().unwrap_or(0),
        };
        let commands = commands(shape);
        if !commands.is_empty() {
            self.bytes += commands.len() + 4 * tags.len() + size_of::<Feature>();
            self.features.push(Feature { id, tags, kind: dimension + 1, commands });
        }
        Ok(())
    }

    /// Adds the features of another layer.
    pub fn join(&mut self, other: &Layer) {
        let keys: Vec<u32> = other.keys.iter().map(|key| self.key(key)).collect();
        let mut values = vec![0; other.values.len()];
        other
            .values
            .iter()
            .for_each(|(message, &place)| values[place as usize] = self.place(message.clone()));
        for Feature { id, tags, kind, commands } in &other.features {
            let of = |(i, place): (usize, &u32)| match i % 2 {
                0 => keys[*place as usize],
                _ => values[*place as usize],
            };
            let tags = tags.iter().enumerate().map(of).collect();
            self.features.push(Feature { id: *id, tags, kind: *kind, commands: commands.clone() });
        }
        self.bytes += other.bytes;
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.bytes
    }

    /// The bytes of a tile of this layer only; none where it has no features.
    pub fn finish(&self, name: &str, extent: u32) -> Vec<u8> {
        let mut tile = Vec::new();
        if self.features.is_empty() {
            return tile;
        }
        let mut layer = Vec::with_capacity(self.bytes);
        field(&mut layer, 1, name.as_bytes());
        for feature in &self.features {
            let (mut message, mut tags) = (Vec::new(), Vec::new());
            if let Some(id) = feature.id {
                number_field(&mut message, 1, id);
            }
            feature.tags.iter().for_each(|&tag| number(&mut tags, tag.into()));
            if !tags.is_empty() {
                field(&mut message, 2, &tags);
            }
            number_field(&mut message, 3, feature.kind.into());
            field(&mut message, 4, &feature.commands);
            field(&mut layer, 2, &message);
        }
        self.keys.iter().for_each(|key| field(&mut layer, 3, key.as_bytes()));
        let mut values: Vec<&[u8]> = vec![&[]; self.values.len()];
        self.values.iter().for_each(|(message, &place)| values[place as usize] = message);
        values.iter().for_each(|message| field(&mut layer, 4, message));
        number_field(&mut layer, 5, extent.into());
        number_field(&mut layer, 15, 2);
        field(&mut tile, 3, &layer);
        tile
    }
}

/// A number in groups of seven bits, the lowest first.
fn number(out: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number_field(out: &mut Vec<u8>, of: u8, value: u64) {
    out.push(of << 3);
    number(out, value);
}

/// A field of bytes.
fn field(out: &mut Vec<u8>, of: u8, bytes: &[u8]) {
    out.push(of << 3 | 2);
    number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

const MOVE: u64 = 1;
const LINE: u64 = 2;
/// Once.
const CLOSE: u64 = 7 | 1 << 3;

/// What a pen does to draw a shape; coordinates lose their fractions.
fn commands(shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = [0i32; 2];
    let mut go = |out: &mut Vec<u8>, command: u64, points: &[Coord]| {
        if points.is_empty() {
            return;
        }
        number(out, command | (points.len() as u64) << 3);
        for point in points {
            let to = [point.x as i32, point.y as i32];
            for axis in 0..2 {
                let step = to[axis].wrapping_sub(at[axis]);
                number(out, ((step << 1 ^ step >> 31) as u32).into());
            }
            at = to;
        }
    };
    let area = shape.dimension() == Some(2);
    if shape.dimension() == Some(0) {
        let mut points = Vec::new();
        shape.lines(&mut |line| points.extend_from_slice(line));
        go(&mut out, MOVE, &points);
        return out;
    }
    shape.lines(&mut |line| {
        // A ring's last point is its first one.
        let line = if area { line.split_last().map_or(line, |(_, rest)| rest) } else { line };
        if let Some((first, rest)) = line.split_first() {
            go(&mut out, MOVE, &[*first]);
            go(&mut out, LINE, rest);
            if area {
                number(&mut out, CLOSE);
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, wkt};

    fn placed(text: &str, margin: i32, clip: bool) -> String {
        let tile = Bounds { low: [0.0; 3], high: [4096.0; 3] };
        match place(&parse(text).unwrap(), &tile, 4096, margin, clip).unwrap() {
            Some(made) => wkt::print(&made, 15, true),
            None => String::from("NULL"),
        }
    }

    /// Beside PostGIS 3.3.
    #[test]
    fn points_and_lines_are_where_postgis_has_them() {
        let cases = [
            ("POINT(10 20)", "POINT(10 4076)"),
            ("POINT(4352 10)", "POINT(4352 4086)"),
            ("POINT(4353 10)", "NULL"),
            ("MULTIPOINT(1 1,1.2 1.2,3 3)", "MULTIPOINT((1 4095),(3 4093))"),
            ("MULTIPOINT(4352 1,9999 0,7 7)", "POINT(7 4089)"),
            ("MULTIPOINT(5 5,9 9,5 5)", "MULTIPOINT((5 4091),(9 4087))"),
            ("MULTIPOINT EMPTY", "NULL"),
            ("LINESTRING(-1000 0, 1001 5000)", "LINESTRING(-256 2237,742 -256)"),
            ("LINESTRING(0 0, 0.3 0.3, 10 10, 20 20.2, 30 10)", "LINESTRING(0 4096,20 4076,30 4086)"),
            ("LINESTRING(0.5 0.5,1.5 1.5,2.5 9.5)", "LINESTRING(0 4096,2 4094,2 4086)"),
            ("LINESTRING(0.4 0.4,0.6 0.6)", "NULL"),
            ("LINESTRING(0.4 0.4,0.9 0.6)", "LINESTRING(0 4096,1 4095)"),
            ("LINESTRING(0.1 0.4,0.55 0.6,0.7 0.8,2 1,2.3 1,2.6 1)", "LINESTRING(0 4096,1 4095,3 4095)"),
            ("LINESTRING(0 0,10 0,10 0,10 0.2,20 0)", "LINESTRING(0 4096,20 4096)"),
            ("LINESTRING(-256 0,-256 100)", "LINESTRING(-256 4096,-256 3996)"),
            (
                "LINESTRING(-300 0,-250 10,-300 20,-200 30)",
                "MULTILINESTRING((-256 4087,-250 4086,-256 4085),(-256 4072,-200 4066))",
            ),
            ("LINESTRING(9999 0,4352 0,4352 100,9999 100)", "NULL"),
            ("LINESTRING(4400 -300,4252 4400)", "LINESTRING(4352 2872,4254 -256)"),
            (
                "LINESTRING(4300 0,4352 50,4300 100,9999 9)",
                "LINESTRING(4300 4096,4352 4046,4300 3996,4352 3997)",
            ),
            (
                "LINESTRING(4300 0,4352 50,4352 90,4300 100,9999 9)",
                "MULTILINESTRING((4300 4096,4352 4046),(4352 4006,4300 3996,4352 3997))",
            ),
            ("MULTILINESTRING((0 0,10 0),(6000 0,7000 0))", "LINESTRING(0 4096,10 4096)"),
            ("GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(1 1,50 50))", "LINESTRING(1 4095,50 4046)"),
        ];
        for (text, expected) in cases {
            assert_eq!(placed(text, 256, true), expected, "{text}");
        }
        assert_eq!(placed("LINESTRING(0 0,5000 0,5000 100,0 100)", 0, true), "LINESTRING(4096 3996,0 3996)");
        assert_eq!(placed("POINT(9000 10)", 256, false), "POINT(9000 4086)");
    }

    #[test]
    fn areas_are_those_of_postgis_and_run_as_the_specification_says() {
        // Their rings, from the least point on.
        let cases = [
            (
                "POLYGON((0 0,100 0,100 100,0 100,0 0),(10 10,20 10,20 20,10 20,10 10))",
                "POLYGON((0 3996,100 3996,100 4096,0 4096,0 3996),(10 4076,10 4086,20 4086,20 4076,10 4076))",
            ),
            (
                "POLYGON((-1000 -1000,10000 -1000,10000 10000,-1000 10000,-1000 -1000))",
                "POLYGON((-256 -256,4352 -256,4352 4352,-256 4352,-256 -256))",
            ),
            (
                "POLYGON((-1000 -1000,1000 0,1500 1503,0 100,-1000 -1000))",
                "POLYGON((-256 4278,0 3996,1500 2593,1000 4096,488 4352,-256 4352,-256 4278))",
            ),
            ("POLYGON((0 0,0.3 0,0.3 0.3,0 0))", "NULL"),
            ("POLYGON((0 0,0 10,10 10,10 0,0 0),(0 0, 0 10,10 10,10 0,0 0))", "NULL"),
            (
                "POLYGON((-5000 -5000,5000 -5000,5000 5000,-5000 5000,-5000 -5000),(-4999 -4999,4999 -4999,4999 4999,-4999 4999,-4999 -4999))",
                "NULL",
            ),
            ("POLYGON((5000 5000,5010 5000,5010 5010,5000 5000))", "NULL"),
            (
                "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(1 1,50 50),POLYGON((0 0,100 0,100 100,0 0)))",
                "POLYGON((0 4096,100 3996,100 4096,0 4096))",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(placed(text, 256, true), expected, "{text}");
        }
        // What lies within both is within neither.
        let two = "MULTIPOLYGON(((0 0,100 0,100 100,0 100,0 0)),((50 50,150 50,150 150,50 150,50 50)))";
        let area = crate::measure::area(&parse(&placed(two, 256, true)).unwrap().shape);
        assert_eq!(area, 15_000.0);
    }

    #[test]
    fn what_is_no_tile_is_refused() {
        let point = parse("POINT(1 1)").unwrap();
        let flat = Bounds { low: [0.0; 3], high: [1.0, 0.0, 0.0] };
        assert_eq!(place(&point, &flat, 4096, 256, true).unwrap_err().state, "22023");
        let nan = Bounds { low: [0.0; 3], high: [f64::NAN; 3] };
        assert_eq!(place(&point, &nan, 4096, 256, true).unwrap_err().state, "22023");
        let tile = Bounds { low: [0.0; 3], high: [1.0; 3] };
        assert_eq!(place(&point, &tile, 0, 256, true).unwrap_err().state, "22023");
        for text in ["LINESTRING(NaN 1,2 2)", "LINESTRING(Infinity 1,-1e308 2,3 3)", "POINT(1e308 NaN)"] {
            if let Ok(geometry) = parse(text) {
                let _ = place(&geometry, &tile, i32::MAX, i32::MIN, true);
                let _ = place(&geometry, &tile, 4096, 256, true);
            }
        }
        let huge = parse("POLYGON((-1e300 -1e300,1e300 -1e300,1e300 1e300,-1e300 -1e300))").unwrap();
        assert!(place(&huge, &tile, 4096, 0, false).is_ok());
        assert!(place(&huge, &tile, 4096, 0, true).is_ok());
    }

    #[test]
    fn a_layer_is_written_as_the_specification_says() {
        // The example of section 4.3.5.3: a polygon is three points and a close.
        assert_eq!(
            commands(&parse("POLYGON((3 6,8 12,20 34,3 6))").unwrap().shape),
            [9, 6, 12, 18, 10, 12, 24, 44, 15]
        );
        assert_eq!(commands(&parse("MULTIPOINT(5 7,3 2)").unwrap().shape), [17, 10, 14, 3, 9]);
        assert_eq!(
            commands(&parse("LINESTRING(2 2,2 10,10 10)").unwrap().shape),
            [9, 4, 4, 18, 0, 16, 16, 0]
        );
        let mut layer = Layer::default();
        assert_eq!(layer.finish("empty", 4096), []);
        let key = layer.key("n");
        let value = layer.value(Tag::Int(-3));
        layer.add(&parse("POINT(1 2)").unwrap().shape, Some(300), vec![key, value]).unwrap();
        let bytes = [
            0x1a, 0x20, 0x0a, 1, b'l', 0x12, 0x0e, 0x08, 0xac, 2, 0x12, 2, 0, 0, 0x18, 1, 0x22, 3, 9, 2, 4,
            0x1a, 1, b'n', 0x22, 2, 0x30, 5, 0x28, 0x80, 0x20, 0x78, 2,
        ];
        assert_eq!(layer.finish("l", 4096)[2..], bytes[2..]);
        assert_eq!(usize::from(layer.finish("l", 4096)[1]), bytes.len() - 2);
        let mut both = Layer::default();
        both.value(Tag::Bool(true));
        both.join(&layer);
        both.join(&layer);
        assert_eq!(both.features.len(), 2);
        assert_eq!(both.features[1].tags, [0, 1]);
        assert!(
            layer.add(&parse("GEOMETRYCOLLECTION(POINT(1 1))").unwrap().shape, None, Vec::new()).is_err()
        );
    }
}
