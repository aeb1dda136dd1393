//! Looking into a value.

use super::super::Args;
use super::doc::{Doc, refuse, with};
use remanent_storage::error::Result;
use remanent_storage::value::json::Kind;
use remanent_storage::value::{Column, Type, Value};

fn delivered(found: Option<Doc<'_>>, text: bool) -> Value {
    found.map_or(Value::Null, |doc| if text { doc.text() } else { doc.value() })
}

fn is_scalar(doc: Doc<'_>) -> bool {
    !matches!(doc.kind(), Kind::Array | Kind::Object)
}

/// `->` and `->>`: a field by its key, an element by its place.
pub fn member(args: &Args<'_>, text: bool) -> Result<Column> {
    let scalars = args.columns[0].ty() == Type::Jsonb;
    args.map(&mut |row| {
        let key = args.columns[1].value(row);
        with(args, 0, row, &mut |doc| {
            Ok(match &key {
                Value::Text(key) => delivered(doc.field(key), text),
                // A scalar of jsonb counts as an array of one.
                Value::Int4(0 | -1) if scalars && is_scalar(doc) => delivered(Some(doc), text),
                Value::Int4(i) => delivered(doc.at((*i).into()), text),
                _ => Value::Null,
            })
        })
    })
}

/// The steps of a path: an array of texts, or all arguments from `i` on. None where one is NULL.
pub fn steps(args: &Args<'_>, i: usize, row: usize) -> Option<Vec<String>> {
    let text = |value: Value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    match args.columns[i].ty() {
        Type::Array(_) => args.array(i, row)?.into_values().into_iter().map(text).collect(),
        _ => args.columns[i..].iter().map(|column| text(column.value(row))).collect(),
    }
}

/// `#>` and `#>>`
pub fn path(args: &Args<'_>, text: bool) -> Result<Column> {
    args.map(&mut |row| {
        let Some(steps) = steps(args, 1, row) else { return Ok(Value::Null) };
        with(args, 0, row, &mut |doc| {
            Ok(delivered(steps.iter().try_fold(doc, |doc, step| doc.step(step)), text))
        })
    })
}

/// json_typeof
pub fn type_of(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        with(args, 0, row, &mut |doc| {
            Ok(Value::from(match doc.kind() {
                Kind::Null => "null",
                Kind::Bool(_) => "boolean",
                Kind::Number => "number",
                Kind::String => "string",
                Kind::Array => "array",
                Kind::Object => "object",
            }))
        })
    })
}

/// json_array_length
pub fn array_length(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        with(args, 0, row, &mut |doc| match doc.kind() {
            Kind::Array => Ok(Value::Int4(doc.elements().len() as i32)),
            Kind::Object => refuse("cannot get array length of a non-array"),
            _ => refuse("cannot get array length of a scalar"),
        })
    })
}
