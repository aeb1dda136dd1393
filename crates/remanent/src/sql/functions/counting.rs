//! Buckets of histograms; how many arguments are NULL.

use super::exact::Numbers;
use super::support::{f64s, i64s};
use super::{ANY, Args, FLOAT8, Function, INT4, NUMERIC, Signature, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Decimal, Numeric, Type};
use std::cmp::Ordering;

static BUCKET: &[Signature] =
    &[(&[FLOAT8, FLOAT8, FLOAT8, INT4], Type::Int4), (&[NUMERIC, NUMERIC, NUMERIC, INT4], Type::Int4)];
static ANYTHING: &[Signature] = &[(&[ANY], Type::Int4)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("width_bucket", BUCKET, width_bucket),
    f("num_nulls", ANYTHING, |a| count(a, false)).variadic().sees_null(),
    f("num_nonnulls", ANYTHING, |a| count(a, true)).variadic().sees_null(),
];

fn bad(message: &str) -> Error {
    Error::new(state::INVALID_ARGUMENT_FOR_WIDTH_BUCKET, message)
}

fn width_bucket(args: &Args<'_>) -> Result<Column> {
    let counts = i64s(&args.columns[3])?;
    let valid = |count: i64| match count {
        1.. => Ok(count),
        _ => Err(bad("count must be greater than zero")),
    };
    let full = || Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range");
    let bounded = |bucket: i64| i32::try_from(bucket).map(i64::from).map_err(|_| full());
    if matches!(args.columns[0].ty(), Type::Numeric(_)) {
        let [x, low, high] = [0, 1, 2].map(|i| Numbers::of(&args.columns[i]));
        let (x, low, high) = (x?, low?, high?);
        return args.map_int(&mut |row| {
            let (count, x, low, high) = (valid(counts[row])?, x.get(row), low.get(row), high.get(row));
            if x.is_nan() || low.is_nan() || high.is_nan() {
                return Err(bad("operand, lower bound, and upper bound cannot be NaN"));
            }
            if low.scale().is_none() || high.scale().is_none() {
                return Err(bad("lower and upper bounds must be finite"));
            }
            let (from, to, x) = match low.cmp(&high) {
                Ordering::Equal => return Err(bad("lower bound cannot equal upper bound")),
                Ordering::Less => (low, high, x),
                // Downwards: mirrored.
                Ordering::Greater => (Numeric::ZERO, low.sub(&high)?, low.sub(&x)?),
            };
            if x < from {
                return Ok(0);
            }
            if x >= to {
                return bounded(count + 1);
            }
            let share = x.sub(&from)?.mul(&Decimal::from(count).into())?.div_trunc(&to.sub(&from)?)?;
            bounded(share.to_i64().ok_or_else(full)? + 1)
        });
    }
    let [x, low, high] = [0, 1, 2].map(|i| f64s(&args.columns[i]));
    let (x, low, high) = (x?, low?, high?);
    args.map_int(&mut |row| {
        let (count, x, low, high) = (valid(counts[row])?, x[row], low[row], high[row]);
        if x.is_nan() || low.is_nan() || high.is_nan() {
            return Err(bad("operand, lower bound, and upper bound cannot be NaN"));
        }
        if !low.is_finite() || !high.is_finite() {
            return Err(bad("lower and upper bounds must be finite"));
        }
        let (from, to, x) = match () {
            () if low < high => (low, high, x),
            () if low > high => (-low, -high, -x),
            () => return Err(bad("lower bound cannot equal upper bound")),
        };
        if x < from {
            return Ok(0);
        }
        if x >= to {
            return bounded(count + 1);
        }
        // Halved where the width would be infinite.
        let share = match (to - from).is_finite() {
            true => (x - from) / (to - from),
            false => (x / 2.0 - from / 2.0) / (to / 2.0 - from / 2.0),
        };
        bounded(((count as f64 * share) as i64).min(count - 1) + 1)
    })
}

/// How many arguments are NULL, or are not.
fn count(args: &Args<'_>, present: bool) -> Result<Column> {
    args.map_int(&mut |row| {
        Ok(args.columns.iter().filter(|column| column.is_valid(row) == present).count() as i64)
    })
}
