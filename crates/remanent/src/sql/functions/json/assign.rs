//! Assignment by subscripts: `SET j['a'][2] = '1'`.
//!
//! What the path needs is made on the way: an object for a key, an array for a number, nulls before an element beyond the end.

use super::super::Args;
use super::doc::refuse;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::json::{Json, JsonbRef};
use remanent_storage::value::{Column, Jsonb, Value};

/// So many nulls are made before an element at most.
const GAP_MAX: usize = 1 << 20;

/// The value, what is assigned, and the path.
pub fn assign(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let mut path = Vec::with_capacity(args.columns.len());
        for (i, column) in args.columns.iter().enumerate().skip(2) {
            if !column.is_valid(row) {
                let message = "jsonb subscript in assignment must not be null";
                return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message));
            }
            path.push(args.text(i, row)?.to_string());
        }
        let new = match args.columns[1].value(row) {
            Value::Jsonb(new) => new,
            _ => Json::Null.encode(),
        };
        let changed = match args.columns[0].value(row) {
            Value::Jsonb(json) => put(json.view(), &path, 0, &new)?,
            _ => made(&path, &new)?,
        };
        Ok(Value::Jsonb(changed.encode()))
    })
}

/// What a path that leads nowhere needs, with the value at its end.
fn made(path: &[String], new: &Jsonb) -> Result<Json> {
    let Some((step, rest)) = path.split_first() else { return Ok(Json::Whole(new.clone())) };
    let inner = made(rest, new)?;
    Ok(match step.parse::<i32>() {
        Ok(i) => {
            let mut items = Vec::new();
            fill(&mut items, i.max(0) as usize)?;
            items.push(inner);
            Json::Array(items)
        }
        Err(_) => Json::Object(vec![(step.clone(), inner)]),
    })
}

fn fill(items: &mut Vec<Json>, until: usize) -> Result<()> {
    if until > items.len() + GAP_MAX {
        let message =
            format!("number of jsonb array elements exceeds the maximum allowed ({GAP_MAX} at once)");
        return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
    }
    while items.len() < until {
        items.push(Json::Null);
    }
    Ok(())
}

fn put(json: JsonbRef<'_>, path: &[String], at: usize, new: &Jsonb) -> Result<Json> {
    let Some(step) = path.get(at) else { return Ok(Json::Whole(new.clone())) };
    match json.open() {
        Json::Object(mut pairs) => {
            match (pairs.iter().position(|(key, _)| key == step), json.get(step)) {
                (Some(i), Some(value)) => pairs[i].1 = put(value, path, at + 1, new)?,
                _ => pairs.push((step.clone(), made(&path[at + 1..], new)?)),
            }
            Ok(Json::Object(pairs))
        }
        Json::Array(mut items) => {
            let Ok(i) = step.parse::<i32>() else {
                let message = format!("path element at position {} is not an integer: \"{step}\"", at + 1);
                return Err(Error::new(state::INVALID_TEXT_REPRESENTATION, message));
            };
            let place = if i < 0 { i64::from(i) + items.len() as i64 } else { i.into() };
            let Ok(place) = usize::try_from(place) else {
                return refuse(format!("path element at position {} is out of range: {i}", at + 1));
            };
            if place < items.len() {
                items[place] = put(json.element(place), path, at + 1, new)?;
            } else {
                fill(&mut items, place)?;
                items.push(made(&path[at + 1..], new)?);
            }
            Ok(Json::Array(items))
        }
        _ => {
            let detail = "The path assumes key is a composite object, but it is a scalar value.";
            Err(Error::new(state::INVALID_PARAMETER_VALUE, "cannot replace existing key").with_detail(detail))
        }
    }
}
