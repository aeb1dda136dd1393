//! `record`: rows as values, `(1,abc,"x y")`.
//!
//! A value is its fields one behind the other, each with the first byte of its type's tag, its name and its value:
//!
//! ```text
//! (tag:u8  name:string  value)*        a value as `codec::encode_value` writes it
//! ```
//!
//! It says itself what it is, so that what prints rows, makes JSON of them or takes them apart needs nothing else:
//!
//! ```
//! use remanent_storage::value::{Type, Value, record};
//! let mut bytes = Vec::new();
//! record::put(&mut bytes, "a", Type::Int4, &Value::from(1));
//! record::put(&mut bytes, "b", Type::Text, &Value::from("x y"));
//! assert_eq!(record::value(bytes).to_string(), "(1,\"x y\")");
//! ```
//!
//! Rows are ordered field by field, NULL being greatest and equal to NULL; their bytes are not in that order.
//!
//! Limits: no column of a table is of this type, and no text is read as a value of it, as in PostgreSQL.

use super::bytes::{Reader, put_str};
use super::kinds::{Described, Kind, no_modifier};
use super::{Type, Value, Zone, codec, key};
use crate::error::{Error, Result, state};
use std::cmp::Ordering;
use std::fmt::{self, Write};

/// A field: its name, its type without modifiers, its value.
pub type Field = (String, Type, Value);

/// The type.
pub const RECORD: Type = Type::Other(Kind::Record, 0);

/// What there is to say of it.
pub static DESCRIBED: Described = Described {
    kind: Kind::Record,
    name: "record",
    title: ("record", ""),
    category: "P",
    oids: (2249, 2287),
    parse: |_| {
        let message = "input of anonymous composite types is not implemented";
        Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
    },
    print: |bytes, out| print(bytes, None, out),
    // Fields are looked at where they are used, so that nothing that was damaged leads deeper here.
    check: |_| true,
    modifier: |_| Err(no_modifier("record")),
    shown: |_| String::new(),
    fit: |_, _| Ok(None),
};

/// Appends a field.
pub fn put(out: &mut Vec<u8>, name: &str, ty: Type, value: &Value) {
    out.push(ty.tag()[0]);
    put_str(out, name);
    codec::encode_value(out, value);
}

/// The value of these fields.
pub fn value(bytes: Vec<u8>) -> Value {
    Value::Other(Kind::Record, bytes.into())
}

/// Reads the next field; None behind the last.
fn next(r: &mut Reader<'_>) -> Result<Option<Field>> {
    if r.is_empty() {
        return Ok(None);
    }
    let ty = Type::of_tag([r.u8()?, 0, 0, 0]).unwrap_or(Type::Text);
    let name = r.str()?.to_string();
    Ok(Some((name, ty, codec::decode_value(r)?)))
}

/// The fields.
pub fn fields(bytes: &[u8]) -> Result<Vec<Field>> {
    let mut r = Reader::new(bytes);
    let mut fields = Vec::new();
    while let Some(field) = next(&mut r)? {
        fields.push(field);
    }
    Ok(fields)
}

/// The same with other values.
pub fn map(bytes: &[u8], convert: &mut dyn FnMut(Value) -> Result<Value>) -> Result<Value> {
    let mut out = Vec::with_capacity(bytes.len());
    for (name, ty, held) in fields(bytes)? {
        put(&mut out, &name, ty, &convert(held)?);
    }
    Ok(value(out))
}

/// Appends what sorts as the value does.
pub(super) fn sort_key(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    fields(bytes).unwrap_or_default().iter().for_each(|(.., held)| key::encode_value(&mut out, held));
    out
}

/// PostgreSQL's order; 42804 where a field that must be looked at has another type there, or there are more of them.
pub fn compare(a: &[u8], b: &[u8]) -> Result<Ordering> {
    let (mut a, mut b) = (Reader::new(a), Reader::new(b));
    for column in 1.. {
        let ((_, x, left), (_, y, right)) = match (next(&mut a)?, next(&mut b)?) {
            (Some(a), Some(b)) => (a, b),
            (None, None) => break,
            _ => {
                let message = "cannot compare record types with different numbers of columns";
                return Err(Error::new(state::DATATYPE_MISMATCH, message));
            }
        };
        if x != y {
            let message =
                format!("cannot compare dissimilar column types {x} and {y} at record column {column}");
            return Err(Error::new(state::DATATYPE_MISMATCH, message));
        }
        let order = match (&left, &right) {
            (Value::Other(Kind::Record, left), Value::Other(Kind::Record, right)) => compare(left, right)?,
            _ => left.compare(&right),
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

/// PostgreSQL's text of a row, moments as clocks in a zone show them.
pub(super) fn print(bytes: &[u8], zone: Option<&Zone>, out: &mut dyn Write) -> fmt::Result {
    out.write_char('(')?;
    for (i, (.., held)) in fields(bytes).unwrap_or_default().into_iter().enumerate() {
        out.write_str(if i > 0 { "," } else { "" })?;
        if held.is_null() {
            continue;
        }
        let text = zone.map_or_else(|| held.to_string(), |zone| held.text_in(zone));
        let special =
            |c: char| matches!(c, '"' | '\\' | '(' | ')' | ',' | '\u{b}') || c.is_ascii_whitespace();
        if !text.is_empty() && !text.contains(special) {
            out.write_str(&text)?;
            continue;
        }
        let quoted = text.replace('\\', "\\\\").replace('"', "\"\"");
        out.write_char('"')?;
        out.write_str(&quoted)?;
        out.write_char('"')?;
    }
    out.write_char(')')
}
