//! Functions of JSON that return rows.

use super::super::series::{Listed, SetFunction, SetRows, Start};
use super::super::{JSON, JSONB, Signature};
use super::doc::{Doc, refuse, with_value};
use crate::sql::expr::EvalContext;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::json::Kind;
use remanent_storage::value::{Type, Value};

const fn set(name: &'static str, signatures: &'static [Signature], start: Start) -> SetFunction {
    SetFunction { name, signatures, start }
}

/// The functions of one column.
pub static FUNCTIONS: &[SetFunction] = &[
    set("json_array_elements", &[(&[JSON], Type::Json)], |a, ty, _| elements(a, ty, false)),
    set("jsonb_array_elements", &[(&[JSONB], Type::Jsonb)], |a, ty, _| elements(a, ty, false)),
    set("json_array_elements_text", &[(&[JSON], Type::Text)], |a, ty, _| elements(a, ty, true)),
    set("jsonb_array_elements_text", &[(&[JSONB], Type::Text)], |a, ty, _| elements(a, ty, true)),
    set("json_object_keys", &[(&[JSON], Type::Text)], keys),
    set("jsonb_object_keys", &[(&[JSONB], Type::Text)], keys),
    set("@json_key", &[(&[JSON], Type::Text)], |a, ty, _| each(a, ty, Part::Key)),
    set("@json_value", &[(&[JSON], Type::Json)], |a, ty, _| each(a, ty, Part::Value)),
    set("@json_text", &[(&[JSON], Type::Text)], |a, ty, _| each(a, ty, Part::Text)),
    set("@jsonb_key", &[(&[JSONB], Type::Text)], |a, ty, _| each(a, ty, Part::Key)),
    set("@jsonb_value", &[(&[JSONB], Type::Jsonb)], |a, ty, _| each(a, ty, Part::Value)),
    set("@jsonb_text", &[(&[JSONB], Type::Text)], |a, ty, _| each(a, ty, Part::Text)),
];

/// The functions whose columns have names: of each its name and the function that makes it.
pub static COLUMNS: &[(&str, &[(&str, &str)])] = &[
    ("json_each", &[("key", "@json_key"), ("value", "@json_value")]),
    ("json_each_text", &[("key", "@json_key"), ("value", "@json_text")]),
    ("jsonb_each", &[("key", "@jsonb_key"), ("value", "@jsonb_value")]),
    ("jsonb_each_text", &[("key", "@jsonb_key"), ("value", "@jsonb_text")]),
    ("json_array_elements", &[("value", "json_array_elements")]),
    ("json_array_elements_text", &[("value", "json_array_elements_text")]),
    ("jsonb_array_elements", &[("value", "jsonb_array_elements")]),
    ("jsonb_array_elements_text", &[("value", "jsonb_array_elements_text")]),
];

type Rows = Result<Box<dyn SetRows>>;

fn argument(args: &[Value]) -> Result<&Value> {
    args.first().ok_or_else(|| Error::internal("a function of JSON without its argument"))
}

fn elements(args: &[Value], ty: Type, text: bool) -> Rows {
    with_value(argument(args)?, &mut |doc| {
        let message = match (doc.kind(), doc) {
            (Kind::Array, _) => {
                let one = |item: Doc<'_>| if text { item.text() } else { item.value() };
                return Ok(Listed::boxed(ty, doc.elements().into_iter().map(one).collect()));
            }
            (Kind::Object, Doc::Binary(_)) => "cannot extract elements from an object",
            (_, Doc::Binary(_)) => "cannot extract elements from a scalar",
            (Kind::Object, _) if text => "cannot call json_array_elements_text on a non-array",
            (Kind::Object, _) => "cannot call json_array_elements on a non-array",
            _ if text => "cannot call json_array_elements_text on a scalar",
            _ => "cannot call json_array_elements on a scalar",
        };
        refuse(message)
    })
}

fn keys(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Rows {
    with_value(argument(args)?, &mut |doc| {
        let name = if matches!(doc, Doc::Binary(_)) { "jsonb_object_keys" } else { "json_object_keys" };
        match doc.kind() {
            Kind::Object => {
                Ok(Listed::boxed(ty, doc.pairs().into_iter().map(|(key, _)| Value::from(key)).collect()))
            }
            Kind::Array => refuse(format!("cannot call {name} on an array")),
            _ => refuse(format!("cannot call {name} on a scalar")),
        }
    })
}

/// Which column of json_each.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Value,
    Text,
}

fn each(args: &[Value], ty: Type, part: Part) -> Rows {
    with_value(argument(args)?, &mut |doc| {
        let message = match (doc.kind(), doc) {
            (Kind::Object, _) => {
                let one = |(key, value): (&str, Doc<'_>)| match part {
                    Part::Key => Value::from(key),
                    Part::Value => value.value(),
                    Part::Text => value.text(),
                };
                return Ok(Listed::boxed(ty, doc.pairs().into_iter().map(one).collect()));
            }
            (_, Doc::Binary(_)) => "cannot call jsonb_each on a non-object",
            (Kind::Array, _) => "cannot deconstruct an array as an object",
            _ => "cannot deconstruct a scalar",
        };
        refuse(message)
    })
}
