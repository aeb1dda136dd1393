//! Well-known text (WKT), and its extended form (EWKT) with a frame before it.
//!
//! ```text
//! [SRID=4326;] POINT Z (1 2 3)      also POINTZ(1 2 3), POINT(1 2 3): how many numbers a point has says what they are
//! MULTIPOINT((1 2),(3 4))           also MULTIPOINT(1 2,3 4)
//! POLYGON EMPTY
//! ```

use crate::binary::{check_ring, clamp_srid};
use crate::number;
use crate::shape::{Coord, Geometry, Kind, Line, Shape};
use crate::{DEPTH_MAX, Error, Result};

/// Text as WKT or EWKT.
pub fn parse(text: &str) -> Result<Geometry> {
    let mut parser = Parser { text, at: 0, numbers: None, declared: false, depth: 0 };
    let srid = parser.srid()?;
    let shape = parser.geometry()?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong());
    }
    let (z, m) = parser.numbers.unwrap_or_default();
    Ok(Geometry { srid, z, m, shape })
}

/// As WKT; `iso` false: as the part of EWKT behind the frame. Numbers have at most so many decimals.
pub fn print(geometry: &Geometry, decimals: usize, iso: bool) -> String {
    let mut printer = Printer { out: String::new(), z: geometry.z, m: geometry.m, decimals, iso };
    printer.tagged(&geometry.shape);
    printer.out
}

/// As EWKT: with its frame, if it has one.
pub fn print_extended(geometry: &Geometry, decimals: usize) -> String {
    let text = print(geometry, decimals, false);
    match geometry.srid {
        0 => text,
        srid => format!("SRID={srid};{text}"),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Z and M, once the first point or a word said so.
    numbers: Option<(bool, bool)>,
    /// A word said so.
    declared: bool,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self) -> Error {
        self.error("parse error - invalid geometry")
    }

    /// An error that shows how far the text was read.
    fn error(&self, message: &str) -> Error {
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        let upto = self.at + next;
        let shown = self.text.get(..upto).unwrap_or(self.text);
        let hint = format!("\"{shown}\" <-- parse error at position {upto} within geometry");
        Error { hint: Some(hint), ..Error::syntax(message) }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.rest().as_bytes().first() == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.eat(byte) { Ok(()) } else { Err(self.wrong()) }
    }

    /// The letters that come next, in upper case.
    fn word(&mut self) -> String {
        self.space();
        let rest = self.rest();
        let end = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
        rest[..end].to_ascii_uppercase()
    }

    fn srid(&mut self) -> Result<i32> {
        if self.word() != "SRID" {
            return Ok(0);
        }
        self.at += "SRID".len();
        self.expect(b'=')?;
        let rest = self.rest();
        let end = rest.bytes().position(|b| !(b.is_ascii_digit() || b == b'-')).unwrap_or(rest.len());
        let number = rest[..end].parse::<i64>().map_err(|_| self.wrong())?;
        self.at += end;
        self.expect(b';')?;
        Ok(clamp_srid(number.clamp(i32::MIN.into(), i32::MAX.into()) as i32))
    }

    /// The numbers that a word or a point says, against those known.
    fn agree(&mut self, numbers: (bool, bool)) -> Result<()> {
        match self.numbers {
            Some(known) if known != numbers => Err(self.error("can not mix dimensionality in a geometry")),
            _ => {
                self.numbers = Some(numbers);
                Ok(())
            }
        }
    }

    fn geometry(&mut self) -> Result<Shape> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::syntax(format!("Geometry has more than {DEPTH_MAX} levels of collections")));
        }
        let word = self.word();
        // POINTZM and the like: the longest ending first.
        let endings =
            [("ZM", (true, true)), ("Z", (true, false)), ("M", (false, true)), ("", (false, false))];
        let named = endings.iter().find_map(|(ending, numbers)| {
            Some((Kind::of_name(word.strip_suffix(ending)?)?, *numbers, !ending.is_empty()))
        });
        let Some((kind, mut numbers, mut declared)) = named else {
            let curves = ["CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE"];
            let surfaces = ["TIN", "TRIANGLE", "POLYHEDRALSURFACE"];
            let known = curves.iter().chain(&surfaces).any(|known| word.starts_with(known));
            return Err(match known {
                true => Error::unsupported(format!("geometries of type {word} are not supported")),
                false => self.wrong(),
            });
        };
        self.at += word.len();
        if !declared {
            let word = self.word();
            if let Some((ending, said)) = endings[..3].iter().find(|(ending, _)| *ending == word) {
                self.at += ending.len();
                (numbers, declared) = (*said, true);
            }
        }
        if declared {
            self.agree(numbers)?;
            self.declared = true;
        }
        let shape = if self.word() == "EMPTY" {
            self.at += "EMPTY".len();
            Shape::empty(kind)
        } else {
            self.expect(b'(')?;
            let shape = self.body(kind)?;
            self.expect(b')')?;
            shape
        };
        self.depth -= 1;
        Ok(shape)
    }

    /// What is between the parentheses.
    fn body(&mut self, kind: Kind) -> Result<Shape> {
        Ok(match kind {
            Kind::Point => {
                let point = self.coord()?;
                if self.eat(b',') {
                    return Err(self.error("geometry has too many points"));
                }
                Shape::Point((!(point.x.is_nan() && point.y.is_nan())).then_some(point))
            }
            Kind::LineString => {
                let line = self.coords()?;
                if line.len() < 2 {
                    return Err(self.error("geometry requires more points"));
                }
                Shape::Line(line)
            }
            Kind::Polygon => Shape::Polygon(self.rings()?),
            _ => {
                let mut parts = vec![self.part(kind)?];
                while self.eat(b',') {
                    parts.push(self.part(kind)?);
                }
                Shape::Many(kind, parts)
            }
        })
    }

    fn part(&mut self, kind: Kind) -> Result<Shape> {
        let Some(part) = kind.part() else { return self.geometry() };
        if self.word() == "EMPTY" {
            self.at += "EMPTY".len();
            return Ok(Shape::empty(part));
        }
        if part == Kind::Point && !self.rest().starts_with('(') {
            return Ok(Shape::Point(Some(self.coord()?)));
        }
        self.expect(b'(')?;
        let shape = self.body(part)?;
        self.expect(b')')?;
        Ok(shape)
    }

    fn rings(&mut self) -> Result<Vec<Line>> {
        let mut rings = Vec::new();
        loop {
            if self.word() == "EMPTY" {
                self.at += "EMPTY".len();
                rings.push(Vec::new());
            } else {
                self.expect(b'(')?;
                let ring = self.coords()?;
                self.expect(b')')?;
                let z = self.numbers.is_some_and(|(z, _)| z);
                check_ring(&ring, z).map_err(|e| self.error(&e.message))?;
                rings.push(ring);
            }
            if !self.eat(b',') {
                return Ok(rings);
            }
        }
    }

    fn coords(&mut self) -> Result<Line> {
        let mut line = vec![self.coord()?];
        while self.eat(b',') {
            line.push(self.coord()?);
        }
        Ok(line)
    }

    fn coord(&mut self) -> Result<Coord> {
        let mut found = [0.0; 4];
        let mut count = 0;
        while count < 4 {
            self.space();
            match self.number()? {
                Some(number) => found[count] = number,
                None => break,
            }
            count += 1;
        }
        if count < 2 {
            return Err(self.wrong());
        }
        let [x, y, third, fourth] = found;
        // Three numbers are Z where no word says M.
        let m = count == 4 || count == 3 && self.declared && self.numbers == Some((false, true));
        let z = count == 4 || count == 3 && !m;
        self.agree((z, m))?;
        Ok(Coord { x, y, z: if z { third } else { 0.0 }, m: if z { fourth } else { third } })
    }

    fn number(&mut self) -> Result<Option<f64>> {
        let rest = self.rest().as_bytes();
        if rest.len() >= 3 && rest[..3].eq_ignore_ascii_case(b"nan") {
            self.at += 3;
            return Ok(Some(f64::NAN));
        }
        if !rest.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')) {
            return Ok(None);
        }
        let mut end = 1;
        while let Some(&byte) = rest.get(end) {
            let sign = matches!(byte, b'+' | b'-') && matches!(rest[end - 1], b'e' | b'E');
            if !(byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E') || sign) {
                break;
            }
            end += 1;
        }
        let number = self.rest().get(..end).and_then(|text| text.parse().ok()).ok_or_else(|| self.wrong())?;
        self.at += end;
        Ok(Some(number))
    }
}

struct Printer {
    out: String,
    z: bool,
    m: bool,
    decimals: usize,
    iso: bool,
}

impl Printer {
    fn tagged(&mut self, shape: &Shape) {
        self.out.push_str(&shape.kind().name().to_ascii_uppercase());
        match (self.iso, self.z, self.m) {
            (true, true, true) => self.out.push_str(" ZM "),
            (true, true, false) => self.out.push_str(" Z "),
            (true, false, true) => self.out.push_str(" M "),
            (false, false, true) => self.out.push('M'),
            _ => {}
        }
        let hollow = match shape {
            Shape::Many(_, parts) => parts.is_empty(),
            other => other.is_empty(),
        };
        if hollow && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.body(shape);
    }

    fn body(&mut self, shape: &Shape) {
        match shape {
            Shape::Point(point) => self.coords(point.as_slice()),
            Shape::Line(line) => self.coords(line),
            Shape::Polygon(rings) if shape.is_empty() && rings.len() < 2 => self.out.push_str("EMPTY"),
            Shape::Polygon(rings) => {
                self.listed(rings.len(), &mut |printer, i| printer.coords(&rings[i]));
            }
            Shape::Many(_, parts) if parts.is_empty() => self.out.push_str("EMPTY"),
            Shape::Many(kind, parts) => self.listed(parts.len(), &mut |printer, i| match (kind, &parts[i]) {
                (Kind::Collection, part) => printer.tagged(part),
                (_, Shape::Point(Some(point))) if !printer.iso => printer.coord(point),
                (_, part) => printer.body(part),
            }),
        }
    }

    fn listed(&mut self, count: usize, each: &mut dyn FnMut(&mut Printer, usize)) {
        self.out.push('(');
        for i in 0..count {
            if i > 0 {
                self.out.push(',');
            }
            each(self, i);
        }
        self.out.push(')');
    }

    fn coords(&mut self, line: &[Coord]) {
        match line.is_empty() {
            true => self.out.push_str("EMPTY"),
            false => self.listed(line.len(), &mut |printer, i| printer.coord(&line[i])),
        }
    }

    fn coord(&mut self, point: &Coord) {
        number::push(&mut self.out, point.x, self.decimals);
        for (value, there) in [(point.y, true), (point.z, self.z), (point.m, self.m)] {
            if there {
                self.out.push(' ');
                number::push(&mut self.out, value, self.decimals);
            }
        }
    }
}
