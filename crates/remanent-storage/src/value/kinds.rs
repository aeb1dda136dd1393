//! Types whose values are bytes of a layout of their own: [`Type::Other`] and [`Value::Other`].
//!
//! The engine stores such values, compares them and prints them without knowing what they mean. Equal values have equal bytes,
//! and their bytes are in the order that `ORDER BY` gives them. A type of this sort is a variant of [`Kind`], a module that
//! says what its bytes are, and one [`Described`]:
//!
//! ```
//! use remanent_storage::value::{Type, Value, kinds::Kind};
//! let half = Type::from_name("halfvec(3)").unwrap();
//! assert_eq!(half, Type::Other(Kind::HalfVec, 3));
//! assert_eq!(Value::parse("[1, 2.5, -3]", half).unwrap().to_string(), "[1,2.5,-3]");
//! ```
//!
//! Limits: a modifier (the length, the subtype) has 24 bits; 0 means that there is none.

use super::{Type, Value, bits, halfvec, jsonpath, record, sparsevec, timetz};
use crate::error::{Error, Result, state};
use std::fmt;

/// A type whose values are bytes of its own layout. The numbers are persisted, do not renumber: they are the first byte of the
/// type's tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// `halfvec(n)`: floats of 16 bits
    HalfVec = 22,
    /// `bit(n)`: strings of n bits
    Bit = 23,
    /// `bit varying(n)`: strings of at most n bits
    VarBit = 24,
    /// `time with time zone`
    TimeTz = 25,
    /// `sparsevec(n)`: floats of which few are not 0
    SparseVec = 28,
    /// `geometry(kind, frame)`: places in the plane or in space
    Geometry = 26,
    /// `geography(kind, frame)`: places on the globe
    Geography = 27,
    /// `jsonpath`
    JsonPath = 33,
    /// `record`: rows, which no table keeps; equal ones may have other bytes
    Record = 34,
    /// `tsvector`
    #[cfg(feature = "text")]
    TsVector = 30,
    /// `tsquery`
    #[cfg(feature = "text")]
    TsQuery = 31,
    /// `regconfig`: the name of a configuration of text search
    #[cfg(feature = "text")]
    RegConfig = 32,
}

/// Looks whether a value fits a modifier; Some: what it becomes.
pub type Fit = fn(&[u8], u32) -> Result<Option<Vec<u8>>>;

/// What there is to say of such a type.
pub struct Described {
    /// Which one.
    pub kind: Kind,
    /// Its name, without modifiers.
    pub name: &'static str,
    /// What it is called where it is shown: before and behind what stands between parentheses.
    pub title: (&'static str, &'static str),
    /// PostgreSQL's letter for its category.
    pub category: &'static str,
    /// Its number in `pg_type`, and that of its arrays.
    pub oids: (i64, i64),
    /// Reads its text form; the modifier is checked by `fit`.
    pub parse: fn(&str) -> Result<Vec<u8>>,
    /// Writes its text form.
    pub print: fn(&[u8], &mut dyn fmt::Write) -> fmt::Result,
    /// True if bytes from disk are a value.
    pub check: fn(&[u8]) -> bool,
    /// The modifier for what was declared between parentheses.
    pub modifier: fn(&[&str]) -> Result<u32>,
    /// What stands between the parentheses.
    pub shown: fn(u32) -> String,
    /// Refuses a value that does not fit a modifier that is not 0; the value that it becomes if it is another one then.
    pub fit: Fit,
}

/// All of them.
pub static KINDS: &[&Described] = &[
    &halfvec::HALFVEC,
    &bits::BIT,
    &bits::VARBIT,
    &timetz::TIMETZ,
    &sparsevec::SPARSEVEC,
    &jsonpath::JSONPATH,
    &record::DESCRIBED,
    #[cfg(feature = "shapes")]
    &super::places::GEOMETRY,
    #[cfg(feature = "shapes")]
    &super::places::GEOGRAPHY,
    #[cfg(feature = "text")]
    &super::text_search::TSVECTOR,
    #[cfg(feature = "text")]
    &super::text_search::TSQUERY,
    #[cfg(feature = "text")]
    &super::text_search::REGCONFIG,
];

impl Kind {
    /// What there is to say of it.
    pub fn described(self) -> &'static Described {
        KINDS.iter().copied().find(|described| described.kind == self).unwrap_or(&halfvec::HALFVEC)
    }

    /// The one with that number.
    pub fn of_number(number: u8) -> Option<Kind> {
        KINDS.iter().map(|described| described.kind).find(|kind| *kind as u8 == number)
    }

    /// The one with that name.
    pub fn of_name(name: &str) -> Option<Kind> {
        KINDS.iter().find(|described| described.name == name).map(|described| described.kind)
    }

    /// The type, its modifiers as declared.
    pub fn declared(self, modifiers: &[&str]) -> Result<Type> {
        let modifier = if modifiers.is_empty() { 0 } else { (self.described().modifier)(modifiers)? };
        debug_assert!(modifier < 1 << 24);
        Ok(Type::Other(self, modifier))
    }

    /// The value of a text.
    pub fn parse(self, text: &str, modifier: u32) -> Result<Value> {
        self.fitted((self.described().parse)(text)?.into(), modifier)
    }

    /// The value of bytes that are one, if it fits the modifier.
    pub fn fitted(self, bytes: Box<[u8]>, modifier: u32) -> Result<Value> {
        let fitted = if modifier != 0 { (self.described().fit)(&bytes, modifier)? } else { None };
        Ok(Value::Other(self, fitted.map_or(bytes, Into::into)))
    }

    /// True if bytes from disk are a value that fits the modifier.
    pub fn holds(self, bytes: &[u8], modifier: u32) -> bool {
        let described = self.described();
        (described.check)(bytes) && (modifier == 0 || matches!((described.fit)(bytes, modifier), Ok(None)))
    }
}

/// For types that take no modifiers: the error in PostgreSQL's words.
pub fn no_modifier(name: &str) -> Error {
    let message = format!("type modifier is not allowed for type \"{name}\"");
    Error::new(state::SYNTAX_ERROR, message)
}
