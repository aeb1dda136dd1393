//! `bit(n)` and `bit varying(n)`: strings of bits.
//!
//! Layout: seven bits a byte, the first one highest; the lowest bit says that another such byte follows. Behind the last one stands
//! how many of its bits there are, 1 to 7. An empty string has no bytes. So bytes are in the order of the strings, which is that of
//! a dictionary, and strings of one length have each bit in one place: they are combined byte by byte, and what is not a bit falls
//! out where two are compared.
//!
//! ```text
//!   101          1010000|0                 3
//!   10000001     1000000|1   1000000|0     1
//! ```
//!
//! Limits: at most [`MAX_BITS`] bits; a declared length has 24 bits.

use super::kinds::{Described, Kind};
use crate::error::{Error, Result, state};
use remanent_kernels::count;

/// A string has at most so many bits, as a declared length in PostgreSQL.
pub const MAX_BITS: usize = 83_886_080;
/// The greatest length that can be declared.
const MAX_DECLARED: i64 = (1 << 24) - 1;
/// Bits in a byte.
const GROUP: usize = 7;
/// The bits of a byte that are those of the string.
const HELD: u8 = 0xfe;

/// `bit(n)`
pub static BIT: Described = Described {
    kind: Kind::Bit,
    name: "bit",
    title: ("bit", ""),
    category: "V",
    oids: (1560, 1561),
    parse,
    print: |bytes, out| iter(bytes).try_for_each(|bit| out.write_char(if bit { '1' } else { '0' })),
    check,
    modifier: |given| modifier(given, "bit"),
    shown: |n| n.to_string(),
    fit: |bytes, n| match len(bytes) {
        length if length == n as usize => Ok(None),
        length => {
            let message = format!("bit string length {length} does not match type bit({n})");
            Err(Error::new(state::STRING_DATA_LENGTH_MISMATCH, message))
        }
    },
};

/// `bit varying(n)`
pub static VARBIT: Described = Described {
    kind: Kind::VarBit,
    name: "varbit",
    title: ("bit varying", ""),
    oids: (1562, 1563),
    modifier: |given| modifier(given, "varbit"),
    fit: |bytes, n| match len(bytes) {
        length if length <= n as usize => Ok(None),
        _ => {
            let message = format!("bit string too long for type bit varying({n})");
            Err(Error::new(state::STRING_DATA_RIGHT_TRUNCATION, message))
        }
    },
    ..BIT
};

/// How many bits there are.
pub fn len(bytes: &[u8]) -> usize {
    match bytes {
        [groups @ .., _, last] => groups.len() * GROUP + usize::from(*last),
        _ => 0,
    }
}

/// The bits, the first one first.
pub fn iter(bytes: &[u8]) -> impl Iterator<Item = bool> + '_ {
    (0..len(bytes)).map(|i| get(bytes, i))
}

/// The bit at a place, counted from 0; none is set behind the last one.
pub fn get(bytes: &[u8], i: usize) -> bool {
    bytes.get(i / GROUP).is_some_and(|group| group & 0x80 >> (i % GROUP) != 0)
}

/// Makes a string bit by bit.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    bits: usize,
}

impl Writer {
    /// Appends a bit.
    pub fn push(&mut self, bit: bool) {
        let place = self.bits % GROUP;
        if place == 0 {
            if let Some(last) = self.bytes.last_mut() {
                *last |= !HELD;
            }
            self.bytes.push(0);
        }
        if bit && let Some(last) = self.bytes.last_mut() {
            *last |= 0x80 >> place;
        }
        self.bits += 1;
    }

    /// Appends some of a string's bits: those from one place to before another.
    pub fn part(&mut self, bytes: &[u8], from: usize, to: usize) {
        (from..to.min(len(bytes))).for_each(|i| self.push(get(bytes, i)));
    }

    /// Appends the lowest `n` bits of a number, the highest first; where there are no more, its sign.
    pub fn number(&mut self, number: i64, n: usize) {
        (0..n).rev().for_each(|i| self.push(number >> i.min(63) & 1 == 1));
    }

    /// The string; 54000 if it is too long.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        limited(self.bits)?;
        if self.bits > 0 {
            self.bytes.push(((self.bits - 1) % GROUP + 1) as u8);
        }
        Ok(self.bytes)
    }
}

/// 54000 for more bits than a string may have.
pub fn limited(bits: usize) -> Result<()> {
    match bits <= MAX_BITS {
        true => Ok(()),
        false => {
            let message = format!("bit string length exceeds the maximum allowed ({MAX_BITS})");
            Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message))
        }
    }
}

/// The string with `n` bits, as an explicit conversion makes it: cut off, or, where `pads`, with zeros behind.
pub fn resized(bytes: &[u8], n: usize, pads: bool) -> Result<Vec<u8>> {
    let mut out = Writer::default();
    out.part(bytes, 0, n);
    (len(bytes)..if pads { n } else { 0 }).for_each(|_| out.push(false));
    out.finish()
}

/// Two strings of one length, combined byte by byte; None where they have not one length.
pub fn combined(a: &[u8], b: &[u8], op: fn(u8, u8) -> u8) -> Option<Vec<u8>> {
    if len(a) != len(b) {
        return None;
    }
    let mut out: Vec<u8> = a.iter().zip(b).map(|(x, y)| op(*x, *y) & HELD | x & !HELD).collect();
    if let (Some(last), Some(of)) = (out.last_mut(), a.last()) {
        *last = *of;
    }
    Some(out)
}

/// How many of the bits that either has are not in both, as a share of them; 1 where neither has any.
pub fn jaccard(a: &[u8], b: &[u8]) -> f64 {
    let groups = |bytes: &[u8]| bytes.len().saturating_sub(1);
    let (a, b) = (a.get(..groups(a)).unwrap_or_default(), b.get(..groups(b)).unwrap_or_default());
    match count::shared(a, b, HELD) {
        (0, _) => 1.0,
        (both, either) => 1.0 - f64::from(both) / f64::from(either),
    }
}

fn parse(text: &str) -> Result<Vec<u8>> {
    let (digits, width) = match text.as_bytes() {
        [b'x' | b'X', ..] => (&text[1..], 4),
        [b'b' | b'B', ..] => (&text[1..], 1),
        _ => (text, 1),
    };
    limited(digits.len().saturating_mul(width))?;
    let mut out = Writer::default();
    for c in digits.chars() {
        let Some(digit) = c.to_digit(1 << width) else {
            let kind = if width == 4 { "hexadecimal" } else { "binary" };
            let message = format!("\"{c}\" is not a valid {kind} digit");
            return Err(Error::new(state::INVALID_TEXT_REPRESENTATION, message));
        };
        out.number(digit.into(), width);
    }
    out.finish()
}

fn check(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [groups @ .., last, count @ 1..=7] => {
            groups.iter().all(|group| group & !HELD != 0) && last & (0xff >> count) == 0
        }
        _ => false,
    }
}

fn modifier(given: &[&str], name: &str) -> Result<u32> {
    let invalid = |message: String| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    match given {
        [n] => match n.parse::<i64>() {
            Ok(..1) => invalid(format!("length for type {name} must be at least 1")),
            Ok(n) if n <= MAX_DECLARED => Ok(n as u32),
            Ok(n) if n <= MAX_BITS as i64 => {
                let message = format!("type {name} of more than {MAX_DECLARED} bits is not supported");
                Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
            }
            _ => invalid(format!("length for type {name} cannot exceed {MAX_BITS}")),
        },
        _ => invalid("invalid type modifier".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_the_order_of_strings() {
        let mut strings = vec![String::new()];
        for length in 1..=16 {
            strings.extend((0..1u32 << length.min(9)).map(|n| format!("{n:0length$b}")));
        }
        strings.sort();
        let bytes: Vec<Vec<u8>> = strings.iter().filter_map(|text| parse(text).ok()).collect();
        assert_eq!(bytes.len(), strings.len());
        assert!(bytes.is_sorted_by(|a, b| a < b));
        for (bytes, text) in bytes.iter().zip(&strings) {
            assert!(check(bytes), "{text}");
            assert_eq!(len(bytes), text.len());
            let shown: String = iter(bytes).map(|bit| if bit { '1' } else { '0' }).collect();
            assert_eq!(&shown, text);
        }
    }

    #[test]
    fn bytes_that_are_no_string_are_known() {
        for bytes in [&[0x80][..], &[0x80, 0], &[0x80, 8], &[0x81, 3], &[0x10, 3], &[0x80, 0x80, 1]] {
            assert!(!check(bytes), "{bytes:?}");
        }
    }
}
