//! `sparsevec(n)`, as pgvector has it: vectors of which few elements are not zero.
//!
//! Layout: what a reader of the whole vector would meet, one behind the other, so that bytes are in the order of whole vectors. An
//! element above 0 is the byte 1, its index counted from 0 with all bits turned, and its bits; one below 0 the byte 0, its index, 1,
//! and its bits turned; at the end stand the byte 0, the number of dimensions, and 0. All numbers are big-endian of 32 bits.
//!
//! ```text
//!   {1:1.5,3:-2}/5     01 ffffffff 3fc00000     00 00000002 01 3fffffff     00 00000005 00
//! ```
//!
//! Limits: 16,000 elements that are not zero, a billion dimensions; a declared number of them has 24 bits.

use super::kinds::{Described, Kind};
use super::text::{SPACE, invalid};
use crate::error::{Error, Result, state};
use remanent_kernels::sort::sort_by;

/// A vector has at most so many dimensions.
pub const MAX_DIMENSIONS: i64 = 1_000_000_000;
/// And so many elements that are not zero.
pub const MAX_ELEMENTS: usize = 16_000;
/// The greatest number of dimensions that can be declared.
const MAX_DECLARED: i64 = (1 << 24) - 1;

/// The type.
pub static SPARSEVEC: Described = Described {
    kind: Kind::SparseVec,
    name: "sparsevec",
    title: ("sparsevec", ""),
    category: "U",
    oids: (16_378, 16_379),
    parse,
    print: |bytes, out| match decode(bytes) {
        Some(Sparse { elements, dimensions }) => {
            out.write_char('{')?;
            for (i, (index, value)) in elements.iter().enumerate() {
                let comma = if i > 0 { "," } else { "" };
                write!(out, "{comma}{}:{}", u64::from(*index) + 1, super::Value::Float4(*value))?;
            }
            write!(out, "}}/{dimensions}")
        }
        None => Ok(()),
    },
    check: |bytes| decode(bytes).is_some_and(|sparse| sparse.is_valid()),
    modifier,
    shown: |n| n.to_string(),
    fit: |bytes, n| match decode(bytes) {
        Some(sparse) if sparse.dimensions != n => {
            let message = format!("expected {n} dimensions, not {}", sparse.dimensions);
            Err(Error::new(state::DATA_EXCEPTION, message))
        }
        _ => Ok(None),
    },
};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse {
    /// The elements that are not zero, by their indexes counted from 0, ascending.
    pub elements: Vec<(u32, f32)>,
    /// How many elements there are with the zeros.
    pub dimensions: u32,
}

impl Sparse {
    /// Of all elements.
    pub fn of(all: &[f32]) -> Sparse {
        let elements = (0..).zip(all.iter().copied()).filter(|(_, value)| *value != 0.0);
        Sparse { elements: elements.collect(), dimensions: all.len() as u32 }
    }

    /// The bytes; 54000 for too many elements.
    pub fn encode(&self) -> Result<Vec<u8>> {
        if self.elements.len() > MAX_ELEMENTS {
            return Err(too_many());
        }
        let mut bytes = Vec::with_capacity(10 * self.elements.len() + 6);
        for &(index, value) in &self.elements {
            match value > 0.0 {
                true => {
                    bytes.push(1);
                    bytes.extend((!index).to_be_bytes());
                    bytes.extend(value.to_bits().to_be_bytes());
                }
                false => {
                    bytes.push(0);
                    bytes.extend(index.to_be_bytes());
                    bytes.push(1);
                    bytes.extend((!value.to_bits()).to_be_bytes());
                }
            }
        }
        bytes.push(0);
        bytes.extend(self.dimensions.to_be_bytes());
        bytes.push(0);
        Ok(bytes)
    }

    fn is_valid(&self) -> bool {
        let sound = |&(_, value): &(u32, f32)| value.is_finite() && value != 0.0;
        let last = self.elements.last().is_none_or(|(index, _)| *index < self.dimensions);
        let within = (1..=MAX_DIMENSIONS).contains(&self.dimensions.into());
        within && last && self.elements.is_sorted_by(|a, b| a.0 < b.0) && self.elements.iter().all(sound)
    }
}

/// Of the bytes; None: they are none.
pub fn decode(bytes: &[u8]) -> Option<Sparse> {
    let mut elements = Vec::new();
    let mut rest = bytes;
    let number = |rest: &mut &[u8]| {
        let (number, behind) = rest.split_first_chunk::<4>()?;
        *rest = behind;
        Some(u32::from_be_bytes(*number))
    };
    let byte = |rest: &mut &[u8]| {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        Some(*byte)
    };
    loop {
        if byte(&mut rest)? == 1 {
            elements.push((!number(&mut rest)?, f32::from_bits(number(&mut rest)?)));
            continue;
        }
        let index = number(&mut rest)?;
        match byte(&mut rest)? {
            0 if rest.is_empty() => return Some(Sparse { elements, dimensions: index }),
            1 => elements.push((index, f32::from_bits(!number(&mut rest)?))),
            _ => return None,
        }
    }
}

/// 22000 in pgvector's words.
fn unsound(message: &str) -> Error {
    Error::new(state::DATA_EXCEPTION, message)
}

fn too_many() -> Error {
    let message = format!("sparsevec cannot have more than {MAX_ELEMENTS} non-zero elements");
    Error::new(state::PROGRAM_LIMIT_EXCEEDED, message)
}

/// Refuses a number of dimensions that no vector has.
pub fn check_dimensions(dimensions: i64) -> Result<u32> {
    match dimensions {
        ..1 => Err(unsound("sparsevec must have at least 1 dimension")),
        1..=MAX_DIMENSIONS => Ok(dimensions as u32),
        _ => {
            let message = format!("sparsevec cannot have more than {MAX_DIMENSIONS} dimensions");
            Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message))
        }
    }
}

/// A text as it is read.
struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn bad(&self) -> Error {
        invalid(self.whole, "sparsevec")
    }

    /// Drops blanks, and the character behind them if it is that one.
    fn eat(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start_matches(SPACE);
        let eaten = self.rest.strip_prefix(c);
        self.rest = eaten.unwrap_or(self.rest);
        eaten.is_some()
    }

    /// As much of the text as is of such characters.
    fn take(&mut self, of: fn(char) -> bool) -> &'a str {
        self.rest = self.rest.trim_start_matches(SPACE);
        let (taken, rest) = self.rest.split_at(self.rest.find(|c| !of(c)).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// A whole number, brought into 32 bits.
    fn number(&mut self) -> Result<i64> {
        let text = self.take(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
        let negative = text.starts_with('-');
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(self.bad());
        }
        let number = digits.parse::<i64>().unwrap_or(i64::MAX).min(i32::MAX.into());
        Ok(if negative { -number } else { number })
    }

    fn value(&mut self) -> Result<f32> {
        let text = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        let value: f32 = text.parse().map_err(|_| self.bad())?;
        let zero =
            text.split(['e', 'E']).next().unwrap_or_default().bytes().all(|b| !(b'1'..=b'9').contains(&b));
        let digits = text.bytes().any(|b| b.is_ascii_digit());
        match value {
            _ if value.is_nan() => Err(unsound("NaN not allowed in sparsevec")),
            _ if digits && (value.is_infinite() || value == 0.0 && !zero) => {
                let message = format!("\"{text}\" is out of range for type sparsevec");
                Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message))
            }
            _ if value.is_infinite() => Err(unsound("infinite value not allowed in sparsevec")),
            _ => Ok(value),
        }
    }
}

fn parse(text: &str) -> Result<Vec<u8>> {
    if text.bytes().filter(|b| *b == b',').count() >= MAX_ELEMENTS {
        return Err(too_many());
    }
    let mut reader = Reader { whole: text, rest: text };
    if !reader.eat('{') {
        return Err(reader.bad().with_detail("Vector contents must start with \"{\"."));
    }
    let mut elements = Vec::new();
    if !reader.eat('}') {
        loop {
            let index = reader.number()?;
            if !reader.eat(':') {
                return Err(reader.bad());
            }
            let value = reader.value()?;
            if value != 0.0 {
                elements.push((index, value));
            }
            if reader.eat('}') {
                break;
            }
            if !reader.eat(',') {
                return Err(reader.bad());
            }
        }
    }
    if !reader.eat('/') {
        return Err(reader.bad().with_detail("Unexpected end of input."));
    }
    let dimensions = reader.number()?;
    if !reader.rest.trim_start_matches(SPACE).is_empty() {
        return Err(reader.bad().with_detail("Junk after closing."));
    }
    let dimensions = check_dimensions(dimensions)?;
    sort_by(&mut elements, &|a, b| a.0.cmp(&b.0));
    for (i, (index, _)) in elements.iter().enumerate() {
        match () {
            () if *index < 1 => return Err(unsound("sparsevec index out of bounds (< 1)")),
            () if *index > dimensions.into() => {
                return Err(unsound("sparsevec index out of bounds (> dimensions)"));
            }
            () if i > 0 && elements.get(i - 1).is_some_and(|before| before.0 == *index) => {
                return Err(unsound("sparsevec indices must not contain duplicates"));
            }
            () => {}
        }
    }
    let elements = elements.into_iter().map(|(index, value)| ((index - 1) as u32, value)).collect();
    Sparse { elements, dimensions }.encode()
}

fn modifier(given: &[&str]) -> Result<u32> {
    let invalid = |message: String| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    match given {
        [n] => match n.parse::<i64>() {
            Ok(..1) => invalid("dimensions for type sparsevec must be at least 1".to_string()),
            Ok(n) if n <= MAX_DECLARED => Ok(n as u32),
            Ok(n) if n <= MAX_DIMENSIONS => {
                let message =
                    format!("type sparsevec of more than {MAX_DECLARED} dimensions is not supported");
                Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
            }
            _ => invalid(format!("dimensions for type sparsevec cannot exceed {MAX_DIMENSIONS}")),
        },
        _ => invalid("invalid type modifier".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_the_order_of_whole_vectors() {
        let values = [-2.5f32, -1.0, 0.0, 0.5, 3.0];
        let mut all: Vec<Vec<f32>> = vec![Vec::new()];
        for _ in 0..4 {
            let longer = all.iter().flat_map(|v| values.map(|x| [v.as_slice(), &[x]].concat()));
            let longer: Vec<Vec<f32>> = longer.collect();
            all.extend(longer);
            all.sort_by(|a, b| a.partial_cmp(b).unwrap());
            all.dedup();
        }
        let encoded = all.iter().filter(|v| !v.is_empty()).map(|v| Sparse::of(v).encode().unwrap());
        let encoded: Vec<Vec<u8>> = encoded.collect();
        assert!(encoded.is_sorted_by(|a, b| a < b));
        for (bytes, v) in encoded.iter().zip(all.iter().filter(|v| !v.is_empty())) {
            assert_eq!(decode(bytes), Some(Sparse::of(v)));
            assert!((SPARSEVEC.check)(bytes));
        }
    }
}
