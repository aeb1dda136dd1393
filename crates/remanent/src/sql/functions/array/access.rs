//! Subscripts, slices, ARRAY[…].

use super::super::Args;
use super::super::support::i64s;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::array::{Dimension, too_large};
use remanent_storage::value::{Array, Column, Type, Value};

/// `ARRAY[…]` of elements, or of arrays, which become its rows.
pub fn make(args: &Args<'_>) -> Result<Column> {
    let Type::Array(element) = args.ty else { return Err(Error::internal("ARRAY of another type")) };
    let element = element.ty();
    let nested = args.columns.first().is_some_and(|c| matches!(c.ty(), Type::Array(_)));
    args.map_all(&mut |row| {
        let items: Vec<Value> = args.columns.iter().map(|c| c.value(row)).collect();
        Ok(if nested { nest(element, items)? } else { Array::list(element, items)? }.into())
    })
}

/// Arrays of one extent as the rows of one with a dimension more.
pub(crate) fn nest(element: Type, items: Vec<Value>) -> Result<Array> {
    let mismatch = || {
        let message = "multidimensional arrays must have array expressions with matching dimensions";
        Error::new(state::ARRAY_SUBSCRIPT_ERROR, message)
    };
    let length = i32::try_from(items.len()).map_err(|_| too_large())?;
    let mut inner: Option<Vec<Dimension>> = None;
    let mut values = Vec::new();
    for item in items {
        // NULL counts as an empty array.
        let array = match item {
            Value::Array(array) => *array,
            _ => Array::empty(element),
        };
        match &inner {
            None => inner = Some(array.dimensions().to_vec()),
            Some(held) if held != array.dimensions() => return Err(mismatch()),
            Some(_) => {}
        }
        values.extend(array.into_values());
    }
    let mut dimensions = vec![Dimension { length, lower: 1 }];
    dimensions.extend(inner.unwrap_or_default());
    Array::new(element, dimensions, values)
}

/// `array[i][j]`: NULL where there is no such element.
pub fn element(args: &Args<'_>) -> Result<Column> {
    let subscripts = args.columns[1..].iter().map(i64s).collect::<Result<Vec<_>>>()?;
    args.map(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        let place: Vec<i32> = subscripts.iter().map(|s| s[row] as i32).collect();
        Ok(array.position(&place).map_or(Value::Null, |at| array.values()[at].clone()))
    })
}

/// `array[i:j]`: the second argument says of each dimension which ends are given: both, low, high, none, or one
/// subscript, which is the high end then.
pub fn slice(args: &Args<'_>) -> Result<Column> {
    let given = args.columns[2..].iter().map(i64s).collect::<Result<Vec<_>>>()?;
    args.map(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        let mut next = given.iter().map(|s| s[row] as i32);
        let mut end = || next.next();
        let ends: Vec<(Option<i32>, Option<i32>)> = args
            .text(1, row)?
            .chars()
            .map(|shape| match shape {
                'b' => (end(), end()),
                'l' => (end(), None),
                'h' => (None, end()),
                'i' => (Some(1), end()),
                _ => (None, None),
            })
            .collect();
        Ok(array.slice(&ends).into())
    })
}
