//! Changing a jsonb.

use super::super::Args;
use super::doc::{Doc, refuse, with};
use super::get::steps;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::{Json, JsonbRef, Kind, write_string};
use remanent_storage::value::{Column, Jsonb, Type, Value};

fn view<'a>(args: &'a Args<'_>, i: usize, row: usize) -> JsonbRef<'a> {
    JsonbRef::new(args.columns[i].bytes(row))
}

fn made(json: Json) -> Value {
    Value::Jsonb(json.encode())
}

/// `||`: two objects become one, anything else a list of both.
pub fn concatenate(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let (x, y) = (view(args, 0, row), view(args, 1, row));
        let list = |v: JsonbRef<'_>| match v.open() {
            Json::Array(items) => items,
            other => vec![other],
        };
        Ok(made(match (x.open(), y.open()) {
            (Json::Object(mut pairs), Json::Object(more)) => {
                pairs.extend(more);
                Json::Object(pairs)
            }
            _ => Json::Array([list(x), list(y)].concat()),
        }))
    })
}

/// `-`: without a key, some keys, or an element.
pub fn minus(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let json = view(args, 0, row);
        if !matches!(json.kind(), Kind::Array | Kind::Object) {
            return refuse("cannot delete from scalar");
        }
        if let Value::Int4(i) = args.columns[1].value(row) {
            let Json::Array(mut items) = json.open() else {
                return refuse("cannot delete from object using integer index");
            };
            if let Some(i) = place(i.into(), items.len()) {
                items.remove(i);
            }
            return Ok(made(Json::Array(items)));
        }
        // A key that is NULL is none.
        let keys: Vec<String> = match args.columns[1].ty() {
            Type::Array(_) => {
                let keys = args.array(1, row).map(|array| array.into_values()).unwrap_or_default();
                keys.into_iter()
                    .filter_map(|key| if let Value::Text(key) = key { Some(key) } else { None })
                    .collect()
            }
            _ => steps(args, 1, row).unwrap_or_default(),
        };
        let gone = |text: &str| keys.iter().any(|key| key == text);
        Ok(made(match json.open() {
            Json::Object(pairs) => Json::Object(pairs.into_iter().filter(|(key, _)| !gone(key)).collect()),
            _ => Json::Array(
                json.elements()
                    .filter(|item| !item.text().is_some_and(gone))
                    .map(|item| Json::Whole(item.to_owned()))
                    .collect(),
            ),
        }))
    })
}

/// Where the i-th of so many stands, from the end where i is negative; None: there is none.
fn place(i: i64, count: usize) -> Option<usize> {
    let i = if i < 0 { i + count as i64 } else { i };
    usize::try_from(i).ok().filter(|&i| i < count)
}

/// The element that a step of a path names; 22P02 where it is no number.
fn number(step: &str, at: usize) -> Result<i64> {
    step.parse::<i32>().map(i64::from).map_err(|_| {
        let message = format!("path element at position {} is not an integer: \"{step}\"", at + 1);
        Error::new(state::INVALID_TEXT_REPRESENTATION, message)
    })
}

/// How a value is put at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// In the place of what is there.
    Set,
    /// Beside what is there.
    Insert,
}

/// What is done at the end of a path.
#[derive(Clone, Copy)]
enum Act<'a> {
    /// Replaced, or, where there is nothing and the flag is set, made.
    Set(&'a Jsonb, bool),
    /// Put before the element, or behind it.
    Insert(&'a Jsonb, bool),
    Delete,
}

/// jsonb_set, jsonb_insert
pub fn put(args: &Args<'_>, how: Put) -> Result<Column> {
    args.map(&mut |row| {
        let new = view(args, 2, row).to_owned();
        let flag = match args.columns.get(3).map(|c| c.value(row)) {
            Some(Value::Bool(flag)) => flag,
            _ => how == Put::Set,
        };
        act(args, row, if how == Put::Set { Act::Set(&new, flag) } else { Act::Insert(&new, flag) })
    })
}

/// Does something at the end of the path that is argument 1.
fn act(args: &Args<'_>, row: usize, act: Act<'_>) -> Result<Value> {
    let json = view(args, 0, row);
    let empty = match json.kind() {
        Kind::Array => json.elements().next().is_none(),
        Kind::Object => json.pairs().next().is_none(),
        _ if matches!(act, Act::Delete) => return refuse("cannot delete path in scalar"),
        _ => return refuse("cannot set path in scalar"),
    };
    if empty && matches!(act, Act::Delete | Act::Set(_, false)) {
        // Where nothing lies, no path is looked at.
        return Ok(made(Json::Whole(json.to_owned())));
    }
    let Some(path) = steps(args, 1, row) else { return refuse_null_step(args, 1, row) };
    Ok(made(changed(json, &path, 0, act)?))
}

/// jsonb_set_lax: the last argument says what a NULL means.
pub fn set_lax(args: &Args<'_>) -> Result<Column> {
    const TREATMENTS: &str = "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"";
    args.map_all(&mut |row| {
        let given = |i: usize| args.columns.get(i).map(|column| column.value(row));
        let create = match given(3) {
            None => true,
            Some(Value::Bool(create)) => create,
            Some(_) => return Ok(Value::Null),
        };
        if !args.columns[0].is_valid(row) || !args.columns[1].is_valid(row) {
            return Ok(Value::Null);
        }
        let treatment = match given(4) {
            None => "use_json_null".to_string(),
            Some(Value::Text(treatment)) => treatment,
            Some(_) => return refuse(TREATMENTS),
        };
        if args.columns[2].is_valid(row) {
            return act(args, row, Act::Set(&view(args, 2, row).to_owned(), create));
        }
        match treatment.as_str() {
            "use_json_null" => act(args, row, Act::Set(&Json::Null.encode(), create)),
            "delete_key" => act(args, row, Act::Delete),
            "return_target" => Ok(args.columns[0].value(row)),
            "raise_exception" => {
                let detail = "Exception was raised because null_value_treatment is \"raise_exception\".";
                let hint = "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.";
                Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
                    .with_detail(detail)
                    .with_hint(hint))
            }
            _ => refuse(TREATMENTS),
        }
    })
}

fn refuse_null_step<R>(args: &Args<'_>, i: usize, row: usize) -> Result<R> {
    let values = args.array(i, row).map(|array| array.into_values()).unwrap_or_default();
    let at = values.iter().position(Value::is_null).unwrap_or(0);
    let message = format!("path element at position {} is null", at + 1);
    Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message))
}

/// `#-`
pub fn delete_path(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| act(args, row, Act::Delete))
}

/// The value with what lies at the path, from step `at` on, changed. The tree is at most as deep as the path is long.
fn changed(json: JsonbRef<'_>, path: &[String], at: usize, act: Act<'_>) -> Result<Json> {
    let Some(step) = path.get(at) else { return Ok(Json::Whole(json.to_owned())) };
    let last = at + 1 == path.len();
    match json.open() {
        Json::Object(pairs) => change_object(json, pairs, step, path, at, act),
        Json::Array(mut items) => {
            let i = number(step, at)?;
            let found = place(i, items.len());
            match (found, last) {
                (Some(i), false) => items[i] = changed(json.element(i), path, at + 1, act)?,
                (Some(i), true) => match act {
                    Act::Set(new, _) => items[i] = Json::Whole(new.clone()),
                    Act::Insert(new, behind) => {
                        items.insert(i + usize::from(behind), Json::Whole(new.clone()))
                    }
                    Act::Delete => drop(items.remove(i)),
                },
                (None, true) => {
                    let end = if i < 0 { 0 } else { items.len() };
                    match act {
                        Act::Set(new, true) | Act::Insert(new, _) => {
                            items.insert(end, Json::Whole(new.clone()))
                        }
                        _ => {}
                    }
                }
                (None, false) => {}
            }
            Ok(Json::Array(items))
        }
        other => Ok(other),
    }
}

fn change_object(
    json: JsonbRef<'_>,
    mut pairs: Vec<(String, Json)>,
    step: &str,
    path: &[String],
    at: usize,
    act: Act<'_>,
) -> Result<Json> {
    let found = pairs.iter().position(|(key, _)| key == step);
    let last = at + 1 == path.len();
    match (found, last, act) {
        (Some(i), false, _) => {
            if let Some(value) = json.get(step) {
                pairs[i].1 = changed(value, path, at + 1, act)?;
            }
        }
        (Some(i), true, Act::Set(new, _)) => pairs[i].1 = Json::Whole(new.clone()),
        (Some(_), true, Act::Insert(..)) => {
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, "cannot replace existing key")
                .with_hint("Try using the function jsonb_set to replace key value."));
        }
        (Some(i), true, Act::Delete) => drop(pairs.remove(i)),
        (None, true, Act::Set(new, true) | Act::Insert(new, _)) => {
            pairs.push((step.to_string(), Json::Whole(new.clone())));
        }
        (None, ..) => {}
    }
    Ok(Json::Object(pairs))
}

/// Without the pairs whose value is null, at every depth.
pub fn strip_nulls(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        with(args, 0, row, &mut |doc| match doc {
            Doc::Binary(json) => Ok(made(stripped(json))),
            Doc::Text(..) => {
                let mut out = String::new();
                write_stripped(&mut out, doc)?;
                Ok(Value::Json(out))
            }
        })
    })
}

fn stripped(json: JsonbRef<'_>) -> Json {
    match json.kind() {
        Kind::Array => Json::Array(json.elements().map(stripped).collect()),
        Kind::Object => Json::Object(
            json.pairs()
                .filter(|(_, value)| value.kind() != Kind::Null)
                .map(|(key, value)| (key.to_string(), stripped(value)))
                .collect(),
        ),
        _ => json.open(),
    }
}

fn write_stripped(out: &mut String, doc: Doc<'_>) -> Result<()> {
    let fail = |_| Error::internal("a text could not be written");
    match doc.kind() {
        Kind::Array => {
            out.push('[');
            for (i, item) in doc.elements().into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write_stripped(out, item)?;
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            let kept = doc.pairs().into_iter().filter(|(_, value)| value.kind() != Kind::Null);
            for (i, (key, value)) in kept.enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write_string(out, key).map_err(fail)?;
                out.push(':');
                write_stripped(out, value)?;
            }
            out.push('}');
        }
        // Written anew, its escapes resolved.
        Kind::String => {
            if let Value::Text(text) = doc.text() {
                write_string(out, &text).map_err(fail)?;
            }
        }
        _ => out.push_str(&doc.value().to_string()),
    }
    Ok(())
}

/// jsonb_pretty
pub fn pretty(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| write_pretty(out, view(args, 0, row), 1))
}

fn write_pretty(out: &mut String, json: JsonbRef<'_>, depth: usize) -> Result<()> {
    let fail = |_| Error::internal("a text could not be written");
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    match json.kind() {
        Kind::Array => {
            out.push('[');
            for (i, item) in json.elements().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                line(out, depth);
                write_pretty(out, item, depth + 1)?;
            }
            line(out, depth - 1);
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (i, (key, value)) in json.pairs().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                line(out, depth);
                write_string(out, key).map_err(fail)?;
                out.push_str(": ");
                write_pretty(out, value, depth + 1)?;
            }
            line(out, depth - 1);
            out.push('}');
        }
        _ => out.push_str(&json.to_string()),
    }
    Ok(())
}
