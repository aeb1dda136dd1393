//! Types of moments and spans that keep less than they could: `timestamp(p)`, `timestamptz(p)`, `time(p)`, `interval(p)`, and spans of
//! some fields, `interval day to second(p)`.
//!
//! Such a type says what becomes of a value that is converted to it. Values and columns themselves are of the plain type
//! ([`Type::plain`]): nothing that stores or computes knows these.
//!
//! ```
//! use remanent_storage::value::{Type, Value};
//! let whole = Type::from_name("timestamp(0) without time zone").unwrap();
//! assert_eq!(Value::parse("2024-01-01 10:00:00.5", whole).unwrap().to_string(), "2024-01-01 10:00:01");
//! assert_eq!(whole.plain(), Type::Timestamp);
//! ```

use super::{Interval, Type, Value, Zone, datetime};
use crate::error::Result;
use std::fmt;

/// The most digits of seconds there are; more are taken for as many.
pub const DIGITS: u8 = 6;
/// As many digits as there are, where none are said.
const ALL: u8 = 7;

/// What PostgreSQL keeps of an interval whose fields are not said, and whose digits are not.
const ALL_FIELDS: i32 = 0x7fff;
const ALL_DIGITS: i32 = 0xffff;

/// The fields that an interval can be declared to have: their names, PostgreSQL's bits, and the last one. The first entry: all of
/// them. Their places are persisted, do not reorder.
pub const FIELDS: [(&str, i32, &str); 14] = [
    ("", ALL_FIELDS, "second"),
    ("year", 4, "year"),
    ("month", 2, "month"),
    ("day", 8, "day"),
    ("hour", 0x400, "hour"),
    ("minute", 0x800, "minute"),
    ("second", 0x1000, "second"),
    ("year to month", 6, "month"),
    ("day to hour", 0x408, "hour"),
    ("day to minute", 0xc08, "minute"),
    ("day to second", 0x1c08, "second"),
    ("hour to minute", 0xc00, "minute"),
    ("hour to second", 0x1c00, "second"),
    ("minute to second", 0x1800, "second"),
];

/// The types that have such a form. The numbers are persisted, do not renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
enum Of {
    Time = 0,
    Timestamp = 1,
    Timestamptz = 2,
    Interval = 3,
}

const PLAIN: [(Of, Type); 4] = [
    (Of::Time, Type::Time),
    (Of::Timestamp, Type::Timestamp),
    (Of::Timestamptz, Type::Timestamptz),
    (Of::Interval, Type::Interval),
];

/// A precision or fields of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Precise {
    of: Of,
    /// Digits of seconds; 7: all.
    digits: u8,
    /// A place in [`FIELDS`].
    fields: u8,
}

impl Precise {
    /// The type with so many digits and, for an interval, these fields (a place in [`FIELDS`]); itself where neither is said.
    pub fn declared(ty: Type, digits: Option<u8>, fields: u8) -> Type {
        let of = PLAIN.iter().find(|(_, plain)| *plain == ty).map(|(of, _)| *of);
        match of {
            Some(of) if digits.is_some() || fields > 0 => {
                Type::Precise(Precise { of, digits: digits.map_or(ALL, |digits| digits.min(DIGITS)), fields })
            }
            _ => ty,
        }
    }

    /// The type that values are of.
    pub const fn plain(self) -> Type {
        match self.of {
            Of::Time => Type::Time,
            Of::Timestamp => Type::Timestamp,
            Of::Timestamptz => Type::Timestamptz,
            Of::Interval => Type::Interval,
        }
    }

    /// A number for it.
    pub(super) const fn code(self) -> u32 {
        (self.of as u32) << 8 | (self.digits as u32) << 4 | self.fields as u32
    }

    /// Of its number.
    pub(super) fn of_code(code: u32) -> Option<Precise> {
        let of = PLAIN.iter().find(|(of, _)| *of as u32 == code >> 8).map(|(of, _)| *of)?;
        let (digits, fields) = ((code >> 4 & 15) as u8, (code & 15) as u8);
        let known = digits <= ALL && usize::from(fields) < FIELDS.len();
        known.then_some(Precise { of, digits, fields })
    }

    /// The digits of seconds, where they are said.
    pub fn digits(self) -> Option<u8> {
        (self.digits < ALL).then_some(self.digits)
    }

    /// The names of the fields, where they are said.
    pub fn fields(self) -> Option<&'static str> {
        FIELDS.get(usize::from(self.fields)).map(|fields| fields.0).filter(|name| !name.is_empty())
    }

    /// What `pg_attribute` keeps.
    pub fn modifier(self) -> i32 {
        match self.of {
            Of::Interval => {
                let fields = FIELDS.get(usize::from(self.fields)).map_or(ALL_FIELDS, |fields| fields.1);
                fields << 16 | self.digits().map_or(ALL_DIGITS, i32::from)
            }
            _ => self.digits.into(),
        }
    }

    /// The type of what `pg_attribute` keeps; itself where that says nothing.
    pub fn of_modifier(ty: Type, modifier: i32) -> Type {
        let digits = |number: i32| u8::try_from(number).ok().filter(|digits| *digits <= DIGITS);
        match ty {
            Type::Interval if modifier >= 0 => {
                let fields = FIELDS.iter().position(|fields| fields.1 == modifier >> 16);
                Precise::declared(ty, digits(modifier & ALL_DIGITS), fields.unwrap_or(0) as u8)
            }
            _ => Precise::declared(ty, digits(modifier), 0),
        }
    }

    /// The type of a name, as it is displayed.
    pub(super) fn from_name(name: &str) -> Option<Precise> {
        let codes = PLAIN.iter().flat_map(|(of, _)| (0..256).map(|code| (*of as u32) << 8 | code));
        codes.filter_map(Precise::of_code).find(|precise| precise.to_string() == name)
    }

    /// What a value of the plain type becomes.
    pub fn fit(self, value: Value) -> Result<Value> {
        Ok(match value {
            Value::Time(t) => Value::Time(datetime::round_to(t, self.digits)?),
            Value::Timestamp(t) => Value::Timestamp(datetime::round_to(t, self.digits)?),
            Value::Timestamptz(t) => Value::Timestamptz(datetime::round_to(t, self.digits)?),
            Value::Interval(span) => Value::Interval(self.cut(span)?),
            other => other,
        })
    }

    /// What is smaller than the last field is cut off, then seconds are rounded.
    fn cut(self, span: Interval) -> Result<Interval> {
        let to = |unit: i64| Interval { micros: span.micros / unit * unit, ..span };
        let last = FIELDS.get(usize::from(self.fields)).map_or("", |fields| fields.2);
        let cut = match last {
            "year" => Interval { months: span.months / 12 * 12, days: 0, micros: 0 },
            "month" => Interval { days: 0, micros: 0, ..span },
            "day" => Interval { micros: 0, ..span },
            "hour" => to(3_600_000_000),
            "minute" => to(60_000_000),
            _ => span,
        };
        Ok(Interval { micros: datetime::round_to(cut.micros, self.digits)?, ..cut })
    }

    /// The value of a text: of an interval's a number alone counts the last field.
    pub(super) fn parse(self, text: &str, zone: &Zone) -> Result<Value> {
        let plain = self.plain();
        let (fields, _, last) = FIELDS.get(usize::from(self.fields)).copied().unwrap_or(FIELDS[0]);
        let value = match text.trim().parse::<f64>() {
            Ok(_) if !fields.is_empty() && text.bytes().all(|b| !b.is_ascii_alphabetic()) => {
                Value::parse_in(&format!("{text} {last}"), plain, zone)
            }
            // "1:30" is hours and minutes otherwise.
            _ if fields == "minute to second"
                && text.matches(':').count() == 1
                && !text.trim().contains(' ') =>
            {
                Value::parse_in(&format!("00:{}", text.trim()), plain, zone)
            }
            _ => match text.trim().rsplit_once(' ') {
                // "1 2" and "1 2:03": days, and what the fields say of the rest.
                Some((days, rest)) if days.trim().parse::<i32>().is_ok() && fields.ends_with(last) => {
                    match (fields, rest.matches(':').count()) {
                        ("minute to second", 1) => {
                            let (sign, rest) = match rest.strip_prefix('-') {
                                Some(rest) => ("-", rest),
                                None => ("", rest),
                            };
                            Value::parse_in(&format!("{days} day {sign}00:{rest}"), plain, zone)
                        }
                        ("day to hour", 0) if rest.parse::<f64>().is_ok() => {
                            Value::parse_in(&format!("{days} day {rest} {last}"), plain, zone)
                        }
                        _ => Value::parse_in(text, plain, zone),
                    }
                }
                _ => Value::parse_in(text, plain, zone),
            },
        };
        self.fit(value?)
    }
}

impl fmt::Display for Precise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, behind) = match self.of {
            Of::Time => ("time", " without time zone"),
            Of::Timestamp => ("timestamp", " without time zone"),
            Of::Timestamptz => ("timestamp", " with time zone"),
            Of::Interval => ("interval", ""),
        };
        f.write_str(name)?;
        if let Some(fields) = self.fields() {
            write!(f, " {fields}")?;
        }
        if let Some(digits) = self.digits() {
            write!(f, "({digits})")?;
        }
        f.write_str(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_say_the_same() {
        for (of, plain) in PLAIN {
            for code in 0..256 {
                let Some(precise) = Precise::of_code((of as u32) << 8 | code) else { continue };
                let told =
                    precise.digits().is_some() || (plain == Type::Interval && precise.fields().is_some());
                if (plain != Type::Interval && precise.fields().is_some()) || !told {
                    continue;
                }
                let ty = Type::Precise(precise);
                assert_eq!(Type::from_name(&ty.to_string()), Some(ty));
                assert_eq!(Type::of_tag(ty.tag()), Some(ty));
                assert_eq!(Precise::of_modifier(plain, precise.modifier()), ty);
            }
        }
    }
}
