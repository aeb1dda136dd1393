//! ts_rank and ts_rank_cd.

use super::super::Args;
use super::V;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::text_search::refused;
use remanent_storage::value::{Column, Value};
use remanent_text::rank::{WEIGHTS, weights};

/// A rank of a tsvector by a tsquery, given what weights count and how it is put into proportion.
type Rank = fn(&[f32; 4], &[u8], &[u8], i32) -> f32;

pub(super) fn rank(args: &Args<'_>, rank: Rank) -> Result<Column> {
    let at = usize::from(args.columns[0].ty() != V);
    args.map_float(&mut |row| {
        let weights = if at > 0 { given_weights(&args.columns[0].value(row))? } else { WEIGHTS };
        let method = match args.columns.get(at + 2).map(|column| column.value(row)) {
            Some(Value::Int4(method)) => method,
            _ => 0,
        };
        Ok(rank(&weights, args.columns[at].bytes(row), args.columns[at + 1].bytes(row), method).into())
    })
}

fn given_weights(value: &Value) -> Result<[f32; 4]> {
    let wrong = |what: &str| Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, format!("array of weight {what}")));
    let Value::Array(array) = value else { return Ok(WEIGHTS) };
    if array.dimensions().len() != 1 {
        return wrong("must be one-dimensional");
    }
    let mut given = [0.0; 4];
    let Some(values) = array.values().first_chunk::<4>() else { return wrong("is too short") };
    if array.values().iter().any(Value::is_null) {
        let message = "array of weight must not contain nulls";
        return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message));
    }
    for (slot, value) in given.iter_mut().zip(values) {
        *slot = if let Value::Float4(weight) = value { *weight } else { -1.0 };
    }
    weights(given).map_err(refused)
}
