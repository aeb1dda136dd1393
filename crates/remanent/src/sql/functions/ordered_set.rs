//! What ordered-set aggregates make of the values of a group, which come as an array (`bind/within.rs`).
//!
//! ```text
//! percentile_cont(0.5) WITHIN GROUP (ORDER BY x)   over 1, 3, 10   is   percentile_cont(0.5, '{1,3,10}')   →   3
//! ```
//!
//! Signatures are those of the call: the last argument is in the kernel an array of it. Hypothetical-set aggregates (rank and
//! its kin) get a text that says how each column is ordered (`al`: ascending, NULLs last), the row, and the columns as
//! arrays of one length.

use super::{ANY, Arg, Args, ELEMENT, FLOAT8, Function, INTERVAL, f};
use remanent_kernels::sort::sort_by;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Column, Element, Interval, Type, Value};
use std::cmp::Ordering;

/// What a call of an ordered-set aggregate looks like.
#[derive(Debug, Clone, Copy)]
pub enum Set {
    /// One ordering column, perhaps a direct argument before it.
    Of,
    /// As many direct arguments as ordering columns.
    Hypothetical,
}

/// How that aggregate is called; None: it is no ordered-set aggregate.
pub fn set_of(name: &str) -> Option<Set> {
    match name {
        "percentile_cont" | "percentile_disc" | "mode" => Some(Set::Of),
        _ => FUNCTIONS.iter().any(|function| function.name == name).then_some(Set::Hypothetical),
    }
}

const FLOATS: Arg = Arg::Is(Type::Array(Element::of(Type::Float8)));
const ITSELF: Type = Type::Array(Element::ITSELF);

pub(super) static FUNCTIONS: &[Function] = &[
    f(
        "percentile_cont",
        &[
            (&[FLOAT8, FLOAT8], Type::Float8),
            (&[FLOAT8, INTERVAL], Type::Interval),
            (&[FLOATS, FLOAT8], Type::Array(Element::of(Type::Float8))),
            (&[FLOATS, INTERVAL], Type::Array(Element::of(Type::Interval))),
        ],
        |a| percentile(a, between),
    )
    .sees_null(),
    f(
        "percentile_disc",
        &[(&[FLOAT8, ELEMENT], ITSELF), (&[FLOATS, ELEMENT], Type::Array(Element::ANY))],
        |a| percentile(a, at_least),
    )
    .sees_null(),
    f("mode", &[(&[ELEMENT], ITSELF)], mode).sees_null(),
    f("rank", &[(&[ANY], Type::Int8)], |a| standing(a, |s| Value::Int8(s.before + 1))).variadic().sees_null(),
    f("dense_rank", &[(&[ANY], Type::Int8)], |a| standing(a, |s| Value::Int8(s.distinct + 1)))
        .variadic()
        .sees_null(),
    f("percent_rank", &[(&[ANY], Type::Float8)], |a| {
        standing(a, |s| Value::Float8(if s.rows == 0 { 0.0 } else { s.before as f64 / s.rows as f64 }))
    })
    .variadic()
    .sees_null(),
    f("cume_dist", &[(&[ANY], Type::Float8)], |a| {
        standing(a, |s| Value::Float8((s.before + s.peers + 1) as f64 / (s.rows + 1) as f64))
    })
    .variadic()
    .sees_null(),
];

/// The value at a fraction of values in order, of which there is one.
type At = fn(&[Value], f64) -> Result<Value>;

fn percentile(args: &Args<'_>, at: At) -> Result<Column> {
    args.map_all(&mut |row| {
        let mut values = args.array(1, row).map(Array::into_values).unwrap_or_default();
        values.retain(|value| !value.is_null());
        let one = |fraction: &Value| match fraction {
            Value::Float8(f) if (0.0..=1.0).contains(f) => {
                if values.is_empty() {
                    Ok(Value::Null)
                } else {
                    at(&values, *f)
                }
            }
            Value::Float8(_) => {
                let message = format!("percentile value {fraction} is not between 0 and 1");
                Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message))
            }
            _ => Ok(Value::Null),
        };
        match args.columns[0].value(row) {
            Value::Array(_) if values.is_empty() => Ok(Value::Null),
            Value::Array(fractions) => {
                let Type::Array(element) = args.ty else { return Err(Error::internal("no array")) };
                Ok(fractions.map(element.ty(), &mut { one })?.into())
            }
            fraction => one(&fraction),
        }
    })
}

/// percentile_disc: the first value whose place is at or beyond the fraction.
fn at_least(values: &[Value], fraction: f64) -> Result<Value> {
    let place = (fraction * values.len() as f64).ceil() as usize;
    Ok(values.get(place.saturating_sub(1)).cloned().unwrap_or(Value::Null))
}

/// percentile_cont: between two values where the fraction lies between them.
fn between(values: &[Value], fraction: f64) -> Result<Value> {
    let place = fraction * (values.len() - 1) as f64;
    let (first, second) = (place.floor(), place.ceil());
    let part = place - first;
    match (values.get(first as usize), values.get(second as usize)) {
        (Some(low), Some(_)) if first == second => Ok(low.clone()),
        (Some(Value::Float8(low)), Some(Value::Float8(high))) => Ok(Value::Float8(low + part * (high - low))),
        (Some(Value::Interval(low)), Some(Value::Interval(high))) => {
            let step = Interval::mul(Interval::sub(*high, *low)?, part)?;
            Ok(Value::Interval(Interval::add(step, *low)?))
        }
        _ => Err(Error::internal("percentile_cont of something else")),
    }
}

/// The most frequent value, of several the first.
fn mode(args: &Args<'_>) -> Result<Column> {
    args.map_all(&mut |row| {
        let mut values = args.array(0, row).map(Array::into_values).unwrap_or_default();
        values.retain(|value| !value.is_null());
        let (mut best, mut most) = (Value::Null, 0);
        for run in values.chunk_by(|a, b| a == b) {
            if run.len() > most {
                (best, most) = (run[0].clone(), run.len());
            }
        }
        Ok(best)
    })
}

/// Where a row stands among others.
struct Standing {
    rows: i64,
    before: i64,
    peers: i64,
    /// How many different rows are before it.
    distinct: i64,
}

fn standing(args: &Args<'_>, result: fn(&Standing) -> Value) -> Result<Column> {
    let width = args.columns.len() / 2;
    args.map_all(&mut |row| {
        let order: Vec<(bool, bool)> = args.columns[0]
            .bytes(row)
            .chunks(2)
            .map(|part| (part[0] == b'd', part.get(1) == Some(&b'f')))
            .collect();
        let wanted: Vec<Value> = args.columns.iter().skip(1).take(width).map(|c| c.value(row)).collect();
        let columns: Vec<Vec<Value>> = (0..width)
            .map(|i| args.array(1 + width + i, row).map(Array::into_values).unwrap_or_default())
            .collect();
        let rows = columns.first().map_or(0, Vec::len);
        let compare = |a: &dyn Fn(usize) -> Option<Value>, b: &dyn Fn(usize) -> Option<Value>| {
            let parts = order.iter().enumerate().map(|(i, &part)| ordered(a(i), b(i), part));
            parts.fold(Ordering::Equal, Ordering::then)
        };
        let of = |k: usize| {
            let columns = &columns;
            move |i: usize| columns.get(i).and_then(|c| c.get(k)).cloned()
        };
        let (mut before, mut peers) = (Vec::new(), 0);
        for k in 0..rows {
            match compare(&of(k), &|i| wanted.get(i).cloned()) {
                Ordering::Less => before.push(k),
                Ordering::Equal => peers += 1,
                Ordering::Greater => {}
            }
        }
        let count = before.len() as i64;
        sort_by(&mut before, &|&a, &b| compare(&of(a), &of(b)));
        before.dedup_by(|a, b| compare(&of(*a), &of(*b)).is_eq());
        Ok(result(&Standing { rows: rows as i64, before: count, peers, distinct: before.len() as i64 }))
    })
}

/// The order of two values in a column that is ordered so.
fn ordered(a: Option<Value>, b: Option<Value>, (descending, nulls_first): (bool, bool)) -> Ordering {
    let (a, b) = (a.unwrap_or(Value::Null), b.unwrap_or(Value::Null));
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) if descending => b.compare(&a),
        (false, false) => a.compare(&b),
    }
}
