//! `@>` and `?`: what a jsonb contains.

use super::super::Args;
use remanent_storage::error::Result;
use remanent_storage::value::json::{JsonbRef, Kind};
use remanent_storage::value::{Array, Column, Value};

/// `@>`, or `<@` where they are `turned`.
pub fn compare(args: &Args<'_>, turned: bool) -> Result<Column> {
    args.map_bool(&mut |row| {
        let [x, y] = [0, 1].map(|i| JsonbRef::new(args.columns[i].bytes(row)));
        let (whole, part) = if turned { (y, x) } else { (x, y) };
        // At the top an array also contains a scalar that it has.
        let lone = whole.kind() == Kind::Array && !matches!(part.kind(), Kind::Array | Kind::Object);
        Ok(match lone {
            true => whole.elements().any(|item| contains(item, part)),
            false => contains(whole, part),
        })
    })
}

fn contains(whole: JsonbRef<'_>, part: JsonbRef<'_>) -> bool {
    match (whole.kind(), part.kind()) {
        (Kind::Object, Kind::Object) => {
            part.pairs().all(|(key, value)| whole.get(key).is_some_and(|found| contains(found, value)))
        }
        (Kind::Array, Kind::Array) => {
            part.elements().all(|item| whole.elements().any(|found| contains(found, item)))
        }
        (Kind::Object | Kind::Array, _) | (_, Kind::Object | Kind::Array) => false,
        _ => whole.compare(part).is_eq(),
    }
}

/// True for a key of an object, a string of an array, or a string that is equal.
fn has(json: JsonbRef<'_>, key: &str) -> bool {
    match json.kind() {
        Kind::Object => json.get(key).is_some(),
        Kind::Array => json.elements().any(|item| item.text() == Some(key)),
        Kind::String => json.text() == Some(key),
        _ => false,
    }
}

/// `?`
pub fn exists(args: &Args<'_>) -> Result<Column> {
    args.map_bool(&mut |row| Ok(has(JsonbRef::new(args.columns[0].bytes(row)), args.text(1, row)?)))
}

/// `?|`, `?&`
pub fn exist(args: &Args<'_>, all: bool) -> Result<Column> {
    args.map_bool(&mut |row| {
        let json = JsonbRef::new(args.columns[0].bytes(row));
        let keys = args.array(1, row).map(Array::into_values).unwrap_or_default();
        // NULL asks for nothing.
        let keys =
            keys.iter().filter_map(|key| if let Value::Text(key) = key { Some(key.as_str()) } else { None });
        Ok(if all { keys.clone().all(|key| has(json, key)) } else { keys.clone().any(|key| has(json, key)) })
    })
}
