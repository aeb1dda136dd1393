//! Arrays from and to text with a delimiter.

use super::super::Args;
use crate::sql::functions::cast::cast_value;
use remanent_storage::error::Result;
use remanent_storage::value::{Array, Column, Type, Value};

fn argument(args: &Args<'_>, i: usize, row: usize) -> Option<String> {
    match args.columns.get(i)?.value(row) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// array_to_string: NULL elements are left out, or written as the third argument.
pub fn to_string(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let (Some(array), Some(delimiter)) = (args.array(0, row), argument(args, 1, row)) else {
            return Ok(Value::Null);
        };
        let null = argument(args, 2, row);
        let mut parts = Vec::with_capacity(array.values().len());
        for value in array.into_values() {
            match (value, &null) {
                (Value::Null, None) => {}
                (Value::Null, Some(null)) => parts.push(null.clone()),
                // As the element's own output, which for a boolean is not the cast's.
                (Value::Bool(v), _) => parts.push(Value::Bool(v).to_string()),
                (value, _) => parts.push(match cast_value(value, Type::Text)? {
                    Value::Text(text) => text,
                    other => other.to_string(),
                }),
            }
        }
        Ok(Value::Text(parts.join(&delimiter)))
    })
}

/// string_to_array: a NULL delimiter cuts into characters, an empty one does not cut; pieces equal to the third argument
/// are NULL.
pub fn from_string(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(text) = argument(args, 0, row) else { return Ok(Value::Null) };
        let null = argument(args, 2, row);
        let pieces: Vec<String> = match argument(args, 1, row) {
            _ if text.is_empty() => Vec::new(),
            None => text.chars().map(String::from).collect(),
            Some(delimiter) if delimiter.is_empty() => vec![text],
            Some(delimiter) => text.split(delimiter.as_str()).map(String::from).collect(),
        };
        let piece = |piece| if Some(&piece) == null.as_ref() { Value::Null } else { Value::Text(piece) };
        Ok(Array::list(Type::Text, pieces.into_iter().map(piece).collect())?.into())
    })
}
