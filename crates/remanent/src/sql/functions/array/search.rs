//! What is in an array.

use super::super::compare::settled;
use super::super::support::bool_column;
use super::super::{Arg, Args, lookup};
use super::same;
use crate::sql::expr::coerce::family;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Bitmap, Column, Type, Value};

/// A test of two arrays, row by row.
pub fn compare(args: &Args<'_>, test: &dyn Fn(&Array, &Array) -> bool) -> Result<Column> {
    args.map_bool(&mut |row| {
        let (x, y) = (args.array(0, row), args.array(1, row));
        Ok(x.zip(y).is_some_and(|(x, y)| test(&x, &y)))
    })
}

/// True if every element of `part` is one of `whole`; NULL is none of any.
pub fn contains(whole: &Array, part: &Array) -> bool {
    part.values().iter().all(|value| has(whole, value))
}

/// True if they share an element.
pub fn overlaps(x: &Array, y: &Array) -> bool {
    x.values().iter().any(|value| has(y, value))
}

fn has(array: &Array, value: &Value) -> bool {
    !value.is_null() && array.values().iter().any(|item| !item.is_null() && item == value)
}

fn one_dimension(array: &Array) -> Result<i32> {
    match array.dimensions() {
        [] => Ok(1),
        [only] => Ok(only.lower),
        _ => {
            let message = "searching for elements in multidimensional arrays is not supported";
            Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
        }
    }
}

/// array_position: the first subscript from a third argument on.
pub fn position(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        let lower = one_dimension(&array)?;
        let wanted = args.columns[1].value(row);
        if array.is_empty() || wanted.is_null() && !array.values().iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        let from = match args.columns.get(2).map(|c| c.value(row)) {
            None => lower,
            Some(Value::Int4(from)) => from,
            Some(_) => {
                let message = "initial position must not be null";
                return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message));
            }
        };
        let mut subscripts = array.values().iter().zip(lower..);
        let found = subscripts.find(|(value, subscript)| *subscript >= from && same(value, &wanted));
        Ok(found.map_or(Value::Null, |(_, subscript)| Value::Int4(subscript)))
    })
}

/// array_positions: all subscripts.
pub fn positions(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        let lower = one_dimension(&array)?;
        let wanted = args.columns[1].value(row);
        let found = array.values().iter().zip(lower..).filter(|(value, _)| same(value, &wanted));
        Ok(Array::list(Type::Int4, found.map(|(_, subscript)| Value::Int4(subscript)).collect())?.into())
    })
}

/// `f(…, VARIADIC array)`: the function of that name, row by row, the elements of the array being arguments.
pub fn spread(args: &Args<'_>) -> Result<Column> {
    let function = lookup(args.text(0, 0)?).iter().find(|function| function.variadic);
    let function = function.ok_or_else(|| Error::internal("a function was resolved and is gone"))?;
    let (last, mut values) = (args.columns.len() - 1, Vec::with_capacity(args.rows));
    let element = args.element(last);
    for row in 0..args.rows {
        args.ctx.interrupt.check()?;
        let Some(array) = args.array(last, row) else {
            values.push(Value::Null);
            continue;
        };
        let fixed = args.columns[1..last].iter().map(|column| (column.ty(), column.value(row)));
        let spread = array.into_values().into_iter().map(|value| (element, value));
        let columns = fixed.chain(spread).map(|(ty, value)| Column::constant(ty, &value, 1));
        let columns = columns.collect::<Result<_>>()?;
        values.push(super::super::invoke(function, args.ty, columns, 1, args.ctx)?.value(0));
    }
    Column::from_values(args.ty, values)
}

/// `left op ANY (array)`: true where the operator is true of one element, NULL where it is of none and NULL of one;
/// `ALL` likewise of all. The operator is called once on all elements of all rows.
pub fn quantified(args: &Args<'_>, all: bool) -> Result<Column> {
    let (name, left) = (args.text(0, 0)?, settled(&args.columns[1]));
    let element = args.element(2);
    // The row of each element.
    let (mut rows, mut items) = (Vec::new(), Vec::new());
    for row in 0..args.rows {
        for value in args.array(2, row).map(Array::into_values).unwrap_or_default() {
            rows.push(row as u32);
            items.push(value);
        }
    }
    let count = rows.len();
    let right = Column::from_values(element, items)?;
    let left = left.gather(&rows);
    let test = operator(name, left.ty(), element)
        .ok_or_else(|| Error::internal(format!("operator {name} was resolved and is gone")))?;
    let tests = match count {
        0 => Column::null(Type::Bool, 0),
        _ => super::super::invoke(test, Type::Bool, vec![left, right], count, args.ctx)?,
    };
    // The answer for no element, and the one that an element decides.
    let (mut found, mut unknown) = (vec![false; args.rows], vec![false; args.rows]);
    for (i, &row) in rows.iter().enumerate() {
        match tests.value(i) {
            Value::Bool(answer) => found[row as usize] |= answer != all,
            _ => unknown[row as usize] = true,
        }
    }
    let (mut mask, mut valid) = (vec![0u64; args.rows.div_ceil(64)], Vec::with_capacity(args.rows));
    for row in 0..args.rows {
        let is_null = args.array(2, row).is_none();
        valid.push(!is_null && (found[row] || !unknown[row]));
        mask[row / 64] |= u64::from(found[row] != all) << (row % 64);
    }
    Ok(bool_column(mask, args.rows, Some(valid.into_iter().collect::<Bitmap>())))
}

/// The operator that takes exactly these types.
fn operator(name: &str, left: Type, right: Type) -> Option<&'static super::super::Function> {
    let takes = |arg: &Arg, ty: Type| match (arg, ty) {
        (Arg::Any, _) | (Arg::Enum, Type::Enum(_)) => true,
        (Arg::Is(Type::Text), ty) if ty.is_text() => true,
        (Arg::Array, Type::Array(_)) => true,
        (Arg::Is(wanted), ty) => *wanted == family(ty),
        _ => false,
    };
    lookup(name).iter().copied().find(|function| {
        function.signatures.iter().any(|(args, ty)| match args {
            [a, b] => *ty == Type::Bool && takes(a, left) && takes(b, right),
            _ => false,
        })
    })
}
