//! From texts and JSON to tsvectors, from what people write to tsqueries.

use super::super::Args;
use super::super::json::doc::{Doc, with};
use super::{array, config, map_bytes, session_config};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::Kind;
use remanent_storage::value::text_search::{configuration, refused};
use remanent_storage::value::{Column, Type, Value};
use remanent_text::accents;
use remanent_text::config::{FOLDING, Lexed};
use remanent_text::document::{self, Notation};
use remanent_text::parser;

/// What of a JSON document is text: a set of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts(u8);

impl Parts {
    const STRINGS: Parts = Parts(1);
    const NUMBERS: Parts = Parts(2);
    const BOOLEANS: Parts = Parts(4);
    const KEYS: Parts = Parts(8);
    const ALL: Parts = Parts(15);

    fn has(self, part: Parts) -> bool {
        self.0 & part.0 != 0
    }

    /// What a filter names, as `["string", "numeric"]`.
    fn named(filter: Doc<'_>) -> Result<Parts> {
        let items = match filter.kind() {
            Kind::Array => filter.elements(),
            Kind::Object => return Err(wrong_flag("wrong flag type, only arrays and scalars are allowed")),
            _ => vec![filter],
        };
        let mut parts = Parts(0);
        for item in items {
            let hint = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".";
            let (Kind::String, Value::Text(name)) = (item.kind(), item.text()) else {
                return Err(wrong_flag("flag array element is not a string").with_hint(hint));
            };
            let part = match name.to_ascii_lowercase().as_str() {
                "all" => Parts::ALL,
                "key" => Parts::KEYS,
                "string" => Parts::STRINGS,
                "numeric" => Parts::NUMBERS,
                "boolean" => Parts::BOOLEANS,
                _ => {
                    let message = format!("wrong flag in flag array: \"{name}\"");
                    return Err(wrong_flag(message).with_hint(hint));
                }
            };
            parts.0 |= part.0;
        }
        Ok(parts)
    }

    /// The texts of a document, in their order.
    fn collect(self, doc: Doc<'_>, texts: &mut Vec<String>) {
        let part = match doc.kind() {
            Kind::Null => return,
            Kind::Array => return doc.elements().into_iter().for_each(|item| self.collect(item, texts)),
            Kind::Object => {
                for (key, value) in doc.pairs() {
                    texts.extend(self.has(Parts::KEYS).then(|| key.to_owned()));
                    self.collect(value, texts);
                }
                return;
            }
            Kind::String => Parts::STRINGS,
            Kind::Number => Parts::NUMBERS,
            Kind::Bool(_) => Parts::BOOLEANS,
        };
        if let (true, Value::Text(text)) = (self.has(part), doc.text()) {
            texts.push(text);
        }
    }
}

fn wrong_flag(message: impl Into<String>) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message.into())
}

/// The tsvector of JSON's texts.
fn of_json(args: &Args<'_>, row: usize, at: usize, parts: Parts) -> Result<Vec<u8>> {
    let (config, _) = config(args, row)?;
    let mut texts = Vec::new();
    with(args, at, row, &mut |doc| {
        parts.collect(doc, &mut texts);
        Ok(())
    })?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    document::to_vector(config, &texts).map_err(refused)
}

pub(super) fn to_vector(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let (config, at) = config(args, row)?;
        match args.columns[at].ty() {
            Type::Json | Type::Jsonb => of_json(args, row, at, Parts::STRINGS),
            _ => document::to_vector(config, &[args.text(at, row)?]).map_err(refused),
        }
    })
}

pub(super) fn json_to_vector(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let at = args.columns.len() - 2;
        let parts = with(args, at + 1, row, &mut |filter| Parts::named(filter))?;
        of_json(args, row, at, parts)
    })
}

pub(super) fn to_query(args: &Args<'_>, notation: Notation) -> Result<Column> {
    map_bytes(args, &mut |row| {
        let (config, at) = config(args, row)?;
        document::to_query(config, notation, args.text(at, row)?).map(|(query, _)| query).map_err(refused)
    })
}

/// The session's configuration.
pub(super) fn current(args: &Args<'_>) -> Result<Column> {
    let name = session_config(args.ctx)?.name();
    map_bytes(args, &mut |_| Ok(name.into()))
}

/// What a dictionary makes of a word: no lexemes of a stop word.
pub(super) fn lexize(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let dictionary = args.text(0, row)?;
        let bare = dictionary.strip_prefix("pg_catalog.").unwrap_or(dictionary);
        if is_unaccent(dictionary) {
            let plain = unaccented(args.text(1, row)?);
            return if plain == args.text(1, row)? { Ok(Value::Null) } else { array(vec![plain]) };
        }
        let name = bare.strip_suffix("_stem").unwrap_or(if bare == "simple" { bare } else { "" });
        let name = if name.ends_with(FOLDING) { "" } else { name };
        let config = configuration(name).map_err(|error| match error.code() {
            "0A000" => error,
            _ => no_dictionary(dictionary),
        })?;
        match config.lex(parser::Kind::Word, args.text(1, row)?) {
            Lexed::Lexeme(lexeme) => array(vec![lexeme]),
            Lexed::Stop | Lexed::Ignored => array(Vec::new()),
        }
    })
}

/// The only dictionary that hands words on.
fn is_unaccent(dictionary: &str) -> bool {
    dictionary.strip_prefix("public.").unwrap_or(dictionary) == "unaccent"
}

fn unaccented(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    accents::fold(text, &mut plain);
    plain
}

fn no_dictionary(name: &str) -> Error {
    Error::new(state::UNDEFINED_OBJECT, format!("text search dictionary \"{name}\" does not exist"))
}

/// `unaccent(text)` and `unaccent('unaccent', text)`: immutable, since its rules are not the user's to change.
pub(super) fn unaccent(args: &Args<'_>) -> Result<Column> {
    let at = args.columns.len() - 1;
    args.map_text(&mut |row, out| {
        if at > 0 && !is_unaccent(args.text(0, row)?) {
            return Err(no_dictionary(args.text(0, row)?));
        }
        accents::fold(args.text(at, row)?, out);
        Ok(())
    })
}
