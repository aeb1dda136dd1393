//! GeoJSON (RFC 7946): the geometry objects, in and out.
//!
//! ```text
//! {"type":"Point","coordinates":[10.4,63.4]}
//! ```
//!
//! What is read is in the frame that the caller names unless a `crs` names another (`EPSG:3857`), and has Z where any position has three
//! numbers. Features are no geometries.

use crate::bounds::Bounds;
use crate::number;
use crate::shape::{Coord, Geometry, Kind, Line, Shape};
use crate::{DEPTH_MAX, Error, Result};

/// A value of JSON, as far as GeoJSON needs to tell them apart.
enum Json {
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    Other,
}

/// So deep may a value be: a collection takes two levels, coordinates four.
const NESTING_MAX: usize = 2 * DEPTH_MAX + 8;

/// Text as GeoJSON; the frame is that for what says none.
pub fn parse(text: &str, srid: i32) -> Result<Geometry> {
    let mut parser = Parser { text, at: 0 };
    let json = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong());
    }
    let mut z = false;
    let shape = shape(&json, &mut z, 0)?;
    Ok(Geometry { srid: frame(&json).unwrap_or(srid), z, m: false, shape })
}

fn frame(json: &Json) -> Option<i32> {
    let name = json.get("crs").and_then(|crs| crs.get("properties")).and_then(|p| p.get("name"));
    let Some(Json::Text(name)) = name else { return None };
    match name.rsplit(':').next().unwrap_or_default() {
        "CRS84" => Some(4326),
        number => number.parse().ok().map(crate::binary::clamp_srid),
    }
}

impl Json {
    fn get(&self, key: &str) -> Option<&Json> {
        let Json::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }
}

fn invalid() -> Error {
    Error::syntax("invalid GeoJson representation")
}

fn shape(json: &Json, z: &mut bool, depth: usize) -> Result<Shape> {
    let Some(Json::Text(name)) = json.get("type") else {
        return Err(Error::syntax("invalid GeoJSON representation"));
    };
    let kind = Kind::of_name(name).ok_or_else(invalid)?;
    if depth > DEPTH_MAX {
        return Err(Error::syntax(format!("Geometry has more than {DEPTH_MAX} levels of collections")));
    }
    if kind == Kind::Collection {
        let Some(Json::List(parts)) = json.get("geometries") else {
            return Err(Error::syntax("Unable to find 'geometries' in GeoJSON string"));
        };
        let parts = parts.iter().map(|part| shape(part, z, depth + 1)).collect::<Result<Vec<_>>>()?;
        return Ok(Shape::Many(kind, parts));
    }
    let coordinates = json.get("coordinates");
    let coordinates =
        coordinates.ok_or_else(|| Error::syntax("Unable to find 'coordinates' in GeoJSON string"))?;
    body(kind, coordinates, z)
}

fn list(json: &Json) -> Result<&[Json]> {
    match json {
        Json::List(items) => Ok(items),
        _ => Err(Error::syntax("The 'coordinates' in GeoJSON are not an array")),
    }
}

fn body(kind: Kind, json: &Json, z: &mut bool) -> Result<Shape> {
    let items = list(json)?;
    Ok(match kind {
        Kind::Point if items.is_empty() => Shape::Point(None),
        Kind::Point => Shape::Point(Some(position(json, z)?)),
        Kind::LineString => Shape::Line(line(json, z)?),
        Kind::Polygon => {
            let rings = items.iter().map(|ring| line(ring, z)).collect::<Result<Vec<Line>>>()?;
            for ring in &rings {
                crate::binary::check_ring(ring, *z)?;
            }
            Shape::Polygon(rings)
        }
        many => {
            let part = many.part().ok_or_else(invalid)?;
            let parts = items.iter().map(|item| body(part, item, z)).collect::<Result<Vec<_>>>()?;
            Shape::Many(many, parts)
        }
    })
}

fn line(json: &Json, z: &mut bool) -> Result<Line> {
    list(json)?.iter().map(|item| position(item, z)).collect()
}

fn position(json: &Json, z: &mut bool) -> Result<Coord> {
    let items = list(json)?;
    if items.len() < 2 {
        return Err(Error::syntax("Too few ordinates in GeoJSON"));
    }
    let number = |i: usize| match items.get(i) {
        None => Ok(0.0),
        Some(Json::Number(number)) => Ok(*number),
        Some(_) => Err(Error::syntax("The ordinates in GeoJSON are not numbers")),
    };
    *z |= items.len() > 2;
    Ok(Coord { x: number(0)?, y: number(1)?, z: number(2)?, m: 0.0 })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn wrong(&self) -> Error {
        let what = if self.at < self.text.len() { "unexpected character" } else { "unexpected end of data" };
        Error::syntax(format!("{what} (at offset {})", self.at))
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// The byte that comes next, spaces apart.
    fn peek(&mut self) -> u8 {
        self.space();
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == byte;
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Json> {
        if depth > NESTING_MAX {
            return Err(Error::syntax("GeoJSON is nested too deep"));
        }
        match self.peek() {
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                while !self.eat(b'}') {
                    if !members.is_empty() && !self.eat(b',') {
                        return Err(self.wrong());
                    }
                    let Json::Text(name) = self.value(depth + 1)? else { return Err(self.wrong()) };
                    if !self.eat(b':') {
                        return Err(self.wrong());
                    }
                    members.push((name, self.value(depth + 1)?));
                }
                Ok(Json::Object(members))
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.eat(b']') {
                    if !items.is_empty() && !self.eat(b',') {
                        return Err(self.wrong());
                    }
                    items.push(self.value(depth + 1)?);
                }
                Ok(Json::List(items))
            }
            b'"' => self.string(),
            _ => self.scalar(),
        }
    }

    /// Escapes are kept as they are: no name that matters here has one.
    fn string(&mut self) -> Result<Json> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => return Err(self.wrong()),
            }
        }
        self.at = at + 1;
        Ok(Json::Text(self.text.get(start..at).ok_or_else(invalid)?.to_owned()))
    }

    fn scalar(&mut self) -> Result<Json> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let json = match word {
            "true" | "false" | "null" => Json::Other,
            _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Json::Number(word.parse().map_err(|_| self.wrong())?)
            }
            _ => return Err(self.wrong()),
        };
        self.at += end;
        Ok(json)
    }
}

/// As GeoJSON with at most so many decimals. Of `options`: 1 adds the box, 2 names the frame in short, 4 in long, 8 in
/// short unless it is 4326.
pub fn print(geometry: &Geometry, decimals: usize, options: i32) -> String {
    let mut printer = Printer { out: String::new(), z: geometry.z, decimals };
    let mut head = String::new();
    let (srid, short) = (geometry.srid, options & 2 != 0 || options & 8 != 0 && geometry.srid != 4326);
    if srid != 0 && (short || options & 4 != 0) {
        let prefix = if options & 4 != 0 { "urn:ogc:def:crs:EPSG::" } else { "EPSG:" };
        head = format!("\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"{prefix}{srid}\"}}}},");
    }
    if options & 1 != 0
        && let Some(bounds) = Bounds::of(geometry)
    {
        let (low, high) = (bounds.low, bounds.high);
        let numbers: &[f64] = match geometry.z {
            true => &[low[0], low[1], low[2], high[0], high[1], high[2]],
            false => &[low[0], low[1], high[0], high[1]],
        };
        let numbers: Vec<String> = numbers.iter().map(|n| format!("{n:.decimals$}")).collect();
        head.push_str(&format!("\"bbox\":[{}],", numbers.join(",")));
    }
    printer.object(&geometry.shape, &head);
    printer.out
}

struct Printer {
    out: String,
    z: bool,
    decimals: usize,
}

impl Printer {
    fn object(&mut self, shape: &Shape, head: &str) {
        let kind = shape.kind();
        let member = if kind == Kind::Collection { "geometries" } else { "coordinates" };
        self.out.push_str(&format!("{{\"type\":\"{}\",{head}\"{member}\":", kind.name()));
        self.body(shape);
        self.out.push('}');
    }

    fn body(&mut self, shape: &Shape) {
        match shape {
            Shape::Point(Some(point)) => self.position(point),
            Shape::Point(None) => self.out.push_str("[]"),
            Shape::Line(line) => self.line(line),
            Shape::Polygon(rings) => self.listed(rings.len(), &mut |printer, i| printer.line(&rings[i])),
            Shape::Many(kind, parts) => self.listed(parts.len(), &mut |printer, i| match kind {
                Kind::Collection => printer.object(&parts[i], ""),
                _ => printer.body(&parts[i]),
            }),
        }
    }

    fn listed(&mut self, count: usize, each: &mut dyn FnMut(&mut Printer, usize)) {
        self.out.push('[');
        for i in 0..count {
            if i > 0 {
                self.out.push(',');
            }
            each(self, i);
        }
        self.out.push(']');
    }

    fn line(&mut self, line: &[Coord]) {
        self.listed(line.len(), &mut |printer, i| printer.position(&line[i]));
    }

    fn position(&mut self, point: &Coord) {
        let numbers = [point.x, point.y, point.z];
        let count = if self.z { 3 } else { 2 };
        self.listed(count, &mut |printer, i| number::push(&mut printer.out, numbers[i], printer.decimals));
    }
}
