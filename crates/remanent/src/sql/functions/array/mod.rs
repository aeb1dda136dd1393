//! Arrays: making them, taking them apart, searching them.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the entries; extents, building and changing |
//! | `access` | subscripts and slices; ARRAY[…] |
//! | `assign` | `SET a[2] = …` |
//! | `search` | `@>` `<@` `&&`, positions, `= ANY` |
//! | `text` | array_to_string, string_to_array |
//!
//! Entries whose name begins with `@` and a letter are what the binder makes of syntax: no operator is spelled so.

mod access;
mod assign;
pub(crate) mod search;
pub(super) mod text;

use super::{ARRAY, Args, ELEMENT, Function, INT4, Signature, TEXT, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::array::{Dimension, too_large};
use remanent_storage::value::{Array, Column, Element, Type, Value};

pub(super) const SAME: Type = Type::Array(Element::ANY);
const ITSELF: Type = Type::Array(Element::ITSELF);
const INTS: Type = Type::Array(Element::of(Type::Int4));

/// array_fill makes at most so many elements: some tens of MB.
const FILL_MAX: usize = 1 << 20;

static OF_DIMENSION: &[Signature] = &[(&[ARRAY, INT4], Type::Int4)];
static TWO_ARRAYS: &[Signature] = &[(&[ARRAY, ARRAY], Type::Bool)];
static WITH_ELEMENT: &[Signature] = &[(&[ARRAY, ELEMENT], SAME)];
static APPEND: &[Signature] =
    &[(&[ARRAY, ARRAY], SAME), (&[ARRAY, ELEMENT], SAME), (&[ELEMENT, ARRAY], SAME)];
static FILL: &[Signature] = &[
    (&[ELEMENT, super::Arg::Is(INTS)], SAME),
    (&[ELEMENT, super::Arg::Is(INTS), super::Arg::Is(INTS)], SAME),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("@array", &[(&[super::ANY], SAME)], access::make).variadic().sees_null(),
    f("@element", &[(&[ARRAY, INT4], ITSELF)], access::element).variadic(),
    f("@slice", &[(&[ARRAY, TEXT, INT4], SAME)], access::slice).variadic(),
    f("@assign", &[(&[super::ANY, super::ANY, TEXT, INT4], SAME)], assign::assign).variadic().sees_null(),
    f("@variadic", &[(&[TEXT, super::ANY], SAME)], search::spread).variadic().sees_null().stable(),
    f("@any", &[(&[TEXT, super::ANY, super::ANY], Type::Bool)], |a| search::quantified(a, false))
        .sees_null()
        .stable(),
    f("@all", &[(&[TEXT, super::ANY, super::ANY], Type::Bool)], |a| search::quantified(a, true))
        .sees_null()
        .stable(),
    f("||", APPEND, join).sees_null(),
    f("array_cat", &[(&[ARRAY, ARRAY], SAME)], join).sees_null(),
    f("array_append", WITH_ELEMENT, join).sees_null(),
    f("array_prepend", &[(&[ELEMENT, ARRAY], SAME)], join).sees_null(),
    f("array_length", OF_DIMENSION, |a| of_dimension(a, |d| d.length)),
    f("array_lower", OF_DIMENSION, |a| of_dimension(a, |d| d.lower)),
    f("array_upper", OF_DIMENSION, |a| of_dimension(a, Dimension::upper)),
    f("array_ndims", &[(&[ARRAY], Type::Int4)], |a| {
        extent(a, &|array| Some(Value::Int4(array.dimensions().len() as i32)).filter(|_| !array.is_empty()))
    }),
    f("array_dims", &[(&[ARRAY], Type::Text)], |a| {
        let show = |d: &Dimension| format!("[{}:{}]", d.lower, d.upper());
        let text = |array: &Array| array.dimensions().iter().map(show).collect::<String>();
        extent(a, &|array| (!array.is_empty()).then(|| Value::Text(text(array))))
    }),
    f("cardinality", &[(&[ARRAY], Type::Int4)], |a| {
        extent(a, &|array| Some(Value::Int4(array.values().len() as i32)))
    }),
    f("array_remove", WITH_ELEMENT, remove).sees_null(),
    f("array_replace", &[(&[ARRAY, ELEMENT, ELEMENT], SAME)], replace).sees_null(),
    f("array_fill", FILL, fill).sees_null(),
    f("trim_array", &[(&[ARRAY, INT4], SAME)], trim),
    f("@>", TWO_ARRAYS, |a| search::compare(a, &|x, y| search::contains(x, y))),
    f("<@", TWO_ARRAYS, |a| search::compare(a, &|x, y| search::contains(y, x))),
    f("&&", TWO_ARRAYS, |a| search::compare(a, &search::overlaps)),
    f(
        "array_position",
        &[(&[ARRAY, ELEMENT], Type::Int4), (&[ARRAY, ELEMENT, INT4], Type::Int4)],
        search::position,
    )
    .sees_null(),
    f("array_positions", &[(&[ARRAY, ELEMENT], INTS)], search::positions).sees_null(),
    f(
        "array_to_string",
        &[(&[ARRAY, TEXT], Type::Text), (&[ARRAY, TEXT, TEXT], Type::Text)],
        text::to_string,
    )
    .sees_null()
    .stable(),
    f(
        "string_to_array",
        &[
            (&[TEXT, TEXT], Type::Array(Element::of(Type::Text))),
            (&[TEXT, TEXT, TEXT], Type::Array(Element::of(Type::Text))),
        ],
        text::from_string,
    )
    .sees_null(),
];

/// For array_agg of arrays: they become the rows of one; 2202E and 22004 for what cannot be one.
pub(crate) fn nested(element: Type, values: Vec<Value>) -> Result<Array> {
    let refuse = |state, message: &str| Err(Error::new(state, message.to_string()));
    let mut first: Option<&[Dimension]> = None;
    for value in &values {
        let Value::Array(array) = value else {
            return refuse(state::NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
        };
        match first {
            _ if array.is_empty() => {
                return refuse(state::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
            }
            Some(held) if held != array.dimensions() => {
                let message = "cannot accumulate arrays of different dimensionality";
                return refuse(state::ARRAY_SUBSCRIPT_ERROR, message);
            }
            _ => first = Some(array.dimensions()),
        }
    }
    access::nest(element, values)
}

impl Args<'_> {
    /// Argument `i` of a row as an array; None for NULL.
    pub(super) fn array(&self, i: usize, row: usize) -> Option<Array> {
        match self.columns.get(i)?.value(row) {
            Value::Array(array) => Some(*array),
            _ => None,
        }
    }

    /// The type of the elements of argument `i`.
    pub(super) fn element(&self, i: usize) -> Type {
        match self.columns.get(i).map(Column::ty) {
            Some(Type::Array(element)) => element.ty(),
            Some(other) => other,
            None => Type::Text,
        }
    }

    /// Row by row over all rows.
    pub(in crate::sql::functions) fn map_all(
        &self,
        f: &mut dyn FnMut(usize) -> Result<Value>,
    ) -> Result<Column> {
        let rows = (0..self.rows).map(f).collect::<Result<Vec<_>>>()?;
        Column::from_values(self.ty, rows)
    }
}

fn extent(args: &Args<'_>, of: &dyn Fn(&Array) -> Option<Value>) -> Result<Column> {
    args.map(&mut |row| Ok(args.array(0, row).and_then(|array| of(&array)).unwrap_or(Value::Null)))
}

fn of_dimension(args: &Args<'_>, of: fn(Dimension) -> i32) -> Result<Column> {
    args.map(&mut |row| {
        let Value::Int4(n) = args.columns[1].value(row) else { return Ok(Value::Null) };
        let array = args.array(0, row);
        let place = usize::try_from(n).ok().and_then(|n| n.checked_sub(1));
        let found = array.zip(place).and_then(|(array, i)| array.dimensions().get(i).copied());
        Ok(found.map_or(Value::Null, |dimension| Value::Int4(of(dimension))))
    })
}

/// `||`: an array and an array of as many dimensions, or of one more or less; an array and an element.
fn join(args: &Args<'_>) -> Result<Column> {
    let arrays = [0, 1].map(|i| matches!(args.columns[i].ty(), Type::Array(_)));
    args.map_all(&mut |row| {
        let (left, right) = (args.columns[0].value(row), args.columns[1].value(row));
        Ok(match (left, right, arrays) {
            (Value::Null, Value::Null, [true, true]) => Value::Null,
            (Value::Null, only, [true, true]) | (only, Value::Null, [true, true]) => only,
            (Value::Array(left), Value::Array(right), [true, true]) => concatenated(*left, *right)?.into(),
            (array, element, [true, false]) => with_element(array, element, args.element(0), false)?.into(),
            (element, array, _) => with_element(array, element, args.element(1), true)?.into(),
        })
    })
}

/// An element before or behind the others.
fn with_element(array: Value, element: Value, ty: Type, before: bool) -> Result<Array> {
    let array = match array {
        Value::Array(array) => *array,
        _ => Array::empty(ty),
    };
    let lower = match array.dimensions() {
        [] => 1,
        [only] => only.lower,
        _ => {
            return Err(Error::new(state::DATA_EXCEPTION, "argument must be empty or one-dimensional array"));
        }
    };
    let mut values = array.into_values();
    let at = if before { 0 } else { values.len() };
    values.insert(at, element);
    let length = values.len() as i32;
    Array::new(ty, vec![Dimension { length, lower }], values)
}

fn incompatible(detail: String) -> Error {
    Error::new(state::ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays").with_detail(detail)
}

fn concatenated(left: Array, right: Array) -> Result<Array> {
    if left.is_empty() || right.is_empty() {
        return Ok(if left.is_empty() { right } else { left });
    }
    let (a, b) = (left.dimensions().to_vec(), right.dimensions().to_vec());
    let lengths = |d: &[Dimension]| d.iter().map(|d| d.length).collect::<Vec<_>>();
    let mut dimensions = if a.len() >= b.len() { a.clone() } else { b.clone() };
    let first = match a.len() as i32 - b.len() as i32 {
        0 if lengths(&a[1..]) == lengths(&b[1..]) => a[0].length.checked_add(b[0].length),
        1 if lengths(&a[1..]) == lengths(&b) => a[0].length.checked_add(1),
        -1 if lengths(&b[1..]) == lengths(&a) => b[0].length.checked_add(1),
        0 => {
            let detail = "Arrays with differing element dimensions are not compatible for concatenation.";
            return Err(incompatible(detail.to_string()));
        }
        1 | -1 => {
            let detail = "Arrays with differing dimensions are not compatible for concatenation.";
            return Err(incompatible(detail.to_string()));
        }
        _ => {
            let detail = format!(
                "Arrays of {} and {} dimensions are not compatible for concatenation.",
                a.len(),
                b.len()
            );
            return Err(incompatible(detail));
        }
    };
    dimensions[0].length = first.ok_or_else(too_large)?;
    let element = left.element();
    let mut values = left.into_values();
    values.extend(right.into_values());
    Array::new(element, dimensions, values)
}

/// True for values that are not distinct.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    a.is_null() == b.is_null() && (a.is_null() || a == b)
}

fn remove(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        if array.dimensions().len() > 1 {
            let message = "removing elements from multidimensional arrays is not supported";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let gone = args.columns[1].value(row);
        let (ty, lower) = (array.element(), array.dimensions().first().map_or(1, |d| d.lower));
        let left: Vec<Value> = array.into_values().into_iter().filter(|value| !same(value, &gone)).collect();
        let length = left.len() as i32;
        Ok(Array::new(ty, vec![Dimension { length, lower }], left)?.into())
    })
}

fn replace(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let Some(array) = args.array(0, row) else { return Ok(Value::Null) };
        let (old, new) = (args.columns[1].value(row), args.columns[2].value(row));
        let one = |value: &Value| Ok(if same(value, &old) { new.clone() } else { value.clone() });
        Ok(array.map(array.element(), &mut { one })?.into())
    })
}

fn fill(args: &Args<'_>) -> Result<Column> {
    let ints = |i: usize, row: usize, what: &str| -> Result<Vec<i32>> {
        let null = |message: &str| Error::new(state::NULL_VALUE_NOT_ALLOWED, message.to_string());
        let Some(array) = args.array(i, row) else {
            return Err(null("dimension array or low bound array cannot be null"));
        };
        if array.dimensions().len() > 1 {
            let message = "wrong number of array subscripts";
            let detail = format!("{what} array must be one dimensional.");
            return Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message).with_detail(detail));
        }
        let of = |value: &Value| match value {
            Value::Int4(n) => Ok(*n),
            _ => Err(null("dimension values cannot be null")),
        };
        array.values().iter().map(of).collect()
    };
    args.map_all(&mut |row| {
        let lengths = ints(1, row, "Dimension")?;
        let lowers = if args.columns.len() > 2 { ints(2, row, "Low bound")? } else { vec![1; lengths.len()] };
        if lowers.len() != lengths.len() {
            return Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts")
                .with_detail("Low bound array has different size than dimensions array."));
        }
        let total =
            lengths.iter().try_fold(1usize, |n, &length| n.checked_mul(usize::try_from(length).ok()?));
        let total = total.filter(|&n| n <= FILL_MAX).ok_or_else(too_large)?;
        let value = args.columns[0].value(row);
        let dimensions = lengths.iter().zip(lowers).map(|(&length, lower)| Dimension { length, lower });
        let values = if lengths.is_empty() { Vec::new() } else { vec![value; total] };
        Ok(Array::new(args.columns[0].ty(), dimensions.collect(), values)?.into())
    })
}

fn trim(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let (Some(array), Value::Int4(n)) = (args.array(0, row), args.columns[1].value(row)) else {
            return Ok(Value::Null);
        };
        let length = array.dimensions().first().map_or(0, |d| d.length);
        if !(0..=length).contains(&n) {
            let message = format!("number of elements to trim must be between 0 and {length}");
            return Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message));
        }
        let upper = array.dimensions().first().map(|d| d.upper().saturating_sub(n));
        Ok(array.slice(&[(None, upper)]).into())
    })
}
