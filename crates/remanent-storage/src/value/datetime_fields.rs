//! Cuts the text of a date, time or interval into fields, as PostgreSQL's `ParseDateTime` does.
//!
//! `Jan 8 1999 04:05:06.5 -8` is text, number, number, time, zone. What a field means depends on its neighbours
//! and is decided by `datetime_text` and `interval_text`.

use super::text::SPACE;

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, perhaps with a fraction.
    Number,
    /// Letters.
    Text,
    /// Digits and letters with `-`, `/` or `.` between, or a zone's name.
    Date,
    /// Digits with `:` between.
    Time,
    /// A sign, then digits.
    Zone,
    /// A sign, then letters.
    Special,
}

/// One field; its text is in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub kind: Kind,
    pub text: String,
}

/// No input has more fields than that.
const FIELDS_MAX: usize = 25;

struct Scanner<'a> {
    rest: &'a [u8],
    out: String,
}

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    fn take(&mut self) {
        if let Some((first, rest)) = self.rest.split_first() {
            self.out.push(first.to_ascii_lowercase().into());
            self.rest = rest;
        }
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while !self.rest.is_empty() && wanted(self.peek()) {
            self.take();
        }
    }

    fn skip_space(&mut self) {
        while SPACE.contains(&char::from(self.peek())) {
            self.rest = &self.rest[1..];
        }
    }

    /// After a digit.
    fn number(&mut self) -> Kind {
        self.take_while(|b| b.is_ascii_digit());
        match self.peek() {
            b':' => {
                self.take_while(|b| b.is_ascii_digit() || b == b':' || b == b'.');
                Kind::Time
            }
            delimiter @ (b'-' | b'/' | b'.') => {
                self.take();
                if !self.peek().is_ascii_digit() {
                    self.take_while(|b| b.is_ascii_alphanumeric() || b == delimiter);
                    return Kind::Date;
                }
                self.take_while(|b| b.is_ascii_digit());
                if self.peek() == delimiter {
                    self.take_while(|b| b.is_ascii_digit() || b == delimiter);
                    return Kind::Date;
                }
                if delimiter == b'.' { Kind::Number } else { Kind::Date }
            }
            _ => Kind::Number,
        }
    }

    /// After a letter. `known` tells keywords from the names of zones.
    fn word(&mut self, known: impl Fn(&str) -> bool) -> Kind {
        self.take_while(|b| b.is_ascii_alphabetic());
        let next = self.peek();
        let is_date = match next {
            b'-' | b'/' | b'.' => true,
            b'+' | b'0'..=b'9' => !known(&self.out),
            _ => false,
        };
        if !is_date {
            return Kind::Text;
        }
        self.take_while(|b| b"+-/_.:".contains(&b) || b.is_ascii_alphanumeric());
        Kind::Date
    }
}

/// The fields of a text; None where PostgreSQL sees a bad format at once. `known` says whether a lower-case word is a
/// keyword (and so ends before a digit or a plus sign).
pub(super) fn split(text: &str, known: impl Fn(&str) -> bool) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut s = Scanner { rest: text.as_bytes(), out: String::new() };
    loop {
        s.skip_space();
        let kind = match s.peek() {
            0 if s.rest.is_empty() => return Some(fields),
            b'0'..=b'9' => s.number(),
            b'.' => {
                s.take();
                s.take_while(|b| b.is_ascii_digit());
                Kind::Number
            }
            b if b.is_ascii_alphabetic() => s.word(&known),
            b'+' | b'-' => {
                s.take();
                s.skip_space();
                match s.peek() {
                    b'0'..=b'9' => {
                        s.take_while(|b| b.is_ascii_digit() || b":.-".contains(&b));
                        Kind::Zone
                    }
                    b if b.is_ascii_alphabetic() => {
                        s.take_while(|b| b.is_ascii_alphabetic());
                        Kind::Special
                    }
                    _ => return None,
                }
            }
            // Other punctuation only separates.
            b if b.is_ascii_punctuation() => {
                s.rest = &s.rest[1..];
                continue;
            }
            _ => return None,
        };
        fields.push(Field { kind, text: std::mem::take(&mut s.out) });
        if fields.len() > FIELDS_MAX {
            return None;
        }
    }
}

/// Microseconds of a fraction's digits (those after the point), rounded to the nearest.
pub(super) fn fraction_micros(digits: &str) -> Option<i64> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if digits.is_empty() {
        return Some(0);
    }
    let fraction: f64 = format!("0.{digits}").parse().ok()?;
    Some((fraction * 1e6).round_ties_even() as i64)
}

/// Hours, minutes and microseconds (of the seconds) of `hh:mm`, `hh:mm:ss`, `hh:mm:ss.f` or `mm:ss.f`. Minutes and
/// seconds are in range; hours may be any number.
pub(super) fn split_time(text: &str) -> Read<(i64, i64, i64)> {
    let bad = || Fault::Format;
    let integer = |digits: &str| -> Read<i64> {
        match digits.bytes().all(|b| b.is_ascii_digit()) {
            _ if digits.is_empty() => Ok(0),
            true => digits.parse().map_err(|_| Fault::Overflow),
            false => Err(bad()),
        }
    };
    let (body, fraction) = match text.split_once('.') {
        Some((body, fraction)) => (body, Some(fraction)),
        None => (text, None),
    };
    let micros = fraction.map_or(Some(0), fraction_micros).ok_or_else(bad)?;
    let mut parts = body.split(':');
    let (first, second) = (parts.next().ok_or_else(bad)?, parts.next().ok_or_else(bad)?);
    let (hour, minute, second) = match (parts.next(), fraction) {
        (Some(third), _) => (integer(first)?, integer(second)?, integer(third)?),
        (None, None) => (integer(first)?, integer(second)?, 0),
        (None, Some(_)) => (0, integer(first)?, integer(second)?),
    };
    if parts.next().is_some() {
        return Err(bad());
    }
    if minute > 59 || second > 60 {
        return Err(Fault::Overflow);
    }
    Ok((hour, minute, second * 1_000_000 + micros))
}

/// What is wrong with a date, a time or an interval; the caller makes an error of it that shows the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not read as one.
    Format,
    /// A field is out of range.
    Overflow,
    /// A month or day is out of range, perhaps for being read in the wrong order.
    MonthDay,
    /// A zone is further than 15:59:59 away.
    Displacement,
    /// The name of a zone that is not known here.
    Zone(String),
    /// A word that stands for a moment and needs a clock.
    Clock(String),
    /// It is a moment beyond the type's limits.
    Range,
}

/// The result of reading a part of a date, a time or an interval.
pub(super) type Read<T> = Result<T, Fault>;
