//! Format definitions: `name:type field;type[n] field;…`.

use super::Scalar;
use std::collections::BTreeMap;

/// One field as its definition says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDef {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub ty: FieldType,
    /// How many; None where it is not an array.
    pub count: Option<u32>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A basic type.
    Scalar(Scalar),
    /// Another format.
    Nested(String),
}

impl FieldDef {
    /// Filler between values, never shown; at the end of a record it is not even written.
    pub fn is_padding(&self) -> bool {
        self.name.starts_with("_padding")
    }

    /// Parses `type name` or `type[n] name`.
    pub fn parse(text: &str) -> Result<FieldDef, String> {
        let complain = || format!("\"{}\" is not a field definition", shorten(text));
        let (ty, name) = text.trim().split_once(' ').ok_or_else(complain)?;
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(complain());
        }
        let (base, count) = match ty.split_once('[') {
            None => (ty, None),
            Some((base, rest)) => {
                let digits = rest.strip_suffix(']').ok_or_else(complain)?;
                (base, Some(digits.parse::<u32>().map_err(|_| complain())?))
            }
        };
        if base.is_empty() {
            return Err(complain());
        }
        let ty = match Scalar::parse(base) {
            Some(scalar) => FieldType::Scalar(scalar),
            None => FieldType::Nested(base.to_owned()),
        };
        Ok(FieldDef { name: name.to_owned(), ty, count })
    }
}

/// All formats that a log has defined so far, by name.
#[derive(Debug, Default)]
pub struct Formats(BTreeMap<String, Vec<FieldDef>>);

impl Formats {
    /// Takes the body of an `F` message. The same definition twice is fine, a different one is not.
    pub fn define(&mut self, body: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(body).map_err(|_| "a format definition is not text".to_owned())?;
        let text = text.trim_end_matches('\0');
        let (name, fields) = text
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| format!("\"{}\" is not a format definition", shorten(text)))?;
        let fields = fields
            .split(';')
            .filter(|f| !f.trim().is_empty())
            .map(FieldDef::parse)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| format!("in format \"{}\": {e}", shorten(name)))?;
        match self.0.get(name) {
            Some(known) if *known != fields => {
                Err(format!("format \"{}\" is defined twice, differently", shorten(name)))
            }
            Some(_) => Ok(()),
            None => {
                self.0.insert(name.to_owned(), fields);
                Ok(())
            }
        }
    }

    /// The fields of a format.
    pub fn get(&self, name: &str) -> Option<&[FieldDef]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

/// Text from the file as an error message quotes it: short, and without control characters.
pub fn shorten(text: &str) -> String {
    let mut out: String =
        text.chars().take(48).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if text.chars().nth(48).is_some() {
        out.push('…');
    }
    out
}
