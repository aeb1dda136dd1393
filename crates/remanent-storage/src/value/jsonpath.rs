//! `jsonpath`: a path into a jsonb, kept as the text it was given as.
//!
//! Who reads paths lies above this crate, and says here how ([`read_with`]) before it opens a store; until then no text
//! is a path. How it is printed is another text, with more parentheses than a path may have.

use super::kinds::{Described, Kind, no_modifier};
use crate::error::{Error, Result, state};
use std::sync::OnceLock;

/// Makes of a text the text that the path is printed as.
pub type Reader = fn(&str) -> Result<String>;

static READER: OnceLock<Reader> = OnceLock::new();

/// Says how paths are read. The first word counts.
pub fn read_with(reader: Reader) {
    let _ = READER.set(reader);
}

/// The type.
pub static JSONPATH: Described = Described {
    kind: Kind::JsonPath,
    name: "jsonpath",
    title: ("jsonpath", ""),
    category: "U",
    oids: (4072, 4073),
    parse: |text| match READER.get() {
        Some(read) => read(text).map(|_| text.into()),
        None => Err(Error::new(state::FEATURE_NOT_SUPPORTED, "values of type jsonpath cannot be read here")),
    },
    print: |bytes, out| {
        let text = String::from_utf8_lossy(bytes);
        match READER.get().map(|read| read(&text)) {
            Some(Ok(printed)) => out.write_str(&printed),
            _ => out.write_str(&text),
        }
    },
    check: |bytes| std::str::from_utf8(bytes).is_ok(),
    modifier: |_| Err(no_modifier("jsonpath")),
    shown: |_| String::new(),
    fit: |_, _| Ok(None),
};
