//! Assignment to elements and slices: `SET a[2] = 5`, `SET a[1:2] = '{3,4}'`.
//!
//! An array of one dimension grows where the place lies outside it, with NULLs in between; one of several keeps its extent. An
//! empty or NULL array becomes just what is assigned.

use super::super::Args;
use super::super::support::i64s;
use super::FILL_MAX;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::array::{Dimension, too_large};
use remanent_storage::value::{Array, Column, Type, Value};

fn bad(message: &str) -> Error {
    Error::new(state::ARRAY_SUBSCRIPT_ERROR, message)
}

/// A place in one dimension: both ends, where they are given.
type Place = (Option<i32>, Option<i32>);

/// The array, the new value, what is given of each place (see [`super::access::slice`]), and that.
pub fn assign(args: &Args<'_>) -> Result<Column> {
    let Type::Array(element) = args.ty else { return Err(Error::internal("an assignment to no array")) };
    let given = args.columns[3..].iter().map(i64s).collect::<Result<Vec<_>>>()?;
    args.map_all(&mut |row| {
        if args.columns[3..].iter().any(|column| !column.is_valid(row)) {
            let message = "array subscript in assignment must not be null";
            return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message));
        }
        let array = args.array(0, row).unwrap_or_else(|| Array::empty(element.ty()));
        let shape = args.text(2, row)?;
        let sliced = shape.bytes().any(|place| place != b'i');
        let mut next = given.iter().map(|s| s[row] as i32);
        let places: Vec<Place> = shape
            .bytes()
            .map(|place| match place {
                b'b' => (next.next(), next.next()),
                b'l' => (next.next(), None),
                b'h' => (None, next.next()),
                b'i' if sliced => (Some(1), next.next()),
                b'i' => next.next().map_or((None, None), |i| (Some(i), Some(i))),
                _ => (None, None),
            })
            .collect();
        let new = match args.columns[1].value(row) {
            Value::Array(new) if sliced => new.into_values(),
            // A slice that is NULL changes nothing.
            _ if sliced => {
                return Ok(if args.columns[0].is_valid(row) { array.into() } else { Value::Null });
            }
            new => vec![new],
        };
        Ok(assigned(array, &places, new)?.into())
    })
}

fn assigned(array: Array, places: &[Place], new: Vec<Value>) -> Result<Array> {
    if array.is_empty() {
        return only(array.element(), places, new);
    }
    let (count, exact) = (array.dimensions().len(), places.iter().all(|(low, high)| low == high));
    if count < places.len() || exact && count != places.len() {
        return Err(bad("wrong number of array subscripts"));
    }
    let array = if count == 1 { grown(array, places[0])? } else { array };
    let mut ranges = Vec::with_capacity(count);
    for (i, dimension) in array.dimensions().iter().enumerate() {
        let (low, high) = places.get(i).copied().unwrap_or((None, None));
        let (low, high) = (low.unwrap_or(dimension.lower), high.unwrap_or(dimension.upper()));
        if low > high {
            return Err(bad("upper bound cannot be less than lower bound"));
        }
        if low < dimension.lower || high > dimension.upper() {
            return Err(bad("array subscript out of range"));
        }
        ranges.push(((low - dimension.lower) as usize, (high - dimension.lower) as usize));
    }
    let wanted: usize = ranges.iter().map(|(low, high)| high - low + 1).product();
    if new.len() < wanted {
        return Err(bad("source array too small"));
    }
    let (element, dimensions) = (array.element(), array.dimensions().to_vec());
    let mut values = array.into_values();
    let mut new = new.into_iter();
    put(&mut values, &dimensions, &ranges, 0, &mut new);
    Array::new(element, dimensions, values)
}

/// Puts the next of the new values at each place within the ranges.
fn put(
    values: &mut [Value],
    dimensions: &[Dimension],
    ranges: &[(usize, usize)],
    base: usize,
    new: &mut dyn Iterator<Item = Value>,
) {
    let (Some((dimension, dimensions)), Some((&(low, high), ranges))) =
        (dimensions.split_first(), ranges.split_first())
    else {
        if let (Some(place), Some(value)) = (values.get_mut(base), new.next()) {
            *place = value;
        }
        return;
    };
    for i in low..=high {
        put(values, dimensions, ranges, base * dimension.length as usize + i, new);
    }
}

/// What is assigned to no array is all there is.
fn only(element: Type, places: &[Place], new: Vec<Value>) -> Result<Array> {
    let mut dimensions = Vec::with_capacity(places.len());
    let mut wanted = 1usize;
    for place in places {
        let (Some(low), Some(high)) = place else {
            let detail = "When assigning to a slice of an empty array value, slice boundaries must be fully specified.";
            return Err(bad("array slice subscript must provide both boundaries").with_detail(detail));
        };
        let length = i64::from(*high) - i64::from(*low) + 1;
        let length = i32::try_from(length).map_err(|_| too_large())?;
        if length < 1 {
            return Err(bad("upper bound cannot be less than lower bound"));
        }
        wanted = wanted.saturating_mul(length as usize);
        dimensions.push(Dimension { length, lower: *low });
    }
    if new.len() < wanted {
        return Err(bad("source array too small"));
    }
    Array::new(element, dimensions, new.into_iter().take(wanted).collect())
}

/// An array of one dimension, with NULLs up to a place.
fn grown(array: Array, (low, high): Place) -> Result<Array> {
    let Some(&dimension) = array.dimensions().first() else { return Ok(array) };
    let (first, last) = (low.unwrap_or(dimension.lower), high.unwrap_or(dimension.upper()));
    let before = (i64::from(dimension.lower) - i64::from(first)).max(0);
    let after = (i64::from(last) - i64::from(dimension.upper())).max(0);
    if first > last || before == 0 && after == 0 {
        return Ok(array);
    }
    if before + after > FILL_MAX as i64 {
        return Err(too_large());
    }
    let element = array.element();
    let lower = dimension.lower.min(first);
    let mut values = vec![Value::Null; before as usize];
    values.extend(array.into_values());
    values.resize(values.len() + after as usize, Value::Null);
    let length = i32::try_from(values.len()).map_err(|_| too_large())?;
    Array::new(element, vec![Dimension { length, lower }], values)
}
