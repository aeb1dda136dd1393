//! `tsvector`, `tsquery` and `regconfig`: what `remanent_text` knows, as types of the engine.
//!
//! A regconfig is the name of its configuration.

use super::kinds::{Described, Kind, no_modifier};
use crate::error::{Error, Result, SqlState, state};
use remanent_text::config::{Config, Unknown};
use remanent_text::{query, vector};
use std::fmt;

/// An error of text search as one of the engine.
pub fn refused(error: remanent_text::error::Error) -> Error {
    Error::new(SqlState(error.code), error.message)
}

/// What has neither length nor subtype.
const PLAIN: Described = Described {
    kind: Kind::TsVector,
    name: "tsvector",
    title: ("tsvector", ""),
    category: "U",
    oids: (3614, 3643),
    parse: |text| vector::parse(text).map_err(refused),
    print: |bytes, out| out.write_str(&vector::print(bytes)),
    check: vector::is_valid,
    modifier: |_| Err(no_modifier("tsvector")),
    shown: |_| String::new(),
    fit: |_, _| Ok(None),
};

/// `tsvector`
pub static TSVECTOR: Described = PLAIN;

/// `tsquery`
pub static TSQUERY: Described = Described {
    kind: Kind::TsQuery,
    name: "tsquery",
    title: ("tsquery", ""),
    oids: (3615, 3645),
    parse: |text| query::parse(text).map(|(query, _)| query).map_err(refused),
    print: |bytes, out| out.write_str(&query::print(bytes)),
    check: query::is_valid,
    modifier: |_| Err(no_modifier("tsquery")),
    ..PLAIN
};

/// `regconfig`
pub static REGCONFIG: Described = Described {
    kind: Kind::RegConfig,
    name: "regconfig",
    title: ("regconfig", ""),
    oids: (3734, 3735),
    parse: |text| configuration(text).map(|config| config.name().into()),
    print: |bytes, out| fmt::Write::write_str(out, &String::from_utf8_lossy(bytes)),
    check: |bytes| config_of(bytes).is_some(),
    modifier: |_| Err(no_modifier("regconfig")),
    ..PLAIN
};

/// The configuration of a value of regconfig.
pub fn config_of(bytes: &[u8]) -> Option<Config> {
    Config::named(std::str::from_utf8(bytes).ok()?).ok()
}

/// The configuration of a name, with or without its schema. 42704 where there is none, 0A000 where only PostgreSQL has it.
pub fn configuration(text: &str) -> Result<Config> {
    let (schema, name) = match text.split_once('.') {
        Some((schema, name)) => (Some(folded(schema)), folded(name)),
        None => (None, folded(text)),
    };
    let own = schema.as_ref().is_none_or(|schema| schema == "pg_catalog");
    let found = if own { Config::named(&name) } else { Err(Unknown::Missing) };
    found.map_err(|unknown| {
        let name = schema.map_or(name.clone(), |schema| format!("{schema}.{name}"));
        let (code, what) = match unknown {
            Unknown::Missing => (state::UNDEFINED_OBJECT, "does not exist"),
            Unknown::Unsupported => (state::FEATURE_NOT_SUPPORTED, "is not supported"),
        };
        Error::new(code, format!("text search configuration \"{name}\" {what}"))
    })
}

/// An identifier: in quotes as it is, else in lower case.
fn folded(identifier: &str) -> String {
    let identifier = identifier.trim();
    match identifier.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => identifier.to_ascii_lowercase(),
    }
}
