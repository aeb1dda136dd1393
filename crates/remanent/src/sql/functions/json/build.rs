//! JSON from SQL's values.

use super::super::Args;
use super::doc::refuse;
use crate::sql::functions::cast::cast_value;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::{Json, write_string};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::record::{self, RECORD};
use remanent_storage::value::{Array, Column, Jsonb, Type, Value, Zone};

/// Which of the two types is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// json
    Text,
    /// jsonb
    Binary,
}

/// to_json: of every row.
pub fn convert(args: &Args<'_>, form: Form) -> Result<Column> {
    args.map(&mut |row| {
        let value = given(&args.columns[0], row, args.ctx.zone)?;
        // array_to_json(…, true) puts line feeds between the elements, and row_to_json between the fields.
        if let Some(Value::Bool(true)) = args.columns.get(1).map(|c| c.value(row)) {
            let mut out = String::new();
            match &value {
                Value::Array(array) => write_array(&mut out, array, 0, &mut 0, ",\n ")?,
                Value::Other(_, fields) => write_row(&mut out, fields, ",\n ")?,
                other => write(&mut out, other)?,
            }
            return Ok(Value::Json(out));
        }
        one(&value, form)
    })
}

/// A value as JSON.
fn one(value: &Value, form: Form) -> Result<Value> {
    Ok(match form {
        Form::Binary => Value::Jsonb(tree(value)?.encode()),
        Form::Text => {
            let mut out = String::new();
            write(&mut out, value)?;
            Value::Json(out)
        }
    })
}

/// An argument as JSON has it. The number of an object is a text.
fn given(column: &Column, row: usize, zone: &Zone) -> Result<Value> {
    match column.value(row) {
        Value::Int8(number) if column.ty() == Type::Oid => Ok(Value::Text(number.to_string())),
        value => iso(value, zone),
    }
}

/// A moment as JSON has it in a zone, which is a text; anything else as it is.
fn iso(value: Value, zone: &Zone) -> Result<Value> {
    Ok(match value {
        _ if zone.is_utc() => value,
        Value::Timestamptz(_) => {
            let text = value.text_in(zone).replacen(' ', "T", 1);
            let short = matches!(text.as_bytes(), [.., b'+' | b'-', _, _]);
            Value::Text(if short { text + ":00" } else { text })
        }
        Value::Array(array) if array.element() == Type::Timestamptz => {
            array.map(Type::Text, &mut |value| iso(value.clone(), zone))?.into()
        }
        Value::Array(array) if array.element() == RECORD => {
            array.map(RECORD, &mut |value| iso(value.clone(), zone))?.into()
        }
        Value::Other(Kind::Record, fields) => record::map(&fields, &mut |value| iso(value, zone))?,
        other => other,
    })
}

/// For the aggregates of JSON: an argument as they shall have it.
pub fn shown(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| given(&args.columns[0], row, args.ctx.zone))
}

/// The text of a value within JSON, without quotes, and whether it needs them.
fn scalar(value: &Value) -> Result<(String, bool)> {
    Ok(match value {
        Value::Bool(v) => (v.to_string(), false),
        Value::Int2(_) | Value::Int4(_) | Value::Int8(_) => (value.to_string(), false),
        Value::Float4(_) | Value::Float8(_) | Value::Numeric(_) => {
            let text = value.to_string();
            let finite = !text.contains(['N', 'I']);
            (text, !finite)
        }
        Value::Timestamp(_) | Value::Timestamptz(_) => {
            let text = value.to_string().replacen(' ', "T", 1);
            let zoned =
                matches!(value, Value::Timestamptz(_)) && text.len() > 9 && !text.contains("infinity");
            // ISO 8601 wants minutes in the offset.
            let short = zoned && text.len() > 3 && matches!(text.as_bytes()[text.len() - 3], b'+' | b'-');
            (if short { text + ":00" } else { text }, true)
        }
        other => match cast_value(other.clone(), Type::Text)? {
            Value::Text(text) => (text, true),
            other => (other.to_string(), true),
        },
    })
}

fn fail(_: std::fmt::Error) -> Error {
    Error::internal("a text could not be written")
}

fn write(out: &mut String, value: &Value) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Json(text) => out.push_str(text),
        Value::Jsonb(json) => out.push_str(&json.to_string()),
        Value::Array(array) => write_array(out, array, 0, &mut 0, ",")?,
        Value::Other(Kind::Record, fields) => write_row(out, fields, ",")?,
        Value::Char(text) => write_string(out, text).map_err(fail)?,
        other => match scalar(other)? {
            (text, true) => write_string(out, &text).map_err(fail)?,
            (text, false) => out.push_str(&text),
        },
    }
    Ok(())
}

fn write_array(out: &mut String, array: &Array, depth: usize, next: &mut usize, between: &str) -> Result<()> {
    let length = array.dimensions().get(depth).map_or(0, |d| d.length);
    out.push('[');
    for i in 0..length {
        out.push_str(if i > 0 { between } else { "" });
        if depth + 1 < array.dimensions().len() {
            write_array(out, array, depth + 1, next, ",")?;
        } else if let Some(value) = array.values().get(*next) {
            write(out, value)?;
            *next += 1;
        }
    }
    out.push(']');
    Ok(())
}

fn write_row(out: &mut String, fields: &[u8], between: &str) -> Result<()> {
    out.push('{');
    for (i, (name, _, value)) in record::fields(fields)?.iter().enumerate() {
        out.push_str(if i > 0 { between } else { "" });
        write_string(out, name).map_err(fail)?;
        out.push(':');
        write(out, value)?;
    }
    out.push('}');
    Ok(())
}

fn tree(value: &Value) -> Result<Json> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(v) => Json::Bool(*v),
        Value::Jsonb(json) => Json::Whole(json.clone()),
        Value::Json(text) => Json::Whole(Jsonb::parse(text)?),
        Value::Array(array) => array_tree(array, 0, &mut 0)?,
        Value::Other(Kind::Record, fields) => {
            let fields = record::fields(fields)?.into_iter();
            Json::Object(fields.map(|(name, _, value)| Ok((name, tree(&value)?))).collect::<Result<_>>()?)
        }
        Value::Char(text) => Json::String(text.clone()),
        other => match scalar(other)? {
            (text, true) => Json::String(text),
            (text, false) => Json::Number(text.parse()?),
        },
    })
}

fn array_tree(array: &Array, depth: usize, next: &mut usize) -> Result<Json> {
    let length = array.dimensions().get(depth).map_or(0, |d| d.length);
    let mut items = Vec::new();
    for _ in 0..length {
        if depth + 1 < array.dimensions().len() {
            items.push(array_tree(array, depth + 1, next)?);
        } else if let Some(value) = array.values().get(*next) {
            items.push(tree(value)?);
            *next += 1;
        }
    }
    Ok(Json::Array(items))
}

/// The key that a value is.
fn key(value: &Value, place: usize) -> Result<String> {
    match value {
        Value::Null => refuse_key(place),
        Value::Json(_) | Value::Jsonb(_) | Value::Array(_) | Value::Other(Kind::Record, _) => {
            refuse("key value must be scalar, not array, composite, or json")
        }
        Value::Char(text) => Ok(text.clone()),
        other => Ok(scalar(other)?.0),
    }
}

fn refuse_key<R>(place: usize) -> Result<R> {
    Err(Error::new(state::INVALID_PARAMETER_VALUE, format!("argument {} cannot be null", place + 1))
        .with_hint("Object keys should be text."))
}

/// A JSON array of values: json_agg, json_build_array.
pub fn array_of(values: &[Value], form: Form, lines: bool) -> Result<Value> {
    if form == Form::Binary {
        return Ok(Value::Jsonb(Json::Array(values.iter().map(tree).collect::<Result<_>>()?).encode()));
    }
    let mut out = String::from("[");
    for (i, value) in values.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        out.push_str(if i > 0 && lines && matches!(value, Value::Array(_) | Value::Other(Kind::Record, _)) {
            "\n "
        } else {
            ""
        });
        write(&mut out, value)?;
    }
    out.push(']');
    Ok(Value::Json(out))
}

/// A JSON object of keys and values in turns, as json_object_agg writes it.
pub fn object_of(values: &[Value], form: Form) -> Result<Value> {
    object_between(values, form, ["{ ", " }"])
}

fn object_between(values: &[Value], form: Form, [open, close]: [&str; 2]) -> Result<Value> {
    let (pairs, _) = values.as_chunks::<2>();
    if form == Form::Binary {
        let pair = |(i, [k, v]): (usize, &[Value; 2])| Ok((key(k, 2 * i)?, tree(v)?));
        let pairs = pairs.iter().enumerate().map(pair).collect::<Result<_>>()?;
        return Ok(Value::Jsonb(Json::Object(pairs).encode()));
    }
    let mut out = String::from(open);
    for (i, [k, v]) in pairs.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        write_string(&mut out, &key(k, 2 * i)?).map_err(fail)?;
        out.push_str(" : ");
        write(&mut out, v)?;
    }
    out.push_str(close);
    Ok(Value::Json(out))
}

fn row_of(args: &Args<'_>, row: usize) -> Result<Vec<Value>> {
    args.columns.iter().map(|column| given(column, row, args.ctx.zone)).collect()
}

/// json_build_array
pub fn array(args: &Args<'_>, form: Form) -> Result<Column> {
    args.map_all(&mut |row| array_of(&row_of(args, row)?, form, false))
}

/// json_build_object
pub fn object(args: &Args<'_>, form: Form) -> Result<Column> {
    if args.columns.len() % 2 == 1 {
        let name = if form == Form::Text { "json_build_object" } else { "jsonb_build_object" };
        return Err(Error::new(
            state::INVALID_PARAMETER_VALUE,
            "argument list must have even number of elements",
        )
        .with_hint(format!("The arguments of {name}() must consist of alternating keys and values.")));
    }
    args.map_all(&mut |row| object_between(&row_of(args, row)?, form, ["{", "}"]))
}

/// json_object: of one array of keys and values in turns, or in pairs, or of two arrays.
pub fn of_texts(args: &Args<'_>, form: Form) -> Result<Column> {
    let wrong = |message: &str| Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message.to_string()));
    args.map(&mut |row| {
        let Some(first) = args.array(0, row) else { return Ok(Value::Null) };
        let mut values = Vec::new();
        if args.columns.len() > 1 {
            let Some(second) = args.array(1, row) else { return Ok(Value::Null) };
            if first.dimensions().len() > 1 || first.dimensions().len() != second.dimensions().len() {
                return wrong("wrong number of array subscripts");
            }
            if first.values().len() != second.values().len() {
                return wrong("mismatched array dimensions");
            }
            for (key, value) in first.into_values().into_iter().zip(second.into_values()) {
                values.extend([key, value]);
            }
        } else {
            match first.dimensions() {
                [] => {}
                [only] if only.length % 2 == 0 => {}
                [_] => return wrong("array must have even number of elements"),
                [_, second] if second.length == 2 => {}
                [_, _] => return wrong("array must have two columns"),
                _ => return wrong("wrong number of array subscripts"),
            }
            values = first.into_values();
        }
        if values.iter().step_by(2).any(Value::is_null) {
            return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key"));
        }
        object_between(&values, form, ["{", "}"])
    })
}
