//! SQL arrays: any number of dimensions, each with its own lower bound, elements of one type.
//!
//! An [`Array`] is a list of elements in row-major order and the extent of each dimension. `'[0:1]={a,NULL}'` is one
//! dimension of two elements that begins at 0. The empty array has no dimension.
//!
//! In a column an array is bytes (persisted):
//!
//! ```text
//! dimensions:u8  (length:varint lower:zigzag varint)*  elements
//! ```
//!
//! with each element as [`codec::encode_value`] writes it, so that they say themselves what they are. Example: `'{5,NULL}'::int[]`
//! is `01 02 02  04 0a  00`. Element types without a text form of their own do not exist; arrays of arrays are arrays of more
//! dimensions, as in PostgreSQL.

use super::bytes::{Reader, put_varint, unzigzag, zigzag};
use super::{Type, Value, codec};
use crate::error::{Error, Result, state};
use std::cmp::Ordering;
use std::fmt;

/// An array has at most so many dimensions (PostgreSQL's `MAXDIM`).
pub const MAX_DIMENSIONS: usize = 6;
/// An array has at most so many elements (PostgreSQL's `MaxArraySize`).
pub const MAX_ELEMENTS: usize = (1 << 27) - 1;

/// The extent of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimension {
    /// How many elements; not 0.
    pub length: i32,
    /// The first subscript.
    pub lower: i32,
}

impl Dimension {
    /// The last subscript.
    pub fn upper(self) -> i32 {
        self.lower.saturating_add(self.length - 1)
    }
}

/// An SQL array.
#[derive(Debug, Clone)]
pub struct Array {
    element: Type,
    dimensions: Vec<Dimension>,
    values: Vec<Value>,
}

/// 54000 for too many elements.
pub fn too_large() -> Error {
    let message = format!("array size exceeds the maximum allowed ({MAX_ELEMENTS})");
    Error::new(state::PROGRAM_LIMIT_EXCEEDED, message)
}

impl Array {
    /// The array without elements.
    pub fn empty(element: Type) -> Self {
        let element = element.plain();
        Array { element, dimensions: Vec::new(), values: Vec::new() }
    }

    /// One dimension that begins at 1.
    pub fn list(element: Type, values: Vec<Value>) -> Result<Self> {
        let length = values.len() as i32;
        Array::new(element, vec![Dimension { length, lower: 1 }], values)
    }

    /// Of so many dimensions, whose lengths multiply to the number of elements; 54000 where they are too many.
    pub fn new(element: Type, dimensions: Vec<Dimension>, values: Vec<Value>) -> Result<Self> {
        let element = element.plain();
        if values.is_empty() {
            return Ok(Array::empty(element));
        }
        if dimensions.len() > MAX_DIMENSIONS {
            let message = format!(
                "number of array dimensions ({}) exceeds the maximum allowed ({MAX_DIMENSIONS})",
                dimensions.len()
            );
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
        }
        let expected =
            dimensions.iter().try_fold(1usize, |n, d| n.checked_mul(usize::try_from(d.length).ok()?));
        if values.len() > MAX_ELEMENTS {
            return Err(too_large());
        }
        if expected != Some(values.len()) {
            return Err(Error::internal("an array's extent does not fit its elements"));
        }
        if dimensions.iter().any(|d| d.lower.checked_add(d.length - 1).is_none_or(|upper| upper == i32::MAX))
        {
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large"));
        }
        Ok(Array { element, dimensions, values })
    }

    /// The type of its elements.
    pub fn element(&self) -> Type {
        self.element
    }

    /// The extent of each dimension; none of the empty array.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// All elements, row by row.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// All elements, row by row.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// True if it has no element.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// With elements of another type, which `convert` makes of these.
    pub fn map(&self, element: Type, convert: &mut dyn FnMut(&Value) -> Result<Value>) -> Result<Self> {
        let values = self.values.iter().map(convert).collect::<Result<_>>()?;
        Ok(Array { element, dimensions: self.dimensions.clone(), values })
    }

    /// Where the element of these subscripts stands; None: there is none.
    pub fn position(&self, subscripts: &[i32]) -> Option<usize> {
        if subscripts.len() != self.dimensions.len() || subscripts.is_empty() {
            return None;
        }
        self.dimensions.iter().zip(subscripts).try_fold(0usize, |at, (dimension, &subscript)| {
            let within = i64::from(subscript) - i64::from(dimension.lower);
            let within = usize::try_from(within).ok().filter(|&i| i < dimension.length as usize)?;
            Some(at * dimension.length as usize + within)
        })
    }

    /// The part within these ends (both included; None: the array's own); a dimension that is not named is whole. What
    /// lies outside does not exist; subscripts of the result begin at 1.
    pub fn slice(&self, ends: &[(Option<i32>, Option<i32>)]) -> Self {
        if ends.len() > self.dimensions.len() {
            return Array::empty(self.element);
        }
        let mut ranges = Vec::with_capacity(self.dimensions.len());
        for (i, dimension) in self.dimensions.iter().enumerate() {
            let (low, high) = ends.get(i).copied().unwrap_or((None, None));
            let low = low.unwrap_or(dimension.lower).max(dimension.lower);
            let high = high.unwrap_or(dimension.upper()).min(dimension.upper());
            if low > high {
                return Array::empty(self.element);
            }
            ranges.push(((low - dimension.lower) as usize, (high - dimension.lower) as usize));
        }
        let mut values = Vec::new();
        self.collect(0, 0, &ranges, &mut values);
        let dimensions =
            ranges.iter().map(|(low, high)| Dimension { length: (high - low + 1) as i32, lower: 1 });
        Array { element: self.element, dimensions: dimensions.collect(), values }
    }

    fn collect(&self, dimension: usize, base: usize, ranges: &[(usize, usize)], out: &mut Vec<Value>) {
        let (low, high) = ranges[dimension];
        for i in low..=high {
            let at = base * self.dimensions[dimension].length as usize + i;
            match dimension + 1 == ranges.len() {
                true => out.push(self.values[at].clone()),
                false => self.collect(dimension + 1, at, ranges, out),
            }
        }
    }

    /// PostgreSQL's order: element by element (NULL is greatest), then the number of elements, of dimensions, their extents.
    pub fn compare(&self, other: &Self) -> Ordering {
        let mut elements =
            self.values.iter().zip(&other.values).map(|(a, b)| match (a.is_null(), b.is_null()) {
                (false, false) => a.compare(b),
                (a, b) => a.cmp(&b),
            });
        elements.find(|order| order.is_ne()).unwrap_or_else(|| {
            let extent =
                |a: &Array| a.dimensions.iter().flat_map(|d| [d.length, d.lower]).collect::<Vec<_>>();
            let sizes = |a: &Array| (a.values.len(), a.dimensions.len());
            sizes(self).cmp(&sizes(other)).then_with(|| extent(self).cmp(&extent(other)))
        })
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.dimensions.len() as u8);
        for dimension in &self.dimensions {
            put_varint(out, dimension.length as u64);
            put_varint(out, zigzag(dimension.lower.into()));
        }
        self.values.iter().for_each(|value| codec::encode_value(out, value));
    }

    /// The inverse of [`encode`](Array::encode). Damaged bytes are an error of state `XX001`.
    pub fn decode(bytes: &[u8], element: Type) -> Result<Self> {
        let mut r = Reader::new(bytes);
        let count = r.u8()?.into();
        let mut dimensions = Vec::new();
        let mut elements = usize::from(count > 0);
        for _ in 0..count {
            let length = r.varint()?;
            let lower = i32::try_from(unzigzag(r.varint()?)).ok();
            let total = usize::try_from(length).ok().and_then(|n| elements.checked_mul(n));
            // An element takes at least a byte.
            match (total.filter(|&n| n > 0 && n <= bytes.len()), lower) {
                (Some(total), Some(lower)) => {
                    elements = total;
                    dimensions.push(Dimension { length: length as i32, lower });
                }
                _ => return Err(r.corrupt("an array has an impossible extent")),
            }
        }
        let mut values = Vec::with_capacity(elements.min(r.remaining()));
        for _ in 0..elements {
            // Arrays of arrays do not exist, so nothing goes deeper than this.
            if r.rest().first() == Some(&codec::ARRAY_TAG) {
                return Err(r.corrupt("an array has an array as an element"));
            }
            let value = codec::decode_value(&mut r)?;
            if value.type_of().is_some_and(|ty| !ty.same_values(element)) {
                return Err(r.corrupt("an array has an element of another type"));
            }
            values.push(value);
        }
        r.finish()?;
        Array::new(element, dimensions, values).map_err(|_| r.corrupt("an array has an impossible extent"))
    }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        if self.dimensions.iter().any(|d| d.lower != 1) {
            self.dimensions.iter().try_for_each(|d| write!(f, "[{}:{}]", d.lower, d.upper()))?;
            f.write_str("=")?;
        }
        self.write(f, 0, 0)
    }
}

impl Array {
    fn write(&self, f: &mut fmt::Formatter<'_>, dimension: usize, base: usize) -> fmt::Result {
        f.write_str("{")?;
        let length = self.dimensions[dimension].length as usize;
        for i in 0..length {
            if i > 0 {
                f.write_str(",")?;
            }
            let at = base * length + i;
            match dimension + 1 == self.dimensions.len() {
                true => write_element(f, &self.values[at])?,
                false => self.write(f, dimension + 1, at)?,
            }
        }
        f.write_str("}")
    }
}

/// In quotes where it could be read as something else.
fn write_element(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    if value.is_null() {
        return f.write_str("NULL");
    }
    let text = value.to_string();
    let special = |b: u8| matches!(b, b'"' | b'\\' | b'{' | b'}' | b',') || is_space(b);
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.bytes().any(special) {
        return f.write_str(&text);
    }
    f.write_str("\"")?;
    for piece in text.split_inclusive(['"', '\\']) {
        let (plain, last) = piece.split_at(piece.len() - usize::from(piece.ends_with(['"', '\\'])));
        f.write_str(plain)?;
        if !last.is_empty() {
            write!(f, "\\{last}")?;
        }
    }
    f.write_str("\"")
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Reads PostgreSQL's form of an array: `{1,2}`, `[0:1]={{a,"b c"},{NULL,d}}`.
pub fn parse(text: &str, element: Type) -> Result<Array> {
    let mut parser =
        Parser { text, bytes: text.as_bytes(), at: 0, element, values: Vec::new(), lengths: Vec::new() };
    let dimensions = parser.bounds()?;
    parser.space();
    if parser.peek() != Some(b'{') {
        return Err(parser.malformed(match dimensions.is_empty() {
            true => "Array value must start with \"{\" or dimension information.",
            false => "Array contents must start with \"{\".",
        }));
    }
    parser.braces(0)?;
    parser.space();
    if parser.at < parser.bytes.len() {
        return Err(parser.malformed("Junk after closing right brace."));
    }
    let lengths = std::mem::take(&mut parser.lengths);
    let values = std::mem::take(&mut parser.values);
    if values.is_empty() {
        return Ok(Array::empty(element));
    }
    let found = lengths.iter().map(|n| n.unwrap_or(0));
    if !dimensions.is_empty() {
        if dimensions.len() != found.clone().count()
            || dimensions.iter().zip(found).any(|(d, n)| d.length != n)
        {
            return Err(parser.malformed("Specified array dimensions do not match array contents."));
        }
        return Array::new(element, dimensions, values);
    }
    let dimensions = found.map(|length| Dimension { length, lower: 1 }).collect();
    Array::new(element, dimensions, values)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    element: Type,
    values: Vec<Value>,
    /// The length of each dimension, once one of it was read to its end.
    lengths: Vec<Option<i32>>,
}

impl Parser<'_> {
    fn malformed(&self, detail: &str) -> Error {
        let message = format!("malformed array literal: \"{}\"", self.text);
        Error::new(state::INVALID_TEXT_REPRESENTATION, message).with_detail(detail)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, b: u8) -> bool {
        let found = self.peek() == Some(b);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<i32> {
        let start = self.at;
        let _ = self.eat(b'-') || self.eat(b'+');
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.text.get(start..self.at)?.parse().ok()
    }

    /// `[2:3][5]=`
    fn bounds(&mut self) -> Result<Vec<Dimension>> {
        let mut dimensions = Vec::new();
        loop {
            self.space();
            if !self.eat(b'[') {
                break;
            }
            if dimensions.len() == MAX_DIMENSIONS {
                let message = format!(
                    "number of array dimensions ({}) exceeds the maximum allowed ({MAX_DIMENSIONS})",
                    MAX_DIMENSIONS + 1
                );
                return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
            }
            let missing = "\"[\" must introduce explicitly-specified array dimensions.";
            let first = self.number().ok_or_else(|| self.malformed(missing))?;
            let (lower, upper) = match self.eat(b':') {
                true => {
                    (first, self.number().ok_or_else(|| self.malformed("Missing array dimension value."))?)
                }
                false => (1, first),
            };
            if !self.eat(b']') {
                return Err(self.malformed("Missing \"]\" after array dimensions."));
            }
            if upper < lower {
                let message = "upper bound cannot be less than lower bound";
                return Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message));
            }
            let length = i64::from(upper) - i64::from(lower) + 1;
            dimensions.push(Dimension { length: i32::try_from(length).map_err(|_| too_large())?, lower });
        }
        if !dimensions.is_empty() && !self.eat(b'=') {
            return Err(self.malformed("Missing \"=\" after array dimensions."));
        }
        Ok(dimensions)
    }

    /// `{…}` at a depth.
    fn braces(&mut self, depth: usize) -> Result<()> {
        self.at += 1;
        if depth >= MAX_DIMENSIONS {
            let message = format!(
                "number of array dimensions ({}) exceeds the maximum allowed ({MAX_DIMENSIONS})",
                depth + 1
            );
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
        }
        if self.lengths.len() == depth {
            if !self.values.is_empty() {
                return Err(self.ragged());
            }
            self.lengths.push(None);
        }
        let mut count = 0i32;
        self.space();
        if self.eat(b'}') {
            // An empty array has no rows.
            return if depth == 0 {
                self.close(depth, 0)
            } else {
                Err(self.malformed("Unexpected \"}\" character."))
            };
        }
        loop {
            self.space();
            match self.peek() {
                None => return Err(self.malformed("Unexpected end of input.")),
                Some(b'{') => {
                    self.braces(depth + 1)?;
                }
                Some(b'}') => return Err(self.malformed("Unexpected \"}\" character.")),
                Some(b',') => return Err(self.malformed("Unexpected \",\" character.")),
                Some(_) => {
                    if self.lengths.len() > depth + 1 {
                        return Err(self.ragged());
                    }
                    self.element()?;
                }
            }
            count = count.saturating_add(1);
            self.space();
            if self.eat(b',') {
                continue;
            }
            if self.eat(b'}') {
                return self.close(depth, count);
            }
            return Err(match self.peek() {
                None => self.malformed("Unexpected end of input."),
                Some(b'{') => self.malformed("Unexpected \"{\" character."),
                Some(_) => self.malformed("Unexpected array element."),
            });
        }
    }

    fn ragged(&self) -> Error {
        self.malformed("Multidimensional arrays must have sub-arrays with matching dimensions.")
    }

    fn close(&mut self, depth: usize, count: i32) -> Result<()> {
        match self.lengths[depth] {
            None => self.lengths[depth] = Some(count),
            Some(length) if length != count => return Err(self.ragged()),
            Some(_) => {}
        }
        Ok(())
    }

    fn element(&mut self) -> Result<()> {
        if self.values.len() >= MAX_ELEMENTS {
            return Err(too_large());
        }
        let quoted = self.peek() == Some(b'"');
        let text = if quoted { self.quoted()? } else { self.bare()? };
        self.values.push(match text {
            Some(text) => Value::parse(&text, self.element)?,
            None => Value::Null,
        });
        Ok(())
    }

    fn quoted(&mut self) -> Result<Option<String>> {
        self.at += 1;
        let mut out = String::new();
        let mut start = self.at;
        loop {
            match self.peek() {
                None => return Err(self.malformed("Unexpected end of input.")),
                Some(b'"') => {
                    out.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    return Ok(Some(out));
                }
                Some(b'\\') => {
                    out.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    start = self.at;
                    if self.peek().is_none() {
                        return Err(self.malformed("Unexpected end of input."));
                    }
                    // Whatever follows stands for itself.
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Up to a delimiter, without the space around; NULL is None.
    fn bare(&mut self) -> Result<Option<String>> {
        let mut out = Vec::new();
        let (mut end, mut escaped) = (0, false);
        loop {
            match self.peek() {
                None => return Err(self.malformed("Unexpected end of input.")),
                Some(b',' | b'}') => break,
                Some(b'"') => return Err(self.malformed("Incorrectly quoted array element.")),
                Some(b'{') => return Err(self.malformed("Unexpected \"{\" character.")),
                Some(b'\\') => {
                    self.at += 1;
                    let Some(next) = self.peek() else {
                        return Err(self.malformed("Unexpected end of input."));
                    };
                    out.push(next);
                    (end, escaped) = (out.len(), true);
                }
                Some(b) => {
                    out.push(b);
                    end = if is_space(b) { end } else { out.len() };
                }
            }
            self.at += 1;
        }
        out.truncate(end);
        let text = String::from_utf8(out).map_err(|_| self.malformed("Unexpected array element."))?;
        Ok((escaped || !text.eq_ignore_ascii_case("null")).then_some(text))
    }
}
