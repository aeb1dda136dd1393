//! Well-known binary (WKB) and its extended form (EWKB), which is what a column holds.
//!
//! | bytes | holds |
//! |---|---|
//! | 1 | byte order: 1 little-endian, 0 big-endian |
//! | 4 | what it is (1 to 7, [`Kind`]); 0x80000000: with Z; 0x40000000: with M; 0x20000000: with a frame |
//! | 4 | the frame, if there is one |
//! | … | a point: its numbers, NaN for an empty one; else a count of 4 bytes and as many points, rings or geometries |
//!
//! `SRID=4326;POINT(1 2)` in hexadecimal digits:
//!
//! ```text
//! 01 01000020 E6100000 000000000000F03F 0000000000000040
//! ```
//!
//! Read are both byte orders and the numbers of ISO for Z and M (1001, 2001, 3001). Written, and hence stored, is
//! little-endian EWKB only: two geometries are the same where their bytes are.

use crate::shape::{Coord, Geometry, Kind, Shape};
use crate::{DEPTH_MAX, Error, Result};

const WITH_Z: u32 = 0x8000_0000;
const WITH_M: u32 = 0x4000_0000;
const WITH_SRID: u32 = 0x2000_0000;

/// What of EWKB is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// EWKB.
    Extended,
    /// WKB of ISO: no frame; Z and M by the number.
    Iso,
}

/// Bytes as EWKB or WKB.
pub fn parse(bytes: &[u8]) -> Result<Geometry> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    let geometry = reader.geometry(None)?;
    match reader.at == bytes.len() {
        true => Ok(geometry),
        false => Err(cut_short()),
    }
}

/// The bytes of a column.
pub fn encode(geometry: &Geometry) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, geometry, Form::Extended, true);
    out
}

/// In any form and byte order.
pub fn write(out: &mut Vec<u8>, geometry: &Geometry, form: Form, little: bool) {
    let srid = if form == Form::Extended { geometry.srid } else { 0 };
    Writer { out, form, little, z: geometry.z, m: geometry.m }.shape(&geometry.shape, srid);
}

/// Hexadecimal digits as EWKB.
pub fn from_hex(text: &str) -> Result<Geometry> {
    let digit = |byte: u8| match char::from(byte).to_digit(16) {
        Some(digit) => Ok(digit as u8),
        None => {
            let found = String::from_utf8_lossy(&[byte]).into_owned();
            Err(Error::syntax(format!("Invalid hex character ({found}) encountered")))
        }
    };
    let digits = text.trim_end().as_bytes();
    if !digits.len().is_multiple_of(2) {
        let length = digits.len();
        return Err(Error::syntax(format!(
            "Invalid hex string, length ({length}) has to be a multiple of two!"
        )));
    }
    let pairs = digits.chunks_exact(2);
    let bytes = pairs.map(|pair| Ok(digit(pair[0])? << 4 | digit(pair[1])?)).collect::<Result<Vec<u8>>>()?;
    parse(&bytes)
}

/// Bytes in hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |at: u8| char::from(DIGITS[usize::from(at & 15)]);
    bytes.iter().flat_map(|&b| [digit(b >> 4), digit(b)]).collect()
}

/// The numbers of a point, from the bytes of a column; None: no point, or an empty one.
pub fn as_point(bytes: &[u8]) -> Option<Coord> {
    let [1, code @ ..] = bytes.get(..5)? else { return None };
    let code = u32::from_le_bytes(code.try_into().ok()?);
    if code & 0xff != Kind::Point as u32 {
        return None;
    }
    let at = if code & WITH_SRID != 0 { 9 } else { 5 };
    let number = |i: usize| -> Option<f64> {
        Some(f64::from_le_bytes(bytes.get(at + 8 * i..at + 8 * i + 8)?.try_into().ok()?))
    };
    let (z, m) = (code & WITH_Z != 0, code & WITH_M != 0);
    let point = Coord {
        x: number(0)?,
        y: number(1)?,
        z: if z { number(2)? } else { 0.0 },
        m: if m { number(2 + usize::from(z))? } else { 0.0 },
    };
    (!(point.x.is_nan() && point.y.is_nan())).then_some(point)
}

/// What the bytes of a column say before their points: frame, kind, Z, M.
pub fn header(bytes: &[u8]) -> Option<(i32, Kind, bool, bool)> {
    let code = u32::from_le_bytes(bytes.get(1..5)?.try_into().ok()?);
    let srid = match code & WITH_SRID {
        0 => 0,
        _ => i32::from_le_bytes(bytes.get(5..9)?.try_into().ok()?),
    };
    Some((srid, Kind::of_code(code & 0xff)?, code & WITH_Z != 0, code & WITH_M != 0))
}

fn cut_short() -> Error {
    Error::syntax("WKB structure does not match expected size!")
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// What the geometry around a part is.
#[derive(Clone, Copy)]
struct Around {
    kind: Kind,
    z: bool,
    m: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self, little: bool) -> Result<[u8; N]> {
        let piece =
            self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).ok_or_else(cut_short)?;
        self.at += N;
        let mut piece = *piece;
        if !little {
            piece.reverse();
        }
        Ok(piece)
    }

    fn number(&mut self, little: bool) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(little)?))
    }

    fn geometry(&mut self, around: Option<Around>) -> Result<Geometry> {
        let little = match self.take::<1>(true)? {
            [0] => false,
            [1] => true,
            _ => return Err(Error::syntax("Invalid endian flag value encountered.")),
        };
        let code = self.number(little)?;
        let simple = code & 0x0fff_ffff;
        let (iso, base) = (simple / 1000, simple % 1000);
        let z = code & WITH_Z != 0 || iso == 1 || iso == 3;
        let m = code & WITH_M != 0 || iso == 2 || iso == 3;
        if iso > 3 {
            return Err(unknown(simple));
        }
        let kind = match base {
            8..=17 => return Err(Error::unsupported("curves and surfaces are not supported")),
            base => Kind::of_code(base).ok_or_else(|| unknown(simple))?,
        };
        let srid = match code & WITH_SRID {
            0 => 0,
            _ => clamp_srid(self.number(little)? as i32),
        };
        if let Some(around) = around {
            if around.kind.part().is_some_and(|part| part != kind) {
                return Err(Error::syntax(format!(
                    "{} cannot contain {} element",
                    around.kind.name(),
                    kind.name()
                )));
            }
            if (around.z, around.m) != (z, m) {
                return Err(Error::syntax("can not mix dimensionality in a geometry"));
            }
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::syntax(format!("Geometry has more than {DEPTH_MAX} levels of collections")));
        }
        let shape = self.body(little, Around { kind, z, m })?;
        self.depth -= 1;
        Ok(Geometry { srid, z, m, shape })
    }

    fn body(&mut self, little: bool, of: Around) -> Result<Shape> {
        Ok(match of.kind {
            Kind::Point => {
                let point = self.coord(little, of)?;
                Shape::Point((!(point.x.is_nan() && point.y.is_nan())).then_some(point))
            }
            Kind::LineString => Shape::Line(self.coords(little, of)?),
            Kind::Polygon => {
                let count = self.count(little, 4)?;
                let mut rings = Vec::with_capacity(count);
                for _ in 0..count {
                    let ring = self.coords(little, of)?;
                    check_ring(&ring, of.z)?;
                    rings.push(ring);
                }
                Shape::Polygon(rings)
            }
            kind => {
                let count = self.count(little, 9)?;
                let mut parts = Vec::with_capacity(count);
                for _ in 0..count {
                    parts.push(self.geometry(Some(of))?.shape);
                }
                Shape::Many(kind, parts)
            }
        })
    }

    /// A count of things of at least that many bytes each.
    fn count(&mut self, little: bool, size: usize) -> Result<usize> {
        let count = self.number(little)? as usize;
        match count <= (self.bytes.len() - self.at) / size {
            true => Ok(count),
            false => Err(cut_short()),
        }
    }

    fn coords(&mut self, little: bool, of: Around) -> Result<Vec<Coord>> {
        let count = self.count(little, 16 + 8 * (usize::from(of.z) + usize::from(of.m)))?;
        (0..count).map(|_| self.coord(little, of)).collect()
    }

    fn coord(&mut self, little: bool, of: Around) -> Result<Coord> {
        let mut next = |there: bool| -> Result<f64> {
            Ok(if there { f64::from_le_bytes(self.take(little)?) } else { 0.0 })
        };
        Ok(Coord { x: next(true)?, y: next(true)?, z: next(of.z)?, m: next(of.m)? })
    }
}

/// PostGIS knows frames up to this; those beyond are folded into the last thousand.
const SRID_MAX: i32 = 999_999;

/// A frame's number as PostGIS keeps it: what is not positive is unknown.
pub fn clamp_srid(srid: i32) -> i32 {
    match srid {
        ..=0 => 0,
        1..=SRID_MAX => srid,
        _ => 999_000 + srid % (SRID_MAX - 999_000 - 1),
    }
}

fn unknown(code: u32) -> Error {
    Error::syntax(format!("Unknown WKB type ({code})! Full WKB type number was ({code})."))
}

/// A ring has at least four points and ends where it begins.
pub(crate) fn check_ring(ring: &[Coord], z: bool) -> Result<()> {
    let (Some(first), Some(last)) = (ring.first(), ring.last()) else { return Ok(()) };
    if ring.len() < 4 {
        return Err(Error::syntax("geometry requires more points"));
    }
    let equal = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    if !equal(first.x, last.x) || !equal(first.y, last.y) || z && !equal(first.z, last.z) {
        return Err(Error::syntax("geometry contains non-closed rings"));
    }
    Ok(())
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    form: Form,
    little: bool,
    z: bool,
    m: bool,
}

impl Writer<'_> {
    fn number(&mut self, number: u32) {
        let bytes = if self.little { number.to_le_bytes() } else { number.to_be_bytes() };
        self.out.extend(bytes);
    }

    fn shape(&mut self, shape: &Shape, srid: i32) {
        self.out.push(u8::from(self.little));
        let mut code = shape.kind() as u32;
        match self.form {
            Form::Iso => code += 1000 * u32::from(self.z) + 2000 * u32::from(self.m),
            Form::Extended => {
                code |= if self.z { WITH_Z } else { 0 };
                code |= if self.m { WITH_M } else { 0 };
                code |= if srid != 0 { WITH_SRID } else { 0 };
            }
        }
        self.number(code);
        if srid != 0 {
            self.number(srid as u32);
        }
        match shape {
            Shape::Point(point) => {
                let empty = Coord { x: f64::NAN, y: f64::NAN, z: f64::NAN, m: f64::NAN };
                self.coord(&point.unwrap_or(empty));
            }
            Shape::Line(line) => self.coords(line),
            Shape::Polygon(rings) => {
                self.number(rings.len() as u32);
                rings.iter().for_each(|ring| self.coords(ring));
            }
            Shape::Many(_, parts) => {
                self.number(parts.len() as u32);
                parts.iter().for_each(|part| self.shape(part, 0));
            }
        }
    }

    fn coords(&mut self, line: &[Coord]) {
        self.number(line.len() as u32);
        line.iter().for_each(|point| self.coord(point));
    }

    fn coord(&mut self, point: &Coord) {
        for (number, there) in [(point.x, true), (point.y, true), (point.z, self.z), (point.m, self.m)] {
            if there {
                let bytes = if self.little { number.to_le_bytes() } else { number.to_be_bytes() };
                self.out.extend(bytes);
            }
        }
    }
}
