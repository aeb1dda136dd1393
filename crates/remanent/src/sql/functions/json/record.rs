//! `json_to_record`, `jsonb_to_recordset` and their kin: columns whose names and types the statement gives.
//!
//! ```text
//! FROM jsonb_to_recordset('[{"a": 1, "b": [1, 2]}, {"a": 2}]') AS (a int, b int[])
//!
//!   @record(doc, 'a', 'jsonb_to_recordset', 't')   '1'       '2'       each column's texts,
//!   @record(doc, 'b', 'jsonb_to_recordset', 'a')   '{1,2}'   NULL      which a cast makes its type (`bind/record.rs`)
//! ```

use super::super::series::{Listed, SetFunction, SetRows, set};
use super::super::{JSON, JSONB, TEXT};
use super::doc::{Doc, refuse, with_value};
use crate::sql::expr::EvalContext;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::Kind;
use remanent_storage::value::{Type, Value};

/// The functions that want columns; the value is whether they take an array of objects.
pub static RECORDS: &[(&str, bool)] = &[
    ("json_to_record", false),
    ("jsonb_to_record", false),
    ("json_to_recordset", true),
    ("jsonb_to_recordset", true),
];

/// Functions that take the type of a record too, and those of [`RECORDS`] that make the same of it.
pub static POPULATES: &[(&str, &str)] = &[
    ("json_populate_record", "json_to_record"),
    ("jsonb_populate_record", "jsonb_to_record"),
    ("json_populate_recordset", "json_to_recordset"),
    ("jsonb_populate_recordset", "jsonb_to_recordset"),
];

/// The name of [`FUNCTION`].
pub const RECORD: &str = "@record";

/// One column: of a value, by its key, for a function of [`RECORDS`], in a form that [`form`] names.
pub static FUNCTION: SetFunction =
    set(RECORD, &[(&[JSON, TEXT, TEXT, TEXT], Type::Text), (&[JSONB, TEXT, TEXT, TEXT], Type::Text)], column)
        .sees_null();

/// In which form a column's texts are made for a type.
pub fn form(ty: Type) -> &'static str {
    let json = |ty: Type| matches!(ty, Type::Json | Type::Jsonb);
    match ty {
        Type::Array(element) if json(element.ty()) => "b",
        Type::Array(_) => "a",
        ty if json(ty) => "j",
        _ => "t",
    }
}

fn column(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    let [doc, Value::Text(key), Value::Text(function), Value::Text(form)] = args else {
        return Err(Error::internal("a column of a record without its name"));
    };
    let set = RECORDS.iter().any(|(name, set)| name == function && *set);
    if *doc == Value::Null {
        return Ok(Listed::boxed(ty, if set { Vec::new() } else { vec![Value::Null] }));
    }
    with_value(doc, &mut |doc| {
        let one = |doc: Doc<'_>| match doc.kind() {
            Kind::Object => doc.field(key).map_or(Ok(Value::Null), |value| shaped(value, key, form)),
            _ if set => refuse(format!("argument of {function} must be an array of objects")),
            Kind::Array => refuse("cannot call populate_composite on an array"),
            _ => refuse("cannot call populate_composite on a scalar"),
        };
        let rows = match (set, doc.kind()) {
            (false, _) => vec![one(doc)?],
            (true, Kind::Array) => doc.elements().into_iter().map(one).collect::<Result<_>>()?,
            (true, _) if matches!(doc, Doc::Binary(_)) => {
                return refuse(format!("cannot call {function} on a non-array"));
            }
            (true, Kind::Object) => return refuse(format!("cannot call {function} on an object")),
            (true, _) => return refuse(format!("cannot call {function} on a scalar")),
        };
        Ok(Listed::boxed(ty, rows))
    })
}

/// The text of a value in that form; NULL for null, but for columns of JSON.
fn shaped(doc: Doc<'_>, key: &str, form: &str) -> Result<Value> {
    match (form, doc.kind()) {
        ("j", _) => Ok(Value::Text(doc.value().to_string())),
        ("t", _) | (_, Kind::Null | Kind::String) => Ok(doc.text()),
        (_, Kind::Array) => {
            let mut out = String::new();
            array(doc, form == "b", &mut out);
            Ok(Value::Text(out))
        }
        _ => {
            let error = Error::new(state::INVALID_TEXT_REPRESENTATION, "expected JSON array");
            Err(error.with_hint(format!("See the value of key \"{key}\".")))
        }
    }
}

/// An array in the form that text of arrays has.
fn array(doc: Doc<'_>, json: bool, out: &mut String) {
    out.push('{');
    for (i, element) in doc.elements().into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match element.kind() {
            Kind::Array if !json => array(element, json, out),
            Kind::Null => out.push_str("NULL"),
            _ => {
                let value = if json { element.value() } else { element.text() };
                out.push('"');
                for c in value.to_string().chars() {
                    if matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
        }
    }
    out.push('}');
}
