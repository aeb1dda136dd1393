//! Comparison operators of all types.
//!
//! Each kernel makes a mask by a loop over plain slices where both sides have one
//! layout: integers and times as i32 or i64, floats as f64, intervals and numerics of one
//! scale as i128; text against a short constant compares whole views. What remains
//! goes value by value.

use super::exact::Numbers;
use super::support::{all_valid, bool_column, f64s, i32s, i64s, intervals};
use super::{
    Arg, Args, BIT, BOOL, BPCHAR, BYTEA, Cmp, DATE, FLOAT4, FLOAT8, Function, HALFVEC, INT2, INT4, INT8,
    INTERVAL, NUMERIC, OID, RECORD, TEXT,
};
use super::{JSONB, SPARSEVEC, Signature, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, UUID, VARBIT, VECTOR, f};
use remanent_kernels::compare::{self, Order};
use remanent_storage::error::Result;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{
    Bitmap, Column, ColumnData, Decimal, Numeric, Type, Value, characters, column::view_of, record,
};

const fn both(left: &'static [Arg; 2]) -> Signature {
    (left, Type::Bool)
}

static SIGNATURES: &[Signature] = &[
    both(&[INT4, INT4]),
    both(&[INT8, INT8]),
    both(&[INT4, INT8]),
    both(&[INT8, INT4]),
    both(&[INT2, INT2]),
    both(&[INT2, INT4]),
    both(&[INT4, INT2]),
    both(&[INT2, INT8]),
    both(&[INT8, INT2]),
    both(&[FLOAT8, FLOAT8]),
    both(&[FLOAT4, FLOAT4]),
    both(&[FLOAT4, FLOAT8]),
    both(&[FLOAT8, FLOAT4]),
    both(&[NUMERIC, NUMERIC]),
    both(&[TEXT, TEXT]),
    both(&[BOOL, BOOL]),
    both(&[BYTEA, BYTEA]),
    both(&[INTERVAL, INTERVAL]),
    both(&[VECTOR, VECTOR]),
    both(&[HALFVEC, HALFVEC]),
    both(&[BIT, BIT]),
    both(&[VARBIT, VARBIT]),
    both(&[SPARSEVEC, SPARSEVEC]),
    #[cfg(feature = "shapes")]
    both(&[super::places::GEOMETRY, super::places::GEOMETRY]),
    #[cfg(feature = "shapes")]
    both(&[super::places::GEOGRAPHY, super::places::GEOGRAPHY]),
    #[cfg(feature = "text")]
    both(&[super::TSVECTOR, super::TSVECTOR]),
    #[cfg(feature = "text")]
    both(&[super::TSQUERY, super::TSQUERY]),
    #[cfg(feature = "text")]
    both(&[super::REGCONFIG, super::REGCONFIG]),
    both(&[BPCHAR, BPCHAR]),
    both(&[UUID, UUID]),
    both(&[RECORD, RECORD]),
    both(&[TIME, TIME]),
    both(&[TIMETZ, TIMETZ]),
    both(&[OID, OID]),
    both(&[JSONB, JSONB]),
    both(&[Arg::Array, Arg::Array]),
    both(&[Arg::Enum, Arg::Enum]),
    both(&[DATE, DATE]),
    both(&[TIMESTAMP, TIMESTAMP]),
    both(&[TIMESTAMPTZ, TIMESTAMPTZ]),
    both(&[DATE, TIMESTAMP]),
    both(&[TIMESTAMP, DATE]),
    both(&[DATE, TIMESTAMPTZ]),
    both(&[TIMESTAMPTZ, DATE]),
    both(&[TIMESTAMP, TIMESTAMPTZ]),
    both(&[TIMESTAMPTZ, TIMESTAMP]),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("=", SIGNATURES, |a| compare(a, Cmp::Eq)).takes_short(),
    f("<>", SIGNATURES, |a| compare(a, Cmp::Ne)).takes_short(),
    f("<", SIGNATURES, |a| compare(a, Cmp::Lt)).takes_short(),
    f("<=", SIGNATURES, |a| compare(a, Cmp::Le)).takes_short(),
    f(">", SIGNATURES, |a| compare(a, Cmp::Gt)).takes_short(),
    f(">=", SIGNATURES, |a| compare(a, Cmp::Ge)).takes_short(),
];

fn compare(args: &Args<'_>, cmp: Cmp) -> Result<Column> {
    let mask = mask(cmp, &args.columns[0], &args.columns[1], args.rows)?;
    Ok(bool_column(mask, args.rows, args.valid.clone()))
}

/// The mask of rows where `left cmp right`, unspecified where either is NULL. Both are flat or constant and
/// of types that have a comparison.
pub fn mask(cmp: Cmp, left: &Column, right: &Column, rows: usize) -> Result<Vec<u64>> {
    if left.as_constant().is_some() && right.as_constant().is_none() {
        return mask(cmp.flipped(), right, left, rows);
    }
    let (order, inverse) = match cmp {
        Cmp::Eq => (Order::Eq, false),
        Cmp::Ne => (Order::Eq, true),
        Cmp::Lt => (Order::Lt, false),
        Cmp::Ge => (Order::Lt, true),
        Cmp::Le => (Order::Le, false),
        Cmp::Gt => (Order::Le, true),
    };
    let mut out = Vec::new();
    match left.ty() {
        Type::Bool => bools(order, left, right, rows, &mut out),
        Type::Other(Kind::Record, _) => {
            let mut failed = Ok(());
            each(rows, &mut out, &mut |i| {
                let (a, b) = (left.bytes(i), right.bytes(i));
                if !left.is_valid(i) || !right.is_valid(i) || failed.is_err() {
                    return false;
                }
                match record::compare(a, b) {
                    Ok(found) => holds(order, found),
                    Err(error) => {
                        failed = Err(error);
                        false
                    }
                }
            });
            failed?;
        }
        Type::Int2
        | Type::Int4
        | Type::Int8
        | Type::Oid
        | Type::Regclass
        | Type::Regtype
        | Type::Regnamespace
        | Type::Regproc
        | Type::Regrole
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::Timestamptz => {
            integers(order, left, right, &mut out)?;
        }
        Type::Float4 | Type::Float8 => floats(order, left, right, &mut out)?,
        Type::Numeric(_) => numerics(order, left, right, rows, &mut out)?,
        Type::Interval => {
            let wide = |c: &Column| -> Result<Vec<i128>> {
                Ok(intervals(c)?.iter().map(|i| i.comparable()).collect())
            };
            compare::compare_i128(order, &wide(left)?, &wide(right)?, &mut out);
        }
        Type::Text
        | Type::Varchar(_)
        | Type::Name
        | Type::Bytea
        | Type::Uuid
        | Type::Json
        | Type::Enum(_)
        | Type::Other(..) => {
            bytes(order, left, right, rows, &mut out);
        }
        Type::Char(_) => {
            let trimmed = |c: &Column, i: usize| characters::trimmed(c.bytes(i)).to_vec();
            each(rows, &mut out, &mut |i| holds(order, trimmed(left, i).cmp(&trimmed(right, i))));
        }
        Type::Vector(_) | Type::Jsonb | Type::Array(_) | Type::Precise(_) => {
            // A constant side is decoded once.
            let fixed = right.as_constant().map(|one| one.value(0));
            each(rows, &mut out, &mut |i| {
                let other = fixed.clone().unwrap_or_else(|| right.value(i));
                holds(order, left.value(i).compare(&other))
            });
        }
    }
    if inverse {
        compare::invert(&mut out, rows);
    }
    Ok(out)
}

/// True where the two values are equal, as `=` has it; NULL equals NULL.
pub fn not_distinct(left: &Column, right: &Column, rows: usize) -> Result<Bitmap> {
    let (left, right) = (settled(left), settled(right));
    let mut words = mask(Cmp::Eq, &left, &right, rows)?;
    let side = |c: &Column| {
        let null = c.as_constant().is_some_and(|one| !one.is_valid(0));
        if null { Some(Bitmap::filled(rows, false)) } else { all_valid(std::slice::from_ref(c), rows) }
    };
    if let (l, r) = (side(&left), side(&right))
        && (l.is_some() || r.is_some())
    {
        let full = Bitmap::filled(rows, true);
        let (l, r) = (l.unwrap_or_else(|| full.clone()), r.unwrap_or(full));
        for (i, word) in words.iter_mut().enumerate() {
            let (l, r) = (l.word(i), r.word(i));
            *word = (*word & l & r) | (!l & !r);
        }
        let last = words.len() * 64;
        if last != rows
            && let Some(word) = words.last_mut()
        {
            *word &= u64::MAX >> (last - rows);
        }
    }
    Ok(Bitmap::new(words, rows))
}

/// The column without a dictionary: flat or constant.
pub fn settled(column: &Column) -> Column {
    match column.data() {
        ColumnData::Dictionary { .. } => column.flatten(),
        _ => column.clone(),
    }
}

fn holds(order: Order, found: std::cmp::Ordering) -> bool {
    match order {
        Order::Eq => found.is_eq(),
        Order::Lt => found.is_lt(),
        Order::Le => found.is_le(),
    }
}

fn each(rows: usize, out: &mut Vec<u64>, test: &mut dyn FnMut(usize) -> bool) {
    out.clear();
    out.resize(rows.div_ceil(64), 0);
    for row in 0..rows {
        if test(row) {
            out[row / 64] |= 1 << (row % 64);
        }
    }
}

fn bools(order: Order, left: &Column, right: &Column, rows: usize, out: &mut Vec<u64>) {
    let word = |c: &Column, i: usize| match (c.data(), c.as_constant().map(Column::data)) {
        (ColumnData::Bool(b), _) => b.word(i),
        (_, Some(ColumnData::Bool(b))) if b.get(0) => u64::MAX,
        _ => 0,
    };
    out.clear();
    for i in 0..rows.div_ceil(64) {
        let (a, b) = (word(left, i), word(right, i));
        out.push(match order {
            Order::Eq => !(a ^ b),
            Order::Lt => !a & b,
            Order::Le => !a | b,
        });
    }
    // Bits past the end are 0.
    compare::invert(out, rows);
    compare::invert(out, rows);
}

/// Whole numbers and times. Dates against timestamps compare as midnights.
fn integers(order: Order, left: &Column, right: &Column, out: &mut Vec<u64>) -> Result<()> {
    let mixed = (left.ty() == Type::Date) != (right.ty() == Type::Date);
    if mixed {
        let (a, b) = (timestamps(left)?, timestamps(right)?);
        compare::compare_i64(order, &a, &b, out);
        return Ok(());
    }
    match right.as_constant() {
        Some(one) => {
            let constant = i64s(one)?[0];
            match (left.data(), i32::try_from(constant)) {
                (ColumnData::I32(values), Ok(constant)) => {
                    compare::compare_const_i32(order, values, constant, out);
                }
                _ => compare::compare_const_i64(order, &i64s(left)?, constant, out),
            }
        }
        None => match (i32s(left), i32s(right)) {
            (Some(a), Some(b)) => compare::compare_i32(order, &a, &b, out),
            _ => compare::compare_i64(order, &i64s(left)?, &i64s(right)?, out),
        },
    }
    Ok(())
}

/// Times in microseconds; a date out of the range of timestamps is beyond all of them.
fn timestamps(column: &Column) -> Result<Vec<i64>> {
    let values = i64s(column)?;
    if column.ty() != Type::Date {
        return Ok(values.to_vec());
    }
    let day = |days: i64| match days {
        d if d == i64::from(i32::MIN) => i64::MIN,
        d if d == i64::from(i32::MAX) => i64::MAX,
        d => d.saturating_mul(86_400_000_000).min(i64::MAX - 1),
    };
    Ok(values.iter().map(|&d| day(d)).collect())
}

fn floats(order: Order, left: &Column, right: &Column, out: &mut Vec<u64>) -> Result<()> {
    if let Some(one) = right.as_constant() {
        let constant = f64s(one)?[0];
        if !constant.is_nan() {
            compare::compare_const_f64(order, &f64s(left)?, constant, out);
            return Ok(());
        }
    }
    let (a, b) = (compare::float_keys(&f64s(left)?), compare::float_keys(&f64s(right)?));
    compare::compare_i64(order, &a, &b, out);
    Ok(())
}

fn numerics(order: Order, left: &Column, right: &Column, rows: usize, out: &mut Vec<u64>) -> Result<()> {
    // A constant that the column's own scale can hold compares by mantissa.
    if let (Some(scale), Some(one)) = (left.ty().fixed_scale(), right.as_constant())
        && let Value::Numeric(Numeric::Decimal(constant)) = one.value(0)
        && constant.normalize().scale <= scale
        && let Some(Decimal { mantissa, .. }) = constant.normalize().rescale(scale)
    {
        match left.data() {
            ColumnData::I64(values) if i64::try_from(mantissa).is_ok() => {
                compare::compare_const_i64(order, values, mantissa as i64, out);
                return Ok(());
            }
            ColumnData::I128(values) => {
                compare::compare_const_i128(order, values, mantissa, out);
                return Ok(());
            }
            _ => {}
        }
    }
    match (Numbers::of(left)?, Numbers::of(right)?) {
        (Numbers::Short(a), Numbers::Short(b)) => each(rows, out, &mut |i| holds(order, a[i].cmp(&b[i]))),
        (a, b) => each(rows, out, &mut |i| holds(order, a.get(i).cmp(&b.get(i)))),
    }
    Ok(())
}

fn bytes(order: Order, left: &Column, right: &Column, rows: usize, out: &mut Vec<u64>) {
    let (ColumnData::Bytes(views), Some(one)) = (left.data(), right.as_constant()) else {
        return each(rows, out, &mut |i| holds(order, left.bytes(i).cmp(right.bytes(i))));
    };
    let constant = one.bytes(0);
    let head = view_of(constant, 0, 0) as u64;
    match order {
        Order::Eq if constant.len() <= 12 => {
            compare::equal_views(&views.views, view_of(constant, 0, 0), out);
        }
        Order::Eq => {
            compare::equal_heads(&views.views, head, out);
            let mut candidates = Vec::new();
            compare::mask_rows(out, &mut candidates);
            for row in candidates {
                if views.get(row as usize) != constant {
                    out[row as usize / 64] &= !(1 << (row % 64));
                }
            }
        }
        _ => {
            // The first four bytes decide unless they are equal; a shorter text is padded with the least byte.
            let prefix = |head: u64| ((head >> 32) as u32).swap_bytes();
            let bound = prefix(head);
            let mut test = |i: usize| {
                let found =
                    prefix(views.views[i] as u64).cmp(&bound).then_with(|| views.get(i).cmp(constant));
                holds(order, found)
            };
            each(rows, out, &mut test);
        }
    }
}
