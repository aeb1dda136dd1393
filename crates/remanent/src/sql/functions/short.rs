//! Numerics without precision as mantissas of one scale, within an expression.
//!
//! `price * (1 - discount)` has no declared precision, so each value would have a scale of its own in 128 bits. Where what it
//! is made of has one scale, so has the result; as long as it has at most 18 digits it travels as a column of
//! `numeric(18, scale)`: 64-bit mantissas, computed by the loops that integers have. Only kernels that say so
//! ([`Function::takes_short`](super::Function)), sums and averages see such columns; everywhere else they are [`widened`].
//!
//! The scale, which is displayed, is PostgreSQL's: the larger one of a sum, both together of a product.
//!
//! Limits: a column one value of which does not fit is computed value by value instead.

use super::Args;
use super::support::i64s;
use remanent_kernels::arith::{self, Arith};
use remanent_kernels::sums;
use remanent_storage::value::{Buffer, Column, ColumnData, Decimal, Physical, Type, Value};

/// How many digits a short numeric has.
const DIGITS: u8 = 18;
const LIMIT: i64 = 10i64.pow(DIGITS as u32);

/// The mantissas and their scale; None: the column is not short.
pub fn mantissas(column: &Column) -> Option<(Buffer<i64>, u8)> {
    match (column.as_constant(), column.ty()) {
        (_, ty @ Type::Numeric(Some(_))) if ty.physical() == Physical::I64 => {
            let values = i64s(column).ok()?;
            // NaN is kept as a number of 19 digits.
            let (low, _) = sums::extent_i64(&values);
            (values.is_empty() || low > -LIMIT).then_some((values, ty.fixed_scale()?))
        }
        (Some(one), Type::Numeric(None)) => {
            let Value::Numeric(value) = one.value(0) else { return None };
            let Decimal { mantissa, scale } = value.as_decimal()?;
            let mantissa = i64::try_from(mantissa).ok().filter(|m| m.unsigned_abs() < LIMIT as u64)?;
            (scale <= DIGITS).then(|| (vec![mantissa; column.len()].into(), scale))
        }
        _ => None,
    }
}

fn flat(args: &Args<'_>, mantissas: Vec<i64>, scale: u8) -> Option<Column> {
    let (low, high) = sums::extent_i64(&mantissas);
    let fits = scale <= DIGITS && (mantissas.is_empty() || low > -LIMIT && high < LIMIT);
    let ty = Type::Numeric(Some((DIGITS.into(), scale.into())));
    fits.then(|| Column::flat(ty, ColumnData::I64(mantissas.into()), args.valid.clone()))
}

/// A sum, difference or product. None: not of short numerics, or too large for one.
pub fn binary(args: &Args<'_>, op: Arith) -> Option<Column> {
    let (left, right) = match (op, args.columns) {
        (Arith::Div, _) => return None,
        (_, [left, right]) => (mantissas(left)?, mantissas(right)?),
        _ => return None,
    };
    let scale = match op {
        Arith::Mul => left.1.checked_add(right.1)?,
        _ => left.1.max(right.1),
    };
    let mut out = Vec::new();
    let over = match op {
        Arith::Mul => arith::arith_i64(op, &left.0, &right.0, &mut out),
        _ => arith::arith_i64(op, &rescaled(left, scale)?, &rescaled(right, scale)?, &mut out),
    };
    if over { None } else { flat(args, out, scale) }
}

fn rescaled((mantissas, from): (Buffer<i64>, u8), to: u8) -> Option<Buffer<i64>> {
    if from == to {
        return Some(mantissas);
    }
    let factors = vec![10i64.checked_pow(u32::from(to - from))?; mantissas.len()];
    let mut out = Vec::new();
    let over = arith::arith_i64(Arith::Mul, &mantissas, &factors, &mut out);
    (!over).then(|| out.into())
}

/// Integers as a short numeric. None: something else is converted, or an integer of 19 digits.
pub fn cast(column: &Column, to: Type) -> Option<Column> {
    let integer = matches!(column.ty(), Type::Int2 | Type::Int4 | Type::Int8);
    if to != Type::Numeric(None) || !integer || !column.is_flat() {
        return None;
    }
    let values = i64s(column).ok()?;
    let (low, high) = sums::extent_i64(&values);
    let ty = Type::Numeric(Some((DIGITS.into(), 0)));
    let fits = values.is_empty() || low > -LIMIT && high < LIMIT;
    fits.then(|| Column::flat(ty, ColumnData::I64(values), column.validity().cloned()))
}

/// The column as the type has it.
pub fn widened(column: Column, ty: Type) -> Column {
    let (Type::Numeric(None), Some(scale), Physical::I64) =
        (ty, column.ty().fixed_scale(), column.ty().physical())
    else {
        return column;
    };
    let pack = |&mantissa: &i64| Decimal { mantissa: mantissa.into(), scale }.pack();
    let flat = column.flatten();
    match flat.data() {
        ColumnData::I64(values) => {
            let packed: Vec<i128> = values.iter().map(pack).collect();
            Column::flat(ty, ColumnData::I128(packed.into()), flat.validity().cloned())
        }
        _ => column,
    }
}
