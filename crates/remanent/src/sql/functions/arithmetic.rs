//! `+ - * / %` and the bit operators on numbers.
//!
//! Integers of 32 and 64 bits and doubles run as loops over slices that only notice that something went
//! wrong; then, and only then, the rows are gone through to see whether it was a row that counts.

use super::exact;
use super::support::{
    division_by_zero, f64s, float_column, float_overflow, float_underflow, i32s, i64s, integer_column,
    out_of_range,
};
use super::{Arg, Args, FLOAT4, FLOAT8, Function, INT2, INT4, INT8, NUMERIC, Signature, f, short};
use remanent_kernels::arith::{self, Arith};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, ColumnData, Decimal, Numeric, Type};

const fn two(args: &'static [Arg; 2], returns: Type) -> Signature {
    (args, returns)
}

static BINARY: &[Signature] = &[
    two(&[INT4, INT4], Type::Int4),
    two(&[INT8, INT8], Type::Int8),
    two(&[INT4, INT8], Type::Int8),
    two(&[INT8, INT4], Type::Int8),
    two(&[FLOAT8, FLOAT8], Type::Float8),
    two(&[NUMERIC, NUMERIC], Type::Numeric(None)),
    two(&[INT2, INT2], Type::Int2),
    two(&[INT2, INT4], Type::Int4),
    two(&[INT4, INT2], Type::Int4),
    two(&[INT2, INT8], Type::Int8),
    two(&[INT8, INT2], Type::Int8),
    two(&[FLOAT4, FLOAT4], Type::Float4),
    two(&[FLOAT4, FLOAT8], Type::Float8),
    two(&[FLOAT8, FLOAT4], Type::Float8),
];

/// The same type in and out; also what `%` and mod() take.
static MODULO: &[Signature] = &[
    two(&[INT2, INT2], Type::Int2),
    two(&[INT4, INT4], Type::Int4),
    two(&[INT8, INT8], Type::Int8),
    two(&[NUMERIC, NUMERIC], Type::Numeric(None)),
];

static UNARY: &[Signature] = &[
    (&[INT2], Type::Int2),
    (&[INT4], Type::Int4),
    (&[INT8], Type::Int8),
    (&[FLOAT4], Type::Float4),
    (&[FLOAT8], Type::Float8),
    (&[NUMERIC], Type::Numeric(None)),
];

static BITS: &[Signature] =
    &[two(&[INT2, INT2], Type::Int2), two(&[INT4, INT4], Type::Int4), two(&[INT8, INT8], Type::Int8)];

static SHIFTS: &[Signature] =
    &[two(&[INT2, INT4], Type::Int2), two(&[INT4, INT4], Type::Int4), two(&[INT8, INT4], Type::Int8)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("+", BINARY, |a| binary(a, Arith::Add)).takes_short(),
    f("-", BINARY, |a| binary(a, Arith::Sub)).takes_short(),
    f("*", BINARY, |a| binary(a, Arith::Mul)).takes_short(),
    f("/", BINARY, |a| binary(a, Arith::Div)),
    f("+", UNARY, |a| Ok(a.columns[0].clone())),
    f("-", UNARY, negate),
    f("%", MODULO, modulo),
    f("mod", MODULO, modulo),
    f("div", &[(&[NUMERIC, NUMERIC], Type::Numeric(None))], |a| {
        exact::two(a, (exact::never_two, Numeric::div_trunc))
    }),
    f("&", BITS, |a| bits(a, |x, y| x & y)),
    f("|", BITS, |a| bits(a, |x, y| x | y)),
    f("#", BITS, |a| bits(a, |x, y| x ^ y)),
    f("~", &[(&[INT2], Type::Int2), (&[INT4], Type::Int4), (&[INT8], Type::Int8)], |a| {
        let x = i64s(&a.columns[0])?;
        integer_column(a.ty, x.iter().map(|v| !v).collect(), a.valid.clone())
    }),
    f("<<", SHIFTS, |a| shift(a, true)),
    f(">>", SHIFTS, |a| shift(a, false)),
];

fn binary(args: &Args<'_>, op: Arith) -> Result<Column> {
    match args.ty {
        Type::Int2 | Type::Int4 | Type::Int8 if op == Arith::Div => divide(args),
        Type::Int2 | Type::Int4 | Type::Int8 => integers(args, op),
        Type::Float4 | Type::Float8 => floats(args, op),
        _ => match short::binary(args, op) {
            Some(column) => Ok(column),
            None => exact::two(
                args,
                match op {
                    Arith::Add => (add, Numeric::add),
                    Arith::Sub => (|x, y| add(x, -y), Numeric::sub),
                    Arith::Mul => (mul, Numeric::mul),
                    Arith::Div => (Decimal::div, Numeric::div),
                },
            ),
        },
    }
}

fn integers(args: &Args<'_>, op: Arith) -> Result<Column> {
    let (left, right) = (&args.columns[0], &args.columns[1]);
    let checked = |x: i64, y: i64| match op {
        Arith::Add => x.checked_add(y),
        Arith::Sub => x.checked_sub(y),
        Arith::Mul | Arith::Div => x.checked_mul(y),
    };
    // What looked like an overflow counts only in a valid row.
    let recheck = |x: &[i64], y: &[i64]| -> Result<()> {
        let (low, high) = match args.ty {
            Type::Int4 => (i32::MIN.into(), i32::MAX.into()),
            _ => (i64::MIN, i64::MAX),
        };
        let fits = |v: Option<i64>| v.is_some_and(|v| (low..=high).contains(&v));
        match (0..args.rows).any(|i| args.is_valid(i) && !fits(checked(x[i], y[i]))) {
            true => Err(out_of_range(args.ty)),
            false => Ok(()),
        }
    };
    if let (Type::Int4, Some(x), Some(y)) = (args.ty, i32s(left), i32s(right)) {
        let mut out = Vec::new();
        if arith::arith_i32(op, &x, &y, &mut out) {
            recheck(&i64s(left)?, &i64s(right)?)?;
        }
        return Ok(Column::flat(args.ty, ColumnData::I32(out.into()), args.valid.clone()));
    }
    let (x, y) = (i64s(left)?, i64s(right)?);
    let mut out = Vec::new();
    if arith::arith_i64(op, &x, &y, &mut out) {
        recheck(&x, &y)?;
    }
    integer_column(args.ty, out, args.valid.clone())
}

fn divide(args: &Args<'_>) -> Result<Column> {
    let (x, y) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    args.map_int(&mut |i| match y[i] {
        0 => Err(division_by_zero()),
        y => x[i].checked_div(y).ok_or_else(|| out_of_range(args.ty)),
    })
}

fn modulo(args: &Args<'_>) -> Result<Column> {
    if matches!(args.ty, Type::Numeric(_)) {
        return exact::two(args, (Decimal::rem, Numeric::rem));
    }
    let (x, y) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    args.map_int(&mut |i| match y[i] {
        0 => Err(division_by_zero()),
        y => Ok(x[i].wrapping_rem(y)),
    })
}

fn floats(args: &Args<'_>, op: Arith) -> Result<Column> {
    let (x, y) = (f64s(&args.columns[0])?, f64s(&args.columns[1])?);
    let mut out = Vec::new();
    if arith::arith_f64(op, &x, &y, &mut out) {
        for i in (0..args.rows).filter(|&i| args.is_valid(i)) {
            check_float(op, x[i], y[i], out[i])?;
        }
    }
    float_column(args.ty, out, args.valid.clone())
}

/// PostgreSQL's checks of a float operation (`float.h`).
pub(super) fn check_float(op: Arith, x: f64, y: f64, result: f64) -> Result<()> {
    if op == Arith::Div && y == 0.0 && !x.is_nan() {
        return Err(division_by_zero());
    }
    if result.is_infinite() && !x.is_infinite() && !y.is_infinite() {
        return Err(float_overflow());
    }
    let vanished = match op {
        Arith::Mul => x != 0.0 && y != 0.0,
        Arith::Div => x != 0.0 && !y.is_infinite(),
        Arith::Add | Arith::Sub => false,
    };
    if result == 0.0 && vanished {
        return Err(float_underflow());
    }
    Ok(())
}

/// The sum; the frequent case is two short numbers of one scale.
fn add(x: Decimal, y: Decimal) -> Option<Decimal> {
    match (i64::try_from(x.mantissa), i64::try_from(y.mantissa)) {
        (Ok(a), Ok(b)) if x.scale == y.scale => {
            Some(Decimal { mantissa: i128::from(a) + i128::from(b), scale: x.scale })
        }
        _ => x.add(y),
    }
}

/// The product; the frequent case is two short numbers.
fn mul(x: Decimal, y: Decimal) -> Option<Decimal> {
    match (i64::try_from(x.mantissa), i64::try_from(y.mantissa)) {
        (Ok(a), Ok(b)) => Decimal::new(i128::from(a) * i128::from(b), x.scale + y.scale),
        _ => x.mul(y),
    }
}

fn negate(args: &Args<'_>) -> Result<Column> {
    let column = &args.columns[0];
    match args.ty {
        Type::Float4 | Type::Float8 => {
            let x = f64s(column)?;
            float_column(args.ty, x.iter().map(|v| -v).collect(), args.valid.clone())
        }
        Type::Numeric(_) => exact::one(args, (|x| Some(-x), |x| Ok(x.negated()))),
        _ => {
            let x = i64s(column)?;
            args.map_int(&mut |i| x[i].checked_neg().ok_or_else(|| out_of_range(args.ty)))
        }
    }
}

fn bits(args: &Args<'_>, op: fn(i64, i64) -> i64) -> Result<Column> {
    let (x, y) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    integer_column(args.ty, x.iter().zip(y.iter()).map(|(&x, &y)| op(x, y)).collect(), args.valid.clone())
}

/// As C shifts on the processors PostgreSQL runs on: the count modulo the width (32 for smallint).
fn shift(args: &Args<'_>, left: bool) -> Result<Column> {
    let (x, y) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    args.map_int(&mut |i| {
        let (x, by) = (x[i], y[i] as u32);
        Ok(match (args.ty, left) {
            (Type::Int8, true) => x.wrapping_shl(by),
            (Type::Int8, false) => x.wrapping_shr(by),
            (Type::Int4, true) => (x as i32).wrapping_shl(by).into(),
            (_, true) => ((x as i32).wrapping_shl(by) as i16).into(),
            (_, false) => (x as i32).wrapping_shr(by).into(),
        })
    })
}
