//! A value of json or jsonb, to look into.

use super::super::Args;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::{Item, JsonbRef, Kind, Node, parse};
use remanent_storage::value::{Type, Value};

/// A value within a json, which keeps its text, or a jsonb.
#[derive(Clone, Copy)]
pub enum Doc<'a> {
    /// Of a json, with the text it was read from.
    Text(&'a Node, &'a str),
    /// Of a jsonb.
    Binary(JsonbRef<'a>),
}

/// Argument `i` of a row; what it is read into lives as long as the call.
pub fn with<R>(args: &Args<'_>, i: usize, row: usize, f: &mut dyn FnMut(Doc<'_>) -> Result<R>) -> Result<R> {
    match args.columns[i].ty() {
        Type::Jsonb => f(Doc::Binary(JsonbRef::new(args.columns[i].bytes(row)))),
        _ => {
            let text = args.text(i, row)?;
            f(Doc::Text(&parse(text, text.contains("\\u0000"))?, text))
        }
    }
}

/// The same of a value.
pub fn with_value<R>(value: &Value, f: &mut dyn FnMut(Doc<'_>) -> Result<R>) -> Result<R> {
    match value {
        Value::Jsonb(json) => f(Doc::Binary(json.view())),
        Value::Json(text) => f(Doc::Text(&parse(text, false)?, text)),
        _ => Err(Error::internal("a function of JSON was given something else")),
    }
}

impl<'a> Doc<'a> {
    /// What it is.
    pub fn kind(self) -> Kind {
        match self {
            Doc::Binary(json) => json.kind(),
            Doc::Text(node, _) => match &node.item {
                Item::Null => Kind::Null,
                Item::Bool(v) => Kind::Bool(*v),
                Item::Number => Kind::Number,
                Item::String(_) => Kind::String,
                Item::Array(_) => Kind::Array,
                Item::Object(_) => Kind::Object,
            },
        }
    }

    /// The value of a key; of equal keys the last counts.
    pub fn field(self, key: &str) -> Option<Doc<'a>> {
        match self {
            Doc::Binary(json) => json.get(key).map(Doc::Binary),
            Doc::Text(node, text) => match &node.item {
                Item::Object(pairs) => {
                    pairs.iter().rev().find(|(k, _)| k == key).map(|(_, value)| Doc::Text(value, text))
                }
                _ => None,
            },
        }
    }

    /// An element; a negative place counts from the end.
    pub fn at(self, i: i64) -> Option<Doc<'a>> {
        match self {
            Doc::Binary(json) => json.at(i).map(Doc::Binary),
            Doc::Text(node, text) => match &node.item {
                Item::Array(items) => {
                    let i = if i < 0 { i + items.len() as i64 } else { i };
                    usize::try_from(i).ok().and_then(|i| items.get(i)).map(|item| Doc::Text(item, text))
                }
                _ => None,
            },
        }
    }

    /// One step of a path: a key of an object, or the number of an element.
    pub fn step(self, step: &str) -> Option<Doc<'a>> {
        match self.kind() {
            Kind::Object => self.field(step),
            Kind::Array => self.at(step.trim_start().parse().ok()?),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn elements(self) -> Vec<Doc<'a>> {
        match self {
            Doc::Binary(json) => json.elements().map(Doc::Binary).collect(),
            Doc::Text(node, text) => match &node.item {
                Item::Array(items) => items.iter().map(|item| Doc::Text(item, text)).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// The pairs of an object.
    pub fn pairs(self) -> Vec<(&'a str, Doc<'a>)> {
        match self {
            Doc::Binary(json) => json.pairs().map(|(key, value)| (key, Doc::Binary(value))).collect(),
            Doc::Text(node, text) => match &node.item {
                Item::Object(pairs) => {
                    pairs.iter().map(|(key, value)| (key.as_str(), Doc::Text(value, text))).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// As a value of its type.
    pub fn value(self) -> Value {
        match self {
            Doc::Binary(json) => Value::Jsonb(json.to_owned()),
            Doc::Text(node, text) => Value::Json(text[node.span.clone()].to_string()),
        }
    }

    /// As text: a string without its quotes; NULL for null.
    pub fn text(self) -> Value {
        match (self, self.kind()) {
            (_, Kind::Null) => Value::Null,
            (Doc::Binary(json), Kind::String) => Value::from(json.text().unwrap_or_default()),
            (Doc::Binary(json), _) => Value::Text(json.to_string()),
            (Doc::Text(node, text), _) => match &node.item {
                Item::String(text) => Value::from(text),
                _ => Value::from(&text[node.span.clone()]),
            },
        }
    }
}

/// 22023, as most refusals of these functions.
pub fn refuse<R>(message: impl Into<String>) -> Result<R> {
    Err(Error::new(state::INVALID_PARAMETER_VALUE, message.into()))
}
